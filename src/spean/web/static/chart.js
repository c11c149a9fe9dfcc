// A link chart: what the table below it says, drawn on a canvas. Drag, wheel, pinch or keys; the worker finds the places.
"use strict";
(() => {
  const home = document.getElementById("chart");
  if (!home || !window.Worker) return;
  const said = home.dataset, canvas = home.querySelector("canvas"), pen = canvas.getContext("2d"), told = document.getElementById("chart-told");
  const SHAPES = { person: "circle", organisation: "square", site: "house", account: "diamond", wallet: "diamond", phone: "triangle", document: "flag" };
  const SVG = "http:" + "//www.w3.org/2000/svg";  // the name of a format, no address: nothing is fetched from there
  const view = { x: 0, y: 0, k: 1 }, hands = new Map();
  let nodes = [], links = [], near = [], places = new Float32Array(0), colours = {}, ranked = [], moving = true, chosen = -1, drawn = false, idle = 0, shot = null, fitted = false, held = -1, worker = null;

  const px = (at) => places[2 * at] * view.k + view.x, py = (at) => places[2 * at + 1] * view.k + view.y;
  const size = () => ({ w: canvas.clientWidth, h: canvas.clientHeight });

  // --- drawing -------------------------------------------------------------------------------------------------------------
  function paint() {
    const style = getComputedStyle(canvas), of = (name) => style.getPropertyValue(name).trim();
    colours = { ink: of("--ink"), line: of("--chart-line"), back: of("--card"), pick: of("--bridge"), font: style.fontFamily, kinds: {} };
    for (const kind of new Set(nodes.map((node) => node.kind))) colours.kinds[kind] = of(`--kind-${SHAPES[kind] || "circle"}`) || colours.ink;
    redraw();
  }
  // A full drawing goes to a sheet that is larger than what is seen; moving and zooming only shift that sheet until the hand rests.
  const sheet = new OffscreenCanvas(1, 1), sheetPen = sheet.getContext("2d"), MARGIN = 0.35, REST = 140, LARGE = 1500;
  // While places still change there is no sheet worth keeping: what is seen is drawn at once, of a large chart without names.
  const rests = () => !moving && held < 0;
  function redraw() { if (!drawn) { drawn = true; requestAnimationFrame(() => { drawn = false; clearTimeout(idle); if (rests()) full(); else quick(); }); } }
  function moved() {
    clearTimeout(idle); idle = setTimeout(redraw, REST);
    if (!drawn) { drawn = true; requestAnimationFrame(() => { drawn = false; if (!shift()) quick(); }); }
  }
  function sized() {
    const { w, h } = size(), scale = devicePixelRatio || 1;
    if (canvas.width !== Math.round(w * scale) || canvas.height !== Math.round(h * scale)) { canvas.width = Math.round(w * scale); canvas.height = Math.round(h * scale); }
    return { w, h, scale };
  }
  function quick() { const { w, h, scale } = sized(); shot = null; if (w && h) draw(pen, { w, h }, scale, nodes.length > LARGE ? 0 : 120); }
  function full() {
    const { w, h, scale } = sized(), mx = w * MARGIN, my = h * MARGIN, box = { w: w + 2 * mx, h: h + 2 * my };
    if (!w || !h) return;
    if (sheet.width !== Math.round(box.w * scale) || sheet.height !== Math.round(box.h * scale)) { sheet.width = Math.round(box.w * scale); sheet.height = Math.round(box.h * scale); }
    view.x += mx; view.y += my; draw(sheetPen, box, scale, 120); shot = { ...view, ...box }; view.x -= mx; view.y -= my;
    shift();
  }
  function shift() {
    if (!shot) return false;
    const { w, h } = size(), s = view.k / shot.k, x = view.x - shot.x * s, y = view.y - shot.y * s, scale = devicePixelRatio || 1;
    pen.setTransform(scale, 0, 0, scale, 0, 0); pen.fillStyle = colours.back; pen.fillRect(0, 0, w, h); pen.drawImage(sheet, x, y, shot.w * s, shot.h * s);
    return x <= 0 && y <= 0 && x + shot.w * s >= w && y + shot.h * s >= h;
  }
  function outline(to, kind, x, y, r) {
    const shape = SHAPES[kind] || "circle";
    if (shape === "square") to.rect(x - r, y - r, 2 * r, 2 * r);
    else if (shape === "diamond") { to.moveTo(x, y - r * 1.3); to.lineTo(x + r * 1.3, y); to.lineTo(x, y + r * 1.3); to.lineTo(x - r * 1.3, y); to.closePath(); }
    else if (shape === "triangle") { to.moveTo(x, y - r * 1.3); to.lineTo(x + r * 1.2, y + r); to.lineTo(x - r * 1.2, y + r); to.closePath(); }
    else if (shape === "house") { to.moveTo(x, y - r * 1.4); to.lineTo(x + r, y - r * 0.3); to.lineTo(x + r, y + r); to.lineTo(x - r, y + r); to.lineTo(x - r, y - r * 0.3); to.closePath(); }
    else if (shape === "flag") to.rect(x - r * 0.8, y - r * 1.2, 1.6 * r, 2.4 * r);
    else { to.moveTo(x + r, y); to.arc(x, y, r, 0, 2 * Math.PI); }
  }
  const radius = (at) => nodes[at].r * Math.min(1.6, Math.max(0.45, Math.sqrt(view.k)));
  function edges(to, list, colour, width) {
    to.beginPath(); to.strokeStyle = colour; to.lineWidth = width;
    for (const link of list) { to.moveTo(px(link.a), py(link.a)); to.lineTo(px(link.b), py(link.b)); }
    to.stroke();
  }
  function seen(w, h) {
    const list = [];
    for (let at = 0; at < nodes.length; at += 1) { const x = px(at), y = py(at); if (x > -40 && y > -40 && x < w + 40 && y < h + 40) list.push(at); }
    return list;
  }
  function shapes(to, list) {
    const groups = new Map();
    for (const at of list) { const kind = nodes[at].kind; if (!groups.has(kind)) groups.set(kind, []); groups.get(kind).push(at); }
    for (const [kind, group] of groups) {
      to.beginPath(); to.fillStyle = colours.kinds[kind];
      for (const at of group) outline(to, kind, px(at), py(at), radius(at));
      to.fill();
    }
  }
  function labels(to, { w, h }, most) {
    const taken = new Set(), first = chosen < 0 ? [] : [chosen, ...near[chosen].map((link) => (link.a === chosen ? link.b : link.a))];
    to.font = `12px ${colours.font}`; to.textAlign = "left"; to.textBaseline = "middle"; to.lineWidth = 3; to.strokeStyle = colours.back; to.fillStyle = colours.ink;
    let count = 0;
    for (const at of [...first, ...ranked]) {
      if (count >= most) break;
      if (px(at) < -40 || py(at) < -40 || px(at) > w + 40 || py(at) > h + 40) continue;
      const x = px(at) + radius(at) + 3, y = py(at), rows = [Math.floor((y - 7) / 15), Math.floor((y + 7) / 15)], from = Math.floor(x / 40), to_ = Math.floor((x + 7 * Math.min(28, nodes[at].label.length)) / 40);
      let free = true;
      for (let cell = from; cell <= to_; cell += 1) if (rows.some((row) => taken.has(row * 4096 + cell))) { free = false; break; }
      if (!free) continue;
      for (let cell = from; cell <= to_; cell += 1) for (const row of rows) taken.add(row * 4096 + cell);
      const text = nodes[at].label.length > 28 ? `${nodes[at].label.slice(0, 27)}…` : nodes[at].label;
      to.strokeText(text, x, y); to.fillText(text, x, y); count += 1;
    }
  }
  function draw(to, { w, h }, scale, names) {
    to.setTransform(scale, 0, 0, scale, 0, 0); to.fillStyle = colours.back; to.fillRect(0, 0, w, h);
    if (!places.length) return;
    const list = seen(w, h);
    edges(to, links, colours.line, links.length > 3000 ? 0.6 : 1);
    if (chosen >= 0) edges(to, near[chosen], colours.pick, 2.5);
    shapes(to, list);
    if (chosen >= 0) { to.beginPath(); to.arc(px(chosen), py(chosen), radius(chosen) + 5, 0, 2 * Math.PI); to.strokeStyle = colours.pick; to.lineWidth = 3; to.stroke(); }
    labels(to, { w, h }, names || (chosen < 0 ? 0 : near[chosen].length + 1));
  }

  // --- looking around ------------------------------------------------------------------------------------------------------
  function bounds() {
    let [l, t, r, b] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let at = 0; at < nodes.length; at += 1) { l = Math.min(l, places[2 * at]); r = Math.max(r, places[2 * at]); t = Math.min(t, places[2 * at + 1]); b = Math.max(b, places[2 * at + 1]); }
    return [l, t, r, b];
  }
  function fit() {
    const { w, h } = size(), [l, t, r, b] = bounds();
    view.k = Math.min(2, 0.92 * Math.min(w / Math.max(80, r - l + 120), h / Math.max(60, b - t + 40)));
    view.x = w / 2 - view.k * (l + r + 60 / view.k) / 2; view.y = h / 2 - view.k * (t + b) / 2; redraw();
  }
  function zoom(by, x = size().w / 2, y = size().h / 2) {
    const k = Math.min(8, Math.max(0.02, view.k * by));
    view.x = x - (x - view.x) * k / view.k; view.y = y - (y - view.y) * k / view.k; view.k = k; moved();
  }
  function show(at) {
    const { w, h } = size(), x = px(at), y = py(at);
    if (x < 40 || y < 40 || x > w - 40 || y > h - 40) { view.x += w / 2 - x; view.y += h / 2 - y; }
    redraw();
  }
  function at(x, y) {
    let best = -1, least = 18;
    for (let each = 0; each < nodes.length; each += 1) { const far = Math.hypot(px(each) - x, py(each) - y) - radius(each); if (far < least) { least = far; best = each; } }
    return best;
  }
  function towards(dx, dy) {
    let best = -1, least = Infinity;
    for (let each = 0; each < nodes.length; each += 1) {
      if (each === chosen) continue;
      const x = px(each) - px(chosen), y = py(each) - py(chosen), along = x * dx + y * dy, aside = Math.abs(x * dy - y * dx);
      if (along > 1 && aside <= along * 1.2) { const far = along + 2 * aside; if (far < least) { least = far; best = each; } }
    }
    return best;
  }

  // --- choosing, said in words too -----------------------------------------------------------------------------------------
  function words(node) { return `${node.label} (${node.kind_label})`; }
  function choose(next) {
    chosen = next; told.replaceChildren();
    if (next < 0) { told.textContent = said.none; return redraw(); }
    const head = document.createElement("p"), way = document.createElement("a"), list = document.createElement("ul");
    way.href = nodes[next].href; way.textContent = words(nodes[next]); head.append(way, ` – ${said.links.replace("{count}", near[next].length)}`); list.className = "plain small";
    for (const link of near[next].slice(0, 12)) {
      const item = document.createElement("li"), other = link.a === next ? link.b : link.a, go = document.createElement("a");
      go.href = nodes[other].href; go.textContent = words(nodes[other]);
      item.append(link.a === next ? `${link.label} → ` : `← ${link.label} `, go); list.append(item);
    }
    if (near[next].length > 12) { const more = document.createElement("li"); more.textContent = said.more.replace("{count}", near[next].length - 12); list.append(more); }
    told.append(head, list); show(next);
  }

  // --- hands ---------------------------------------------------------------------------------------------------------------
  const place = (event) => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
  canvas.addEventListener("pointerdown", (event) => {
    const spot = place(event); canvas.setPointerCapture(event.pointerId); hands.set(event.pointerId, { ...spot, from: spot });
    if (hands.size === 1) held = at(spot.x, spot.y);
  });
  canvas.addEventListener("pointermove", (event) => {
    const last = hands.get(event.pointerId);
    if (!last) { canvas.style.cursor = at(place(event).x, place(event).y) >= 0 ? "pointer" : "grab"; return; }
    const spot = place(event), others = [...hands].filter(([id]) => id !== event.pointerId);
    if (others.length) {
      const other = others[0][1], before = Math.hypot(last.x - other.x, last.y - other.y), now = Math.hypot(spot.x - other.x, spot.y - other.y);
      held = -1; zoom(now / Math.max(1, before), (spot.x + other.x) / 2, (spot.y + other.y) / 2);
    } else if (held >= 0 && Math.hypot(spot.x - last.from.x, spot.y - last.from.y) > 4) {
      const x = (spot.x - view.x) / view.k, y = (spot.y - view.y) / view.k;
      places[2 * held] = x; places[2 * held + 1] = y; worker.postMessage({ node: held, x, y }); redraw();
    }
    else if (held < 0) { view.x += spot.x - last.x; view.y += spot.y - last.y; moved(); }
    hands.set(event.pointerId, { ...spot, from: last.from });
  });
  function lifted(event) {
    const last = hands.get(event.pointerId); hands.delete(event.pointerId);
    if (last && event.type === "pointerup" && Math.hypot(last.x - last.from.x, last.y - last.from.y) <= 4) choose(at(last.x, last.y));
    held = -1; redraw();
  }
  canvas.addEventListener("pointerup", lifted); canvas.addEventListener("pointercancel", lifted);
  canvas.addEventListener("dblclick", (event) => { const spot = place(event), found = at(spot.x, spot.y); if (found >= 0) location.href = nodes[found].href; });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); const spot = place(event); zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0015)), spot.x, spot.y); }, { passive: false });
  const KEYS = {
    ArrowRight: () => turn(1, 0), ArrowLeft: () => turn(-1, 0), ArrowDown: () => turn(0, 1), ArrowUp: () => turn(0, -1), "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3),
    0: fit, Escape: () => choose(-1), Enter: () => { if (chosen >= 0) location.href = nodes[chosen].href; },
  };
  function turn(dx, dy) { const next = chosen < 0 ? 0 : towards(dx, dy); if (next >= 0) choose(next); }
  canvas.addEventListener("keydown", (event) => { const act = !event.ctrlKey && !event.metaKey && !event.altKey && KEYS[event.key]; if (act) { event.preventDefault(); act(); } });
  home.querySelector("[data-act=fit]").addEventListener("click", fit);
  home.querySelector("[data-act=closer]").addEventListener("click", () => zoom(1.4));
  home.querySelector("[data-act=away]").addEventListener("click", () => zoom(1 / 1.4));
  home.querySelector("input").addEventListener("change", (event) => {
    const text = event.target.value.trim().toLowerCase(), found = text ? nodes.findIndex((node) => node.label.toLowerCase().includes(text)) : -1;
    if (found >= 0) { if (view.k < 0.8) zoom(0.8 / view.k); choose(found); } else told.textContent = said.unfound;
  });

  // --- taking it along -----------------------------------------------------------------------------------------------------
  function save(blob, name) { const way = document.createElement("a"); way.href = URL.createObjectURL(blob); way.download = name; way.click(); setTimeout(() => URL.revokeObjectURL(way.href), 10000); }
  function whole(run) { const kept = { ...view }, [l, t, r, b] = bounds(), box = { w: Math.min(8000, r - l + 260), h: Math.min(8000, b - t + 80) }; Object.assign(view, { k: 1, x: 40 - l, y: 40 - t }); try { return run(box); } finally { Object.assign(view, kept); } }
  home.querySelector("[data-act=png]").addEventListener("click", () => whole((box) => { const sheet = new OffscreenCanvas(box.w, box.h); draw(sheet.getContext("2d"), box, 1, 1000); sheet.convertToBlob({ type: "image/png" }).then((blob) => save(blob, `${said.name}.png`)); }));
  home.querySelector("[data-act=svg]").addEventListener("click", () => whole((box) => save(new Blob([svg(box)], { type: "image/svg+xml" }), `${said.name}.svg`)));
  const safe = (text) => text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");
  class Path { constructor() { this.d = ""; } moveTo(x, y) { this.d += `M${x.toFixed(1)} ${y.toFixed(1)}`; } lineTo(x, y) { this.d += `L${x.toFixed(1)} ${y.toFixed(1)}`; } closePath() { this.d += "Z"; }
    rect(x, y, w, h) { this.moveTo(x, y); this.d += `h${w.toFixed(1)}v${h.toFixed(1)}h${(-w).toFixed(1)}Z`; } arc(x, y, r) { this.d += `A${r} ${r} 0 1 1 ${(x - r).toFixed(1)} ${y.toFixed(1)}A${r} ${r} 0 1 1 ${(x + r).toFixed(1)} ${y.toFixed(1)}Z`; } }
  function svg({ w, h }) {
    const lines = new Path(); for (const link of links) { lines.moveTo(px(link.a), py(link.a)); lines.lineTo(px(link.b), py(link.b)); }
    const things = nodes.map((node, each) => { const path = new Path(); outline(path, node.kind, px(each), py(each), node.r); return `<g><title>${safe(words(node))}</title><path fill="${colours.kinds[node.kind]}" d="${path.d}"/><text x="${(px(each) + node.r + 3).toFixed(1)}" y="${(py(each) + 4).toFixed(1)}">${safe(node.label)}</text></g>`; });
    return `<svg xmlns="${SVG}" width="${w.toFixed(0)}" height="${h.toFixed(0)}" font-family="${safe(colours.font)}" font-size="12" fill="${colours.ink}"><rect width="100%" height="100%" fill="${colours.back}"/><path fill="none" stroke="${colours.line}" d="${lines.d}"/>${things.join("")}</svg>`;
  }

  // --- beginning -----------------------------------------------------------------------------------------------------------
  function begin(found) {
    const index = new Map(found.nodes.map((node, each) => [node.id, each]));
    links = found.links.map((link) => ({ ...link, a: index.get(link.from), b: index.get(link.to) })).filter((link) => link.a !== undefined && link.b !== undefined);
    nodes = found.nodes; near = nodes.map(() => []);
    for (const link of links) { near[link.a].push(link); if (link.b !== link.a) near[link.b].push(link); }
    ranked = [...nodes.keys()].sort((a, b) => near[b].length - near[a].length);
    nodes.forEach((node, each) => { node.r = Math.min(14, 5 + 1.6 * Math.sqrt(near[each].length)); });
    paint();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    worker = new Worker(said.worker);
    worker.onmessage = ({ data }) => {
      if (still && !data.rests && !fitted) return;
      const kept = held < 0 ? null : [places[2 * held], places[2 * held + 1]];
      places = data.places; moving = !data.rests;
      if (kept) [places[2 * held], places[2 * held + 1]] = kept; // the hand is ahead of the worker
      if (!fitted || (data.rests && !home.dataset.rests)) { fit(); fitted = true; }
      if (data.rests) home.dataset.rests = "yes";
      redraw();
    };
    const flat = new Uint32Array(2 * links.length); links.forEach((link, each) => { flat[2 * each] = link.a; flat[2 * each + 1] = link.b; });
    worker.postMessage({ start: { count: nodes.length, links: flat, sizes: nodes.map((node) => node.r) } });
  }
  new ResizeObserver(redraw).observe(canvas);
  document.fonts.addEventListener("loadingdone", redraw);  // names in many scripts: their letters may come after the picture
  new MutationObserver(paint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  fetch(said.source, { headers: { accept: "application/json" } }).then((answer) => { if (!answer.ok) throw new Error(String(answer.status)); return answer.json(); })
    .then((found) => { home.hidden = false; begin(found); choose(-1); }).catch(() => { home.hidden = false; told.textContent = said.failed; });
})();
