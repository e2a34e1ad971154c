// The core with reconnecting.

import type { CoreCode, ReconnectExports } from "./contract.js";
import { bytes, glue } from "./generated/full.js";

export const full: CoreCode<ReconnectExports> = { bytes, glue, reconnects: true };
