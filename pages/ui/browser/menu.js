// The Export menu of a chart: its table and query, files of both, its picture for a slide, copies, and the page on paper.
// Every text comes from the page and is written as text, never as markup.

import { onPaper } from "./paper.js";
import { png, svg } from "./slide.js";

const STYLE = `
.fl-menu { display: flex; align-items: center; justify-content: end; gap: 0.4rem; font-family: var(--st-font); font-size: 0.87rem; color: var(--st-text-color); }
.fl-menu > button { font: inherit; color: inherit; opacity: 0.75; cursor: pointer; border: 0; border-radius: 6px; background: transparent;
  min-width: 28px; min-height: 28px; padding: 0 0.5rem; white-space: nowrap; }
.fl-menu > button:is(:hover, [aria-expanded="true"]) { opacity: 1; background: color-mix(in srgb, currentColor 8%, transparent); }
.fl-menu b { font-size: 1.15rem; line-height: 1; letter-spacing: 0.06em; }
.fl-menu > button:focus-visible, .fl-menu [role^="menuitem"]:focus-visible { outline: 2px solid var(--fl-ring); outline-offset: -2px; }
.fl-menu-cornered { position: absolute; z-index: 3; inset-block-start: 0; inset-inline-end: 0; }
.fl-menu-cornered > button { padding: 0; }
.fl-menu-cornered > button span { position: absolute; clip-path: inset(50%); }
.fl-menu-cornered > [role="status"] { order: -1; background: var(--st-background-color); }
/* In a corner it shows where the pointer is on its chart: then it takes no room of the chart's own words. */
.fl-menu-cornered > .fl-slide { opacity: 0; background: var(--st-background-color); }
:hover > .fl-menu-cornered > .fl-slide, .fl-menu-cornered > .fl-slide:focus-visible { opacity: 0.75; }
.fl-menu-cornered > .fl-slide:hover { opacity: 1; background: color-mix(in srgb, currentColor 8%, var(--st-background-color)); }
@media (hover: none) { .fl-menu-cornered > .fl-slide:not(:focus-visible) { display: none; } }
.fl-slide svg { display: block; margin: auto; }
.fl-menu [popover] { position: fixed; inset: auto; margin: 0; padding: 0.3rem; border: 1px solid var(--st-border-color); border-radius: 8px;
  background: var(--st-background-color); color: var(--st-text-color); box-shadow: 0 4px 16px rgb(0 0 0 / 0.18); font-size: 0.93rem; }
.fl-menu [role^="menuitem"] { display: block; box-sizing: border-box; width: 100%; min-height: 2rem; padding: 0.2rem 1.4rem 0.2rem 1.6rem;
  font: inherit; color: inherit; text-align: start; cursor: pointer; border: 0; border-radius: 5px; background: transparent; position: relative; }
.fl-menu [role^="menuitem"]:is(:hover, :focus) { background: color-mix(in srgb, currentColor 8%, transparent); }
.fl-menu [aria-checked="true"]::before { content: "✓"; position: absolute; inset-inline-start: 0.5rem; }
.fl-menu [role="separator"] { margin: 0.3rem 0; border-block-start: 1px solid var(--st-border-color); }
`;
/** What the theme says inside of a piece of the page, and not in the corner of a chart. */
const THEME = ["--st-font", "--st-text-color", "--st-background-color", "--st-border-color"];
/** A picture and the arrow down; the markup is ours alone. */
const FRAME = `<svg viewBox="0 0 20 20" width="17" height="17" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true"
  stroke-linecap="round" stroke-linejoin="round"><path d="M10 3v9m-3.2-3L10 12.2 13.2 9M3.5 13v2.5c0 .8.7 1.5 1.5 1.5h10c.8 0 1.5-.7 1.5-1.5V13"/></svg>`;
const SAID_MS = 4000;
const EDGE = 8;
const menus = new Set();

class Menu {
  constructor(parent) {
    this.parent = parent;
    this.asked = new Map();
    this.box = element("div", { className: "fl-menu" });
    this.button = element("button", { type: "button", ariaHasPopup: "menu", ariaExpanded: "false" });
    this.dots = element("b", { textContent: "⋯", ariaHidden: "true" });
    this.word = element("span");
    this.button.append(this.dots, " ", this.word);
    this.slideButton = element("button", { type: "button", className: "fl-slide", innerHTML: FRAME });
    this.slideButton.onclick = () => this.save("png", png);
    this.list = element("div", { role: "menu", popover: "auto", tabIndex: -1 });
    this.said = element("span", { role: "status" });
    this.box.append(element("style", { textContent: STYLE }), this.slideButton, this.button, this.list, this.said);
    // A click outside of the list closes it, also one on the button, which is not to open it again.
    this.button.onpointerdown = () => { this.closing = this.list.matches(":popover-open"); };
    this.button.onclick = () => {
      if (!this.closing) this.open();
      this.closing = false;
    };
    this.button.onkeydown = (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.open();
    };
    this.list.addEventListener("toggle", (event) => this.toggled(event.newState === "open"));
    this.list.onkeydown = (event) => this.key(event);
    this.away = () => this.list.hidePopover();
    menus.add(this);
  }

  show({ data, setTriggerValue }) {
    this.told = data;
    this.tell = setTriggerValue;
    const { words, name, answer, pictures } = data;
    this.slideButton.hidden = !pictures.length;
    this.slideButton.ariaLabel = this.slideButton.title = words.png;
    this.word.textContent = words.export;
    this.button.ariaLabel = this.list.ariaLabel = name;
    if (answer && this.asked.has(answer.turn)) {
      this.asked.get(answer.turn)(answer.text);
      this.asked.delete(answer.turn);
    }
    this.place();
    this.fill();
  }

