// The button that copies a link to what is seen: the address as it stands when it is clicked, and the names of the files that it shows.
// Every text comes from the page and is written as text, never as markup.

const STYLE = `
.fl-share { display: grid; gap: 0.5rem; }
.fl-share button, .fl-share input { font: inherit; font-family: var(--st-font); font-size: 0.93rem; border-radius: var(--st-button-radius);
  padding: 0.25rem 0.8rem; min-height: 2.5rem; box-sizing: border-box; width: 100%; }
.fl-share button { cursor: pointer; color: var(--st-background-color); background: var(--st-primary-color); border: 1px solid var(--st-primary-color); }
.fl-share button:hover { filter: brightness(0.93); }
.fl-share :focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.fl-share input { color: inherit; background: transparent; border: 1px solid var(--st-border-color); }
`;
const AGAIN_MS = 4000;

/** The address of this page with the names of the files that it shows. */
function linkTo(files) {
  const link = new URL(location.href);
  link.searchParams.delete("file");
  for (const name of files) link.searchParams.append("file", name);
  link.hash = "";
  return link.href;
}

async function copied(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    // Browsers let pages of other machines without HTTPS write there by this old way alone.
    input.select();
    return document.execCommand("copy");
  }
}

export default function (component) {
  const place = component.parentElement;
  const { copy, done, by_hand: byHand, link: name, files } = component.data;
  let box = place.querySelector(".fl-share"), opened = false;
  if (!box) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    box = document.createElement("div");
    box.className = "fl-share";
    const button = document.createElement("button");
    button.type = "button";
    const input = document.createElement("input");
    input.readOnly = true;
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    said.style.cssText = "position: absolute; clip-path: inset(50%)";
    box.append(button, input, said);
    place.append(style, box);
    // Whoever opens this wants the link: the click that opened it copies it.
    opened = navigator.userActivation?.isActive;
  }
  const [button, input, said] = box.children;
  input.setAttribute("aria-label", name);
  input.value = linkTo(files);
  input.onfocus = () => { input.value = linkTo(files); input.select(); };
  if (!box.dataset.busy) button.textContent = copy;
  button.onclick = async () => {
    input.value = linkTo(files);
    said.textContent = button.textContent = await copied(input) ? done : byHand;
    button.focus();
    box.dataset.busy = "yes";
    setTimeout(() => { delete box.dataset.busy; button.textContent = copy; said.textContent = ""; }, AGAIN_MS);
  };
  if (opened) button.onclick();
}
