import { init, QWebSocket } from "qwebsocket";
import core from "qwebsocket/core.wasm";
import { converse } from "./converse.mjs";

// workerd compiles no bytes.
init(core);

export default {
  async fetch(request) {
    const server = new URL(request.url).searchParams.get("server");
    return new Response(await converse(QWebSocket, server));
  },
};
