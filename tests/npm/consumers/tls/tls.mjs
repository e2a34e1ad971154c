import { readFileSync } from "node:fs";
import { QWebSocket } from "./node_modules/qwebsocket/index.js";

const [url, file, ws] = process.argv.slice(2);
const webSocket = ws && (await import(ws)).WebSocket;
const tls = { ca: readFileSync(file, "utf8") };
const clients = counted(globalThis.Deno);
const outcome = (options) => {
  const socket = new QWebSocket({ ...(webSocket && { webSocket }) });
  return socket.open(url, options).then(
    () => (socket.abort(), "trusted"),
    ({ kind }) => kind,
  );
};
console.log(await outcome({ tls }), await outcome({}));
if (clients.made !== clients.closed) {
  console.log(`${clients.made} HTTP clients, ${clients.closed} closed`);
}
process.exit(0);

/** The HTTP clients that Deno makes, and those of them that are closed. */
function counted(Deno) {
  const counts = { made: 0, closed: 0 };
  if (Deno) {
    const make = Deno.createHttpClient;
    Deno.createHttpClient = (options) => {
      const client = make(options);
      const close = client.close.bind(client);
      counts.made++;
      client.close = () => (counts.closed++, close());
      return client;
    };
  }
  return counts;
}
