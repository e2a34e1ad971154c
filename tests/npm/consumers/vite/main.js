import { QWebSocket } from "qwebsocket";
import { converse } from "./converse.mjs";

const query = new URLSearchParams(location.search);
const server = query.get("server");

if (query.get("place") === "worker") {
  const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => (document.title = data);
  worker.postMessage(server);
} else {
  converse(QWebSocket, server).then((result) => (document.title = result));
}
