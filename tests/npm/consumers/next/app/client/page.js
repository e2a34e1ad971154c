"use client";

import { QWebSocket } from "qwebsocket";
import { useEffect } from "react";
import { converse } from "../../converse.mjs";

export default function Page() {
  useEffect(() => {
    const server = new URLSearchParams(location.search).get("server");
    converse(QWebSocket, server).then((result) => (document.title = result));
  }, []);
  return null;
}
