// As the address of a page, or of a worker, says.

import { run } from "./run.mjs";

export function runAt({ search }) {
  const parameters = new URLSearchParams(search);
  return run(parameters.get("server"), JSON.parse(parameters.get("options")));
}
