// The texts around a chart, written by the browser itself: Plotly measures each one that it writes, which takes it as long as all the
// rest of a redraw. What stands where is the same.

const SVG = "http://www.w3.org/2000/svg";
const SIDES = { left: "start", center: "middle", right: "end" };
const HEIGHTS = { top: "text-before-edge", middle: "central", bottom: "text-after-edge" };
const LINE = 1.3;
/** Plotly's own room around a text: a border and a padding of a pixel each. */
const FRAME = 2;

/** Whether all notes are such as `write` writes: without a box, a slant, an arrow or a hover, several lines only to their own side. */
export function plain(notes) {
  return notes.every((note) => note.showarrow === false && SIDES[note.xanchor] && HEIGHTS[note.yanchor]
    && !note.bgcolor && !note.hovertext && !note.textangle && ["paper", "x"].includes(note.xref) && ["paper", "y"].includes(note.yref)
    && (!note.text.includes("<br>") || note.align === note.xanchor));
}

/** The notes in place of those of before, under what a hover shows. */
export function write(picture, notes) {
  const full = picture._fullLayout;
  const paper = full._paper.node();
  const layer = paper.querySelector(":scope > .fl-notes") ?? paper.appendChild(document.createElementNS(SVG, "g"));
  layer.setAttribute("class", "fl-notes");
  layer.replaceChildren(...notes.map((note) => text(note, full)));
}

function text(note, full) {
  const written = document.createElementNS(SVG, "text");
  const size = note.font?.size ?? full.font.size;
  const aside = { left: FRAME, center: 0, right: -FRAME }[note.xanchor];
  const x = left(note, full) + (note.xshift ?? 0) + aside;
  const lines = parts(note.text);
  const up = { top: 0, middle: (lines.length - 1) / 2, bottom: lines.length - 1 }[note.yanchor];
  const y = top(note, full) - (note.yshift ?? 0) + { top: FRAME, middle: 0, bottom: -FRAME }[note.yanchor];
  written.setAttribute("class", "annotation-text");
  written.setAttribute("text-anchor", SIDES[note.xanchor]);
  written.setAttribute("dominant-baseline", HEIGHTS[note.yanchor]);
  written.setAttribute("x", x);
  Object.assign(written.style, { fontFamily: full.font.family, fontSize: `${size}px`, fill: note.font?.color ?? full.font.color, whiteSpace: "pre" });
  lines.forEach((line, place) => {
    const row = document.createElementNS(SVG, "tspan");
    row.setAttribute("x", x);
    row.setAttribute("y", y + (place - up) * LINE * size);
    row.append(...line);
    written.append(row);
  });
  return written;
}

function left({ xref, x }, { _size, xaxis }) {
  return xref === "paper" ? _size.l + x * _size.w : xaxis._offset + xaxis.d2p(x);
}

function top({ yref, y }, { _size, yaxis }) {
  return yref === "paper" ? _size.t + (1 - y) * _size.h : yaxis._offset + yaxis.d2p(y);
}

/** The lines of a text in Plotly's few tags; each a list of pieces, of which none is more than text, weight, colour and size. */
function parts(told) {
  const lines = [[]];
  const walk = (node, style) => {
    if (node.nodeType === Node.TEXT_NODE) {
      const piece = document.createElementNS(SVG, "tspan");
      piece.textContent = node.data;
      Object.assign(piece.style, style);
      lines.at(-1).push(piece);
    } else if (node.nodeName === "BR") {
      lines.push([]);
    } else {
      const { color, fontSize } = node.style ?? {};
      const own = { ...style, ...(color && { fill: color }), ...(fontSize && { fontSize }), ...(node.nodeName === "B" && { fontWeight: "bold" }) };
      node.childNodes.forEach((child) => walk(child, own));
    }
  };
  new DOMParser().parseFromString(told, "text/html").body.childNodes.forEach((node) => walk(node, {}));
  return lines;
}
