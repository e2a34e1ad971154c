// What the platform tells of the network and the page, as commands of the core.

import { Command } from "../border/reconnect_link.js";
import { hearPlace } from "../platform.js";

const COMMANDS: Readonly<Record<string, number>> = {
  online: Command.online,
  offline: Command.offline,
  pageshow: Command.resumed,
  resume: Command.resumed,
  visibilitychange: Command.resumed,
};

interface Places {
  document?: { visibilityState: string };
}

export class Hints {
  readonly #command: (command: number) => void;
  #deaf: (() => void) | undefined;

  constructor(command: (command: number) => void) {
    this.#command = command;
  }

  /** A worker is told of the network only. */
  listen(): void {
    this.stop();
    this.#deaf = hearPlace(Object.keys(COMMANDS), ({ type }) => this.#hear(type));
  }

  stop(): void {
    this.#deaf?.();
    this.#deaf = undefined;
  }

  #hear(type: string): void {
    const { document } = globalThis as Places;
    if (type == "visibilitychange" && document?.visibilityState != "visible") {
      return;
    }
    // Not from within what dispatches it.
    queueMicrotask(() => this.#deaf && this.#command(COMMANDS[type] as number));
  }
}
