// The core with reconnecting.

import type { CoreCode, ReconnectExports } from "./contract.js";
import { alphabet, bytes, glue } from "./generated/full.js";

export const full: CoreCode<ReconnectExports> = { alphabet, bytes, glue, reconnects: true };
