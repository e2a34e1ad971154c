// The browser's socket and ours, with the same calls at the same time.

import { get, show } from "./dom.js";
import { Log } from "./log.js";
import { SCENES } from "./scenes.js";
import { PackageSocket, BrowserSocket } from "./sockets.js";

export function startComparison({ QWebSocket }, server) {
  const logs = [new Log(get("raw-log")), new Log(get("ours-log"))];
  const buttons = [...document.querySelectorAll("[data-scene]")];
  const enable = (enabled) => {
    for (const button of buttons) {
      button.disabled = !enabled || (button.dataset.scene === "lost" && !server.restarts);
    }
  };

  for (const button of buttons) {
    button.addEventListener("click", async () => {
      const { words, play } = SCENES[button.dataset.scene];
      enable(false);
      show("scene-words", words);
      for (const log of logs) {
        log.clear();
        log.restartClock();
      }
      const [raw, ours] = logs;
      try {
        await play([new BrowserSocket(raw), new PackageSocket(ours, QWebSocket)], server.url);
      } catch (error) {
        show("scene-words", error.message);
      } finally {
        enable(true);
        button.focus();
      }
    });
  }
  enable(true);
}
