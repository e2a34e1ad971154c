// The document, in fewer words.

export const get = (id) => document.getElementById(id);

export function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function onClick(id, action) {
  get(id).addEventListener("click", action);
}

export function onSubmit(id, action) {
  get(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

/** Writes into an element, and touches it only when that changes it. */
export function show(id, value) {
  const text = String(value);
  if (get(id).textContent !== text) {
    get(id).textContent = text;
  }
}
