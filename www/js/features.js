// Which features this browser has.

import { element, get, show } from "./dom.js";

/** What their names stand for, in a few words. */
const WORDS = {
  PING: "pings, and the time their pongs took",
  FRAMES: "the frames of a message, one by one",
  OUTGOING_FRAME: "the size of outgoing frames",
  INCOMING_FRAME: "a limit for incoming frames",
  MASKS: "a custom mask generator",
  HEADERS: "custom headers in the opening handshake",
  ORIGIN: "a custom Origin header",
  CLOSE_CODES: "close codes besides 1000 and 3000 to 4999",
  READ_BUFFER: "a slow reader slows its peer",
  ADDRESSES: "local and peer address",
  SERVER: "accepting connections",
  TLS_CONFIG: "custom root certificates",
  TLS_ERRORS: "TLS errors as a list to answer",
  TLS_INTERRUPTION: "stopping the TLS handshake early",
  TLS_ALERTS: "TLS alerts as events",
  PRE_SHARED_KEY: "TLS with a pre-shared key",
  AUTHENTICATION: "credentials for HTTP authentication",
  PROXY: "a proxy of your choice",
  COMPRESSION: "control over permessage-deflate",
  TLS_INFO: "TLS version, cipher, certificates",
  PARTS: "messages that are sent in parts",
  REDIRECTS: "following redirects",
  OWN_STREAM: "a connection over any stream instead of TCP",
  TLS_CIPHERS: "TLS ciphers and groups of your choice",
  TLS_CHAIN: "depth and revocation of certificates",
  TLS_SESSIONS: "TLS sessions that are resumed",
  TLS_KEY_LOG: "the keys of TLS connections",
  ENCRYPTED_KEY: "a certificate whose key is encrypted",
  CLIENT_CERTIFICATES: "asking clients for certificates",
  ALPN: "the protocol on top of TLS",
};

/** Fills the list with every feature, and the line above it with their sum. */
export function showFeatures({ QWebSocket, features }) {
  const all = Object.keys(WORDS);
  const streaming = featuresOf(QWebSocket, { stream: true });
  get("feature-list").replaceChildren(
    ...all.map((name) => row(name, features.includes(name), streaming.includes(name))),
  );
  show(
    "features-sum",
    `this browser has ${features.length || "none"} of ${all.length} by itself; natively, in Rust, ` +
      "the same program has most of them",
  );
}

/** Those of a socket with these options, if this browser has such sockets. */
function featuresOf(QWebSocket, options) {
  try {
    return new QWebSocket(options).features;
  } catch {
    return [];
  }
}

function row(name, works, streams) {
  const item = document.createElement("li");
  item.classList.toggle("here", works || streams);
  const sign = element("span", works || streams ? "✓" : "–", "sign");
  sign.setAttribute("aria-hidden", "true");
  const label = element("b", name);
  label.append(element("span", works || streams ? " works: " : " is missing: ", "unseen"));
  const condition = !works && streams ? ", with the option “stream”" : "";
  item.append(sign, label, element("span", WORDS[name] + condition));
  return item;
}