  /** In the corner of the one chart that it belongs to; below them where there are several, or none. */
  place() {
    const { pictures } = this.told;
    const theme = getComputedStyle(this.parent);
    for (const name of THEME) this.box.style.setProperty(name, theme.getPropertyValue(name));
    const corner = pictures.length === 1 && document.querySelector(`.st-key-picture_${CSS.escape(pictures[0])}`);
    this.box.classList.toggle("fl-menu-cornered", Boolean(corner));
    if (this.box.parentElement !== (corner || this.parent)) (corner || this.parent).append(this.box);
  }

  fill() {
    const { words, views, view, pictures, report } = this.told;
    const item = (name, act) => {
      const made = element("button", { type: "button", role: "menuitem", tabIndex: -1, textContent: words[name] });
      made.onclick = () => {
        this.list.hidePopover();
        this.button.focus();
        act();
      };
      return made;
    };
    const opens = views.map((name) => {
      const made = item(name, () => this.tell("view", name));
      made.role = "menuitemcheckbox";
      made.ariaChecked = String(name === view);
      return made;
    });
    const groups = [
      opens,
      [
        ...(pictures.length ? [item("png", () => this.save("png", png)), item("svg", () => this.save("svg", async (slide) => svg(slide)))] : []),
        item("csv", () => this.save("csv", () => this.table("csv"))),
      ],
      [
        ...(pictures.length ? [item("copy_picture", () => this.copy("image/png", () => png(this.slide())))] : []),
        item("copy_table", () => this.copy("text/plain", () => this.table("copy_table"))),
      ],
      [
        ...(report ? [item("report", () => this.tell("report", true))] : []),
        item("print", () => setTimeout(() => window.print())),
      ],
    ].filter((group) => group.length);
    const focused = [...this.list.children].indexOf(document.activeElement);
    this.list.replaceChildren(...groups.flatMap((group, place) => (place ? [element("div", { role: "separator" }), ...group] : group)));
    if (focused >= 0) this.list.children[focused]?.focus();
  }

  items() {
    return [...this.list.querySelectorAll("[role^=menuitem]")];
  }

  toggled(open) {
    this.button.ariaExpanded = String(open);
    const listen = open ? addEventListener : removeEventListener;
    listen("scroll", this.away, true);
    listen("resize", this.away);
  }

  open() {
    this.list.showPopover();
    const [at, size] = [this.button.getBoundingClientRect(), this.list.getBoundingClientRect()];
    const below = at.bottom + 4 + size.height <= innerHeight - EDGE;
    this.list.style.top = `${Math.max(EDGE, below ? at.bottom + 4 : at.top - 4 - size.height)}px`;
    this.list.style.left = `${Math.max(EDGE, Math.min(at.right - size.width, innerWidth - size.width - EDGE))}px`;
    this.items()[0].focus({ preventScroll: true });
  }

  key(event) {
    const items = this.items();
    const at = items.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Tab") {
      this.list.hidePopover();
      this.button.focus();
    }
    if (next === undefined) return;
    event.preventDefault();
    items.at(next % items.length).focus();
  }

  /** What is drawn on a slide. Without a title of its own a chart has that of the page. */
  slide() {
    const { pictures, title, asked, source } = this.told;
    return { pictures, title: title || page_title(), asked, source, place: this.box };
  }

  /** The table as text, from the page's own server: it is sent only when somebody wants it. */
  table(form) {
    const turn = crypto.getRandomValues(new Uint32Array(1))[0];
    return new Promise((given) => {
      this.asked.set(turn, given);
      this.tell("wanted", { form, turn });
    });
  }

  async save(ending, make) {
    const types = { png: "image/png", svg: "image/svg+xml", csv: "text/csv" };
    const file = new Blob([await make(this.slide())], { type: types[ending] });
    const link = element("a", { href: URL.createObjectURL(file), download: `${this.told.file}.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), SAID_MS);
  }

  /** To the clipboard. It is told at once that something comes: browsers take it only from somebody who has just clicked. */
  async copy(type, make) {
    const { words } = this.told;
    try {
      const made = Promise.resolve(make());
      const blob = made.then((content) => new Blob([content], { type }));
      const rich = type === "text/plain" && { "text/html": made.then((text) => new Blob([html(text)], { type: "text/html" })) };
      await navigator.clipboard.write([new ClipboardItem({ [type]: blob, ...rich })]);
      this.say(words.copied);
    } catch {
      this.say(words.not_copied);
    }
  }

  say(text) {
    clearTimeout(this.silence);
    this.said.textContent = text;
    this.silence = setTimeout(() => { this.said.textContent = ""; }, SAID_MS);
  }

  remove() {
    menus.delete(this);
    this.away();
    this.box.remove();
  }
}

/** What stands over the page, without what can be clicked on beside it. */
function page_title() {
  return document.querySelector("[data-testid=stMain] h1")?.innerText.trim() ?? document.title;
}

/** A table of tabs and line ends as one of HTML, for what takes no tabs. */
function html(text) {
  const table = element("table");
  for (const line of text.trimEnd().split("\n")) {
    const row = element("tr");
    for (const cell of line.split("\t")) row.append(element("td", { textContent: cell }));
    table.append(row);
  }
  return table.outerHTML;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

onPaper(() => {
  const first = document.querySelector(".fl-menu");
  return [...menus].filter(({ box }) => box === first).flatMap(({ told }) => [told.source, told.asked]);
});
// A chart that is put on the page anew has no menu in its corner yet.
document.addEventListener("fl-chart", () => menus.forEach((menu) => menu.place()));

const known = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  const menu = known.get(parentElement) ?? new Menu(parentElement);
  known.set(parentElement, menu);
  menu.show(component);
  return () => {
    if (parentElement.isConnected) return;
    known.delete(parentElement);
    menu.remove();
  };
}
