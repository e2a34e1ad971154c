// RxJS: a subject of values, and its end.

import { webSocket } from "qwebsocket/websocket";
import { lastValueFrom, take, toArray } from "rxjs";
import { webSocket as subjectOf } from "rxjs/webSocket";

const [url] = process.argv.slice(2);
const told = [];
const subject = subjectOf({
  url: `${url}/echo`,
  protocol: ["chat"],
  WebSocketCtor: webSocket(),
  openObserver: { next: ({ type }) => told.push(type) },
  closingObserver: { next: () => told.push("closing") },
  closeObserver: { next: ({ type, code }) => told.push(`${type} ${code}`) },
});
const closed = new Promise((resolve) => subject.subscribe({ complete: resolve }));
const values = lastValueFrom(subject.pipe(take(3), toArray()));
[1, "€", { two: 2 }].forEach((value) => subject.next(value));
console.log(JSON.stringify(await values));

subject.complete();
await closed;
console.log(told.join(", "));

const failing = subjectOf({ url: `${url}/refuse`, WebSocketCtor: webSocket() });
const failure = await lastValueFrom(failing).catch((error) => error);
console.log(failure.type);
