// A server component.

import { QWebSocket } from "qwebsocket";
import { converse } from "../converse.mjs";

export default async function Page({ searchParams }) {
  const { server } = await searchParams;
  return <output>{await converse(QWebSocket, server)}</output>;
}
