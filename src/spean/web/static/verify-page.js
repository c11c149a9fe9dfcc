// The page of verifying: takes a file that was chosen or dropped, or the fact's own evidence, and tells each step in the page's words.
"use strict";
(() => {
  const page = document.getElementById("verify"), said = document.getElementById("verify-words").dataset;
  const known = JSON.parse(said.known), list = document.getElementById("steps"), verdict = document.getElementById("verdict");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  const camel = (text) => text.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const when = (ms) => new Date(ms).toISOString().slice(0, 19).replace("T", " ") + " UTC";
  const owner = (key) => known[key] ? fill(said.known_, { node: known[key] }) : said.unknown_;

  function line(parent, text, className) {
    const item = document.createElement(parent.tagName === "UL" ? "li" : "p");
    item.textContent = text; if (className) item.className = className;
    parent.append(item);
  }
  function step(number, mark, title, rows) {
    const item = document.createElement("li"), head = document.createElement("b"), sign = document.createElement("span"), unseen = document.createElement("span"), facts = document.createElement("ul");
    item.className = mark === "✓" ? "yes" : mark === "✕" ? "no" : "mute";
    sign.className = "sign"; sign.setAttribute("aria-hidden", "true"); sign.textContent = mark;
    unseen.className = "unseen"; unseen.textContent = mark === "✓" ? said.held : mark === "✕" ? said.failed : said.skipped;
    head.textContent = `${number}. ${title}`; facts.className = "plain small";
    item.append(sign, " ", head, " ", unseen, facts);
    for (const [text, className] of rows) line(facts, text, className);
    list.append(item);
  }
  const TELL = {
    1: (v) => [[fill(said.says1, v)], [v.fact, "hash"]],
    2: (v) => [[fill(said.says2, v)], [v.key, "hash"], [owner(v.key)]],
    3: (v) => v.content ? [[said.says3], [v.commitment, "hash"], ...(v.officer ? [[fill(said.says3officer, v.officer)]] : [])] : [[said.says3none]],
    4: (v) => [[fill(said.says4, v)], [v.root, "hash"], [owner(v.key)]],
    5: (v) => [[fill(said.says5, v)], [v.root, "hash"]],
    6: (v) => v.witnesses.length ? v.witnesses.map((one) => [`${fill(said.says6, { name: one.name, at: when(one.at) })} ${owner(one.key)}`]) : [[said.says6none]],
    7: (v) => v.receipts.length ? v.receipts.map((one) => [`${fill(said.says7, one)} ${owner(one.key)}`]) : [[said.says7none]],
  };
  const empty = (number, v) => (number === 3 && !v.content) || (number === 6 && !v.witnesses.length) || (number === 7 && !v.receipts.length);

  function conclude(text, good) {
    verdict.hidden = false; verdict.className = good ? "rule ok" : "rule"; verdict.textContent = `${good ? "✓" : "✕"} ${text}`;
    verdict.focus();
  }
  async function run(bytes, name) {
    list.replaceChildren(); verdict.hidden = true;
    document.getElementById("what").textContent = fill(said.reading, { name, bytes: bytes.length });
    let strangers = false;
    try {
      const found = await globalThis.SpeanVerify.verify(bytes, (number, values) => {
        step(number, empty(number, values) ? "–" : "✓", said[`step${number}`], TELL[number](values));
        strangers ||= (number === 2 || number === 4) && !known[values.key];
      });
      if (found.body) {
        const shown = document.getElementById("words-shown");
        shown.hidden = false; shown.querySelector("pre").textContent = JSON.stringify(JSON.parse(new TextDecoder().decode(found.body)), null, 2);
      }
      conclude(strangers ? said.goodUnknown : said.good, true);
    } catch (fault) {
      const code = fault.code || "malformed", number = fault.step || 0;
      const why = fill(said[camel(`fault-${code}`)] || said.faultMalformed, { where: fault.message, ...fault.values });
      step(number, "✕", number ? said[`step${number}`] : said.step0, [[why]]);
      conclude(fill(said.bad, { number, why }), false);
    }
    page.dataset.done = String(Number(page.dataset.done || 0) + 1);
  }
  async function take(file) {
    if (file.size > 8 * 1024 * 1024) { list.replaceChildren(); conclude(fill(said.bad, { number: 0, why: said.faultMalformed }), false); return; }
    document.getElementById("words-shown").hidden = true;
    await run(new Uint8Array(await file.arrayBuffer()), file.name);
  }
  const input = document.getElementById("file"), drop = document.getElementById("drop");
  input.addEventListener("change", () => { if (input.files.length) take(input.files[0]); });
  for (const kind of ["dragover", "drop"]) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.toggle("over", kind === "dragover"); if (kind === "drop" && event.dataTransfer.files.length) take(event.dataTransfer.files[0]); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  const own = document.getElementById("own");
  if (own) own.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(own.action, { method: "POST", body: new URLSearchParams(new FormData(own)) });
    if (answer.ok && answer.headers.get("content-type").startsWith("application/json")) await run(new Uint8Array(await answer.arrayBuffer()), said.own);
    else { list.replaceChildren(); conclude(said.notGiven, false); }
  });
})();
