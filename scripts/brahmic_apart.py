"""Keep words that differ in a vowel sign apart: where two vowels share their likeliest spelling, the rarer one takes its next.

Used by scripts/learn_brahmic.py on a finished table. *กอ* and *โก* are both *ko* in the Royal system, but people write *kor* for the
first nearly as often; a search that hears both as *ko* takes two people for one. A spelling moves up only if it is at most ``NEAR`` bits
less likely; where a script's users really write both alike (Lao ຄຳ and ຄາມ, *kham*), nothing changes.
"""

from __future__ import annotations

import re
from collections import defaultdict

NEAR = 2.5
TONES = "့း"
SIGNS = {"km": "[ា-ៅំះៈ័]+", "my": "[ာိီုူေဲံွ]+"}

Options = list[tuple[str, float]]


def parted(tongue: str, key: str) -> tuple[str, str]:
    """What a unit has beside its vowel, and its vowel."""
    if tongue in SIGNS:
        signs = "".join(re.findall(SIGNS[tongue], key))
        return re.sub(SIGNS[tongue], "", key).strip(TONES), signs
    pieces = key.split("|")
    if len(pieces) == 3:
        return f"{pieces[0]}||{pieces[2]}", pieces[1]
    if len(pieces) == 2:
        return f"R|{pieces[1]}", pieces[0][1:]
    return key, ""


def apart(tongue: str, lines: list[str]) -> list[str]:
    """The lines of a table with near ties between vowels broken."""
    units: dict[str, Options] = {}
    for line in lines:
        key, _, rest = line.partition("\t")
        if key[0] in "RS":
            words = rest.split(" ")
            units[key] = [(latin, float(bits)) for latin, bits in zip(words[::2], words[1::2], strict=True)]
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key in units:
        rest, vowel = parted(tongue, key)
        groups[key[0] + rest].append((vowel, key))
    for members in groups.values():
        _settle(members, units)
    made = []
    for line in lines:
        key = line.partition("\t")[0]
        made.append(f"{key}\t{' '.join(f'{latin} {bits:.1f}' for latin, bits in units[key])}" if key in units else line)
    return made


def _settle(members: list[tuple[str, str]], units: dict[str, Options]) -> None:
    """Give each vowel of a group a likeliest spelling of its own, the surest first."""
    taken: dict[str, str] = {}
    for vowel, key in sorted(members, key=lambda member: (units[member[1]][0][1], member)):
        options = units[key]
        limit = options[0][1] + NEAR
        for place, (latin, bits) in enumerate(options):
            if bits <= limit and taken.get(latin, vowel) == vowel:
                first = options[0]
                options[0], options[place] = (latin, first[1]), (first[0], bits)
                break
        options.sort(key=lambda option: option[1])
        taken.setdefault(options[0][0], vowel)
