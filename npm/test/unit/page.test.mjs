// A page that leaves and returns: nobody could be heard meanwhile, so limits begin anew.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { connected, entry, FakeSocket } from "../lib/package.mjs";
import { VirtualTime } from "../lib/virtual.mjs";

const package_ = await entry("index");
const time = new VirtualTime();
/** The page's global object and its document, and how many listen to them. */
const page = new EventTarget();
const document = new EventTarget();
let listeners = 0;

/** Has `to` hear what is to be heard at `at`. */
function stand(at, to) {
  at.addEventListener = (...all) => {
    listeners++;
    to.addEventListener(...all);
  };
  at.removeEventListener = (...all) => {
    listeners--;
    to.removeEventListener(...all);
  };
}

before(() => {
  time.install();
  stand(globalThis, page);
  globalThis.document = {};
  stand(globalThis.document, document);
});

/** Page Lifecycle §4.1 has the document fire these. */
const isOfDocument = (type) => ["freeze", "resume"].includes(type);
const tell = (type) => (isOfDocument(type) ? document : page).dispatchEvent(new Event(type));

for (const type of ["pageshow", "resume"]) {
  test(`${type}: an opening handshake has its time again`, async () => {
    const socket = new package_.QWebSocket({ webSocket: FakeSocket, openTimeout: 500 });
    const opening = socket.open("ws://fake/");
    await time.pass(400);
    tell(type);
    await time.pass(450);
    assert.equal(socket.state, "connecting");
    await time.pass(100);
    assert.equal(socket.state, "unconnected");
    await assert.rejects(opening, { kind: "TimedOut" });
  });

  test(`${type}: a peer that was asked has its time again`, async () => {
    const probe = { interval: 100, limit: 50, probe: "there?", isAnswer: () => false };
    const [socket, fake] = await connected(package_, { keepAlive: probe });
    await time.pass(101);
    assert.deepEqual(fake.sent, ["there?"]);
    await time.pass(40);
    tell(type);
    await time.pass(45);
    assert.equal(socket.state, "connected");
    await time.pass(10);
    assert.deepEqual([socket.state, socket.error?.kind], ["unconnected", "TimedOut"]);
  });
}

for (const type of ["pagehide", "freeze"]) {
  test(`${type}: a close frame does not wait for a timer`, async () => {
    const [socket, fake] = await connected(package_);
    tell(type);
    socket.close(1000);
    assert.deepEqual(fake.closed, [[1000, ""]]);
    tell("pageshow");
    socket.abort();
  });
}

test("however many sockets there are, the page is heard once", async () => {
  const before = listeners;
  await connected(package_);
  assert.deepEqual([before, listeners], [4, 4]);
});
