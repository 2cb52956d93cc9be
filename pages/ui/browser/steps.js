// The frontend leads to another page in one step of the browser's history, and says the words of its address in a second one where the two
// messages come apart. A step back would then lead to the page without its words, and without the days that were chosen: the second
// step takes the place of the first, as long as the person has done nothing there.

const push = history.pushState.bind(history);
let bare = false;

history.pushState = (state, title, url) => {
  const next = new URL(url ?? location.href, location.href);
  const here = next.pathname === location.pathname;
  if (bare && here && !location.search) history.replaceState(state, title, url);
  else push(state, title, url);
  bare = !here && !next.search;
};
for (const act of ["pointerdown", "keydown", "popstate"]) addEventListener(act, () => { bare = false; }, true);
