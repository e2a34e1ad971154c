// The browsers' build of MQTT.js: binary messages, and a connection that it makes again.

import mqtt from "mqtt/dist/mqtt.esm";
import { webSocket } from "qwebsocket/websocket";

const [url] = process.argv.slice(2);
const Class = webSocket({ openTimeout: 10_000 });
const client = mqtt.connect(url, {
  createWebsocket: (url, protocols) => new Class(url, protocols),
  forceNativeWebSocket: true,
  reconnectPeriod: 10,
});
const next = (event) => new Promise((resolve) => client.once(event, (...all) => resolve(all)));

await next("connect");
await client.subscribeAsync("news", { qos: 1 });
const arrived = next("message");
await client.publishAsync("news", Buffer.from("grüß Gott"), { qos: 1 });
const [topic, payload] = await arrived;
console.log(topic, payload.toString());

const connected = next("connect");
await client.publishAsync("drop me", "now", { qos: 0 });
await connected;
console.log("connected again");
await client.endAsync();
console.log(client.connected);
