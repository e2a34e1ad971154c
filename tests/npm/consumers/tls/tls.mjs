import { readFileSync } from "node:fs";
import { QWebSocket } from "./node_modules/qwebsocket/index.js";

const [url, file, ws] = process.argv.slice(2);
const webSocket = ws && (await import(ws)).WebSocket;
const tls = { ca: readFileSync(file, "utf8") };
const outcome = (options) => {
  const socket = new QWebSocket({ ...(webSocket && { webSocket }) });
  return socket.open(url, options).then(
    () => (socket.abort(), "trusted"),
    ({ kind }) => kind,
  );
};
console.log(await outcome({ tls }), await outcome({}));
process.exit(0);
