// The same for a connection that comes back.

import type { CoreCode, CoreExports, ReconnectExports } from "../core/contract.js";
import { type QWebSocketError, textOf } from "../errors.js";
import type { Feature } from "../types.js";
import { lengthOf, type Message } from "./convert.js";
import { Link, linesOf, type Request } from "./link.js";
import type { Parcel } from "./instance.js";
import type { Linked } from "./linked.js";
import type { Converted } from "./options.js";

/** Commands of the core that take and give numbers. */
export const Command = {
  acknowledge: 0,
  unwritten: 1,
  reconnectNow: 2,
  setOnline: 3,
  online: 4,
  offline: 5,
  resumed: 6,
} as const;

/** Verdicts, as the core's numbers; others are milliseconds. */
export const RETRY = 0;
export const GIVE_UP = -1;
/** Less than one millisecond is none, and yet not `RETRY`. */
export const IMMEDIATELY = 0.5;

const QUEUE = 1 << 20;

export class ReconnectLink extends Link {
  /** `first` is the number of its first message. */
  constructor(
    linked: Linked,
    options: Converted,
    features: readonly Feature[],
    code: CoreCode,
    first: number,
  ) {
    super(linked, options, features, code);
    const number = (name: string, otherwise: number) => (options[name] ?? otherwise) as number;
    this.#quietly((core) =>
      core.again(
        this.id,
        number("firstDelay", 500),
        number("maximumDelay", 30_000),
        number("attempts", Infinity),
        number("uptime", 10_000),
        number("seed", NaN),
        number("queue", QUEUE),
        options["whenFull"] == "dropOldest",
        first,
      ),
    );
  }

  /** The answer to the request for one. */
  answer(url: string, request: Request): void {
    const { lines, names, hasOrigin } = linesOf(url, request);
    this.#quietly((core) => core.answer(this.id, lines, names, hasOrigin));
  }

  /** There is none, because of this. */
  refuse(isHopeless: boolean, error: unknown): void {
    this.#quietly((core) => core.refuse(this.id, isHopeless, textOf(error)));
  }

  push(message: Message): number {
    const { id } = this;
    const parcel: Parcel = { message, isHandedOver: false, link: id };
    const added = this.instance.parcels.add(parcel);
    const length = lengthOf(message);
    parcel.number = this.checked((core) => (core as ReconnectExports).push(id, added, length));
    return parcel.number;
  }

  command(command: number, number: number = 0): number {
    return this.checked((core) => (core as ReconnectExports).command(this.id, command, number));
  }

  /** Each is found once, since the same one may be sent several times. */
  override parcelOf(message: Message): Parcel | undefined {
    const all = [...this.instance.parcels.values()];
    const found = all.find(
      (parcel) => parcel.link == this.id && parcel.message == message && !parcel.isRefused,
    );
    if (found) {
      found.isRefused = true;
    }
    return found;
  }

  /** After a trap: what was accepted and is not known to be written. */
  get survivors(): Parcel[] {
    const all = [...this.instance.parcels.values()];
    return all.filter(({ link, number }) => link == this.id && number !== undefined);
  }

  takeUnsent(): [number: number, message: Message][] {
    const { instance } = this;
    instance.taken = [];
    this.checked((core) => (core as ReconnectExports).take_unsent(this.id));
    return instance.taken;
  }

  /** What the last event carries. */
  get first(): number {
    return this.quietly((core) => (core as ReconnectExports).first(this.id), 0);
  }
  get second(): number {
    return this.quietly((core) => (core as ReconnectExports).second(this.id), 0);
  }
  get carried(): QWebSocketError | undefined {
    this.#quietly((core) => core.carried(this.id));
    return this.explained(this.instance.takeError());
  }

  #quietly(call: (core: ReconnectExports) => void): void {
    this.quietly((core: CoreExports) => call(core as ReconnectExports), undefined);
  }
}
