// A chart of medians as bars with their single rounds as dots, each group on a scale of its own.

import { key, SERIES, text } from "./chart.js";
import { svg } from "./dom.js";
import { median } from "./statistics.js";

const TOP = 30;
const LEFT = 56;
const RIGHT = 76;
const BAR = 20;
const GAP = 4;
const GROUP = 2 * BAR + GAP + 24;

/** `groups` are `{ label, raw, ours }` with the values of each series. */
export function bars(width, groups) {
  const height = TOP + groups.length * GROUP;
  const parts = groups.flatMap((group, index) => drawGroup(group, TOP + index * GROUP, width));
  return { height, parts: [...key(LEFT, 12), ...parts] };
}

function drawGroup(group, y, width) {
  const most = Math.max(1, ...group.raw, ...group.ours);
  const reach = width - LEFT - RIGHT;
  const parts = [text(0, y + BAR + GAP / 2 + 4, group.label)];
  Object.keys(SERIES).forEach((name, index) => {
    const values = group[name];
    const top = y + index * (BAR + GAP);
    if (values.length === 0) {
      parts.push(svg("line", { x1: LEFT, x2: LEFT, y1: top, y2: top + BAR, class: "grid" }));
      return;
    }
    const middle = median(values);
    const length = (middle / most) * reach;
    parts.push(
      svg("rect", { x: LEFT, y: top, width: length, height: BAR, rx: 3, class: `${name} area` }),
      ...values.map((value) =>
        svg("circle", {
          cx: LEFT + (value / most) * reach,
          cy: top + BAR / 2,
          r: 2.5,
          class: `${name} dot`,
        }),
      ),
      text(width - RIGHT + 12, top + BAR / 2 + 4, `${rounded(middle)}/s`, { class: "value" }),
    );
  });
  return parts;
}

/** Three digits say enough. */
function rounded(value) {
  return Number(value.toPrecision(3)).toLocaleString("en");
}
