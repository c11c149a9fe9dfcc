"""Addresses of the internet in text: web pages (also defanged), mail, domains, IP, network cards, user names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spean.core.errors import InvalidInput
from spean.entities.extract.model import Found, Seen
from spean.entities.extract.words import NO_NAMES, PLATFORMS, TOPS, WORDLIKE
from spean.entities.values.base import ValueType
from spean.entities.values.handle import HANDLE
from spean.entities.values.internet import DOMAIN, EMAIL, IP, MAC, URL

_DOT = r"(?:\.|\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\))"
_SCHEME = re.compile(r"(?<![A-Za-z0-9])(?:h(?:tt|xx|\*\*)ps?|f(?:t|x)p|meows?)\s?(?:\[:\]|:)//", re.IGNORECASE)
_REST = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%{}]{1,2000}")
_WIDE_HOST = re.compile(r"[^\s/<>\"'()\[\]]{1,100}")
_NAME = re.compile(
    rf"(?<![A-Za-z0-9._@-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}{_DOT}){{1,8}}([A-Za-z]{{2,24}}|xn--[a-z0-9-]{{2,59}})(?![A-Za-z0-9_-])",
    re.IGNORECASE,
)
_HOST = rf"(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}{_DOT}){{1,8}}"
_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_][A-Za-z0-9._%+-]{0,63} ?(?:@|\[at\]|\(at\)|\[@\]) ?"
    rf"{_HOST}[A-Za-z]{{2,24}}(?![A-Za-z0-9_-])", re.IGNORECASE,
)  # fmt: skip
_V4 = re.compile(rf"(?<![0-9A-Za-z.])(?:[0-9]{{1,3}}{_DOT}){{3}}[0-9]{{1,3}}(?![0-9A-Za-z]|\.[0-9])")
_V6 = re.compile(r"(?<![0-9A-Za-z:.])[0-9a-fA-F:]{2,39}(?![0-9A-Za-z:.])")
_MAC = re.compile(r"(?<![0-9A-Za-z:-])[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2}){4}(?![0-9A-Za-z:-])")
_WORDS = {word: platform for platform, words in PLATFORMS.items() for word in words}
_KIND_OF = "id|account|username|user|handle|group|channel|ไอดี|号|號|아이디|chat|is|contact"
_PLATFORM = re.compile(
    "(?<![a-z0-9])(" + "|".join(map(re.escape, sorted(_WORDS, key=len, reverse=True))) + ")"
    rf"[ ]{{0,2}}(?:(?:{_KIND_OF})[ ]{{0,2}})?([:=\-]|is |@| )[ ]{{0,2}}(?:id[ ]{{0,2}}:?[ ]{{0,2}})?@?"
    r"([a-z0-9][a-z0-9._-]{2,31})(?![a-z0-9@])"
)  # fmt: skip
_CALL = re.compile(
    r"(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?([1-9][0-9]{7,14})(?:[?&].*)?", re.IGNORECASE
)
_TRAILING = ".,;:!?'\"*_~"


def urls(seen: Seen) -> Iterator[Found]:
    """Web addresses; the page of a user on a platform becomes the user's name."""
    for scheme in _SCHEME.finditer(seen.shadow):
        rest = _REST.match(seen.shadow, scheme.end())
        if rest is None:
            rest = _WIDE_HOST.match(seen.shadow, scheme.end())
        if rest is not None:
            yield from _url(seen, scheme.start(), _trimmed(seen.shadow, scheme.end(), rest.end()))


def _url(seen: Seen, start: int, end: int) -> Iterator[Found]:
    text = seen.shadow[start:end]
    if found := _CALL.fullmatch(text):
        yield seen.found("phone", f"+{found[1]}", start, end)
    elif (handle := _clean(HANDLE, text)) is not None:
        yield seen.found("handle", handle, start, end)
    elif (url := _clean(URL, text)) is not None:
        yield seen.found("url", url, start, end)


def names(seen: Seen) -> Iterator[Found]:
    """Domains, and pages that are written without ``http``."""
    for found in _NAME.finditer(seen.shadow):
        start, end, text = found.start(), found.end(), found[0]
        path = seen.shadow[end : end + 1] == "/" and _REST.match(seen.shadow, end)
        if path:
            last = _trimmed(seen.shadow, end, path.end())
            if last > end + 1 and _means(found, path=True):
                yield from _url(seen, start, last)
                continue
        if _means(found, path=False) and (clean := _clean(DOMAIN, text)) is not None:
            yield seen.found("domain", clean, start, end)


def _means(found: re.Match[str], *, path: bool) -> bool:
    """Whether somebody means a domain and did not forget a space after a full stop."""
    text, top = found[0].lower(), found[1].lower()
    if "[" in text or "(" in text or "{" in text or text.startswith("www.") or top.startswith("xn--"):
        return True
    if top not in TOPS:
        return False
    if found[0].rsplit(".", 1)[-1][0].isupper() and not found[0].isupper():
        return False
    return path or top not in WORDLIKE or text.count(".") > 1


def mails(seen: Seen) -> Iterator[Found]:
    """Mail addresses."""
    for found in _MAIL.finditer(seen.shadow):
        if (clean := _clean(EMAIL, found[0].replace(" ", ""))) is not None:
            yield seen.found("email", clean, found.start(), found.end())


def addresses(seen: Seen) -> Iterator[Found]:
    """IP addresses and network cards; no versions of programs, no times of day."""
    for found in _V4.finditer(seen.shadow):
        before = seen.low[max(0, found.start() - 9) : found.start()].rstrip()
        if not before.endswith(("version", "ver.", " v", "firmware", "build")) and (clean := _clean(IP, found[0])):
            yield seen.found("ip", clean, found.start(), found.end())
    for found in _V6.finditer(seen.shadow):
        colons = found[0].count(":")
        if (colons == 7 or ("::" in found[0] and colons > 2)) and (clean := _clean(IP, found[0])):
            yield seen.found("ip", clean, found.start(), found.end())
    for found in _MAC.finditer(seen.shadow):
        if (clean := _clean(MAC, found[0])) is not None:
            yield seen.found("mac", clean, found.start(), found.end())


def handles(seen: Seen) -> Iterator[Found]:
    """User names beside the name of their platform."""
    for found in _PLATFORM.finditer(seen.low):
        platform, between, name = _WORDS[found[1]], found[2], found[3].rstrip(".-_")
        marked = between in (":", "=", "@") or seen.low[found.start(3) - 1] == "@"
        told = any(char.isdigit() or char in "._" for char in name)
        if (marked or told) and name not in NO_NAMES and (clean := _clean(HANDLE, f"{platform}:{name}")) is not None:
            yield seen.found("handle", clean, found.start(3), found.start(3) + len(name))


def _trimmed(text: str, start: int, end: int) -> int:
    """The end without the marks of the sentence around it; a closing bracket stays when it was opened inside."""
    while end > start:
        last = text[end - 1]
        if last in _TRAILING or (
            last in ")]}"
            and text.count(last, start, end) > text.count({")": "(", "]": "[", "}": "{"}[last], start, end)
        ):
            end -= 1
        else:
            break
    return end


def _clean(kind: ValueType, text: str) -> str | None:
    try:
        return kind.clean(text)
    except InvalidInput:
        return None
