// Asks the browser's authenticator when a form needs a passkey, puts its answer into the form, and lets it go on as any form.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (mark) => mark.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  const get = (asked) => navigator.credentials.get({
    publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: named(asked.allowCredentials) },
  });
  const create = (asked) => navigator.credentials.create({
    publicKey: {
      ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: named(asked.excludeCredentials),
    },
  });

  function written(made) { // as the standard's toJSON, which not every browser has
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    if (made.response.getTransports) response.transports = made.response.getTransports();
    return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {}, response });
  }

  async function options(form) { // in the page where the act itself is signed; asked for where a fresh challenge is enough
    if (form.dataset.ask) return JSON.parse(form.dataset.ask);
    const answer = await fetch(form.dataset.options, { method: "POST", headers: { "X-Spean": "1" } });
    const said = await answer.json();
    if (answer.ok) return said;
    if (answer.status === 401) { location.assign(`/sign-in?back=${encodeURIComponent(location.pathname + location.search)}`); return null; }
    if (said.rule === "proof") { location.assign(`/account/prove?back=${encodeURIComponent(location.pathname + location.search)}`); return null; }
    throw new Refused([said.what, said.why, said.remedy].filter(Boolean).join(" – "));
  }

  class Refused extends Error {}

  function explain(form, error) {
    const box = form.querySelector("[data-says]"), words = box.dataset;
    box.textContent = error instanceof Refused ? error.message : error.name === "InvalidStateError" ? words.known
      : error instanceof TypeError ? words.unreachable : words.cancelled;
    box.hidden = false;
  }

  async function ask(event) {
    const form = event.target, kind = form.dataset?.passkey, field = form.elements?.["secret.credential"];
    if (!kind || !field || field.value || event.submitter?.hasAttribute("formnovalidate")) return;
    event.preventDefault(); event.stopImmediatePropagation();
    const box = form.querySelector("[data-says]"), button = event.submitter;
    box.hidden = true;
    if (!window.PublicKeyCredential) { box.textContent = box.dataset.unknown; box.hidden = false; return; }
    if (button) button.disabled = true;
    try {
      const asked = await options(form);
      if (!asked) return;
      field.value = written(await (kind === "create" ? create : get)(asked));
      if (button) button.disabled = false;
      form.requestSubmit(button || undefined);
      field.value = ""; // an answer serves once
    } catch (error) {
      explain(form, error);
    } finally {
      if (button) button.disabled = false;
    }
  }
  document.addEventListener("submit", ask, true); // before the script that sends forms
})();
