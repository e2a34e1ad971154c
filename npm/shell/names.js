// In the order of the core's bits and numbers.

export const FEATURES =
  "PING FRAMES OUTGOING_FRAME INCOMING_FRAME MASKS HEADERS ORIGIN CLOSE_CODES READ_BUFFER ADDRESSES SERVER TLS_CONFIG TLS_ERRORS TLS_INTERRUPTION TLS_ALERTS PRE_SHARED_KEY AUTHENTICATION PROXY COMPRESSION TLS_INFO PARTS REDIRECTS OWN_STREAM TLS_CIPHERS TLS_CHAIN TLS_SESSIONS TLS_KEY_LOG ENCRYPTED_KEY CLIENT_CERTIFICATES ALPN".split(
    " ",
  );

export const STATES = ["unconnected", "connecting", "connected", "closing"];

// Of a socket; the core tells the two kinds of messages as one.
const TOLD = [
  "stateChanged",
  "connected",
  "aboutToClose",
  "disconnected",
  "readChannelFinished",
  "message",
  "bytesWritten",
  "errorOccurred",
  "pong",
];

// Of a connection that comes back, besides.
export const AGAIN = ["attempt", "attemptFailed", "waiting", "offline", "ended", "dropped", "givenUp"];

export const SIGNALS = [undefined, ...TOLD, ...AGAIN];

export const HEARD = [
  ...TOLD.filter((type) => type != "message"),
  "textMessageReceived",
  "binaryMessageReceived",
];
