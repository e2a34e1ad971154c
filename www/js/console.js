// The live console: one socket of the package, and everything it tells.

import { get, onClick, onSubmit, show } from "./dom.js";
import { bytes, count } from "./format.js";
import { Log } from "./log.js";
import { notice } from "./notice.js";
import { errorText, logEvents } from "./event_log.js";

export function startConsole({ QWebSocket }, server) {
  const socket = new QWebSocket();
  const log = new Log(get("log"));
  const alertBox = get("console-notice");

  get("address").value = server.url;
  logEvents(socket, log, ({ error }) => {
    if (error) {
      notice(alertBox, error.kind, error.message);
    }
    refresh(socket);
  });

  /** Calls a method and shows that; returns what it returned, and undefined when it threw. */
  const call = (name, detail, method, about) => {
    log.add("call", `${name}()`, detail, about);
    alertBox.replaceChildren();
    try {
      return method() ?? true;
    } catch (error) {
      refused(error);
    } finally {
      refresh(socket);
    }
  };
  const refused = (error) => {
    log.add("error", error.name, errorText(error));
    notice(alertBox, error.kind ?? error.name, error.message);
  };

  onSubmit("connection", async () => {
    const url = get("address").value.trim();
    const subprotocols = get("subprotocols")
      .value.split(",")
      .map((name) => name.trim());
    log.restartClock();
    const opening = call("open", url, () =>
      socket.open(url, { subprotocols: subprotocols.filter(Boolean) }),
    );
    try {
      await opening;
    } catch (error) {
      // Every other failure is an event, too.
      if (["InvalidInput", "Unsupported"].includes(error.kind)) {
        refused(error);
      }
    }
  });
  onClick("abort", () => call("abort", "", () => socket.abort()));

  onSubmit("text-form", () => {
    const text = get("text").value;
    if (call("sendTextMessage", text, () => socket.sendTextMessage(text), "message")) {
      get("text").value = "";
    }
    get("text").focus();
  });
  get("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      get("text-form").requestSubmit();
    }
  });
  onSubmit("file-form", () => {
    const [file] = get("file").files;
    const detail = `${file.name}  ${bytes(file.size)}`;
    call("sendBinaryMessage", detail, () => socket.sendBinaryMessage(file), "message");
  });
  onClick("ping", () => call("ping", "", () => socket.ping("are you there?")));

  onSubmit("closing", () => {
    const code = get("code").valueAsNumber;
    const reason = get("reason").value;
    call("close", `${code} ${reason}`.trim(), () => socket.close(code, reason));
  });

  onClick("clear", () => log.clear());
  get("only-messages").addEventListener("change", ({ target }) =>
    log.showOnlyMessages(target.checked),
  );
  get("connect").disabled = false;
  watch(socket);
}

/** Shows what the socket's properties say. */
function refresh(socket) {
  const { state } = socket;
  if (state !== get("state").dataset.state) {
    show("state", state);
    get("state").dataset.state = state;
    enable(state);
  }
  show("subprotocol", socket.subprotocol || "–");
  show("close-code", socket.closeCode ?? "–");
  show("close-reason", socket.closeReason || "–");
  show("error-string", socket.errorString || "–");
}

function enable(state) {
  const focused = document.activeElement;
  for (const control of document.querySelectorAll("[data-needs-connection]")) {
    control.disabled = state !== "connected";
  }
  get("abort").disabled = state === "unconnected";
  show("connect", state === "unconnected" ? "Connect" : "Connect again");
  // The keyboard must not be left on a control that is gone.
  if (state === "connected" && get("connection").contains(focused)) {
    get("text").focus();
  } else if (focused.disabled) {
    get("connect").focus();
  }
}

/** This count changes without an event. */
function watch(socket) {
  show("bytes-to-write", count(socket.bytesToWrite));
  requestAnimationFrame(() => watch(socket));
}
