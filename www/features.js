// What the names of `Features` stand for, in a few words.
const WORDS = {
  PING: "pings, and the time their pongs took",
  FRAMES: "the frames of a message, one by one",
  OUTGOING_FRAME: "the size of outgoing frames",
  INCOMING_FRAME: "a limit for incoming frames",
  MASKS: "an own mask generator",
  HEADERS: "own headers in the opening handshake",
  ORIGIN: "an own Origin header",
  CLOSE_CODES: "close codes besides 1000 and 3000 to 4999",
  READ_BUFFER: "a slow reader slows its peer",
  ADDRESSES: "local and peer address",
  SERVER: "accepting connections",
  TLS_CONFIG: "own root certificates",
  TLS_ERRORS: "TLS errors as a list to answer",
  TLS_INTERRUPTION: "stopping the TLS handshake early",
  TLS_ALERTS: "TLS alerts as events",
  PRE_SHARED_KEY: "TLS with a pre-shared key",
  AUTHENTICATION: "credentials for HTTP authentication",
  PROXY: "proxies of our own choice",
  COMPRESSION: "control over permessage-deflate",
  TLS_INFO: "TLS version, cipher, certificates",
  PARTS: "messages that are sent in parts",
};

/** Fills the list with every feature, and the line above it with their sum. */
export function showFeatures(list, sum, all, here) {
  list.replaceChildren(...all.map((name) => row(name, here.includes(name))));
  sum.textContent =
    "Messages, subprotocols, the closing handshake, states, time limits and a limit for messages " +
    `work everywhere. Of ${all.length} further features this browser has ${here.length || "none"}; ` +
    "a call that needs one it lacks is refused as Unsupported, never ignored. " +
    "Natively the same program has more of them.";
}

function row(name, works) {
  const item = document.createElement("li");
  item.classList.toggle("here", works);
  item.append(
    element("span", works ? "✓" : "–", "sign"),
    element("b", name),
    element("span", WORDS[name] ?? ""),
  );
  item.firstChild.setAttribute("aria-hidden", "true");
  item.children[1].append(element("span", works ? " works: " : " is missing: ", "unseen"));
  return item;
}

function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}
