// Draws the charts of a report: light or dark as the reader's system is, wide or narrow as the page is, light and of the paper's width on
// paper. Without scripts the tables stay, open.

const NARROW = 560;
const PAPER = 680;
const SETTLE_MS = 120;
const QUIET = { displaylogo: false, displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: false, showTips: false };
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const templates = read("templates");
const dark = matchMedia("(prefers-color-scheme: dark)");
const boxes = [...document.querySelectorAll("[data-chart]")].map((box) => ({ box, told: whole(read(box.dataset.chart)) }));
const tables = [...document.querySelectorAll("details.table")];

/** The figure with the lists that stand in it several times. */
function whole({ lists, ...told }) {
  const filled = (value) => {
    if (!value || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(filled);
    if (Number.isInteger(value.list)) return lists[value.list];
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner)]));
  };
  return filled(told);
}

function draw(onPaper) {
  for (const { box, told } of boxes) {
    const theme = dark.matches && !onPaper ? "dark" : "light";
    const several = box.parentElement.classList.contains("charts");
    const width = onPaper && !several ? PAPER : box.clientWidth;
    const size = width < NARROW ? "narrow" : "wide";
    const figure = structuredClone(told.light);
    if (size === "narrow") put(figure, told.narrow);
    if (theme === "dark") put(figure, told[size === "narrow" ? "dark narrow" : "dark"]);
    const { data, layout } = figure;
    Plotly.react(box, data, { ...layout, template: templates[theme], width }, QUIET);
  }
}

/** Other values at some places of a figure, which keys and positions lead to. */
function put(figure, changes) {
  for (const [path, value] of structuredClone(changes)) {
    const last = path.pop();
    path.reduce((inner, step) => inner[step], figure)[last] = value;
  }
}

let soon;
addEventListener("resize", () => {
  clearTimeout(soon);
  soon = setTimeout(() => draw(false), SETTLE_MS);
});
dark.addEventListener("change", () => draw(false));
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  draw(true);
});
addEventListener("afterprint", () => draw(false));
for (const each of tables) each.open = false;
draw(matchMedia("print").matches);
