// tRPC's wsLink: a query, a subscription, and a connection that it makes again.

import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { webSocket } from "qwebsocket/websocket";

const [url] = process.argv.slice(2);
const opened = [];
const socket = createWSClient({
  url,
  WebSocket: webSocket({ openTimeout: 10_000 }),
  retryDelayMs: () => 10,
  onOpen: () => opened.push("open"),
});
const client = createTRPCClient({ links: [wsLink({ client: socket })] });

console.log(await client.greeting.query("Gott"));
const counted = [];
await new Promise((resolve, reject) =>
  client.count.subscribe(3, {
    onData: (count) => counted.push(count),
    onComplete: resolve,
    onError: reject,
  }),
);
console.log(counted.join(" "));
console.log(await client.fail.query().catch(({ data }) => data.code));

await client.drop.mutate().catch(() => {});
console.log(await client.greeting.query("again"), opened.length);
await socket.close();
