// A chart of how many of the values are at most so large.

import { key, SERIES, text, ticks } from "./chart.js";
import { svg } from "./dom.js";
import { quantile } from "./statistics.js";

const HEIGHT = 234;
const [TOP, RIGHT, BOTTOM, LEFT] = [30, 12, 38, 44];
const POINTS = 100;
/** The slowest few would squeeze all others. */
const SHOWN = 0.95;

/** `data` are `{ raw, ours }` with the values of each series. */
export function curves(width, data) {
  const sorted = Object.keys(SERIES)
    .filter((name) => data[name].length > 0)
    .map((name) => [name, [...data[name]].sort((a, b) => a - b)]);
  const most = Math.max(...sorted.map(([, values]) => quantile(values, SHOWN)), 0.1);
  const x = (value) => LEFT + (value / most) * (width - LEFT - RIGHT);
  const y = (share) => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  return {
    height: HEIGHT,
    parts: [
      ...key(LEFT, 12),
      ...[0, 0.5, 1].flatMap((share) => [
        svg("line", { x1: LEFT, x2: width - RIGHT, y1: y(share), y2: y(share), class: "grid" }),
        text(LEFT - 8, y(share) + 4, `${share * 100} %`, { "text-anchor": "end" }),
      ]),
      ...ticks(most).map((value) =>
        text(x(value), HEIGHT - BOTTOM + 18, Number(value.toPrecision(3)), {
          "text-anchor": "middle",
        }),
      ),
      text(width - RIGHT, HEIGHT - 2, "milliseconds", { "text-anchor": "end" }),
      ...sorted.map(([name, values]) =>
        svg("path", { d: path(values, x, y), class: `${name} curve` }),
      ),
    ],
  };
}

function path(values, x, y) {
  const points = Array.from({ length: POINTS + 1 }, (_, index) => (index / POINTS) * SHOWN);
  return points
    .map((share, index) => {
      const [across, up] = [x(quantile(values, share)), y(share)];
      return `${index === 0 ? "M" : "L"}${across.toFixed(1)} ${up.toFixed(1)}`;
    })
    .join("");
}
