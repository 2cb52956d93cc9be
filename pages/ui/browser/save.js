// The button that saves a project: the page makes the file, then the browser fetches it from the address that the page names.
// Every text comes from the page and is written as text, never as markup.

const STYLE = `
.fl-save button { font: inherit; font-family: var(--st-font); font-size: 0.93rem; cursor: pointer; border-radius: var(--st-button-radius);
  padding: 0.25rem 0.8rem; min-height: 2.5rem; color: var(--st-background-color); background: var(--st-primary-color);
  border: 1px solid var(--st-primary-color); }
.fl-save button:hover { filter: brightness(0.93); }
.fl-save button:disabled { opacity: 0.6; cursor: progress; }
.fl-save button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
`;
const fetched = new Set();

export default function (component) {
  const place = component.parentElement;
  let button = place.querySelector("button");
  if (!button) {
    const style = document.createElement("style");
    style.textContent = STYLE;
    const box = document.createElement("div");
    box.className = "fl-save";
    button = document.createElement("button");
    button.type = "button";
    box.append(button);
    place.append(style, box);
  }
  const { label, busy, address, name } = component.data;
  button.textContent = label;
  button.disabled = false;
  button.onclick = () => {
    button.textContent = busy;
    button.disabled = true;
    component.setTriggerValue("asked", true);
  };
  if (!address || fetched.has(address)) return;
  fetched.add(address);
  const link = document.createElement("a");
  link.href = new URL(address.slice(1), document.baseURI).href;
  link.download = name;
  link.click();
}
