// What all charts share: a drawing as wide as its box, made anew when the box or the data changes.

import { svg } from "./dom.js";

export const SERIES = { raw: "WebSocket", ours: "QWebSocket" };

/**
 * Puts a drawing into the box. `draw(width, data)` returns its height and what is in it; the
 * result takes new data, and words for those who do not see it.
 */
export function chart(box, draw, data, words) {
  let [shown, label] = [data, words];
  const paint = () => {
    const width = box.clientWidth;
    if (width === 0) {
      return;
    }
    const { height, parts } = draw(width, shown);
    const attributes = { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label };
    box.replaceChildren(svg("svg", attributes, ...parts));
  };
  new ResizeObserver(paint).observe(box);
  return (data, words = label) => {
    [shown, label] = [data, words];
    paint();
  };
}

export const text = (x, y, words, attributes = {}) => svg("text", { x, y, ...attributes }, words);

/** The names of the series beside their colours. */
export function key(x, y) {
  return Object.entries(SERIES).flatMap(([name, words], index) => {
    const left = x + index * 110;
    return [
      svg("rect", { x: left, y: y - 9, width: 10, height: 10, rx: 2, class: `${name} key` }),
      text(left + 16, y, words),
    ];
  });
}

/** Round numbers from 0 up to `most`, a handful of them. */
export function ticks(most) {
  const rough = most / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, index) => index * step);
}
