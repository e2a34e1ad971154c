import { element } from "./dom.js";
import { bytes, count } from "./format.js";

const MOST_ROWS = 1000;
const MOST_TEXT = 400;
const MOST_BYTES = 48;

const SIGNS = { call: "→", message: "←", signal: "·", error: "!" };

/** The list of what was called and what happened. */
export class Log {
  #box;
  #list;
  #start = performance.now();
  /** The last row is in view, and stays there. */
  #follows = true;

  constructor(box) {
    this.#box = box;
    this.#list = box.querySelector("ol");
    let top = 0;
    box.addEventListener("scroll", () => {
      if (box.scrollHeight - box.scrollTop - box.clientHeight < 8) {
        this.#follows = true;
      } else if (box.scrollTop < top) {
        this.#follows = false;
      }
      top = box.scrollTop;
    });
    new ResizeObserver(() => this.#follow()).observe(box);
  }

  /** Times count from now. */
  restartClock() {
    this.#start = performance.now();
  }

  /**
   * Adds a row. `role` is "call", "message", "signal" or "error"; the detail is a text or a
   * `Uint8Array`; `about` is "message" for what the filter keeps.
   */
  add(role, kind, detail, about = role) {
    const row = document.createElement("li");
    row.dataset.role = role;
    row.dataset.about = about;
    const sign = element("span", SIGNS[role], "sign");
    sign.setAttribute("aria-hidden", "true");
    row.append(this.#time(), sign, element("span", kind, "kind"), detailOf(detail));

    this.#list.append(row);
    while (this.#list.childElementCount > MOST_ROWS) {
      this.#list.firstChild.remove();
    }
    this.#follow();
  }

  /** Adds the bytes to the last row, if that was of bytes too: a large message is many such events. */
  addBytesWritten(written) {
    if (this.#list.lastChild?.written === undefined) {
      this.add("signal", "bytesWritten", "");
    }
    const row = this.#list.lastChild;
    row.written = (row.written ?? 0) + written;
    row.times = (row.times ?? 0) + 1;
    row.lastChild.textContent =
      count(row.written) + (row.times > 1 ? `  in ${row.times} events` : "");
  }

  showOnlyMessages(only) {
    this.#box.classList.toggle("only-messages", only);
    this.#follow();
  }

  clear() {
    this.#list.replaceChildren();
  }

  #follow() {
    if (this.#follows) {
      this.#box.scrollTop = this.#box.scrollHeight;
    }
  }

  #time() {
    return element("time", (performance.now() - this.#start).toFixed(1));
  }
}

function detailOf(detail) {
  const cell = element("span", "", "detail");
  if (detail instanceof Uint8Array) {
    cell.append(hex(detail), element("span", `  ${bytes(detail.length)}`, "note"), save(detail));
  } else if (detail.length > MOST_TEXT) {
    cell.append(
      `${detail.slice(0, MOST_TEXT)}…`,
      element("span", `  ${count(detail.length)} characters`, "note"),
    );
  } else {
    cell.append(detail);
  }
  return cell;
}

function hex(data) {
  const shown = Array.from(data.subarray(0, MOST_BYTES), (byte) =>
    byte.toString(16).padStart(2, "0"),
  );
  return shown.join(" ") + (data.length > MOST_BYTES ? " …" : "");
}

function save(data) {
  const button = element("button", "Save", "small");
  button.type = "button";
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data]));
    link.download = "message.bin";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  return button;
}
