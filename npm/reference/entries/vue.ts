// The entry, by its name.

/**
 * A composable of Vue.
 *
 * @module qwebsocket/vue
 */

export * from "../../src/vue.js";
