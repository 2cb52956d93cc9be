// Whoever came to another page, or opened a file, goes on at its title: by keyboard from there, and what reads the page aloud reads it.
// A menu that led there closes; one that is opened by keyboard takes the keyboard in. A run of the same page moves nothing, and nobody is taken away from a box or a slider.

import { fit } from "./bar.js";
import "./steps.js";

let last;

/** Whether the keyboard stands nowhere, or on the link that led here. */
function idle() {
  const at = document.activeElement;
  return !at || at === document.body || at.closest("a") !== null;
}

/** Close the menu that is open over the page; whether there was one. */
function closeMenu() {
  const menu = document.querySelector("[data-testid=stPopoverBody]");
  menu?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true }));
  return menu !== null;
}

const INSIDE = "a[href], summary, button:not([disabled]), input:not([disabled]), [tabindex='0']";
const FRAMES = 60;

/** The frontend puts what a button opens at the end of the page: the keyboard would pass all the page to come there. */
function enter(button, left = FRAMES) {
  const open = button.getAttribute("aria-expanded") === "true";
  const inside = open ? document.querySelectorAll(`[data-testid=stPopoverBody] :is(${INSIDE})`) : [];
  const first = [...inside].find((each) => each.checkVisibility());
  if (first) first.focus();
  else if (left) requestAnimationFrame(() => enter(button, left - 1));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-testid=stPopoverButton]");
  // A click of the mouse counts itself, one of the keyboard does not.
  if (button && event.detail === 0 && button.getAttribute("aria-expanded") !== "true") enter(button);
}, true);

export default function ({ data }) {
  requestAnimationFrame(fit);
  const { turn } = data;
  const stays = last === undefined || last === turn;
  last = turn;
  if (stays) return;
  const wasIdle = idle();
  const toTitle = () => {
    const title = document.querySelector("[data-testid=stMain] h1");
    if (!title) return;
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  };
  // What closes gives the keyboard back to its button first.
  if (closeMenu()) setTimeout(toTitle, 100);
  else if (wasIdle) requestAnimationFrame(() => { if (idle()) toTitle(); });
}
