import { showFeatures } from "./features.js";
import { Log, size } from "./log.js";

const PACKAGE = "./pkg/qwebsocket.js";
const DEFAULT_SERVER = "ws://127.0.0.1:9000";

const ROLES = { Text: "message", Binary: "message", Error: "error" };

const get = (id) => document.getElementById(id);
const log = new Log(get("log"));
/** The one socket of the page. */
let socket;

get("address").value = new URLSearchParams(location.search).get("server") ?? DEFAULT_SERVER;

const Console = await load();
if (Console) {
  start(new Console(listen));
}

/** The class from the package, or nothing and a word about it. */
async function load() {
  try {
    const loaded = await import(PACKAGE);
    await loaded.default();
    if (loaded.Console) {
      return loaded.Console;
    }
    alertOf("Wrong package", "www/pkg holds no class “Console”. Build it with: cargo xtask serve");
  } catch (error) {
    alertOf("No package", `www/pkg cannot be loaded. Build it with: cargo xtask serve (${error.message})`);
  }
}

function start(made) {
  socket = made;
  showFeatures(get("features"), get("features-sum"), Console.allFeatures(), socket.features);
  get("connect").disabled = false;

  onSubmit("connection", () => {
    const url = get("address").value.trim();
    const subprotocols = get("subprotocols").value.split(",").map((name) => name.trim());
    log.restartClock();
    call("open", url, () => socket.connect(url, subprotocols.filter(Boolean)));
  });
  get("abort").addEventListener("click", () => call("abort", "", () => socket.abort()));

  onSubmit("text-form", () => {
    const text = get("text").value;
    call("send", text, () => socket.sendText(text), "message") && (get("text").value = "");
    get("text").focus();
  });
  get("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      get("text-form").requestSubmit();
    }
  });
  onSubmit("file-form", async () => {
    const [file] = get("file").files;
    try {
      const data = new Uint8Array(await file.arrayBuffer());
      const detail = `${file.name}  ${size(data.length)}`;
      call("send", detail, () => socket.sendBinary(data), "message");
    } catch (error) {
      alertOf("File", `${file.name} cannot be read: ${error.message}`);
    }
  });
  get("ping").addEventListener("click", () => call("ping", "", () => socket.ping()));

  onSubmit("closing", () => {
    const code = get("code").valueAsNumber;
    const reason = get("reason").value;
    call("close", `${code} ${reason}`.trim(), () => socket.close(code, reason));
  });

  get("clear").addEventListener("click", () => log.clear());
  get("only-messages").addEventListener("change", (event) =>
    log.showOnlyMessages(event.target.checked),
  );
  refresh();
  watch();
}

/** Each event of the socket comes here. */
function listen(kind, detail) {
  if (kind === "BytesWritten") {
    log.addBytesWritten(Number(detail));
    return;
  }
  log.add(ROLES[kind] ?? "signal", kind, detail);
  if (kind === "Error") {
    const [name, ...rest] = detail.split(": ");
    alertOf(name, rest.join(": "));
  }
  refresh();
}

/** Calls a method and shows that; returns whether it was taken. */
function call(name, detail, method, about) {
  log.add("call", `${name}()`, detail, about);
  try {
    method();
  } catch (error) {
    log.add("error", error.name, error.message);
    alertOf(error.name, error.message);
    return false;
  }
  get("alert").replaceChildren();
  refresh();
  return true;
}

/** Shows the getters. */
function refresh() {
  const { state } = socket;
  const before = get("state").dataset.state;
  if (state !== before) {
    get("state").textContent = state;
    get("state").dataset.state = state;
    enable(state);
  }
  get("subprotocol").textContent = socket.subprotocol ?? "–";
  get("close-code").textContent = socket.closeCode ?? "–";
  get("close-reason").textContent = socket.closeReason || "–";
}

function enable(state) {
  const focused = document.activeElement;
  for (const control of document.querySelectorAll("[data-needs-connection]")) {
    control.disabled = state !== "Connected";
  }
  get("abort").disabled = state === "Unconnected";
  get("connect").textContent = state === "Unconnected" ? "Connect" : "Connect again";
  // The keyboard must not be left on a control that is gone.
  if (state === "Connected" && get("connection").contains(focused)) {
    get("text").focus();
  } else if (focused.disabled) {
    get("connect").focus();
  }
}

/** The count changes without an event. */
function watch() {
  const shown = socket.bytesToWrite.toLocaleString("en");
  if (get("bytes-to-write").textContent !== shown) {
    get("bytes-to-write").textContent = shown;
  }
  requestAnimationFrame(watch);
}

function alertOf(name, text) {
  const words = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = name;
  words.append(strong, ` ${text}`);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "small";
  close.textContent = "Dismiss";
  close.addEventListener("click", () => get("alert").replaceChildren());
  get("alert").replaceChildren(words, close);
}

function onSubmit(id, action) {
  get(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}
