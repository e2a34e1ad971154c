// The ES module itself, so that there is one class and one instance of the wasm for both kinds of users.
module.exports = require("./index.js");
