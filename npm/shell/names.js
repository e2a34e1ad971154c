// In the order of the core's bits and numbers.

export const FEATURES =
  "PING FRAMES OUTGOING_FRAME INCOMING_FRAME MASKS HEADERS ORIGIN CLOSE_CODES READ_BUFFER ADDRESSES SERVER TLS_CONFIG TLS_ERRORS TLS_INTERRUPTION TLS_ALERTS PRE_SHARED_KEY AUTHENTICATION PROXY COMPRESSION TLS_INFO PARTS REDIRECTS OWN_STREAM".split(
    " ",
  );

export const STATES = ["unconnected", "connecting", "connected", "closing"];

export const SIGNALS = [
  ,
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
