"""Names on the internet: domain (IDNA, RFC 3490), URL (RFC 3986), IP (RFC 4291, 5952), e-mail (RFC 5321), MAC. Defanged forms are understood."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from spean.entities.values.base import ValueType
from spean.entities.values.words import tidy

_DOTS = re.compile(r"[\[({]\s*(?:\.|dot)\s*[\])}]|\[(?=\.)|(?<=\.)\]|[\u3002\uff0e\uff61]", re.IGNORECASE)
_AT = re.compile(r"[\[({]\s*(?:@|at)\s*[\])}]", re.IGNORECASE)
_SCHEME = re.compile(r"^(?:h(?:xx|tt|\*\*)p(s?)|meow(s?)|f(?:tp|xp))\s*(?:\[:\]|:)\s*//", re.IGNORECASE)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_TOP = re.compile(r"[a-z][a-z0-9-]*[a-z0-9]")
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}")
_PORTS = {"http": 80, "https": 443, "ftp": 21}
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_SAFE = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")


def fanged(text: str) -> str:
    """``hxxps://bad[.]example`` as what it stands for."""
    found = _AT.sub("@", _DOTS.sub(".", text))
    scheme = _SCHEME.match(found)
    if scheme is None:
        return found
    word = "ftp" if scheme[0][0] in "fF" else "https" if (scheme[1] or scheme[2]) else "http"
    return f"{word}://{found[scheme.end() :]}"


def _is_number(host: str) -> bool:
    """Whether a host is an address of version 4: digits and dots alone (a name may end in a digit as well)."""
    return host.replace(".", "").isdigit()


class Domain(ValueType):
    """A domain name in small letters, labels in other scripts as ``xn--``; without the dot at its end."""

    name = "domain"
    most = 300

    def clean(self, text: str) -> str:
        found = fanged(tidy(self.bounded(text))).rstrip(".").lower()
        try:
            plain = found if found.isascii() else found.encode("idna").decode("ascii")
        except UnicodeError:
            raise self.refused("its letters make no domain name", "copy it from the address line") from None
        labels = plain.split(".")
        fits = len(plain) <= 253 and len(labels) > 1 and _TOP.fullmatch(labels[-1]) is not None
        if not fits or any(_LABEL.fullmatch(label) is None for label in labels):
            raise self.refused("it is no domain name", "give it as in example.org")
        return plain

    def mask(self, text: str) -> str:
        labels = self.clean(text).split(".")
        return f"{labels[-2][:2]}….{labels[-1]}"


class Ip(ValueType):
    """An address of version 4 or 6, the latter in its short form."""

    name = "ip"

    def clean(self, text: str) -> str:
        try:
            found = ip_address(fanged(tidy(self.bounded(text))).strip("[]"))
        except ValueError:
            raise self.refused("it is no IP address", "give it as in 192.0.2.1 or 2001:db8::1") from None
        mapped = getattr(found, "ipv4_mapped", None)
        return str(mapped or found)

    def mask(self, text: str) -> str:
        whole = self.clean(text)
        return whole[: whole.rindex("." if "." in whole else ":") + 1] + "…"


class Url(ValueType):
    """A web address: scheme and host in small letters, without its usual port, fragment and sign-in; escapes as RFC 3986 has them."""

    name = "url"
    most = 2_000

    def clean(self, text: str) -> str:
        found = fanged(tidy(self.bounded(text)))
        if "://" not in found[:12]:
            found = f"http://{found}"
        try:
            parts = urlsplit(found)
            port = parts.port
        except ValueError:
            raise self._none() from None
        if parts.scheme not in _PORTS or not parts.hostname:
            raise self._none()
        host = self._host(parts.hostname)
        if port is not None and port != _PORTS[parts.scheme]:
            host = f"{host}:{port}"
        query = f"?{_escaped(parts.query)}" if parts.query else ""
        return f"{parts.scheme}://{host}{_escaped(parts.path) or '/'}{query}"

    def _host(self, name: str) -> str:
        if ":" in name:
            return f"[{IP.clean(name)}]"
        return IP.clean(name) if _is_number(name) else DOMAIN.clean(name)

    def _none(self) -> Exception:
        return self.refused("it is no web address", "give it as in https://example.org/page")

    def mask(self, text: str) -> str:
        parts = urlsplit(self.clean(text))
        host = parts.hostname or ""
        return f"{parts.scheme}://{IP.mask(host) if ':' in host or _is_number(host) else DOMAIN.mask(host)}/…"


class Email(ValueType):
    """A mail address; all in small letters, since hardly a mailbox tells them apart. What follows ``+`` stays: it may be another box."""

    name = "email"
    most = 320

    def clean(self, text: str) -> str:
        found = fanged(tidy(self.bounded(text))).removeprefix("mailto:")
        local, at, domain = found.rpartition("@")
        if not at or _LOCAL.fullmatch(local) is None or local[0] == "." or local[-1] == "." or ".." in local:
            raise self.refused("it is no mail address", "give it as in name@example.org")
        return f"{local.lower()}@{DOMAIN.clean(domain)}"

    def mask(self, text: str) -> str:
        local, _, domain = self.clean(text).partition("@")
        return f"{local[:1]}…@{domain}"


class Mac(ValueType):
    """The address of a network card: six pairs of hex digits."""

    name = "mac"

    def clean(self, text: str) -> str:
        digits = re.sub(r"[\s:.-]", "", tidy(self.bounded(text))).lower()
        if re.fullmatch(r"[0-9a-f]{12}", digits) is None:
            raise self.refused("it is not six pairs of hex digits", "give it as in 00:1a:2b:3c:4d:5e")
        return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _escaped(part: str) -> str:
    """Escapes of plain letters undone, all others with capitals; letters outside ASCII escaped (RFC 3986, 6.2.2)."""

    def one(found: re.Match[str]) -> str:
        code = int(found[1], 16)
        return chr(code) if code in _SAFE else f"%{found[1].upper()}"

    plain = "".join(char if " " < char <= "~" else "".join(f"%{byte:02X}" for byte in char.encode()) for char in part)
    return _ESCAPE.sub(one, plain)


DOMAIN, IP, URL, EMAIL, MAC = Domain(), Ip(), Url(), Email(), Mac()
