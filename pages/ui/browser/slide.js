// A slide of charts, 1920 x 1080: their title, what was asked, the charts, and at the foot where they come from; as SVG or as PNG.
//
// It is drawn anew of the figures that the page shows, in the page's colours. The page's font is a file that the app serves; it goes
// into the picture, which looks the same wherever it is opened. Signs that this font does not have are those of the reader's own. Where
// the page reads from the right, so does the slide: its lines begin there, and the first of several charts stands there.

import { figure as broken, letters, words } from "./breaks.js";
import { spaced } from "./legend.js";

const SVG = "http://www.w3.org/2000/svg";
export const WIDTH = 1920;
export const HEIGHT = 1080;
const PAD = 48;
const GAP = 24;
const FOOT = 20;
const LINE = 1.25;
/** Letters of a chart are at most so many times as large as on the page. */
const LARGEST = 2;
/** What would leave half of the slide empty is drawn up to so many times as high as on the page; never lower, its texts need their room. */
const HIGHEST = 1.35;
/** A chart alone, where the page has more room, is drawn for no less than this, unless it was laid out for more. */
const ALONE = 904;

/** The slide as the text of an SVG file. */
export async function svg({ pictures, title, asked, source, place }) {
  const style = getComputedStyle(place);
  const family = style.fontFamily;
  const { direction } = style;
  const turned = direction === "rtl";
  const ink = style.getPropertyValue("--st-text-color").trim() || style.color;
  const paper = style.getPropertyValue("--st-background-color").trim() || "#ffffff";
  const face = await font(family);
  await Promise.all([600, 400].map((weight) => document.fonts.load(`${weight} 40px ${family}`)));
  // The charts' texts are placed from their left ends, also where the picture is set into a page that reads from the right.
  const root = make("svg", { xmlns: SVG, width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, direction: "ltr" });
  root.append(make("title", {}, title), make("style", {}, face), make("rect", { width: WIDTH, height: HEIGHT, fill: paper }));
  let top = PAD;
  const write = (text, size, weight, most, opacity) => {
    for (const line of lines(text, `${weight} ${size}px ${family}`, WIDTH - 2 * PAD, most)) {
      top += size * LINE;
      root.append(make("text", {
        x: turned ? WIDTH - PAD : PAD, y: top - size * 0.3, direction, fill: ink, "fill-opacity": opacity,
        "font-family": family, "font-size": size, "font-weight": weight,
      }, line));
    }
  };
  write(title, 42, 600, 2, 1);
  top += 4;
  write(asked, 23, 400, 2, 0.78);
  top += GAP;
  const foot = HEIGHT - PAD - FOOT * LINE;
  await place_charts(root, pictures, { x: PAD, y: top, width: WIDTH - 2 * PAD, height: foot - GAP - top }, turned);
  top = foot;
  write(source, FOOT, 400, 1, 0.78);
  return new XMLSerializer().serializeToString(root);
}

