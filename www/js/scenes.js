// What happens to both sockets, side by side.

import { restartServer } from "./server.js";

const LARGE = 4 << 20;
/** Nobody listens there, and no browser forbids it. */
const NOBODY = "65535";
const BREAK = 300;

/** Plays the same on each socket, and waits for all of them. */
const alike = (part) => (sockets, url) => Promise.all(sockets.map((socket) => part(socket, url)));

export const SCENES = {
  exchange: {
    words:
      "Both connect, send a text and three bytes, and close. Ours also tells its states and what was written.",
    play: alike(async (socket, url) => {
      await socket.open(url);
      socket.send("grüß Gott");
      await socket.message();
      socket.send(Uint8Array.of(0xca, 0xfe, 0x00));
      await socket.message();
      await socket.close(1000, "bye");
    }),
  },
  large: {
    words:
      "4 MiB to the server and back. The browser’s socket is silent until they are back; ours tells what has left.",
    play: alike(async (socket, url) => {
      await socket.open(url);
      socket.send(new Uint8Array(LARGE));
      await socket.message();
      await socket.close(1000, "");
    }),
  },
  close: {
    words:
      "Both close with code 4000 and a reason. Ours announces it, and waits for the answer only so long.",
    play: alike(async (socket, url) => {
      await socket.open(url);
      await socket.close(4000, "enough");
    }),
  },
  refused: {
    words:
      "A port where nobody listens. Both learn little from the browser; ours says it once, as an error with a kind.",
    play: alike(async (socket, url) => {
      const nobody = new URL(url);
      nobody.port = NOBODY;
      await socket.open(nobody.href);
    }),
  },
  lost: {
    words:
      "The server dies with the connections open. Ours tells a lost connection from a closed one.",
    play: async (sockets, url) => {
      await Promise.all(sockets.map((socket) => socket.open(url)));
      const over = sockets.map((socket) => socket.over());
      await restartServer(BREAK);
      await Promise.all(over);
    },
  },
  wrong: {
    words:
      "A message before there is a connection. Both refuse it; ours with an error of the same family as all others.",
    play: alike(async (socket, url) => {
      const opening = socket.open(url);
      socket.send("too early");
      await opening;
      await socket.close(1000, "");
    }),
  },
};
