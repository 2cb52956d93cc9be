// The page says in which language it is and to which side it reads, and by which calendar its days are.

// Sliders of Streamlit (react-aria) turn around by the browser's language, whatever that of the page is; days go on from left to right here.
const OF_WIDGETS = Symbol.for("react-aria.i18n.locale");
// Streamlit writes the days of a slider by itself, in English and the common calendar; other sliders and the numbers of pages in its digits.
const SLIDERS = ".st-key-started";
const WRITTEN = '[data-testid="stSliderThumbValue"]';
const COUNTED = '[data-testid="stSlider"] :is([data-testid="stSliderThumbValue"], [data-testid="stSliderTickBar"] > *), [data-testid^="stPaginationPage"]';
const ENDS = '[data-testid="stSliderTickBar"] > *';
const MICROSECONDS = 1000;

let watched;

export default function ({ data }) {
  const { language, direction, days } = data;
  document.documentElement.lang = language;
  document.documentElement.dir = direction;
  watched?.disconnect();
  watched = undefined;
  if (days) {
    const written = writer(days);
    const write = () => {
      document.querySelectorAll(SLIDERS).forEach((slider) => rewrite(slider, written));
      for (const place of document.querySelectorAll(COUNTED)) if (!place.closest(SLIDERS)) put(place, own(place.textContent, days.signs));
    };
    watched = new MutationObserver(write);
    const attributeFilter = ["aria-valuetext"];
    watched.observe(document.body, { childList: true, characterData: true, subtree: true, attributeFilter });
    write();
  }
  const ofWidgets = direction === "ltr" ? language : "en";
  if (window[OF_WIDGETS] === ofWidgets) return;
  window[OF_WIDGETS] = ofWidgets;
  window.dispatchEvent(new Event("languagechange"));
}

/** A day of a slider, in microseconds since 1970, as the page writes it. */
function writer({ calendar, months, signs }) {
  const parts = new Intl.DateTimeFormat(`en-u-ca-${calendar}-nu-latn`, { year: "numeric", month: "numeric", day: "numeric", timeZone: "UTC" });
  return (moment) => {
    const found = Object.fromEntries(parts.formatToParts(moment / MICROSECONDS).map(({ type, value }) => [type, value]));
    return `${own(found.day, signs)} ${months[found.month - 1]} ${own(found.year, signs)}`;
  };
}

/** A number in the digits of the page. */
function own(number, signs) {
  return [...number].map((sign) => signs[sign] ?? sign).join("");
}

function rewrite(slider, written) {
  const inputs = [...slider.querySelectorAll('input[type="range"]')];
  if (!inputs.length) return;
  const shown = [...slider.querySelectorAll(WRITTEN)];
  inputs.forEach((input, place) => {
    const day = written(Number(input.value));
    put(shown[place], day);
    if (input.getAttribute("aria-valuetext") !== day) input.setAttribute("aria-valuetext", day);
  });
  const [first, last] = slider.querySelectorAll(ENDS);
  put(first, written(Number(inputs[0].min)));
  put(last, written(Number(inputs[inputs.length - 1].max)));
}

/** The text in place of the one that stands there; its node stays, since Streamlit writes to it again. */
function put(place, text) {
  const node = place && document.createTreeWalker(place, NodeFilter.SHOW_TEXT).nextNode();
  if (node && node.nodeValue !== text) node.nodeValue = text;
}
