// What the cases check by.

export function same(actual, expected, what = "") {
  if (!Object.is(actual, expected)) {
    throw new Error(`${what} ${String(actual)} instead of ${String(expected)}`.trim());
  }
}

/** Checks for an exception of the DOM by its name, or for a `TypeError`. */
export function throws(name, run) {
  let thrown;
  try {
    run();
  } catch (error) {
    thrown = error;
  }
  same(thrown?.name, name, "threw");
}

const sloppy = (body) => new Function("target", "name", body);
/** As in code that is not strict. */
export const set = sloppy("target[name] = 5");
export const remove = sloppy("delete target[name]");

/** The next event of a type; an event of another one that is listed is an error. */
export function next(socket, type, ...unwanted) {
  return new Promise((resolve, reject) => {
    socket.addEventListener(type, resolve, { once: true });
    for (const other of unwanted) {
      socket.addEventListener(other, () => reject(new Error(`${other} instead of ${type}`)), {
        once: true,
      });
    }
  });
}

export async function opened(Class, url, ...more) {
  const socket = new Class(url, ...more);
  await next(socket, "open", "error", "close");
  return socket;
}

/** Closes, and returns the event of it; then nothing else may come. */
export async function closed(socket, ...how) {
  const close = next(socket, "close", "error");
  socket.close(...how);
  const event = await close;
  await quiet(socket);
  return event;
}

/** Nothing comes behind an end: what was queued before this task has run. */
export async function quiet(socket) {
  let late;
  for (const type of ["open", "message", "error", "close"]) {
    socket.addEventListener(type, () => (late = type));
  }
  await new Promise((resolve) => setTimeout(resolve));
  same(late, undefined, "came late:");
}

/** Sends, and returns what the server makes of it. */
export async function echo(socket, ...data) {
  const message = next(socket, "message", "error", "close");
  same(socket.send(...data), undefined, "send returned");
  return (await message).data;
}

/** The bytes of an `ArrayBuffer`, as a list. */
export function list(data) {
  same(data instanceof ArrayBuffer, true, "is a buffer:");
  return new Uint8Array(data).join(" ");
}
