import { runAt } from "./run_at.mjs";

postMessage(await runAt(location));
