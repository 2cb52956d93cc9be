// The upload box: files are announced, then sent one after the other with their progress; when all have arrived the page is told once.
// Every text comes from the page (`data.texts`) and is written as text, never as markup.

const STYLE = `
.fl-upload { font-family: var(--st-font); color: var(--st-text-color); font-size: 1rem; line-height: 1.4; }
.fl-upload * { box-sizing: border-box; }
.fl-upload-label { font-size: 0.875rem; margin-bottom: 0.35rem; }
.fl-upload-zone { display: flex; align-items: center; gap: 0.9rem; padding: 1rem; border-radius: var(--st-base-radius);
  background: var(--st-secondary-background-color); border: 1px dashed color-mix(in srgb, var(--st-text-color) 24%, transparent); }
.fl-upload-zone.fl-over { border-color: var(--st-primary-color); background: color-mix(in srgb, var(--st-primary-color) 10%, transparent); }
.fl-upload-zone svg { flex: none; width: 1.9rem; height: 1.9rem; color: color-mix(in srgb, var(--st-text-color) 60%, transparent); }
.fl-upload-zone > div { flex: 1 1 auto; min-width: 0; }
.fl-upload small { display: block; font-size: 0.85rem; color: color-mix(in srgb, var(--st-text-color) 70%, transparent); }
.fl-upload button { font: inherit; font-size: 0.93rem; cursor: pointer; border-radius: var(--st-button-radius); padding: 0.35rem 0.8rem; min-height: 2.3rem;
  color: var(--st-text-color); background: var(--st-background-color); border: 1px solid var(--st-border-color); white-space: nowrap; }
.fl-upload button:hover { color: var(--st-primary-color); border-color: var(--st-primary-color); }
.fl-upload button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.fl-upload li button { min-height: 1.9rem; padding: 0.15rem 0.6rem; font-size: 0.87rem; }
.fl-upload button.fl-first { background: var(--st-primary-color); border-color: var(--st-primary-color); color: var(--st-background-color); }
.fl-upload button.fl-first:hover { color: var(--st-background-color); filter: brightness(0.93); }
.fl-upload ul { list-style: none; margin: 0.5rem 0 0; padding: 0; }
.fl-upload li { display: grid; grid-template-columns: minmax(0, 1fr) auto; column-gap: 0.9rem; align-items: center; margin: 0;
  padding: 0.6rem 0; border-bottom: 1px solid var(--st-border-color); }
.fl-upload-name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; font-size: 0.93rem; }
.fl-upload-said { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.fl-upload li.fl-wrong .fl-upload-said { color: var(--st-red-text-color); }
.fl-upload-does { grid-row: 1 / span 2; grid-column: 2; display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0.4rem; }
.fl-upload progress { grid-column: 1 / -1; width: 100%; height: 6px; margin-top: 0.45rem; appearance: none; border: none; border-radius: 3px;
  overflow: hidden; background: color-mix(in srgb, var(--st-text-color) 12%, transparent); }
.fl-upload progress::-webkit-progress-bar { background: none; }
.fl-upload progress::-webkit-progress-value { background: var(--st-primary-color); border-radius: 3px; }
.fl-upload progress::-moz-progress-bar { background: var(--st-primary-color); border-radius: 3px; }
.fl-upload-end { display: flex; flex-wrap: wrap; gap: 0.5rem; }
.fl-upload-end button { margin-top: 0.7rem; }
.fl-upload [hidden] { display: none; }
@media (max-width: 560px) {
  .fl-upload-zone { flex-wrap: wrap; }
  .fl-upload-zone > div { flex-basis: calc(100% - 2.9rem); }
  .fl-upload-zone button { width: 100%; }
}
`;
const CLOUD = "M7 18.5a4.5 4.5 0 0 1-.6-8.96 6 6 0 0 1 11.5 1.4A3.8 3.8 0 0 1 17.5 18.5M12 20v-8m-3 3 3-3 3 3";
const UNITS = [["gigabyte", 1e9, 2], ["megabyte", 1e6, 1], ["kilobyte", 1e3, 1]];
const RATE_MS = 4000;
const PATIENCE_MS = 5000;
const EXPIRED = "pages.upload.expired";
// What a file on the list can be; "refused" cannot be tried again.
const WAITS = "waits", COMES = "comes", THERE = "there", WRONG = "wrong", REFUSED = "refused";

