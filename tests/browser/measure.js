// What is wrong with the layout of the page that is shown: a list of sentences. `touch`: a finger points.
(touch) => {
  const faults = [];
  const wide = document.documentElement.clientWidth;
  const name = (e) => {
    const said = (e.getAttribute("aria-label") || e.textContent || e.getAttribute("name") || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${e.tagName.toLowerCase()}${e.id ? "#" + e.id : ""}${e.classList.length ? "." + [...e.classList].join(".") : ""}> “${said}”`;
  };
  const shown = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && !e.closest(".unseen, .skip, template");
  const scrolls = (e) => {
    for (let at = e.parentElement; at && at !== document.body; at = at.parentElement) {
      const x = getComputedStyle(at).overflowX;
      if (x === "auto" || x === "scroll") return true;
    }
    return false;
  };
  if (document.documentElement.scrollWidth > wide) faults.push(`the page is ${document.documentElement.scrollWidth} px wide on ${wide}`);
  for (const e of document.body.querySelectorAll("*")) {
    if (!shown(e) || e instanceof SVGElement && !(e instanceof SVGSVGElement)) continue;
    const box = e.getBoundingClientRect();
    if (!box.width || !box.height) continue;
    if ((box.right > wide + 1 || box.left < -1) && !scrolls(e)) faults.push(`${name(e)} reaches from ${Math.round(box.left)} to ${Math.round(box.right)} px of ${wide}`);
    const style = getComputedStyle(e);
    const cut = (over, inner, outer) => (over === "hidden" || over === "clip") && inner > outer + 1;
    if (e.matches("input, select, textarea")) continue; // a control scrolls what it holds
    if (cut(style.overflowX, e.scrollWidth, e.clientWidth) || cut(style.overflowY, e.scrollHeight, e.clientHeight)) faults.push(`${name(e)} is cut`);
  }
  // WCAG 2.5.8: 24 px, but for links within a sentence. 44 px where a finger points (shared pages: targets on touch).
  const least = touch ? 44 : 24;
  const controls = touch ? "button, .btn, summary, select, input, textarea, nav a" : "button, .btn, summary, select, input, textarea";
  for (const e of document.querySelectorAll(controls)) {
    if (!shown(e) || e.type === "hidden") continue;
    const label = e.matches("[type=checkbox], [type=radio]") ? e.closest("label") || document.querySelector(`label[for="${CSS.escape(e.id)}"]`) : null;
    const box = (label || e).getBoundingClientRect();
    if (box.height && box.height < least - 0.5 || box.width && box.width < 24 - 0.5) faults.push(`${name(e)} is ${Math.round(box.width)} × ${Math.round(box.height)} px, less than ${least}`);
  }
  return [...new Set(faults)];
}
