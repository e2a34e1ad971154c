// The events of a QWebSocket, as rows of a log.

/** For each event: the row's role, and its detail. */
const ROWS = {
  stateChanged: ({ state }) => ["signal", state],
  connected: () => ["signal", ""],
  aboutToClose: () => ["signal", ""],
  disconnected: () => ["signal", ""],
  readChannelFinished: () => ["signal", ""],
  textMessageReceived: ({ message }) => ["message", message],
  binaryMessageReceived: ({ message }) => ["message", new Uint8Array(message)],
  errorOccurred: ({ error }) => ["error", errorText(error)],
};

/** What an error says, after its kind if it has one. */
export function errorText({ kind, message }) {
  return kind ? `${kind}: ${message}` : message;
}

/** Logs every event of the socket, and calls back after each. */
export function logEvents(socket, log, then = () => {}) {
  for (const [name, row] of Object.entries(ROWS)) {
    socket.addEventListener(name, (event) => {
      const [role, detail] = row(event);
      log.add(role, name, detail);
      then(event);
    });
  }
  socket.addEventListener("bytesWritten", ({ bytes }) => log.addBytesWritten(bytes));
}
