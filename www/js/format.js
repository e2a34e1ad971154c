// Numbers as people read them.

export const count = (number) => number.toLocaleString("en", { maximumFractionDigits: 0 });

export function bytes(number) {
  return `${count(number)} ${number === 1 ? "byte" : "bytes"}`;
}

/** A size in the largest unit that keeps it at least 1. */
export function size(number) {
  const [unit, divisor] =
    number >= 1 << 20 ? ["MiB", 1 << 20] : number >= 1 << 10 ? ["KiB", 1 << 10] : ["B", 1];
  return `${(number / divisor).toLocaleString("en", { maximumFractionDigits: 1 })} ${unit}`;
}

/** Milliseconds with three digits that matter. */
export function milliseconds(number) {
  return `${Number(number.toPrecision(3))} ms`;
}
