// The page on paper, or as PDF: style.css says how it looks there; here charts learn to be as wide as the paper, and a line over the page
// says what it shows, as the page's own boxes do on the screen.

/** Have every print begin with these lines. */
export function onPaper(lines) {
  const head = document.createElement("div");
  head.className = "fl-printed";
  addEventListener("beforeprint", () => {
    charts(fit);
    head.replaceChildren(...lines().map((line) => Object.assign(document.createElement("p"), { textContent: line })));
    document.querySelector("[data-testid=stMainBlockContainer]")?.prepend(head);
  });
  addEventListener("afterprint", () => {
    charts(release);
    head.remove();
  });
}

function charts(act) {
  for (const chart of document.querySelectorAll(".fl-chart")) act(chart, [...chart.querySelectorAll(".main-svg")]);
}

/** What is drawn for so many pixels is scaled as a whole. */
function fit(chart, drawings) {
  if (!chart._fullLayout) return;
  const { width, height, paper_bgcolor: paper } = chart._fullLayout;
  chart.style.setProperty("--drawn", `${width}px`);
  chart.style.aspectRatio = `${width} / ${height}`;
  document.body.dataset.drawn = parseInt(paper.slice(1, 3), 16) < 128 ? "dark" : "light";
  for (const drawing of drawings) drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
}

function release(chart, drawings) {
  chart.style.aspectRatio = "";
  for (const drawing of drawings) drawing.removeAttribute("viewBox");
}
