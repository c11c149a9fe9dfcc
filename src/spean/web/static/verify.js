// Verifies an evidence file with nothing but this browser's own SHA-256 and signatures (docs/protocol.md; ledger/evidence_check.py).
// The seven steps are those of spean-verify. A step that fails throws a Fault that names it; nothing is sent anywhere.
"use strict";
(() => {
  const FORMAT = "spean-evidence/1", MAX_FILE = 8 * 1024 * 1024, MAX_NOTE = 65536, MAX_LINES = 64, MAX_DEPTH = 64, MAX_SIZE = 2n ** 63n - 1n;
  const FACT = "application/vnd.spean.fact+json;v=1", RECEIPT = "application/vnd.spean.receipt+json;v=1";
  const utf8 = new TextEncoder(), strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  class Fault extends Error {
    constructor(step, code, values = {}) { super(`step ${step}: ${code}`); this.step = step; this.code = code; this.values = values; }
  }

  // Bytes ---------------------------------------------------------------------------------------------------------------
  const join = (...parts) => {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { whole.set(part, at); at += part.length; }
    return whole;
  };
  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  function binary(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return text;
  }
  const encode = (bytes) => btoa(binary(bytes));
  const encodeUrl = (bytes) => encode(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  function base64(text) { // the one form of each byte string, or null
    if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) return null;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return encode(bytes) === text ? bytes : null;
  }
  function base64Url(text) {
    if (typeof text !== "string" || !/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return null;
    const plain = text.replaceAll("-", "+").replaceAll("_", "/");
    return base64(plain + "=".repeat((4 - plain.length % 4) % 4));
  }

  // Canonical JSON (RFC 8785 for text, whole numbers, true, false, null, lists, objects with ASCII keys) ----------------------------
  function canonical(value, depth = 0) {
    if (depth > MAX_DEPTH) throw new TypeError("too deep");
    if (value === null || typeof value === "boolean") return String(value);
    if (typeof value === "string") { if (/[\ud800-\udfff]/u.test(value)) throw new TypeError("half a character"); return JSON.stringify(value); }
    if (typeof value === "number") { if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new TypeError("no whole number"); return String(value); }
    if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(",")}]`;
    const names = Object.keys(value).sort();
    if (names.some((name) => /[^\x00-\x7f]/.test(name))) throw new TypeError("a key that is not ASCII");
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name], depth + 1)}`).join(",")}}`;
  }
  function read(bytes, tail = "") { // the value, if these bytes are its one form; null otherwise
    try {
      const text = strict.decode(bytes), value = JSON.parse(text);
      return canonical(value) + tail === text ? value : null;
    } catch { return null; }
  }
  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

  // Signatures ------------------------------------------------------------------------------------------------------------
  async function signed(key, signature, message) {
    if (signature.length !== 64) return false;
    try {
      const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", imported, signature, message);
    } catch (error) {
      if (error.name === "NotSupportedError") throw new Fault(0, "no-ed25519");
      return false;
    }
  }
  const envelope = (type, payload) => join(utf8.encode(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload); // DSSE's PAE

  // The file, read strictly -------------------------------------------------------------------------------------------------
  const malformed = (where) => new Fault(0, "malformed", { where });
  function fields(value, where, needed, optional = []) {
    if (!isObject(value) || !needed.every((name) => Object.hasOwn(value, name)) || !Object.keys(value).every((name) => needed.includes(name) || optional.includes(name))) throw malformed(where);
    return value;
  }
  function bytesOf(value, where, length) {
    const bytes = base64(value);
    if (!bytes || (length !== undefined && bytes.length !== length)) throw malformed(where);
    return bytes;
  }
  function textOf(value, where) {
    if (typeof value !== "string" || !value || [...value].length > 120 || /[\p{C}\p{Zl}\p{Zp}]/u.test(value)) throw malformed(where);
    return value;
  }
  function listOf(value, where, most) {
    if (!Array.isArray(value) || value.length > most) throw malformed(where);
    return value;
  }
  const keyId = async (name, kind, key) => (await sha256(join(utf8.encode(`${name}\n`), Uint8Array.of(kind), key))).slice(0, 4);
  async function vkey(value, where) {
    const found = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(textOf(value, where));
    const material = found && base64(found[3]);
    if (!material || ![1, 4].includes(material[0]) || /[\s\p{C}\p{Z}]/u.test(found[1])) throw malformed(where);
    const key = { name: found[1], kind: material[0], key: material.slice(1) };
    if (hex(await keyId(key.name, key.kind, key.key)) !== found[2]) throw malformed(where);
    return key;
  }
  async function open(bytes) {
    if (bytes.length > MAX_FILE) throw malformed("file");
    const file = read(bytes, "\n");
    if (!file || file.format !== FORMAT) throw malformed("format");
    fields(file, "file", ["format", "fact", "origin", "log", "receipts"], ["content"]);
    const fact = fields(file.fact, "fact", ["payload", "signature", "key_id"]), origin = fields(file.origin, "origin", ["node", "sign_key"]);
    const log = fields(file.log, "log", ["key", "index", "proof", "checkpoint", "witnesses"]);
    if (!Number.isSafeInteger(log.index) || log.index < 0) throw malformed("log.index");
    textOf(fact.key_id, "fact.key_id");
    const content = "content" in file ? fields(file.content, "content", ["salt", "body"]) : null;
    const found = {
      payload: bytesOf(fact.payload, "fact.payload"), signature: bytesOf(fact.signature, "fact.signature", 64),
      node: textOf(origin.node, "origin.node"), signKey: bytesOf(origin.sign_key, "origin.sign_key", 32), logKey: await vkey(log.key, "log.key"), index: log.index,
      proof: listOf(log.proof, "log.proof", 64).map((one) => bytesOf(one, "log.proof", 32)), note: bytesOf(log.checkpoint, "log.checkpoint"),
      witnesses: [], content: content && { salt: bytesOf(content.salt, "content.salt", 32), body: bytesOf(content.body, "content.body") }, receipts: [],
    };
    if (found.note.length > MAX_NOTE) throw malformed("log.checkpoint");
    for (const one of listOf(log.witnesses, "log.witnesses", MAX_LINES)) found.witnesses.push(await vkey(one, "log.witnesses"));
    for (const one of listOf(file.receipts, "receipts", 256)) {
      fields(one, "receipt", ["payload", "signature", "key_id", "key", "covers"]); textOf(one.key_id, "receipt.key_id");
      found.receipts.push({
        payload: bytesOf(one.payload, "receipt.payload"), signature: bytesOf(one.signature, "receipt.signature", 64), key: bytesOf(one.key, "receipt.key", 32),
        covers: listOf(one.covers, "receipt.covers", 65536).map((name) => textOf(name, "receipt.covers")),
      });
    }
    return found;
  }

  // 1 origin, 2 signature ------------------------------------------------------------------------------------------------------
  function origin(file) {
    const header = read(file.payload);
    if (!isObject(header)) throw new Fault(1, "not-canonical");
    if (header.v !== 1) throw new Fault(1, "version", { version: String(header.v).slice(0, 20) });
    if (["node", "record", "kind", "time", "commitment"].some((name) => typeof header[name] !== "string") || !Number.isSafeInteger(header.size)) throw new Fault(1, "header");
    if (header.node !== file.node) throw new Fault(1, "other-origin", { says: header.node.slice(0, 20), file: file.node });
    return header;
  }

  // 3 content, with the officer's own signature where there is one (officer.js) -----------------------------------------------------
  async function content(file, header) {
    if (!file.content) return null;
    const { salt, body } = file.content;
    const commitment = hex(await sha256(join(utf8.encode("spean/commit/1"), salt, body)));
    if (commitment !== header.commitment || body.length !== header.size) throw new Fault(3, "commitment", { found: commitment, wanted: header.commitment });
    return { commitment, officer: await globalThis.SpeanOfficer.check(header, body, { canonical, sha256, join, same, hex, base64Url, encodeUrl, signed, Fault }) };
  }

  // 4 checkpoint --------------------------------------------------------------------------------------------------------------
  function parseNote(bytes) {
    const bad = () => new Fault(4, "note");
    let whole;
    try { whole = strict.decode(bytes); } catch { throw bad(); }
    const gap = whole.lastIndexOf("\n\n");
    if (/[\x00-\x09\x0b-\x1f]/.test(whole) || gap < 0 || !whole.endsWith("\n")) throw bad();
    const rows = whole.slice(gap + 2, -1).split("\n");
    if (rows.length > MAX_LINES) throw bad();
    const lines = rows.map((row) => {
      const found = /^\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(row), raw = found && base64(found[2]);
      if (!raw || raw.length <= 4 || /[\s\p{C}\p{Z}]/u.test(found[1])) throw bad();
      return { name: found[1], id: hex(raw.slice(0, 4)), value: raw.slice(4) };
    });
    return { text: whole.slice(0, gap + 1), lines };
  }
  const linesOf = async (note, key, kind) => {
    const id = hex(await keyId(key.name, kind, key.key));
    return note.lines.filter((line) => line.name === key.name && line.id === id);
  };
  async function checkpoint(file, note) {
    const key = file.logKey, lines = await linesOf(note, key, 1);
    if (key.kind !== 1 || !lines.length) throw new Fault(4, "not-signed", { log: key.name });
    for (const line of lines) if (!(await signed(key.key, line.value, utf8.encode(note.text)))) throw new Fault(4, "signature", { log: key.name });
    const rows = note.text.slice(0, -1).split("\n");
    if (rows.length < 3 || rows.includes("") || !/^(0|[1-9][0-9]{0,18})$/.test(rows[1]) || BigInt(rows[1]) > MAX_SIZE) throw new Fault(4, "note");
    const root = base64(rows[2]);
    if (!root || root.length !== 32) throw new Fault(4, "note");
    if (rows[0] !== key.name) throw new Fault(4, "other-log", { log: key.name, says: rows[0].slice(0, 80) });
    return { origin: rows[0], size: BigInt(rows[1]), root };
  }

  // 5 inclusion (RFC 9162 2.1.3.2) ------------------------------------------------------------------------------------------------
  const bits = (number) => (number ? number.toString(2).length : 0);
  const ones = (number) => number.toString(2).replaceAll("0", "").length;
  async function inclusion(file, leaf, top) {
    const index = BigInt(file.index), impossible = { index: file.index, size: String(top.size) };
    if (index >= top.size) throw new Fault(5, "no-such-leaf", impossible);
    const inner = bits(index ^ (top.size - 1n)), border = ones(index >> BigInt(inner));
    if (file.proof.length !== inner + border) throw new Fault(5, "length", { found: file.proof.length, wanted: inner + border });
    let root = leaf;
    for (const [height, other] of file.proof.entries()) {
      const right = height >= inner || (index >> BigInt(height)) & 1n;
      root = await sha256(join(Uint8Array.of(1), ...(right ? [other, root] : [root, other])));
    }
    if (!same(root, top.root)) throw new Fault(5, "other-root", { found: hex(root), wanted: hex(top.root) });
  }

  // 6 witnesses ---------------------------------------------------------------------------------------------------------------
  async function witnesses(file, note) {
    const seen = new Map();
    for (const witness of file.witnesses) {
      const lines = await linesOf(note, witness, 4);
      if (!lines.length || same(witness.key, file.logKey.key)) throw new Fault(6, "not-cosigned", { name: witness.name });
      for (const line of lines) {
        if (line.value.length !== 72) throw new Fault(6, "cosignature", { name: witness.name });
        const seconds = new DataView(line.value.buffer, line.value.byteOffset, 8).getBigUint64(0);
        const message = utf8.encode(`cosignature/v1\ntime ${seconds}\n${note.text}`);
        if (seconds > MAX_SIZE || !(await signed(witness.key, line.value.slice(8), message))) throw new Fault(6, "cosignature", { name: witness.name });
        const known = seen.get(hex(witness.key));
        if (!known || known.seconds < seconds) seen.set(hex(witness.key), { name: witness.name, seconds, key: hex(witness.key) });
      }
    }
    return [...seen.values()];
  }

  // 7 receipts ----------------------------------------------------------------------------------------------------------------
  async function receipt(one, fact) {
    if (!(await signed(one.key, one.signature, envelope(RECEIPT, one.payload)))) throw new Fault(7, "receipt");
    const said = read(one.payload);
    if (!isObject(said) || typeof said.receiver !== "string" || typeof said.status !== "string" || !Array.isArray(said.facts)) throw new Fault(7, "receipt-form");
    if (!said.facts.includes(fact)) {
      if (!one.covers.includes(fact) || one.covers.some((name) => !/^[0-9a-f]{64}$/.test(name))) throw new Fault(7, "other-fact");
      if (hex(await sha256(unhex(one.covers.join("")))) !== said.digest) throw new Fault(7, "covers");
    }
    return { receiver: said.receiver, status: said.status, key: hex(one.key) };
  }

  // All of it: `tell(step, values)` hears of each step that held. Throws a Fault otherwise. ----------------------------------------------
  async function verify(bytes, tell = () => {}) {
    const file = await open(bytes);
    const leaf = await sha256(join(Uint8Array.of(0), file.payload)), fact = hex(leaf);
    const header = origin(file);
    tell(1, { fact, node: file.node, kind: header.kind, record: header.record, time: header.time, bytes: file.payload.length });
    if (!(await signed(file.signKey, file.signature, envelope(FACT, file.payload)))) throw new Fault(2, "signature", { node: file.node });
    tell(2, { node: file.node, key: hex(file.signKey), signature: hex(file.signature) });
    const shown = await content(file, header);
    tell(3, { content: shown !== null, commitment: header.commitment, officer: shown?.officer ?? null });
    const note = parseNote(file.note), top = await checkpoint(file, note);
    tell(4, { log: top.origin, size: String(top.size), root: hex(top.root), key: hex(file.logKey.key) });
    await inclusion(file, leaf, top);
    tell(5, { index: file.index, steps: file.proof.length, root: hex(top.root), size: String(top.size) });
    const seen = await witnesses(file, note);
    tell(6, { witnesses: seen.map((one) => ({ name: one.name, at: Number(one.seconds) * 1000, key: one.key })) });
    const receipts = [];
    for (const one of file.receipts) receipts.push(await receipt(one, fact));
    tell(7, { receipts });
    return { fact, header, body: file.content?.body ?? null };
  }
  globalThis.SpeanVerify = { verify, Fault };
})();
