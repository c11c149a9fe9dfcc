// What the pages do beyond plain HTML: clocks that run, keys, forms that lose nothing, pages that stay up to date.
"use strict";
(() => {
  const words = document.getElementById("page-words").dataset;
  const body = document.body;
  const skew = Number(body.dataset.now) - Date.now(); // the node's clock is the one that counts
  const now = () => Date.now() + skew;
  const announce = (text) => { document.getElementById("announce").textContent = text; };
  const notice = (text, stop = false) => {
    const box = document.getElementById("notice");
    box.textContent = text; box.hidden = !text; box.classList.toggle("stop", stop);
  };

  // Clocks ----------------------------------------------------------------------------------------------------------
  const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const two = (n) => String(n).padStart(2, "0");
  function left(ms) { // as Reader.left says it on the server
    if (ms < 0) return `\u2212${left(-ms)}`;
    if (ms < HOUR) return `${Math.floor(ms / MINUTE)}:${two(Math.floor(ms % MINUTE / SECOND))}`;
    if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)}\u00a0${words.hour}\u00a0${two(Math.floor(ms % HOUR / MINUTE))}`;
    return `${Math.floor(ms / DAY)}\u00a0${words.day}`;
  }
  function tick() {
    for (const clock of document.querySelectorAll(".clock[data-due]")) {
      const rest = Number(clock.dataset.due) - now();
      const text = clock.querySelector(".left"), said = left(rest);
      if (text.textContent !== said) text.textContent = said;
    }
  }
  setInterval(tick, SECOND); tick();

  // Fonts of many letters: their sheet is larger than a page, so it comes after the page stands.
  window.addEventListener("load", () => {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet"; sheet.href = words.cjk;
    document.head.append(sheet);
  });

  // Keys ------------------------------------------------------------------------------------------------------------
  let going = false;
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
  const lines = () => [...document.querySelectorAll("[data-line]")];
  function step(by) {
    const all = lines(); if (!all.length) return;
    const at = all.findIndex((line) => line.classList.contains("here"));
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    all.forEach((line) => line.classList.toggle("here", line === next));
    next.querySelector("a")?.focus(); next.scrollIntoView({ block: "nearest" });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form");
      if (form) { event.preventDefault(); form.requestSubmit(form.querySelector("#send") || undefined); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key, zone = document.querySelector("[data-scan]");
    if (zone && /^[A-Z0-9<]$/.test(key)) { zone.focus(); return; } // a scanner types wherever the cursor is: its letters are no commands
    if (going) {
      going = false;
      const place = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (place) { event.preventDefault(); place.click(); }
      return;
    }
    if (key === "g") { going = true; setTimeout(() => { going = false; }, 1500); return; }
    if (key === "?") { document.getElementById("keys").showModal(); return; }
    if (key === "/") { event.preventDefault(); const box = document.getElementById("words-box"); box ? box.focus() : location.assign("/search"); return; }
    if (key === "j" || key === "k") { step(key === "j" ? 1 : -1); return; }
    const act = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (act) { event.preventDefault(); act.click(); }
  });

  // Forms that lose nothing -----------------------------------------------------------------------------------------
  const drafts = window.sessionStorage; // of this tab only, gone when it is closed
  const slot = (form) => `draft ${form.dataset.keep}`;
  const fields = (form) => [...new FormData(form)].filter(([name]) => name !== "once");
  function keep(form) { try { drafts.setItem(slot(form), JSON.stringify(fields(form))); } catch { /* no room: the page itself still holds it */ } }
  function restore(form) {
    const kept = drafts.getItem(slot(form));
    if (!kept || "kept" in form.dataset) return;
    let changed = false;
    const used = new Map();
    const said = JSON.parse(kept);
    for (const box of form.elements) { // a tick belongs to its value, never to its place: what a line stands for may have changed meanwhile
      if (box.type !== "checkbox" && box.type !== "radio") continue;
      const on = said.some(([name, value]) => name === box.name && value === box.value);
      if (box.type === "radio" ? on && !box.checked : on !== box.checked) { box.checked = on; changed = true; }
    }
    for (const [name, value] of said) {
      const same = [...form.elements].filter((each) => each.name === name && each.type !== "checkbox" && each.type !== "radio");
      const place = used.get(name) || 0; used.set(name, place + 1);
      const control = same[place];
      if (control && control.type !== "hidden" && control.value !== value) { control.value = value; changed = true; }
    }
    if (changed) announce(words.restored);
  }
  function replaceMain(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const main = document.importNode(fresh.getElementById("main"), true);
    document.getElementById("main").replaceWith(main);
    document.title = fresh.title;
    prepare(main);
  }
  async function send(event) {
    const form = event.target, button = event.submitter;
    if (form.method !== "post" || "plain" in form.dataset || event.defaultPrevented) return;
    event.preventDefault();
    const data = new FormData(form, button);
    const action = button?.getAttribute("formaction") || form.getAttribute("action");
    const draft = form.dataset.keep ? slot(form) : "";
    if (button) button.disabled = true;
    try {
      const answer = await fetch(action, { method: "POST", body: new URLSearchParams(data), headers: { "X-Spean": "1" } });
      const go = answer.headers.get("x-spean-go");
      if (go) { if (draft) drafts.removeItem(draft); location.assign(go); return; }
      replaceMain(await answer.text());
    } catch {
      notice(words.notSent, true);
    } finally {
      if (button) button.disabled = false;
    }
  }
  document.addEventListener("submit", send);
  document.addEventListener("input", (event) => { const form = event.target.closest("form[data-keep]"); if (form) keep(form); });
  const zones = { 30: 3, 36: 2, 44: 2 }; // a scanner types like a keyboard: when the last line of a zone stands, the question goes off
  document.addEventListener("input", (event) => {
    if (!("scan" in event.target.dataset)) return;
    const lines = event.target.value.trim().split(/\s+/);
    if (zones[lines[0].length] === lines.length && lines.every((line) => line.length === lines[0].length)) event.target.form.requestSubmit();
  });

  function prepare(root) {
    for (const form of root.querySelectorAll("form[data-keep]")) { if ("kept" in form.dataset) keep(form); else restore(form); }
    const focus = root.querySelector("#errors, [data-focus]");
    if (focus) focus.focus();
    if (window.htmx && root !== document) window.htmx.process(root);
    tick();
  }
  prepare(document);

  // Live ------------------------------------------------------------------------------------------------------------
  let stale = false; // something changed that this page could not fetch yet
  let told = 0, asked = 0; // changes that we were told of, and how many of them the last question knew
  const ask = () => { if (window.htmx) window.htmx.trigger(body, "live"); };
  const refresh = () => { told += 1; ask(); body.dispatchEvent(new CustomEvent("spean:changed")); };
  body.addEventListener("htmx:beforeRequest", (event) => { if (event.detail.requestConfig?.triggeringEvent?.type === "live") asked = told; });
  const reached = () => { if (document.getElementById("notice").textContent === words.offline) notice(""); }; // the node has answered
  const back = () => { notice(""); announce(words.online); if (stale) refresh(); };
  window.addEventListener("offline", () => notice(words.offline));
  window.addEventListener("online", back);
  if (body.dataset.live && "EventSource" in window) {
    let lost = false, hello = body.dataset.stamp || ""; // as it was before this page was read: nothing falls between
    let stream;
    const listen = () => {
      stream = new EventSource(`/live?of=${encodeURIComponent(body.dataset.live)}`);
      stream.addEventListener("changed", (event) => { hello = event.data; refresh(); });
      stream.addEventListener("alarm", (event) => body.dispatchEvent(new CustomEvent("spean:alarm", { detail: JSON.parse(event.data) })));
      stream.addEventListener("hello", (event) => {
        stale ||= hello !== "" && hello !== event.data; // something happened while the line was cut
        if (lost) back(); else if (stale) refresh();
        hello = event.data; lost = false;
      });
      stream.addEventListener("ended", () => { stream.close(); notice(words.ended); });
      stream.onerror = () => { if (!lost) { lost = true; setTimeout(() => { if (lost) notice(words.offline); }, 3000); } };
    };
    listen();
    window.addEventListener("pagehide", () => stream.close());
    window.addEventListener("pageshow", (event) => { if (event.persisted) listen(); }); // the back button brought it back as it was
  }
  // What changed while an answer was on its way is asked for again: htmx forgets a question that waited at a part which was replaced.
  body.addEventListener("htmx:afterSettle", () => { if (asked < told) { asked = told; setTimeout(ask, 0); } });
  body.addEventListener("htmx:afterSwap", (event) => { stale = false; reached(); if (event.target.id === "live") announce(words.changed); tick(); });
  body.addEventListener("htmx:sendError", () => { stale = true; notice(words.offline); setTimeout(() => { if (stale) refresh(); }, 3000); });
})();
