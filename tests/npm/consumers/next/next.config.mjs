import path from "node:path";

// Where the packages of the tests lie.
const root = path.join(import.meta.dirname, "../..");

export default { turbopack: { root }, outputFileTracingRoot: root };
