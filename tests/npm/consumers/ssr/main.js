import { QWebSocket } from "qwebsocket";
import { converse } from "./converse.mjs";

export const conversing = (url) => converse(QWebSocket, url);

const [url] = process.argv.slice(2);
if (url) {
  console.log(await conversing(url));
}
