// Starts the sections, once the package is loaded.

import { startComparison } from "./comparison.js";
import { startConsole } from "./console.js";
import { get, show } from "./dom.js";
import { showFeatures } from "./features.js";
import { milliseconds, size } from "./format.js";
import { startIntroduction } from "./introduction.js";
import { notice } from "./notice.js";
import { compressedSize, load } from "./package.js";
import { startReconnecting } from "./reconnecting.js";
import { serverUrl } from "./server.js";
import { startSpeed } from "./speed.js";

const BUILD = "Start the page with: cargo xtask serve";

startIntroduction();
try {
  const [library, server] = await Promise.all([load(), serverUrl()]);
  show("fact-start", milliseconds(library.took));
  show("fact-server", server.url);
  showFeatures(library);
  startConsole(library, server);
  startComparison(library, server);
  startSpeed(library, server);
  startReconnecting(library, server);
  show("fact-size", size(await compressedSize()));
  document.documentElement.dataset.ready = "";
} catch (error) {
  notice(get("notice"), "This page lacks something.", `${error.message}. ${BUILD}`);
}
