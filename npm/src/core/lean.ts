// The core without reconnecting.

import type { CoreCode } from "./contract.js";
import { alphabet, bytes, glue } from "./generated/lean.js";

export const lean: CoreCode = { alphabet, bytes, glue, reconnects: false };
