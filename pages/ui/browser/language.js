// The page says in which language it is and to which side it reads.

// Sliders of Streamlit (react-aria) turn around by the browser's language, whatever that of the page is; days go on from left to right here.
const OF_WIDGETS = Symbol.for("react-aria.i18n.locale");

export default function ({ data }) {
  const { language, direction } = data;
  document.documentElement.lang = language;
  document.documentElement.dir = direction;
  const ofWidgets = direction === "ltr" ? language : "en";
  if (window[OF_WIDGETS] === ofWidgets) return;
  window[OF_WIDGETS] = ofWidgets;
  window.dispatchEvent(new Event("languagechange"));
}
