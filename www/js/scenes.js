// What happens to both sockets, side by side.

import { restartServer } from "./server.js";

const LARGE = 4 << 20;
/** Nobody listens there, and no browser forbids it. */
const NOBODY = "65535";
const BREAK = 300;

/** Plays the same for every twin, and waits for all of them. */
const alike = (part) => (twins, url) => Promise.all(twins.map((twin) => part(twin, url)));

export const SCENES = {
  exchange: {
    words:
      "Both connect, send a text and three bytes, and close. Ours also tells its states and what was written.",
    play: alike(async (twin, url) => {
      await twin.open(url);
      twin.send("grüß Gott");
      await twin.message();
      twin.send(Uint8Array.of(0xca, 0xfe, 0x00));
      await twin.message();
      await twin.close(1000, "bye");
    }),
  },
  large: {
    words:
      "4 MiB to the server and back. The browser’s socket is silent until they are back; ours tells what has left.",
    play: alike(async (twin, url) => {
      await twin.open(url);
      twin.send(new Uint8Array(LARGE));
      await twin.message();
      await twin.close(1000, "");
    }),
  },
  close: {
    words:
      "Both close with code 4000 and a reason. Ours announces it, and waits for the answer only so long.",
    play: alike(async (twin, url) => {
      await twin.open(url);
      await twin.close(4000, "enough");
    }),
  },
  refused: {
    words:
      "A port where nobody listens. Both learn little from the browser; ours says it once, as an error with a kind.",
    play: alike(async (twin, url) => {
      const nobody = new URL(url);
      nobody.port = NOBODY;
      await twin.open(nobody.href);
    }),
  },
  lost: {
    words:
      "The server dies with the connections open. Ours tells a lost connection from a closed one.",
    play: async (twins, url) => {
      await Promise.all(twins.map((twin) => twin.open(url)));
      const over = twins.map((twin) => twin.over());
      await restartServer(BREAK);
      await Promise.all(over);
    },
  },
  wrong: {
    words:
      "A message before there is a connection. Both refuse it; ours with an error of the same family as all others.",
    play: alike(async (twin, url) => {
      const opening = twin.open(url);
      twin.send("too early");
      await opening;
      await twin.close(1000, "");
    }),
  },
};
