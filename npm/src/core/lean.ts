// The core without reconnecting.

import type { CoreCode } from "./contract.js";
import { bytes, glue } from "./generated/lean.js";

export const lean: CoreCode = { bytes, glue, reconnects: false };
