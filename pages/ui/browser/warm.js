// What the first funnel needs of the browser, fetched and made ready while the browser has nothing else to do: while the page waits for
// a file, and while the file is read. What cannot be had now is asked for again where it is needed.

const PATIENCE_MS = 2000;

let begun = false;

/** The browser's next idle moment. */
function idle() {
  return new Promise((now) => {
    if (window.requestIdleCallback) requestIdleCallback(now, { timeout: PATIENCE_MS });
    else setTimeout(now, PATIENCE_MS / 10);
  });
}

async function warm({ program, frontend }) {
  await idle();
  const pieces = frontend.map((address) => import(address));
  // Under the very address that the chart's own piece has: it is then the same file, not a second one.
  const chart = await import("../funnel-lens.chart/chart.js");
  await idle();
  await Promise.all([...pieces, chart.warm(program)]);
}

export default function ({ data }) {
  if (begun) return;
  begun = true;
  warm(data).catch(() => {});
}
