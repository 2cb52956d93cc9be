// Lines of scripts that write no spaces (Thai and its neighbours) break between words. Where words end only the browser knows: charts come
// with such lines broken anywhere, each marked at its end, and are broken anew here, as wide as they were.

/** A line that was broken inside a run of letters, and what stands between it and the next. */
const BROKEN = /\u200b((?:<\/b>)?<br>(?:<b>)?)/;
const WIDER = 1.02;

/** The figure that a chart is told, with its lines broken between words. */
export function figure(told) {
  return JSON.parse(told, told.includes("\u200b") || told.includes("\\u200b") ? (_, value) => mended(value) : undefined);
}

function mended(value) {
  return typeof value === "string" && BROKEN.test(value) ? lines(value) : value;
}

/** The text, of which each marked break moves to the end of a word. */
export function lines(text) {
  const parts = text.split(BROKEN);
  const joint = parts[1];
  const runs = parts.filter((_, place) => place % 2 === 0);
  // Beside the run there may be other lines, and the marks of bold.
  const before = runs[0].slice(0, runs[0].lastIndexOf(">") + 1);
  const last = runs.at(-1);
  const end = last.indexOf("<") < 0 ? last.length : last.indexOf("<");
  runs[0] = runs[0].slice(before.length);
  runs[runs.length - 1] = last.slice(0, end);
  const whole = runs.join("");
  // What follows may be another run.
  const after = mended(last.slice(end));
  if (/[<>&]/.test(whole)) return text.replaceAll("\u200b", "");
  // A blank behind the run parts it from what follows on its line.
  const blank = whole.slice(whole.trimEnd().length);
  return before + broken(whole, Math.max(...runs.map(width)) * WIDER).join(joint) + blank + after;
}

/** The text in lines of this width at most, each of whole words; a word that is wider breaks between its letters. */
function broken(text, room) {
  const found = [];
  let line = "";
  for (const word of words(text)) {
    if (line && width(line + word) > room) {
      found.push(line.trimEnd());
      line = "";
    }
    for (const letter of width(word) > room ? letters(word) : [word]) {
      if (line && width(line + letter) > room) {
        found.push(line.trimEnd());
        line = "";
      }
      line += letter;
    }
  }
  return line.trim() ? [...found, line.trimEnd()] : found;
}

/** The words, each with the marks and blanks behind it. */
export function words(text) {
  const found = [];
  for (const { segment, isWordLike } of new Intl.Segmenter("th", { granularity: "word" }).segment(text)) {
    if (isWordLike || !found.length) found.push(segment);
    else found[found.length - 1] += segment;
  }
  return found;
}

/** The letters, each with the marks on it. */
export function letters(word) {
  return [...new Intl.Segmenter("th", { granularity: "grapheme" }).segment(word)].map(({ segment }) => segment);
}

let pen;

function width(text) {
  pen ??= document.createElement("canvas").getContext("2d");
  pen.font = `16px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}
