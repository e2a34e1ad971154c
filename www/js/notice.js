import { element } from "./dom.js";

/** Says what went wrong, in a box that screen readers announce. */
export function notice(box, name, text) {
  const words = element("p");
  words.append(element("strong", name), ` ${text}`);
  const dismiss = element("button", "Dismiss", "small");
  dismiss.type = "button";
  dismiss.addEventListener("click", () => box.replaceChildren());
  box.replaceChildren(words, dismiss);
}
