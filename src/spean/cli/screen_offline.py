"""``spean screen --extract``: travellers against an encrypted extract, without a node and without a line (B5)."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from spean.cli.context import passphrase, read_bytes
from spean.cli.rows import writer
from spean.core.errors import InvalidInput
from spean.core.world import SystemClock, SystemEntropy
from spean.screening import groups, offline
from spean.screening.extract import MOST_BYTES, Extract
from spean.screening.model import Traveller
from spean.screening.offline import Query


def screen_offline(options: Namespace) -> None:
    """One JSON line for each traveller: id, answer, instructions, contacts. Each question is kept, sealed to the node, for bringing in (R38).

    Raises ``Unauthenticated`` for a wrong passphrase, ``Refusal`` after the extract's end and with a clock that was moved back.
    """
    words = passphrase()
    if words is None:
        raise InvalidInput("passphrase", "none is given", remedy="name its file in SPEAN_PASSPHRASE_FILE")
    if len(options.reason.strip()) < 3:
        raise InvalidInput(
            "reason", "every question says why", rule="R38", remedy="give the case or task in a few words"
        )
    path = Path(options.extract)
    extract = Extract(read_bytes(str(path), "--extract", MOST_BYTES), words)
    people, bad = groups.read(read_bytes(str(options.travellers), "TRAVELLERS", groups.MOST_BYTES))
    if bad:
        raise InvalidInput(f"line {bad[0].line}", bad[0].why, remedy="mend the table")
    write, log = writer(), Path(options.log) if options.log else path.with_suffix(".queries")
    for traveller in people:
        write([_asked(extract, traveller, path, log, options.reason)])


def _asked(extract: Extract, traveller: Traveller, path: Path, log: Path, reason: str) -> dict[str, object]:
    now, chance = SystemClock().now(), SystemEntropy().bytes
    told = offline.ask(extract, traveller, now)
    at, look = extract.looked(chance(12))
    with path.open("r+b") as file:
        file.seek(at)
        file.write(look)
    words = " · ".join([*traveller.names, traveller.birth, *(":".join(each) for each in traveller.documents)])
    query = Query(at=now, by=os.environ.get("USER", ""), reason=reason, words=words, answer=told.kind)
    with log.open("a", encoding="ascii") as file:
        file.write(offline.line(extract.header, query, chance) + "\n")
    return {
        "id": traveller.id,
        "answer": told.kind,
        "instructions": list(told.instructions),
        "contacts": list(told.contacts),
    }
