import { run } from "./run.mjs";

const [url, options, ws, only] = process.argv.slice(2);
const webSocket = ws && ws != "-" && (await import(ws)).WebSocket;
console.log(JSON.stringify(await run(url, { ...JSON.parse(options), ...(webSocket && { webSocket }) }, only)));
process.exit(0);
