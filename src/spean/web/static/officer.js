// The acting officer's own signature inside a fact's words: a passkey's assertion over header and words (ledger/officer.py, WebAuthn 7.2).
"use strict";
(() => {
  const MARK = ',"officer":', NAMES = ["authenticator", "client", "credential", "key", "signature"];
  const MOST = { authenticator: 1024, client: 4096, credential: 1023, key: 1024, signature: 512 };
  const utf8 = new TextEncoder(), strict = new TextDecoder("utf-8", { fatal: true });

  // COSE_Key (RFC 9052): one flat map of small numbers and byte strings, each in its shortest form -----------------------------------
  function cose(data) {
    let at = 0;
    const take = (count) => { if (at + count > data.length) throw new TypeError("cut short"); at += count; return data.slice(at - count, at); };
    function head() {
      const first = take(1)[0], kind = first >> 5, low = first & 31;
      if (low < 24) return [kind, low];
      if (low > 25) throw new TypeError("too long");
      const number = [...take(low === 24 ? 1 : 2)].reduce((sum, byte) => sum * 256 + byte, 0);
      if (number < (low === 24 ? 24 : 256)) throw new TypeError("not in its shortest form");
      return [kind, number];
    }
    function value() {
      const [kind, number] = head();
      if (kind === 0) return number;
      if (kind === 1) return -1 - number;
      if (kind === 2) return take(number);
      throw new TypeError("neither number nor bytes");
    }
    const [kind, count] = head(), found = new Map();
    if (kind !== 5 || count > 5) throw new TypeError("no map");
    for (let n = 0; n < count; n += 1) {
      const name = value();
      if (typeof name !== "number" || found.has(name)) throw new TypeError("a field twice");
      found.set(name, value());
    }
    if (at !== data.length) throw new TypeError("something follows");
    return found;
  }
  const is = (key, fixed, raw) => key.size === Object.keys(fixed).length + raw.length && Object.entries(fixed).every(([name, value]) => key.get(Number(name)) === value) && raw.every((name) => key.get(name) instanceof Uint8Array);

  function rawSignature(der) { // ECDSA: DER to r ‖ s
    const part = (at) => {
      if (der[at] !== 2 || der[at + 1] > 33) throw new TypeError("no number");
      return [der.slice(at + 2, at + 2 + der[at + 1]), at + 2 + der[at + 1]];
    };
    if (der[0] !== 0x30 || der[1] !== der.length - 2) throw new TypeError("no sequence");
    const [r, next] = part(2), [s, end] = part(next), raw = new Uint8Array(64);
    if (end !== der.length) throw new TypeError("something follows");
    for (const [number, place] of [[r, 0], [s, 32]]) {
      const bare = number.length > 1 && number[0] === 0 ? number.slice(1) : number;
      if (!bare.length || bare.length > 32 || number[0] > 127 || (number.length > 1 && number[0] === 0 && number[1] < 128)) throw new TypeError("not its one form");
      raw.set(bare, place + 32 - bare.length);
    }
    return raw;
  }
  async function holds(keyBytes, signature, message, tools) {
    const key = cose(keyBytes);
    if (is(key, { 1: 1, 3: -8, "-1": 6 }, [-2])) return ["EdDSA", await tools.signed(key.get(-2), signature, message)];
    if (is(key, { 1: 2, 3: -7, "-1": 1 }, [-2, -3]) && key.get(-2).length === 32 && key.get(-3).length === 32) {
      const imported = await crypto.subtle.importKey("raw", tools.join(Uint8Array.of(4), key.get(-2), key.get(-3)), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
      return ["ES256", await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, imported, rawSignature(signature), message)];
    }
    if (is(key, { 1: 3, 3: -257 }, [-1, -2])) {
      const jwk = { kty: "RSA", n: tools.encodeUrl(key.get(-1)), e: tools.encodeUrl(key.get(-2)), alg: "RS256" };
      if (key.get(-1)[0] === 0 || key.get(-1).length < 256 || key.get(-1).length > 512) throw new TypeError("an RSA key of another size");
      const imported = await crypto.subtle.importKey("jwk", jwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["verify"]);
      return ["RS256", await crypto.subtle.verify("RSASSA-PKCS1-v1_5", imported, signature, message)];
    }
    throw new TypeError("another kind of key");
  }

  // What a passkey gave, and over what ------------------------------------------------------------------------------------------------
  function detach(body, tools) {
    const document_ = JSON.parse(strict.decode(body));
    if (document_ === null || typeof document_ !== "object" || !Object.hasOwn(document_, "officer")) return null;
    const given = document_.officer;
    if (given === null || typeof given !== "object" || Object.keys(given).sort().join() !== NAMES.join()) throw new TypeError("another form");
    const parts = Object.fromEntries(NAMES.map((name) => [name, tools.base64Url(given[name])]));
    if (NAMES.some((name) => !parts[name] || !parts[name].length || parts[name].length > MOST[name])) throw new TypeError("a part of another length");
    const last = utf8.encode(`${MARK}${tools.canonical(given)}}`), cut = body.length - last.length;
    if (cut < 0 || !tools.same(body.slice(cut), last)) throw new TypeError("not the last field");
    return { words: tools.join(body.slice(0, cut), utf8.encode("}")), parts };
  }
  function client(bytes, challenge) {
    const said = JSON.parse(strict.decode(bytes));
    if (said.type !== "webauthn.get" || said.challenge !== challenge || (said.crossOrigin ?? false) !== false || "topOrigin" in said || typeof said.origin !== "string") throw new TypeError("made over something else");
    return said.origin;
  }
  async function check(header, body, tools) {
    let found;
    try { found = detach(body, tools); } catch (error) { throw error instanceof tools.Fault ? error : new tools.Fault(3, "officer-form"); }
    if (!found) return null;
    try {
      const { words, parts } = found, zero = Uint8Array.of(0);
      const known = Object.fromEntries(Object.entries(header).filter(([name]) => name !== "commitment" && name !== "size"));
      const challenge = tools.encodeUrl(await tools.sha256(tools.join(utf8.encode("spean/officer/1"), zero, utf8.encode(tools.canonical(known)), zero, words)));
      const origin = client(parts.client, challenge), data = parts.authenticator, flags = data[32] ?? 0;
      const host = await tools.sha256(utf8.encode(new URL(origin).hostname));
      if (data.length < 37 || (data.length > 37) !== Boolean(flags & 0x80) || !tools.same(data.slice(0, 32), host) || !(flags & 1) || !(flags & 4)) throw new TypeError("not of this officer");
      const [algorithm, holding] = await holds(parts.key, parts.signature, tools.join(data, await tools.sha256(parts.client)), tools);
      if (!holding) throw new TypeError("another's signature");
      return { algorithm, origin, key: tools.hex(await tools.sha256(parts.key)).slice(0, 16) };
    } catch (error) {
      throw error instanceof tools.Fault ? error : new tools.Fault(3, "officer");
    }
  }
  globalThis.SpeanOfficer = { check };
})();
