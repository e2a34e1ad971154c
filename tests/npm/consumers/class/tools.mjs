export function same(actual, expected) {
  const [a, e] = [actual, expected].map((value) => JSON.stringify(value));
  if (a !== e) {
    throw new Error(`${a} instead of ${e}`);
  }
}

/** What the function throws, or its promise. */
export async function failure(run) {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("it does not fail");
}

export const SIGNALS = [
  "stateChanged",
  "connected",
  "aboutToClose",
  "disconnected",
  "readChannelFinished",
  "textMessageReceived",
  "binaryMessageReceived",
  "errorOccurred",
];

export const AGAIN = ["attempt", "attemptFailed", "waiting", "offline", "ended", "dropped", "givenUp"];

/** The events of a socket in words, from now on. `bytesWritten` comes when it comes. */
export function story(socket, types = SIGNALS) {
  const words = [];
  for (const type of types) {
    socket.addEventListener(type, (event) => {
      const { state, message, error, attempt, unknown, number, attempts } = event;
      const about = error?.kind ?? state ?? message ?? attempt ?? unknown ?? number ?? attempts;
      const shown = about?.byteLength === undefined ? about : `${about.byteLength} bytes`;
      words.push(shown === undefined ? type : `${type} ${unknown ?? shown}`);
    });
  }
  return words;
}

export function next(target, type, isMeant = () => true) {
  return new Promise((resolve) => {
    const listener = (event) => {
      if (isMeant(event)) {
        target.removeEventListener(type, listener);
        resolve(event);
      }
    };
    target.addEventListener(type, listener);
  });
}

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function until(isSo) {
  while (!(await isSo())) {
    await sleep(5);
  }
}

/** Where the server does not answer the opening handshake. */
export function silent(url) {
  return url.replace("127.0.0.1", "127.0.0.2");
}

/** What the server says first at this URL, which is an answer to nobody who is late. */
export async function told({ QWebSocket, options }, url) {
  const socket = new QWebSocket(options);
  const messages = socket.messages();
  await socket.open(url);
  const { value } = await messages.next();
  socket.abort();
  return JSON.parse(value);
}

/** What is reported as uncaught, which is not uncaught meanwhile. */
export function reported() {
  const messages = [];
  const { process } = globalThis;
  if (!globalThis.window && !globalThis.WorkerGlobalScope && process && !globalThis.Deno) {
    const listener = (error) => messages.push(error.message);
    process.on("uncaughtException", listener);
    return {
      end() {
        process.off("uncaughtException", listener);
        return messages;
      },
    };
  }
  const listener = (event) => {
    event.preventDefault();
    messages.push(event.error.message);
  };
  globalThis.addEventListener("error", listener);
  return {
    end() {
      globalThis.removeEventListener("error", listener);
      return messages;
    },
  };
}
