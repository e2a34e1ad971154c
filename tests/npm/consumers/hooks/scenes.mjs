// What becomes of a connection while components come, change and go; the same for each framework.

/** Where rooms are; nowhere while a server renders. */
export const server = globalThis.document
  ? new URLSearchParams(location.search).get("server")
  : "ws://nowhere.example/";

/** Shows one room after the other, and none; the first one is there. */
export async function play({ show, unmount, socket }) {
  await shows("one: connected, nothing");
  const first = socket();
  first.send("hello");
  await shows("one: connected, hello in one");
  show("two");
  await shows("two: connected, hello in one");
  socket().send("again");
  await shows("two: connected, again in two");
  // A new function is no new target.
  show("two");
  show("never");
  await shows("never: connecting, again in two");
  const last = socket();
  unmount();
  await until(() => last.state === "unconnected");
  document.title = JSON.stringify({ isAnother: first !== last, left: root().textContent });
}

export function root() {
  return document.getElementById("root");
}

function shows(text) {
  return until(() => root().textContent === text);
}

async function until(isSo) {
  while (!isSo()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
