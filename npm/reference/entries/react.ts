// The entry, by its name.

/**
 * A hook of React.
 *
 * @module qwebsocket/react
 */

export * from "../../src/react.js";
