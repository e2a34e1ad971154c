// y-websocket: two documents that become one, and one that was changed while it was offline.

import { webSocket } from "qwebsocket/websocket";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";

const [url] = process.argv.slice(2);
const WebSocketPolyfill = webSocket({ maxAllowedIncomingMessageSize: 1_000_000 });
const options = { WebSocketPolyfill, disableBc: true, maxBackoffTime: 10 };
const [one, other] = [new Y.Doc(), new Y.Doc()];
const providers = [one, other].map((doc) => new WebsocketProvider(url, "room", doc, options));
const isIn = (doc, text) =>
  new Promise((resolve) => {
    const look = () => `${doc.getText()}`.includes(text) && resolve();
    doc.on("update", look);
    look();
  });

one.getText().insert(0, "grüß ");
await isIn(other, "grüß ");
other.getText().insert(5, "Gott");
await isIn(one, "Gott");
console.log(`${one.getText()}`);

providers[0].disconnect();
one.getText().insert(0, "offline: ");
providers[0].connect();
await isIn(other, "offline: ");
console.log(`${other.getText()}`);
providers.forEach((provider) => provider.destroy());
[one, other].forEach((doc) => doc.destroy());