const boxes = new WeakMap();

export default function (component) {
  const place = component.parentElement;
  if (!boxes.has(place)) boxes.set(place, new Box(place));
  boxes.get(place).tell(component.data, {
    arrived: numbers => component.setTriggerValue("arrived", numbers),
    expired: () => component.setTriggerValue("expired", true),
  });
  return () => {
    boxes.get(place)?.leave();
    boxes.delete(place);
  };
}

function made(kind, className, inside = []) {
  const element = document.createElement(kind);
  if (className) element.className = className;
  element.append(...inside);
  return element;
}

function icon() {
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", "aria-hidden": "true" }))
    picture.setAttribute(name, value);
  for (const [name, value] of Object.entries({ d: CLOUD, "stroke-width": "1.5", "stroke-linecap": "round", "stroke-linejoin": "round" }))
    line.setAttribute(name, value);
  picture.append(line);
  return picture;
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

class Box {
  constructor(place) {
    this.files = [];
    this.label = made("div", "fl-upload-label");
    this.label.id = `fl-upload-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    this.main = made("div");
    this.small = made("small");
    this.input = made("input");
    this.input.type = "file";
    this.input.multiple = true;
    this.input.hidden = true;
    this.browse = this.button("", () => this.input.click());
    this.browse.setAttribute("aria-describedby", this.label.id);
    this.zone = made("div", "fl-upload-zone", [icon(), made("div", "", [this.main, this.small]), this.browse, this.input]);
    this.list = made("ul");
    this.goOn = this.button("fl-first", () => this.hand());
    this.cancelAll = this.button("", () => [...this.files].forEach(file => this.remove(file)));
    this.end = made("div", "fl-upload-end", [this.goOn, this.cancelAll]);
    this.root = made("div", "fl-upload", [made("style", "", [STYLE]), this.label, this.zone, this.list, this.end]);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-labelledby", this.label.id);
    this.stay = event => this.files.some(file => file.state === WAITS || file.state === COMES) && event.preventDefault();
    this.hide = () => this.drop();
    addEventListener("beforeunload", this.stay);
    addEventListener("pagehide", this.hide);
    this.listen();
    place.append(this.root);
  }

  button(className, does) {
    const button = made("button", className);
    button.type = "button";
    button.addEventListener("click", does);
    return button;
  }

  listen() {
    this.input.addEventListener("change", () => {
      this.add([...this.input.files]);
      this.input.value = "";
    });
    const over = (event, is) => {
      event.preventDefault();
      this.zone.classList.toggle("fl-over", is);
    };
    this.zone.addEventListener("dragover", event => over(event, true));
    this.zone.addEventListener("dragleave", event => over(event, this.zone.contains(event.relatedTarget)));
    this.zone.addEventListener("drop", event => {
      over(event, false);
      const items = [...event.dataTransfer.items].filter(item => item.kind === "file");
      const folders = new Set(items.filter(item => item.webkitGetAsEntry?.()?.isDirectory).map(item => item.getAsFile()?.name));
      this.add([...event.dataTransfer.files], folders);
    });
  }

  tell(data, page) {
    const other = this.data && this.data.ticket !== data.ticket;
    this.data = data;
    this.page = page;
    this.label.textContent = data.label;
    this.main.textContent = data.texts.drop;
    this.small.textContent = `${data.texts.kinds} · ${data.texts.limit}`;
    this.browse.textContent = data.texts.browse;
    this.goOn.textContent = data.texts.go_on;
    this.cancelAll.textContent = data.texts.cancel_all;
    this.input.accept = data.endings.join(",");
    // What came under another ticket is gone with it.
    if (other) this.files.filter(file => file.state === THERE).forEach(file => Object.assign(file, { state: WAITS, handed: false }));
    this.next();
  }

  leave() {
    removeEventListener("beforeunload", this.stay);
    removeEventListener("pagehide", this.hide);
    clearTimeout(this.patience);
    clearTimeout(this.renewal);
    // The box goes when the page has begun to read what was handed over: that is the page's own now, and the server refuses to remove it.
    this.files = this.files.filter(file => !file.handed);
    this.drop();
    this.root.remove();
  }

  /** Whoever goes leaves no file behind. */
  drop() {
    this.files.forEach(file => this.undo(file));
    this.files = [];
  }

  undo(file) {
    file.stop?.abort();
    if (file.number !== undefined) this.ask("DELETE", `/${file.number}`, { keepalive: true }).catch(() => {});
  }

  add(chosen, folders = new Set()) {
    this.files = this.files.filter(file => file.state !== REFUSED);
    let size = this.files.reduce((sum, file) => sum + file.blob.size, 0);
    for (const blob of chosen) {
      const file = { blob, state: WAITS, sent: 0, rates: [] };
      const accepted = this.data.endings.some(ending => blob.name.toLowerCase().endsWith(ending));
      if (folders.has(blob.name)) this.fail(file, this.data.texts.a_folder, REFUSED);
      else if (!accepted) this.fail(file, this.data.texts.not_accepted, REFUSED);
      else if (size + blob.size > this.data.most) this.fail(file, this.data.texts.too_big, REFUSED);
      else size += blob.size;
      this.files.push(file);
    }
    this.next();
  }

  fail(file, sentence, state = WRONG) {
    file.state = state;
    file.problem = filled(sentence, { file: file.blob.name });
  }

  remove(file) {
    this.undo(file);
    this.files = this.files.filter(each => each !== file);
    this.browse.focus();
    this.next();
  }

  /** Send the next file, if none is being sent; hand over when all have arrived. */
  next() {
    if (this.expired !== this.data.ticket && !this.files.some(file => file.state === COMES)) {
      const file = this.files.find(each => each.state === WAITS);
      if (file) this.send(file);
      else if (this.files.length && this.files.every(each => each.state === THERE)) this.hand();
    }
    this.show();
  }

  hand() {
    const there = this.files.filter(file => file.state === THERE);
    there.forEach(file => (file.handed = true));
    this.page.arrived(there.map(file => file.number));
    // The page takes the box away when it begins to read. Where it has not heard (the line was down) it can be told again.
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.show(true), PATIENCE_MS);
  }

  async ask(method, path, more) {
    return fetch(`${this.data.address}/${this.data.ticket}${path}`, { method, headers: { [this.data.header]: "1" }, ...more });
  }

  async send(file) {
    Object.assign(file, { state: COMES, sent: 0, rates: [], number: undefined, stop: new AbortController() });
    const { signal } = file.stop;
    try {
      const told = await this.ask("POST", "", { body: JSON.stringify({ name: file.blob.name, size: file.blob.size }), signal });
      const answer = await told.json();
      if (!told.ok) throw answer;
      file.number = answer.number;
      await this.put(file, signal);
      file.state = THERE;
    } catch (problem) {
      if (signal.aborted) return;
      const before = file.number === undefined;
      file.number = undefined;
      if (before && problem.key === EXPIRED && !file.again) return this.renew(file);
      this.fail(file, problem.sentence ?? this.data.texts.cut_short);
    }
    this.next();
  }

  /** A server that began anew knows no ticket of before: the page is drawn again and brings its own, and the file goes on by itself.
   *  Only once, and not for ever: whose cookie is gone gets no other ticket. */
  renew(file) {
    Object.assign(file, { state: WAITS, again: true });
    this.expired = this.data.ticket;
    this.page.expired();
    this.renewal = setTimeout(() => {
      this.expired = undefined;
      this.next();
    }, PATIENCE_MS);
    this.show();
  }

  /** fetch tells nothing of what it has sent, so this is an XMLHttpRequest. */
  put(file, signal) {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("PUT", `${this.data.address}/${this.data.ticket}/${file.number}`);
      request.setRequestHeader(this.data.header, "1");
      request.responseType = "json";
      request.upload.addEventListener("progress", event => {
        file.sent = event.loaded;
        file.rates = [...file.rates.filter(([at]) => at > event.timeStamp - RATE_MS), [event.timeStamp, event.loaded]];
        this.show();
      });
      request.addEventListener("load", () => (request.status === 200 ? done() : failed(request.response ?? {})));
      request.addEventListener("error", () => failed({}));
      request.addEventListener("abort", () => failed({}));
      signal.addEventListener("abort", () => request.abort());
      request.send(file.blob);
    });
  }

  show(late = false) {
    const waiting = this.files.filter(file => file.state === WAITS || file.state === COMES).length;
    const there = this.files.some(file => file.state === THERE);
    this.files.forEach(file => (file.row ??= this.row(file)).show());
    const rows = this.files.map(file => file.row.element);
    if (rows.length !== this.list.children.length || rows.some((row, place) => row !== this.list.children[place]))
      this.list.replaceChildren(...rows);
    this.list.hidden = !rows.length;
    const wrong = this.files.some(file => file.state === WRONG || file.state === REFUSED);
    this.goOn.hidden = waiting > 0 || !there || !(wrong || late);
    this.cancelAll.hidden = waiting < 2;
  }

  /** One line of the list, which is changed in place: what has the focus keeps it. */
  row(file) {
    const name = made("div", "fl-upload-name", [file.blob.name]);
    name.title = file.blob.name;
    const said = made("small", "fl-upload-said");
    const bar = made("progress");
    bar.max = 1;
    const retry = this.button("", () => {
      file.state = WAITS;
      this.next();
    });
    const end = this.button("", () => this.remove(file));
    const element = made("li", "", [name, said, made("div", "fl-upload-does", [retry, end]), bar]);
    const show = () => {
      const { texts } = this.data;
      const wrong = file.state === WRONG || file.state === REFUSED;
      element.classList.toggle("fl-wrong", wrong);
      if (wrong) said.setAttribute("role", "alert");
      else said.removeAttribute("role");
      // Only when it changes: what is read out is then not read out again.
      const sentence = wrong ? file.problem : this.said(file);
      if (said.textContent !== sentence) said.textContent = sentence;
      bar.hidden = file.state !== COMES;
      bar.value = file.blob.size ? file.sent / file.blob.size : 1;
      bar.setAttribute("aria-label", file.blob.name);
      retry.hidden = file.state !== WRONG;
      retry.textContent = texts.retry;
      end.textContent = file.state === WAITS || file.state === COMES ? texts.cancel : texts.remove;
      end.setAttribute("aria-label", `${end.textContent}: ${file.blob.name}`);
    };
    return { element, show };
  }

  said(file) {
    const { texts, language } = this.data;
    const size = this.bytes(file.blob.size);
    if (file.state === WAITS) return filled(texts.waiting, { size });
    if (file.state === THERE) return filled(texts.arrived, { size });
    if (file.sent >= file.blob.size) return filled(texts.finishing, { size });
    const [first, last] = [file.rates[0], file.rates.at(-1)];
    const rate = first && last[0] > first[0] ? (1000 * (last[1] - first[1])) / (last[0] - first[0]) : 0;
    const share = new Intl.NumberFormat(language, { style: "percent" }).format(Math.floor(100 * file.sent / file.blob.size) / 100);
    return filled(texts.progress, { done: this.bytes(file.sent), size, share, rate: this.bytes(rate) });
  }

  bytes(count) {
    const [unit, size, maximumFractionDigits] = UNITS.find(([, each]) => count >= each) ?? UNITS.at(-1);
    return new Intl.NumberFormat(this.data.language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits }).format(count / size);
  }
}
