// The server of this page, and what `cargo xtask serve` lets it do.

const PLACE = "server.json";
const RESTART = "server/restart";

/** Its URL: the one in the page's address, or the one that is served beside the page. */
export async function serverUrl() {
  const asked = new URLSearchParams(location.search).get("server");
  if (asked) {
    return { url: asked, restarts: false };
  }
  const response = await fetch(PLACE);
  if (!response.ok) {
    throw new Error(`${PLACE}: ${response.status}`);
  }
  return { url: (await response.json()).url, restarts: true };
}

/** Ends the server as a crash would, for so many milliseconds: until it is back on its port. */
export async function restartServer(pause) {
  const response = await fetch(RESTART, { method: "POST", body: String(pause) });
  if (!response.ok) {
    throw new Error(`the server cannot be restarted: ${response.status}`);
  }
}
