// What a reader would see as crowded, chart by chart: two texts over each other, or one that leaves its chart. As sentences.
() => {
  const EDGE = 1.5, WIDE = 1.5, HIGH = 3.5;
  const found = [];
  for (const place of document.querySelectorAll('[class*="st-key-picture_"]')) {
    const paper = place.querySelector(".svg-container");
    const frame = paper?.getBoundingClientRect();
    if (!frame?.width) continue;
    const key = [...place.classList].find((name) => name.startsWith("st-key-picture_")).slice("st-key-picture_".length);
    const boxes = [...paper.querySelectorAll("text")]
      .filter((text) => !text.closest(".hoverlayer") && text.textContent.trim())
      .map((text) => ({ said: text.textContent, box: text.getBoundingClientRect() }))
      .filter(({ box }) => box.width && box.height);
    boxes.forEach(({ said, box }, index) => {
      const out = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
      if (out > EDGE) found.push(`${key}: “${said}” leaves its chart by ${Math.round(out)}`);
      for (const other of boxes.slice(index + 1)) {
        const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const high = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        if (wide > WIDE && high > HIGH) found.push(`${key}: “${said}” and “${other.said}” overlap`);
      }
    });
  }
  return found;
}
