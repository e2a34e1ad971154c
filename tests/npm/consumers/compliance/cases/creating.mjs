// The constructor: what websockets/Create-* and interfaces/WebSocket/url of web-platform-tests assert.

import { closed, next, opened, same, set, throws } from "../tools.mjs";

const refuses =
  (...lists) =>
  (Class, server) =>
    lists.forEach((list) => throws("SyntaxError", () => new Class(`${server}/echo`, list)));

async function connects(socket) {
  await next(socket, "open", "error", "close");
  await closed(socket);
}

export const CREATING = {
  "Create-invalid-urls.any.js": (Class, server) => {
    const { host } = location;
    const urls = ["ws://foo bar.com/", "wss://foo bar.com/", `ftp://${host}/`, "about:blank"];
    urls.push("mailto:example@example.org", `${server}/#`, `${server}/#test`, "#test");
    urls.forEach((url) => throws("SyntaxError", () => new Class(url)));
  },
  "Create-wrong-scheme.any.js": (Class) =>
    throws("SyntaxError", () => new Class("mailto:example@example.org")),
  "Create-http-urls.any.js": async (Class, server) => {
    const socket = new Class(`${server.replace("ws:", "http:")}/echo`);
    same(socket.url, `${server}/echo`);
    same(new Class("https://example.invalid/").url, "wss://example.invalid/");
    await connects(socket);
  },
  "Create-valid-url-relative.tentative.any.js": (Class) => {
    const socket = new Class("/echo?some=query");
    same(socket.url, `ws://${location.host}/echo?some=query`);
  },
  "Create-valid-url.any.js": (Class, server) => connects(new Class(`${server}/echo`)),
  "Create-Secure-url-with-space.any.js": (Class) =>
    throws("SyntaxError", () => new Class("wss://web platform.test/")),
  "Create-Secure-verify-url-set-default-port.htm": (Class) =>
    same(new Class("wss://example.invalid:443/echo").url, "wss://example.invalid/echo"),
  "Create-verify-url-set-default-port.htm": (Class) =>
    same(new Class("ws://example.invalid:80/echo").url, "ws://example.invalid/echo"),
  "Create-nonAscii-protocol-string.any.js": refuses("\u0080echo"),
  "Create-asciiSep-protocol-string.any.js": refuses("/echo"),
  "Create-protocol-with-space.any.js": refuses("ec ho"),
  "Create-protocols-repeated.any.js": refuses(["echo", "echo"]),
  "Create-protocols-repeated-case-insensitive.any.js": async (Class, server) => {
    // Newer than the file, which predates that the comparison minds the case (WebSockets §3.1).
    await connects(new Class(`${server}/echo`, ["echo", "Echo"]));
  },
  "Create-valid-url-array-protocols.any.js": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`, ["echo", "chat"]);
    same(socket.protocol, "echo");
    await closed(socket);
  },
  "Create-valid-url-protocol-empty.any.js": (Class, server) =>
    connects(new Class(`${server}/echo`, [])),
  "Create-valid-url-protocol.any.js": async (Class, server) => {
    const socket = await opened(Class, `${server}/echo`, "echo");
    same(socket.protocol, "echo");
    await closed(socket);
  },
  "Create-Secure-extensions-empty.any.js": (Class, server) =>
    same(new Class(`${server}/echo`).extensions, ""),
  "Create-blocked-port.any.js": async (Class) => {
    // By now no exception any more (WebSockets §2: the fetch fails).
    const socket = new Class("ws://127.0.0.1:22/");
    await next(socket, "error", "open");
  },
  "constructor.any.js": async (Class, server) => {
    const socket = new Class(`${server}/echo`, "echo", "stray argument");
    same(socket instanceof Class, true);
    await connects(socket);
  },
  "interfaces/WebSocket/url/002.html": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    set(socket, "url");
    same(socket.url, `${server}/echo`);
  },
  "interfaces/WebSocket/url/003.html": (Class, server) => {
    const socket = new Class(`${server}/echo`);
    delete socket.url;
    same(socket.url, `${server}/echo`);
  },
  "interfaces/WebSocket/protocol/001.html": (Class, server) =>
    same(new Class(`${server}/echo`, "echo").protocol, ""),
  "interfaces/WebSocket/extensions/001.html": (Class, server) =>
    same(new Class(`${server}/echo`).extensions, ""),
};
