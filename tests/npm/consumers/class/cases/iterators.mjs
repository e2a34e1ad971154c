// The iterators lose nothing, and let go when they are left.

import { failure, next, same, sleep, told, until } from "../tools.mjs";

export async function messages_are_kept_until_they_are_taken({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const messages = socket.messages();
  await socket.open(`${url}/echo`);
  socket.sendTextMessage("burst 100");
  await sleep(50);
  const got = [];
  for await (const message of messages) {
    got.push(message);
    await undefined;
    if (got.length === 50) {
      socket.sendTextMessage("close 1000");
      await next(socket, "disconnected");
    }
  }
  same(got, Array.from({ length: 100 }, (_, index) => `${index}`));
}

export async function events_come_in_their_order({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  const events = socket.events();
  await socket.open(`${url}/echo`);
  socket.sendTextMessage("burst 3");
  await next(socket, "textMessageReceived", ({ message }) => message === "2");
  socket.close();
  await next(socket, "disconnected");
  const types = [];
  for await (const event of events) {
    if (event.type !== "bytesWritten") {
      types.push(event.message ?? event.state ?? event.type);
    }
  }
  same(
    types,
    "connecting connected connected 0 1 2 aboutToClose closing unconnected readChannelFinished disconnected".split(
      " ",
    ),
  );
}

export async function several_get_the_same({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const iterators = [socket.messages(), socket[Symbol.asyncIterator](), socket.messages()];
  socket.sendTextMessage("one");
  for (const iterator of iterators) {
    same(await iterator.next(), { value: "one", done: false });
  }
  const waiting = [iterators[0].next(), iterators[0].next()];
  socket.sendTextMessage("burst 2");
  same(await Promise.all(waiting), [
    { value: "0", done: false },
    { value: "1", done: false },
  ]);
  socket.abort();
}

export async function leaving_lets_go({ QWebSocket, url, options }) {
  const socket = new QWebSocket({ ...options, receiveQueue: 1000 });
  await socket.open(`${url}/echo`);
  const left = socket.messages();
  socket.sendTextMessage("one");
  for await (const message of left) {
    same(message, "one");
    break;
  }
  same([socket.state, await left.next()], ["connected", { done: true }]);
  // An iterator that were still there would overflow.
  const last = next(socket, "textMessageReceived", ({ message }) => message === "999");
  socket.sendTextMessage("burst 1000");
  await last;
  const waiting = socket.messages();
  const ended = waiting.next();
  await waiting.return();
  same(await ended, { done: true });
  socket.abort();
}

export async function a_lost_connection_is_an_error({ QWebSocket, url, options }) {
  const socket = new QWebSocket(options);
  await socket.open(`${url}/echo`);
  const messages = socket.messages();
  socket.sendTextMessage("one");
  await next(socket, "textMessageReceived");
  socket.sendTextMessage("drop");
  await next(socket, "disconnected");
  same(await messages.next(), { value: "one", done: false });
  same((await failure(() => messages.next())).kind, "RemoteClosed");
  same(await messages.next(), { done: true });

  await socket.open(`${url}/echo`);
  const waiting = failure(() => socket.messages().next());
  socket.sendTextMessage("drop");
  same((await waiting) === socket.error, true);
}

export async function what_waits_is_bounded({ QWebSocket, url, options }) {
  const socket = new QWebSocket({ ...options, receiveQueue: 10_000 });
  await socket.open(`${url}/echo`);
  const messages = socket.messages();
  for (let index = 0; index < 3; index++) {
    socket.sendBinaryMessage(new Uint8Array(4000));
  }
  await next(socket, "disconnected");
  same([socket.error.kind, socket.closeCode], ["TooLarge", 4009]);
  same([(await messages.next()).value.byteLength, (await messages.next()).value.byteLength], [4000, 4000]);
  same((await failure(() => messages.next())).kind, "TooLarge");
}

export async function a_slow_reader_slows_its_peer(context) {
  const { QWebSocket, url, options } = context;
  const name = Math.random();
  if (!new QWebSocket(options).supports("READ_BUFFER")) {
    const { feature } = await failure(() => new QWebSocket({ ...options, readBufferSize: 1 }));
    same(feature, "READ_BUFFER");
    return;
  }
  const socket = new QWebSocket({ ...options, readBufferSize: 100_000 });
  const messages = socket.messages();
  await socket.open(`${url}/flood/${name}`);
  const flooded = () => told(context, `${url}/flooded/${name}`);
  // The network between us has some room.
  let before;
  await until(async () => {
    const now = await flooded();
    const isStill = now === before;
    before = now;
    await sleep(200);
    return isStill;
  });
  same([before > 1, before < 900], [true, true]);
  for (let number = 0; number < 1024; number++) {
    const { value } = await messages.next();
    same([new DataView(value).getUint16(0, true), value.byteLength], [number, 65_536]);
  }
  socket.abort();
}
