// What an event of a socket carries besides its type.

import type { Link } from "../border/link.js";
import { STATES } from "../names.js";

/** By types: from the number that comes with them, or from the link. */
export const CARRIED: Record<string, (value: number, link: Link) => object> = {
  stateChanged: (value) => ({ state: STATES[value] }),
  bytesWritten: (bytes) => ({ bytes }),
  errorOccurred: (_, link) => ({ error: link.error }),
  // Microseconds and one more, since 0 is an answer to no ping.
  pong: (us) => ({ elapsed: us ? (us - 1) / 1000 : undefined }),
};
