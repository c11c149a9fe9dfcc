"""One word for an account, whatever document names it."""

from __future__ import annotations

import re

_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_BETWEEN = re.compile(r"[\s\-./]+")


def bank_code(text: str) -> str:
    """An institution's code: of a BIC the first eight letters (the institution), other codes in capitals without spaces."""
    code = "".join(text.split()).upper().replace("/", "")
    return code[:8] if _BIC.fullmatch(code) else code


def account_name(iban: str, number: str, keeper: str) -> str:
    """An IBAN as such; else ``KEEPER/number``; the bare number when nobody says who keeps it; nothing for nothing."""
    if iban:
        return "".join(iban.split()).upper()
    bare = _BETWEEN.sub("", number).upper()
    if not bare:
        return ""
    return f"{keeper}/{bare}" if keeper else bare
