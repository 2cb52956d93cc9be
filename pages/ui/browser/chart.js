// A Plotly chart that stays where it is when its data change: the same picture is redrawn, not a new one put in its place.

import { figure } from "./breaks.js";
import { spaced, turn } from "./legend.js";
import { plain, write } from "./notes.js";

const EASED_BARS = 400;
const SETTLE_MS = 60;
const STEP = 20;
/** Of fewer pixels is no place for a chart: the page is still being laid out. */
const LEAST = 60;

let asked;

/** Plotly, fetched once a page from the app itself. */
function plotly(address) {
  asked ??= new Promise((found, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => found(window.Plotly);
    script.onerror = () => {
      asked = undefined;
      failed(new Error(`${address} could not be loaded`));
    };
    document.head.append(script);
  });
  return asked;
}

/** Have Plotly here before the first chart is. */
export async function warm(address) {
  await plotly(address);
}

/** Whether anything is left between the margins; Plotly fails where nothing is. */
function hasRoom({ margin }, width) {
  return width > (margin?.l ?? 0) + (margin?.r ?? 0);
}

class Chart {
  constructor(parent) {
    this.parent = parent;
    this.picture = document.createElement("div");
    this.picture.className = "fl-chart";
    this.picture.setAttribute("role", "figure");
    parent.append(this.picture);
    this.watch = new ResizeObserver(() => this.fit());
    this.watch.observe(parent);
    document.dispatchEvent(new Event("fl-chart"));
  }

  async show(told, answer) {
    this.answer = answer;
    if (this.told?.drawing === told.drawing && this.told.alt === told.alt && this.told.chosen === told.chosen
      && this.told.room === told.room) return;
    this.told = told;
    // What slide.js draws.
    this.picture.told = told;
    this.picture.style.height = `${told.height}px`;
    this.picture.setAttribute("aria-label", told.alt);
    this.Plotly = await plotly(told.program);
    if (this.told === told) this.draw();
  }

  /** Draw what was told last; where there is no room yet (a closed box), the first room that there is draws it. */
  draw() {
    const { told, picture, Plotly } = this;
    const width = this.parent.clientWidth;
    if (width < LEAST || this.drawn === told) return;
    if (this.drawnForAnother(width)) return;
    const { data, layout } = figure(told.figure);
    if (!hasRoom(layout, width)) return;
    const first = !this.drawn;
    this.drawn = told;
    picture.classList.toggle("fl-eases", !first && this.alike(data, layout));
    // The numbers under the mouse are those of before.
    if (picture._hoverdata) Plotly.Fx.unhover(picture);
    this.notes = plain(layout.annotations ?? []) ? layout.annotations : undefined;
    Plotly.react(picture, spaced(data, width), {
      ...layout,
      ...(this.notes && { annotations: [] }),
      width,
      clickmode: told.chosen ? "event+select" : "event",
      // What was chosen is forgotten with the numbers that it was chosen of; the view of the axes is kept.
      selectionrevision: told.drawing,
    }, this.config());
    if (this.notes) write(picture, this.notes);
    else picture.querySelector(".fl-notes")?.remove();
    turn(picture);
    if (first) picture.on("plotly_afterplot", () => turn(picture));
    if (first && told.chosen) {
      picture.on("plotly_selected", (event) => event && this.choose(event.points.map((point) => point.customdata)));
      picture.on("plotly_deselect", () => this.choose([]));
    }
  }

  /** Whether the figure was laid out for another width than there is; then it is asked for anew, once. */
  drawnForAnother(width) {
    const { room, narrow, small } = this.told;
    const own = width < narrow ? Math.floor(width / STEP) * STEP : null;
    if (own === (room ?? null) || this.asked === own) return false;
    this.asked = own;
    this.answer("measured", { room: own, small: window.innerWidth < small });
    return true;
  }

  /** How Plotly behaves. Always the same object: for another one Plotly draws all anew. */
  config() {
    const { config } = this.told;
    const said = JSON.stringify(config);
    if (this.said !== said) {
      this.said = said;
      this.behaves = { ...config, responsive: false };
    }
    return this.behaves;
  }

  /** Whether the bars of before can move to their new places: as many rows of the same kind, and few enough. */
  alike(data, layout) {
    const before = this.picture.data;
    return before.length === data.length && this.picture.layout.height === layout.height
      && data.every((trace, place) => trace.type === before[place].type)
      && this.picture.querySelectorAll(".bars .point").length <= EASED_BARS;
  }

  choose(behind) {
    this.answer("chosen", { drawing: this.told.drawing, behind });
  }

  fit() {
    clearTimeout(this.soon);
    if (!this.Plotly) return;
    if (this.drawn !== this.told) return this.draw();
    this.soon = setTimeout(() => {
      const width = this.parent.clientWidth;
      if (width < LEAST || width === this.picture.layout.width || this.drawnForAnother(width)) return;
      if (!hasRoom(this.picture.layout, width)) return;
      this.picture.classList.remove("fl-eases");
      this.Plotly.relayout(this.picture, { width }).then(() => this.notes && write(this.picture, this.notes));
    }, SETTLE_MS);
  }

  remove() {
    clearTimeout(this.soon);
    this.watch.disconnect();
    this.told = undefined;
    this.Plotly?.purge(this.picture);
    this.picture.remove();
  }
}

const charts = new WeakMap();

// With each new figure Streamlit adds this file to the page as a script again, and waits for it behind all that the page has to do
// by then. It is here already.
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node.src === import.meta.url) node.dispatchEvent(new Event("load"));
  }
}).observe(document.head, { childList: true });

export default function ({ parentElement, data, setStateValue }) {
  const chart = charts.get(parentElement) ?? new Chart(parentElement);
  charts.set(parentElement, chart);
  chart.show(data, setStateValue);
  return () => {
    // Also called when newer data came while these were on their way: then the chart stays.
    if (parentElement.isConnected) return;
    charts.delete(parentElement);
    chart.remove();
  };
}
