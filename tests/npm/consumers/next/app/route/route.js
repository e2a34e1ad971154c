// A route handler.

import { QWebSocket } from "qwebsocket";
import { converse } from "../../converse.mjs";

export async function GET(request) {
  const server = new URL(request.url).searchParams.get("server");
  return new Response(await converse(QWebSocket, server));
}
