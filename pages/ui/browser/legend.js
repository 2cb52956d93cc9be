// Plotly's legend sets each mark as near to the name before it as to its own, and always in front of it from the left. Here each name has
// room behind it, and on pages that read from the right marks and names stand as they are read.

/** As wide as a letter, between a name and the next mark. */
const ROOM = "\u2002";
const fromTheRight = () => document.documentElement.dir === "rtl";

/** In fewer pixels each entry has a line of its own, and needs all of it. */
const NARROW = 480;

/** The traces, with room between what the legend says of them in a chart of so many pixels. */
export function spaced(data, width) {
  if (width < NARROW) return data;
  const after = !fromTheRight();
  return data.map((trace) => (trace.name ? { ...trace, name: after ? trace.name + ROOM : ROOM + trace.name } : trace));
}

/** Turn the drawn legend of a page that reads from the right; one of other pages stays. */
export function turn(picture) {
  if (!fromTheRight()) return;
  for (const legend of picture.querySelectorAll(".legend")) {
    const entries = [...legend.querySelectorAll(".traces")].map(placed);
    const width = Math.max(...entries.map((entry) => entry.x + entry.width));
    for (const { entry, x, y, width: own } of entries) {
      entry.style.transform = `translate(${width - x - own}px, ${y}px)`;
      for (const part of entry.querySelectorAll(".legendtext, .layers")) {
        // As drawn, its left edge stands at `from`: its right edge is to be as far from the right one of the entry.
        const { x: edge, width: wide } = part.getBBox();
        const from = edge + moved(part).e;
        part.style.transform = `translateX(${own - from - wide - edge}px)`;
      }
    }
  }
}

/** Where Plotly has moved a part to. */
function moved(part) {
  return part.transform.baseVal.consolidate()?.matrix ?? { e: 0, f: 0 };
}

function placed(entry) {
  const { e: x, f: y } = moved(entry);
  return { entry, x, y, width: Number(entry.querySelector(".legendtoggle")?.getAttribute("width") ?? 0) };
}
