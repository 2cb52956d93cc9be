// The right end of the bar: the file, Share and the language, beside the pages where there is room, else in a row of their own.

const ROOM = 24;
let later;

/** Say whether what stands at the right end of the bar has room beside the pages; in some languages it is longer than in others. */
export function fit() {
  const links = document.querySelectorAll("[data-testid=stTopNavLink]");
  const parts = document.querySelector(".st-key-file_bar")?.children ?? [];
  if (!links.length || !parts.length) return;
  // What is still being drawn has another width, and nothing may move twice.
  const isBusy = !document.querySelector('[data-test-script-state="notRunning"]')
    || document.querySelector(".st-key-file_bar [data-testid=stSkeleton]");
  if (isBusy) {
    clearTimeout(later);
    later = setTimeout(fit, 200);
    return;
  }
  const edges = (all) => [...all].map((each) => each.getBoundingClientRect());
  const across = (rects) => Math.max(...rects.map((each) => each.right)) - Math.min(...rects.map((each) => each.left));
  const first = edges(links);
  const before = document.documentElement.dir === "rtl"
    ? window.innerWidth - Math.max(...first.map((each) => each.right))
    : Math.min(...first.map((each) => each.left));
  const tight = before + across(first) + ROOM + across(edges(parts)) + ROOM > window.innerWidth;
  document.documentElement.dataset.bar = tight ? "apart" : "beside";
}

window.addEventListener("resize", () => requestAnimationFrame(fit));
