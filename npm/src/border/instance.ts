// One instance of the core: the tables of what it names by numbers, alive, or dead after a trap.

import { QWebSocketError, report } from "../errors.js";
import type { CoreCode, CoreExports, Host } from "../core/contract.js";
import { moduleOf } from "../core/module.js";
import { coding, hearPlace } from "../platform.js";
import type { Wire } from "../runtimes/wire.js";
import type { Ending } from "../types.js";
import type { Cancelable } from "./alarm.js";
import type { Message } from "./convert.js";
import type { Linked } from "./linked.js";

/** Things by numbers, which count from 1. */
class Numbered<T> extends Map<number, T> {
  #last = 0;

  add(thing: T): number {
    this.set(++this.#last, thing);
    return this.#last;
  }
}

/** A message in the core's queue. */
export interface Parcel {
  readonly message: Message;
  /** Whether the runtime has it. */
  isHandedOver: boolean;
  /** Whether it turned out then that it cannot be sent. */
  isRefused?: boolean;
  /** Whose it is, and its number once it was accepted. */
  readonly link: number;
  number?: number;
}

/** Whether the page is back. A worker tells none of these (HTML §7.4.6.2; Page Lifecycle §4.1). */
const RETURNS: Readonly<Record<string, boolean>> = {
  pagehide: false,
  freeze: false,
  pageshow: true,
  resume: true,
};

/** How a connection was closed, and the peer's own close frame. */
export type End = Pick<Ending, "closeCode" | "closeReason" | "peerCloseCode" | "peerCloseReason">;

/** Of what has not ended. */
export const NO_END: End = {
  closeCode: undefined,
  closeReason: "",
  peerCloseCode: undefined,
  peerCloseReason: "",
};

export class Instance {
  readonly core: CoreExports;
  readonly links: Map<number, Linked> = new Map();
  readonly wires: Numbered<Wire> = new Numbered();
  readonly parcels: Numbered<Parcel> = new Numbered();
  readonly timers: Numbered<Cancelable> = new Numbered();
  /** What the core has told last: an error, a reason, messages; what the runtime has thrown. */
  told: QWebSocketError | undefined;
  said = "";
  taken: [number: number, message: Message][] = [];
  thrown: unknown;
  /** Why there is no socket. */
  refusal: unknown;
  /** The message that is being sent, and its length in bytes where that was counted. */
  outgoing: Message = "";
  outgoingLength = 0;
  readonly #bury: (instance: Instance) => void;
  #cause: QWebSocketError | undefined;
  readonly #deaf: () => void;
  /** How many calls of the core are under way, one within the other. */
  #depth = 0;
  /** What must not run beneath the core. */
  #later: (() => void)[] = [];

  /** `bury` is called when it has died. */
  constructor(code: CoreCode, host: (instance: Instance) => Host, bury: (dead: Instance) => void) {
    const glue = code.glue(host(this), coding());
    this.#bury = bury;
    this.core = glue.use(new WebAssembly.Instance(moduleOf(code), glue.imports));
    this.#deaf = hearPlace(Object.keys(RETURNS), ({ type }) => this.#page(RETURNS[type] === true));
  }

  /** Whether the core is being called: then it must not be called again for what has happened. */
  get isBusy(): boolean {
    return this.#depth > 0;
  }

  get isDead(): boolean {
    return this.#cause !== undefined;
  }

  /** Calls the core. Whatever comes out of it as an exception is a trap. */
  call<R>(run: (core: CoreExports) => R): R {
    if (this.#cause) {
      throw this.#cause;
    }
    this.enter();
    try {
      return run(this.core);
    } catch (error) {
      throw this.#die(error);
    } finally {
      this.leave();
    }
  }

  /** How a connection ended. */
  endOf(link: number): End {
    const closed = (byPeer: boolean) => {
      this.said = "";
      const code = this.call((core) => core.closed(link, byPeer)) || undefined;
      return [code, this.said] as const;
    };
    const [closeCode, closeReason] = closed(false);
    const [peerCloseCode, peerCloseReason] = closed(true);
    return { closeCode, closeReason, peerCloseCode, peerCloseReason };
  }

  /** Runs something now, or when the core is not being called any more. */
  later(run: () => void): void {
    this.#later.push(run);
    if (!this.#depth) {
      this.#settle();
    }
  }

  /** A timer is over. Who is told of a trap is told by it. */
  ring(link: number, alarm: number): void {
    this.later(() => {
      if (!this.isDead) {
        this.links.get(link)?.catchUp();
        this.call((core) => core.timer_fired(link, alarm));
      }
    });
  }

  /** Takes the error that the core has told last. */
  takeError(): QWebSocketError | undefined {
    const error = this.told;
    this.told = undefined;
    return error;
  }

  /** The page leaves, or is back: no timer runs meanwhile, and nobody can be heard. */
  #page(returns: boolean): void {
    for (const [link, linked] of this.links) {
      this.later(() => {
        if (this.links.has(link)) {
          linked.catchUp();
          this.call((core) => core.page(link, returns));
        }
      });
    }
  }

  /** Until {@link leave}, what happens waits as if the core were being called. */
  enter(): void {
    this.#depth++;
  }

  leave(): void {
    this.#depth--;
    if (!this.#depth && this.#later.length) {
      this.#settle();
    }
  }

  #settle(): void {
    let run;
    while ((run = this.#later.shift())) {
      try {
        run();
      } catch (error) {
        report(error);
      }
    }
  }

  #die(error: unknown): QWebSocketError {
    if (!this.#cause) {
      this.#cause = new QWebSocketError("Connection", `the core has stopped: ${error}`, {
        cause: error,
      });
      const cause = this.#cause;
      this.#bury(this);
      this.#deaf();
      this.timers.forEach((timer) => timer.cancel());
      this.timers.clear();
      for (const linked of this.links.values()) {
        this.#later.push(() => linked.died(cause));
      }
    }
    return this.#cause;
  }
}
