// Clients in JavaScript, in browsers and in Node.

/** `open` resolves to `{ send, close, hear }`: `hear` is given what hears each message. */
export const measureScript = (open) => async (shape, url, payload, count) => {
  const { send, close, hear } = await open(url);
  const started = performance.now();
  await new Promise((resolve) => {
    let left = shape == "send" ? 1 : count;
    switch (shape) {
      case "receive":
        hear(() => --left || resolve());
        send("");
        break;
      case "send":
        hear(resolve);
        for (let sent = 0; sent < count; sent++) {
          send(payload);
        }
        break;
      case "round trip":
        hear(() => (--left ? send(payload) : resolve()));
        send(payload);
        break;
    }
  });
  const ended = performance.now();
  close();
  return ended - started;
};

export function openSocket(socket) {
  socket.binaryType = "arraybuffer";
  return new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error("no connection"));
    socket.onopen = () =>
      resolve({
        send: (payload) => socket.send(payload),
        close: () => socket.close(),
        hear: (listener) => (socket.onmessage = ({ data }) => listener(data)),
      });
  });
}

/** Ours, with listeners. */
export async function openOurs(socket, url) {
  await socket.open(url);
  return {
    ...sending(socket),
    hear: (listener) => {
      socket.ontextMessageReceived = ({ message }) => listener(message);
      socket.onbinaryMessageReceived = ({ message }) => listener(message);
    },
  };
}

/** Ours, by an iterator. */
export async function openTaking(socket, url) {
  await socket.open(url);
  const hear = async (listener) => {
    for await (const message of socket) {
      listener(message);
    }
  };
  return { ...sending(socket), hear: (listener) => void hear(listener) };
}

/** Ours that connects again, with listeners. */
export function openReconnecting(socket) {
  return new Promise((resolve) => {
    socket.onconnected = () =>
      resolve({
        send: (payload) => socket.send(payload),
        close: () => socket.close(),
        hear: (listener) => {
          socket.ontextMessageReceived = ({ message }) => listener(message);
          socket.onbinaryMessageReceived = ({ message }) => listener(message);
        },
      });
  });
}

function sending(socket) {
  return {
    send: (payload) =>
      typeof payload == "string"
        ? socket.sendTextMessage(payload)
        : socket.sendBinaryMessage(payload),
    close: () => socket.close(),
  };
}
