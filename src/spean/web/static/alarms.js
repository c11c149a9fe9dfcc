// Alarms on every page: the number in the window's title, a tone, and the browser's own notification. Nothing of an alarm's words is here.
"use strict";
(() => {
  const body = document.body, words = document.getElementById("page-words").dataset;
  const store = window.sessionStorage, RUNG = "alarm rung", REPEAT = 60000; // of this tab: the newest alarm that it rang for, and when
  const state = { count: Number(body.dataset.alarms), worst: body.dataset.worst, newest: 0 };
  const calls = () => body.dataset.calls.split(".");
  const soundOn = () => calls().includes("sound");
  const mayNotify = () => "Notification" in window && Notification.permission === "granted" && calls().includes("notices");

  // The window's title ------------------------------------------------------------------------------------------------
  const bare = (text) => text.replace(/^\(\d+\) /, "");
  function title() {
    const wanted = (state.count ? `(${state.count}) ` : "") + bare(document.title);
    if (document.title !== wanted) document.title = wanted;
  }
  new MutationObserver(title).observe(document.querySelector("title"), { childList: true });

  function badge() {
    const link = document.querySelector('.places a[href="/alarms"]');
    if (!link) return;
    let mark = link.querySelector("[data-badge]");
    if (!state.count) { if (mark) mark.remove(); return; }
    if (!mark) { mark = document.createElement("span"); mark.dataset.badge = ""; link.append(mark); }
    mark.className = `badge ${state.worst}`; mark.textContent = String(state.count);
  }

  // The tone: two notes, three times for what is critical ----------------------------------------------------------------
  let sounder = null;
  function context() {
    sounder ||= new AudioContext();
    return sounder;
  }
  function note(at, pitch, length) {
    const tone = sounder.createOscillator(), volume = sounder.createGain();
    tone.frequency.value = pitch; tone.type = "triangle";
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.3, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
    tone.connect(volume).connect(sounder.destination);
    tone.start(at); tone.stop(at + length);
  }
  async function ring(times) {
    const sound = context();
    if (sound.state !== "running") await Promise.race([sound.resume(), new Promise((done) => { setTimeout(done, 300); })]);
    if (sound.state !== "running") { body.dispatchEvent(new CustomEvent("spean:rung", { detail: "waits" })); return false; }
    for (let turn = 0; turn < times; turn += 1) {
      const at = sound.currentTime + turn * 0.7;
      note(at, 880, 0.28); note(at + 0.3, 660, 0.32);
    }
    body.dispatchEvent(new CustomEvent("spean:rung", { detail: "rang" }));
    return true;
  }
  let waiting = false;
  function ringOrWait(times) {
    ring(times).then((rang) => {
      if (rang || waiting) return;
      waiting = true;
      const now = () => { waiting = false; document.removeEventListener("pointerdown", now); document.removeEventListener("keydown", now); if (state.count) ring(times); };
      document.addEventListener("pointerdown", now); document.addEventListener("keydown", now);
      document.getElementById("announce").textContent = words.soundWaits;
    });
  }

  // What is new ---------------------------------------------------------------------------------------------------------
  function tell(fresh) {
    const last = JSON.parse(store.getItem(RUNG) || "[0,0]");
    if (!fresh && Date.now() - last[1] < REPEAT) return;
    store.setItem(RUNG, JSON.stringify([state.newest, Date.now()]));
    document.getElementById("announce").textContent = words.alarms.replace("{count}", state.count);
    if (soundOn()) ringOrWait(state.worst === "critical" ? 3 : 1);
    if (fresh && mayNotify()) {
      const shown = new Notification(`${words.alarm} – ${body.dataset.node}`, { body: words.alarmOpen, tag: `spean-${body.dataset.node}`, renotify: true });
      shown.onclick = () => { window.focus(); location.assign("/alarms"); };
    }
  }
  body.addEventListener("spean:alarm", (event) => {
    const told = event.detail, first = state.newest === 0;
    const fresh = told.newest > state.newest && (!first || told.newest > JSON.parse(store.getItem(RUNG) || "[0,0]")[0]);
    Object.assign(state, told);
    title(); badge();
    if (!state.count || state.worst === "info") return;
    if (fresh) tell(true);
  });
  setInterval(() => { if (state.count && state.worst === "critical") tell(false); }, 5000); // a critical alarm rings each minute until somebody has seen it

  // Its switches, on the page of alarms: a form, remembered by the node in a cookie of this browser ----------------------------------
  document.addEventListener("click", (event) => { if (event.target.closest("#sound-test")) ring(3); });
  document.addEventListener("change", async (event) => {
    if (event.target.id !== "notices" || !event.target.checked || !("Notification" in window)) return;
    if (await Notification.requestPermission() !== "granted") { event.target.checked = false; document.getElementById("notice-denied").hidden = false; }
  });
  title();
})();
