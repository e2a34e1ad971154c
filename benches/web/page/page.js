// Measures in this page or, with `?place=worker`, in a dedicated worker, and posts each result.

import { measureAll } from "./measure.js";

const parameters = Object.fromEntries(new URLSearchParams(location.search));
if (parameters.place == "worker") {
  const script = new URL(`worker.js${location.search}`, import.meta.url);
  const worker = new Worker(script, { type: "module" });
  worker.onerror = (event) => post(`error: ${event.message}`);
  worker.onmessage = ({ data }) => post(data);
} else {
  measureAll(parameters, post);
}
addEventListener("error", ({ message }) => post(`error: ${message}`));
addEventListener("unhandledrejection", ({ reason }) => post(`error: ${reason}`));

// One after the other, so that they arrive in their order.
let posted = Promise.resolve();
function post(body) {
  posted = posted.then(() => fetch("/__console", { method: "POST", body }));
}
