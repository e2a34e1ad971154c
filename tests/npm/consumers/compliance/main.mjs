// Runs every case with the browser's own class and with ours, and tells what each made of it as the
// title of the page.

import { webSocket } from "./node_modules/qwebsocket/websocket.js";
import { CLOSING } from "./cases/closing.mjs";
import { CREATING } from "./cases/creating.mjs";
import { EVENTS } from "./cases/events.mjs";
import { MEMBERS } from "./cases/members.mjs";
import { SENDING } from "./cases/sending.mjs";

const { server, silent } = Object.fromEntries(new URLSearchParams(location.search));
const CLASSES = { platform: WebSocket, ours: webSocket() };
const CASES = { ...CREATING, ...MEMBERS, ...SENDING, ...EVENTS, ...CLOSING };

async function outcome(body, Class) {
  try {
    await body(Class, server, silent);
    return "";
  } catch (error) {
    return `${error}`;
  }
}

const told = {};
for (const [file, body] of Object.entries(CASES)) {
  told[file] = {};
  for (const [name, Class] of Object.entries(CLASSES)) {
    told[file][name] = await outcome(body, Class);
  }
}
document.title = JSON.stringify(told);