/** The slide as a PNG file. */
export async function png(slide) {
  const address = URL.createObjectURL(new Blob([await svg(slide)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = HEIGHT;
    canvas.getContext("2d").drawImage(image, 0, 0, WIDTH, HEIGHT);
    return await new Promise((made, failed) => {
      canvas.toBlob((blob) => (blob ? made(blob) : failed(new Error("no picture"))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** The charts in as many columns as show them largest, the first of each row at the right where the page is `turned`. */
async function place_charts(root, pictures, room, turned) {
  const charts = pictures.map((key) => document.querySelector(`.st-key-picture_${CSS.escape(key)} .fl-chart`)).filter((chart) => chart?.told);
  if (!charts.length) return;
  const widest = Math.max(...charts.map((chart) => chart.clientWidth || ALONE));
  const cell = charts.length === 1 ? Math.min(widest, Math.max(ALONE, charts[0].told.room ? 0 : charts[0].told.narrow)) : widest;
  const [{ across, rows, stretch, zoom }] = charts.map((_, place) => grid(charts, place + 1, cell, room)).sort((one, other) => other.zoom - one.zoom);
  const width = Math.floor((room.width / zoom - (across - 1) * GAP) / across);
  let { y } = room;
  for (const row of rows) {
    let deepest = 0;
    for (const [column, { told }] of row.entries()) {
      const height = Math.floor(told.height * stretch);
      const chart = await picture(told, width, height);
      const begins = (turned ? across - 1 - column : column) * (width + GAP) * zoom;
      const at = { x: room.x + begins, y, width: width * zoom, height: height * zoom };
      for (const [name, value] of Object.entries({ ...at, viewBox: `0 0 ${width} ${height}` })) chart.setAttribute(name, value);
      root.append(chart);
      deepest = Math.max(deepest, height);
    }
    y += (deepest + GAP) * zoom;
  }
}

/** So many charts beside each other: in which rows, how much they are stretched in height, and how large they are then. */
function grid(charts, across, cell, room) {
  const rows = [];
  for (let first = 0; first < charts.length; first += across) rows.push(charts.slice(first, first + across));
  const high = rows.reduce((sum, row) => sum + Math.max(...row.map(({ told }) => told.height)), 0);
  const wide = Math.min(LARGEST, room.width / (across * cell + (across - 1) * GAP));
  const left = (zoom) => room.height / zoom - (rows.length - 1) * GAP;
  const stretch = Math.min(HIGHEST, Math.max(1, left(wide) / high));
  return { across, rows, stretch, zoom: Math.min(wide, room.height / (high * stretch + (rows.length - 1) * GAP)) };
}

/** One chart as a node of SVG. */
async function picture(told, width, height) {
  const { data, layout } = broken(told.figure);
  const figure = { data: spaced(data, width), layout: { ...layout, width, height }, config: told.config };
  const text = await window.Plotly.toImage(figure, { format: "svg", width, height, imageDataOnly: true });
  return document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
}

let faces;

/** The upright letters of the page's first font, as a rule of CSS with the file in it; "" where it is one of the system's own. */
function font(family) {
  const name = plain(family.split(",")[0]);
  faces ??= (async () => {
    for (const sheet of document.styleSheets) {
      for (const rule of rules(sheet)) {
        if (!(rule instanceof CSSFontFaceRule) || plain(rule.style.fontFamily) !== name || rule.style.fontStyle === "italic") continue;
        const address = /url\("?([^")]+)"?\)/.exec(rule.style.src)?.[1];
        if (!address) continue;
        const answer = await fetch(new URL(address, sheet.href ?? document.baseURI));
        const file = await data_address(await answer.blob());
        return `@font-face { font-family: "${name}"; font-weight: ${rule.style.fontWeight || 400}; src: url(${file}) format("woff2"); }`;
      }
    }
    return "";
  })();
  return faces;
}

function rules(sheet) {
  try {
    return sheet.cssRules;
  } catch {
    return [];
  }
}

const plain = (name) => name.trim().replace(/^["']|["']$/g, "");

function data_address(blob) {
  return new Promise((read, failed) => {
    const reader = new FileReader();
    reader.onload = () => read(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(blob);
  });
}

/** A text in lines of this width at most, of whole words; what is left after the `most` of them becomes an ellipsis. */
function lines(text, font, width, most) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const fits = (line) => pen.measureText(line).width <= width;
  const found = [];
  let rest = text.trim();
  while (rest && found.length < most) {
    let line = rest;
    if (!fits(line)) {
      const last = found.length === most - 1;
      const end = longest(rest, (part) => fits(last ? `${part}…` : part));
      line = rest.slice(0, breaking(rest, end));
      if (last) line = `${line.trimEnd()}…`;
    }
    found.push(line);
    rest = rest.slice(line.length).trim();
  }
  return found;
}

/** Where a line of at most so many signs ends: at a blank, where none is near between two words, else between two letters. */
function breaking(text, end) {
  const blank = text.lastIndexOf(" ", end);
  return blank > end / 2 ? blank : ending(words(text), end) || ending(letters(text), end) || end;
}

/** How many signs the first of these parts have, as many parts as have at most `end`. */
function ending(parts, end) {
  let signs = 0;
  for (const part of parts) {
    if (signs + part.length > end) break;
    signs += part.length;
  }
  return signs;
}

/** How many signs of the text fit; at least one. */
function longest(text, fits) {
  let [low, high] = [1, text.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(text.slice(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function make(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (key !== "xmlns") node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}
