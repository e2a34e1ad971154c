import { runAt } from "./run_at.mjs";

addEventListener("message", (event) => {
  const results = runAt(location);
  event.waitUntil(results.then((results) => event.ports[0].postMessage(results)));
});
