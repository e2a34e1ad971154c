// graphql-ws: a query and a subscription, and what it makes of a server that refuses.

import { createClient } from "graphql-ws";
import { webSocket } from "qwebsocket/websocket";

const [url] = process.argv.slice(2);
const webSocketImpl = webSocket({ maxAllowedIncomingMessageSize: 100_000 });
const client = createClient({ url, webSocketImpl, lazy: false, retryAttempts: 0 });

async function all(query) {
  const values = [];
  for await (const { data } of client.iterate({ query })) {
    values.push(data);
  }
  return values;
}

console.log(JSON.stringify(await all("{ greeting }")));
console.log(JSON.stringify(await all("subscription { count(to: 3) }")));
const closed = new Promise((resolve) => client.on("closed", resolve));
await client.dispose();
const { code, reason, wasClean } = await closed;
console.log(code, reason, wasClean);

const refused = createClient({
  url,
  webSocketImpl,
  retryAttempts: 0,
  connectionParams: { token: "wrong" },
});
const failure = await refused.iterate({ query: "{ greeting }" }).next().catch((error) => error);
console.log(failure.code, failure.reason);
