"""Files into the ledgers: spooled, recognised, confirmed where a person must look, read once, resumed after a crash.

waiting   its bytes come in            asking   a table or an export needs an answer first
reading   it goes into the ledgers     done     all that could be read is there      failed   the file as a whole is wrong
erasing   its words are gone, and the ledgers are made anew without it (``erasing``) erased   it is nowhere any more
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from spean.core.errors import Conflict, InvalidInput, NotFound, SpeanError, Unavailable
from spean.core.ids import ulid
from spean.core.roles import Role
from spean.node.entry.people import Who
from spean.node.money.model import BadRow, ImportState, NamedThing, Recognised
from spean.node.money.recognising import SAMPLE, WHICH_CHAIN, Found, read, recognise
from spean.node.money.spool import Spool
from spean.store.rows import ImportRow, ImportStage, MappingRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.intake import Counts, Intake
    from spean.node.money.money import Money

LOADERS = (Role.FINANCIAL_ANALYST, Role.ANALYST, Role.INVESTIGATOR, Role.DUTY_OFFICER)
"""Who gives files to the ledgers and reads what came of them."""
ERASERS = (Role.FINANCIAL_ANALYST, Role.LEGAL, Role.ADMINISTRATOR, Role.AUDITOR)
"""Who erases what a file said. They see which files there are."""
AT_ONCE = 20_000
"""Items between two looks at the ledger; all that an export of a chain tells is put in order first, since it is often newest first."""
AT_ONCE_CHAIN = 500_000
MOST_BAD = 10_000
"""Rejected rows that are kept with their words; the rest is counted."""
MOST_NAMED = 5_000
"""Persons, accounts, phones of one file that are kept beside its payments; they stand under numbers from ``_NAMED`` on."""
_NAMED = 1 << 20
SOURCES, GRADES = "ABCX", (1, 2, 3, 4)
HINTS = ("currency", "account", "keeper", "offset", "chain")
SHOWN = 10
"""Rows of a sample."""
_PAGE = 500


class _Words(msgspec.Struct, omit_defaults=True):
    """What is sealed of an import."""

    name: str
    why: str = ""
    hints: dict[str, Any] = {}
    mapping: dict[str, Any] | None = None
    named: int = 0
    """Whom and what a report names."""


_READ = msgspec.json.Decoder(_Words)


class Importing:
    """Takes files in."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money
        self.spool = Spool(ground.home / "imports", money.vault)
        self.turn = threading.Lock()
        """Whoever writes into the ledgers holds it: one file, one statement, one erasure at a time."""

    # taking in ------------------------------------------------------------------------------------------------

    def take_file(self, who: Who, name: str, chunks: Iterable[bytes], *, source: str = "B", grade: int = 2,
                  hints: dict[str, Any] | None = None, wait: bool = False) -> ImportState:  # fmt: skip
        """Take a file in. It is read beside the caller unless ``wait``; ``import_state`` tells how far it is.

        ``source`` A–X and information ``grade`` 1–4 stand with every payment that it tells of. ``hints``: what is known of it already
        (``currency``, ``account``, ``keeper``, ``offset`` in minutes east of UTC, ``chain``). Raises ``Refusal`` and ``InvalidInput``.
        """
        who.need(*LOADERS)
        known = _checked(source, grade, hints or {})
        ground, vault = self._ground, self._money.vault
        key, words = vault.new(), _Words(name=_name(name), hints=known)
        row = ImportRow(
            id=ulid(ground.clock, ground.entropy), state="waiting", document="", by=who.id, at=ground.clock.now(), source=source,
            grade=grade, bytes_read=0, bytes_all=0, taken=0, twice=0, rejected=0, late=0, key=key, words=b"",
        )  # fmt: skip
        row = self._save(row, words)
        waiting = row
        size = self.spool.write(row.id, key, chunks, lambda size: self._save(replace(waiting, bytes_all=size), words))
        row = self._note(who, replace(row, bytes_all=size), words)
        return self._go_on(row, words, wait)

    def _note(self, who: Who, row: ImportRow, words: _Words) -> ImportRow:
        """Who gave which file, in the domestic log (R38)."""
        ground = self._ground
        with ground.writing() as work:
            reason = "a file for the ledgers"
            extra = {"doing": words.name, "source": f"{row.source}{row.grade}"}
            ground.reading_desk.note_access(work, who, "import", f"{ground.me}:import:{row.id}", reason, extra)
            work.tx.money.save_import(row)
        return row

    def _go_on(self, row: ImportRow, words: _Words, wait: bool) -> ImportState:
        """Recognise the file, and read it or ask."""
        try:
            found = self._found(row, words)
        except SpeanError as error:
            return self._state(self._failed(row, words, error), words)
        row = replace(row, document=found.document)
        if found.questions:
            return self._state(self._save(replace(row, state="asking"), words), words)
        row = self._save(replace(row, state="reading"), words)
        if wait:
            return self._state(self._read(row, words, found), words)
        threading.Thread(target=self._read, args=(row, words, found), name=f"import {row.id}", daemon=True).start()
        return self._state(row, words)

    def _found(self, row: ImportRow, words: _Words) -> Found:
        """What it is; a table that is known, or was confirmed, needs no answer."""
        from spean.formats.bank_csv.mapping import Mapping

        found = recognise(self._sample(row), words.hints)
        if found.mapping is None:
            return found
        if words.mapping is not None:
            return replace(found, mapping=Mapping.from_plain(words.mapping), questions=())
        with self._ground.store.read() as tx:
            known = tx.money.mapping(found.mapping.fingerprint)
        if known is None:
            return found
        plain = msgspec.json.decode(known.mapping)
        plain["account"] = plain["account"] or found.mapping.account
        plain["keeper"] = words.hints.get("keeper", plain["keeper"])
        try:
            return replace(found, mapping=Mapping.from_plain(plain), questions=(), confidence=1.0)
        except InvalidInput as lacking:
            return replace(found, questions=(f"{lacking.field}: {lacking.why}",))

    def _sample(self, row: ImportRow) -> bytes:
        return next(self.spool.read(row.id, row.key), b"")[:SAMPLE]

    # reading --------------------------------------------------------------------------------------------------

    def _read(self, row: ImportRow, words: _Words, found: Found) -> ImportRow:
        """Read the whole file into the ledgers, one file at a time."""
        with self.turn:
            try:
                return self._into(row, words, found)
            except SpeanError as error:
                return self._failed(self._latest(row), words, error)
            except (
                Exception
            ) as error:  # nobody else hears of it in this thread: the file must not seem to be read for ever
                broken = Unavailable(
                    "Reading the file broke off",
                    why=type(error).__name__,
                    remedy="look at disk and memory; give it again",
                )
                self._failed(self._latest(row), words, broken)
                raise

    def _into(self, row: ImportRow, words: _Words, found: Found) -> ImportRow:
        from spean.node.money.counting import counted
        from spean.node.money.homes import Homes
        from spean.node.money.intake import Intake

        homes = Homes(self._ground)
        intake = Intake(self._ground, row.id, row.key, homes, self._money.following.arrived)
        seen = [0]
        items = read(found, _counted(self.spool.read(row.id, row.key), seen), int(words.hints.get("offset", 0)))
        items, size = map(counted, items), AT_ONCE_CHAIN if found.kind == "chain" else AT_ONCE
        with self._ground.store.write() as tx:
            tx.money.drop_rows(row.id)
        document, words.named = "", 0
        while part := list(islice(_until_damage(items), size)):
            document = document or next((each.source.document for each in part if hasattr(each, "source")), "")
            damage = part.pop() if isinstance(part[-1], SpeanError) else None
            intake.take(part)
            row = self._progress(row, words, intake, seen[0], document or row.document)
            if damage is not None:
                raise damage
        row = self._save(replace(row, state="done", bytes_read=row.bytes_all), words)
        self.spool.drop(row.id)
        return row

    def _progress(self, row: ImportRow, words: _Words, intake: Intake, seen: int, document: str) -> ImportRow:
        counts = intake.counts
        row = replace(row, bytes_read=seen, taken=counts.taken, twice=counts.twice, rejected=counts.rejected, late=counts.late,
                      document=document)  # fmt: skip
        bad = [*self._sealed(row, counts), *self._sealed_names(row, words, counts)]
        row = replace(row, words=self._money.vault.seal(row.key, msgspec.json.encode(words)))
        with self._ground.store.write() as tx:
            tx.money.add_rows(row.id, bad)
            tx.money.save_import(row)
        return row

    def _sealed_names(self, row: ImportRow, words: _Words, counts: Counts) -> list[tuple[int, bytes]]:
        """Whom and what the report named since."""
        found, counts.named = counts.named[: MOST_NAMED - words.named], []
        first, words.named = _NAMED + words.named, words.named + len(found)
        made = (
            NamedThing(kind=each.kind, value=each.value, name=each.name, role=each.role, element=each.source.element,
                       checked=each.checked)
            for each in found
        )  # fmt: skip
        return [
            (n, self._money.vault.seal(row.key, msgspec.json.encode(each))) for n, each in enumerate(made, first + 1)
        ]

    def _sealed(self, row: ImportRow, counts: Counts) -> list[tuple[int, bytes]]:
        """The rows that were rejected since, under running numbers."""
        bad, counts.bad = counts.bad, []
        first, counts.noted = counts.noted, counts.noted + len(bad)
        kept = [(first + n, each) for n, each in enumerate(bad, 1) if first + n <= MOST_BAD]
        return [(n, self._money.vault.seal(row.key, msgspec.json.encode(each))) for n, each in kept]

    def _failed(self, row: ImportRow, words: _Words, error: SpeanError) -> ImportRow:
        words.why = str(error)
        row = self._save(replace(row, state="failed"), words)
        self.spool.drop(row.id)
        return row

    def resume(self) -> int:
        """After a start: what was being read is read again from its beginning, since nothing is loaded twice; how many files."""
        with self._ground.store.read() as tx:
            rows = [*tx.money.imports_in("reading"), *tx.money.imports_in("waiting")]
        count = 0
        for row in rows:
            words = self._words(row)
            if row.state == "waiting" or not self.spool.there(row.id):
                lost = NotFound(
                    "The file did not come in whole", why="the node stopped meanwhile", remedy="give it again"
                )
                self._failed(row, words, lost)
            else:
                count += 1
                self._go_on(row, words, wait=False)
        return count

    # looking ----------------------------------------------------------------------------------------------------

    def imports(self, who: Who, limit: int = 100) -> list[ImportState]:
        """The files, newest first."""
        who.need(*LOADERS, *ERASERS)
        with self._ground.store.read() as tx:
            rows = tx.money.imports(limit)
        return [self._state(row, self._words(row)) for row in rows]

    def import_state(self, who: Who, id: str) -> ImportState:
        """How far a file is. Raises ``NotFound``."""
        who.need(*LOADERS, *ERASERS)
        row = self._row(id)
        return self._state(row, self._words(row))

    def import_rows(self, who: Who, id: str, *, reason: str, after: int = 0, limit: int = _PAGE) -> list[BadRow]:
        """Rows of a file that were not taken, in order, beyond the ``after``-th; a read with its reason (R38)."""
        who.need(*LOADERS)
        row = self._row(id)
        self._note_read(who, row, reason, "rows that were not taken")
        with self._ground.store.read() as tx:
            rows = tx.money.rows(id, after, limit)
        return [
            msgspec.json.decode(self._money.vault.open(row.key, words), type=BadRow) for n, words in rows if n < _NAMED
        ]  # fmt: skip

    def import_named(self, who: Who, id: str, *, reason: str, after: int = 0, limit: int = _PAGE) -> list[NamedThing]:
        """Whom and what a report names, in order, beyond the ``after``-th; a read with its reason (R38)."""
        who.need(*LOADERS)
        row = self._row(id)
        self._note_read(who, row, reason, "whom a report names")
        with self._ground.store.read() as tx:
            rows = tx.money.rows(id, _NAMED + after, limit)
        return [msgspec.json.decode(self._money.vault.open(row.key, words), type=NamedThing) for _, words in rows]

    def _note_read(self, who: Who, row: ImportRow, reason: str, what: str) -> None:
        with self._ground.writing() as work:
            subject = f"{self._ground.me}:import:{row.id}"
            self._ground.reading_desk.note_access(work, who, "read", subject, reason, {"doing": what})

    def recognised(self, who: Who, id: str, answers: dict[str, Any] | None = None, *, reason: str) -> Recognised:
        """What a file seems to be, what is asked about it, and how its first rows would be read; by ``answers`` (as ``confirm_mapping``
        takes them), when somebody wants to see that first; a read with its reason (R38). Nothing is remembered.
        Raises ``InvalidInput`` for answers that do not do."""
        who.need(*LOADERS)
        row = self._row(id)
        if row.state != "asking":
            raise Conflict("Nothing is asked about this file", why=f"it is {row.state}", remedy="see its state")
        self._note_read(who, row, reason, "first rows of a file")
        found = recognise(self._sample(row), self._words(row).hints)
        return _recognised(id, answered(found, self._sample(row), answers) if answers else found)

    def confirm_mapping(self, who: Who, id: str, answers: dict[str, Any], *, wait: bool = False) -> ImportState:
        """An analyst has looked: the fields of the mapping that are other than proposed (and ``chain``). The node remembers it for
        tables with the same header. Raises ``InvalidInput`` while something is missing."""
        who.need(*LOADERS)
        row = self._row(id)
        if row.state != "asking":
            raise Conflict("Nothing is asked about this file", why=f"it is {row.state}", remedy="see its state")
        words = self._words(row)
        found = recognise(self._sample(row), words.hints)
        if found.kind == "chain":
            words.hints["chain"] = _chain(str(answers.get("chain", "")))
        elif found.mapping is not None:
            plain = {**found.mapping.to_plain(), **_changes(answers, found.mapping.to_plain())}
            self._remember(who, words, plain)
        return self._go_on(self._save(row, words), words, wait)

    def _remember(self, who: Who, words: _Words, plain: dict[str, Any]) -> None:
        """Columns and styles stay in the node's memory; whose statement it was does not."""
        from spean.formats.bank_csv.mapping import Mapping

        mapping = Mapping.from_plain(plain)
        words.mapping = mapping.to_plain()
        kept = msgspec.json.encode({**words.mapping, "account": ""}).decode()
        with self._ground.store.write() as tx:
            tx.money.save_mapping(MappingRow(fingerprint=mapping.fingerprint, mapping=kept, by=who.id,
                                             at=self._ground.clock.now()))  # fmt: skip

    def fingerprint(self, row: ImportRow) -> str:
        """Of the mapping that was confirmed with this file; empty when none was."""
        return str((self._words(row).mapping or {}).get("fingerprint", ""))

    def state_of(self, id: str) -> ImportState:
        """How far a file is, for other verbs of ours."""
        row = self._row(id)
        return self._state(row, self._words(row))

    # rows -------------------------------------------------------------------------------------------------------

    def _row(self, id: str) -> ImportRow:
        with self._ground.store.read() as tx:
            return tx.money.one_import(id)

    def _latest(self, row: ImportRow) -> ImportRow:
        return self._row(row.id)

    def _save(self, row: ImportRow, words: _Words) -> ImportRow:
        row = replace(row, words=self._money.vault.seal(row.key, msgspec.json.encode(words)))
        with self._ground.store.write() as tx:
            tx.money.save_import(row)
        return row

    def _words(self, row: ImportRow) -> _Words:
        if not row.words:
            return _Words(name="")
        try:
            return _READ.decode(self._money.vault.open(row.key, row.words))
        except NotFound as erased:
            return _Words(name="", why=str(erased))

    def _state(self, row: ImportRow, words: _Words) -> ImportState:
        state: ImportStage = row.state
        return ImportState(
            id=row.id, name=words.name, document=row.document, state=state, bytes_read=row.bytes_read, bytes_all=row.bytes_all,
            taken=row.taken, twice=row.twice, rejected=row.rejected, late=row.late, why=words.why, by=row.by, at=row.at,
            source=row.source, grade=row.grade, named=words.named,
        )  # fmt: skip


def _until_damage(items: Iterator[Any]) -> Iterator[Any]:
    """Items; damage of the file comes as the last one, so that what stands before it is taken."""
    try:
        yield from items
    except SpeanError as damage:
        yield damage


def _counted(chunks: Iterable[bytes], seen: list[int]) -> Iterator[bytes]:
    for chunk in chunks:
        seen[0] += len(chunk)
        yield chunk


def _name(name: str) -> str:
    """A file's name as people see it."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in bare if letter.isprintable())[:200] or "file"


def checked_grades(source: str, grade: int) -> None:
    """Raises ``InvalidInput`` for grades that do not exist."""
    if len(source) != 1 or source not in SOURCES:
        raise InvalidInput("source", f"{source[:10]!r} is no grade of a source", remedy="A, B, C or X")
    if grade not in GRADES:
        raise InvalidInput("grade", f"{grade} is no grade of information", remedy="1 to 4")


def _checked(source: str, grade: int, hints: dict[str, Any]) -> dict[str, Any]:
    checked_grades(source, grade)
    unknown = sorted(set(hints) - set(HINTS))
    if unknown:
        raise InvalidInput(unknown[0], "no such hint", remedy=f"use of {', '.join(HINTS)}")
    if hints.get("chain"):
        _chain(str(hints["chain"]))
    return {name: value for name, value in hints.items() if value not in ("", None)}


def answered(found: Found, sample: bytes, answers: dict[str, Any]) -> Found:
    """A table as it would be read by these answers."""
    from spean.formats.bank_csv.mapping import Mapping

    if found.mapping is None:
        return found
    plain = found.mapping.to_plain()
    mapping = Mapping.from_plain({**plain, **_changes(answers, plain)})
    whole = sample[: sample.rfind(b"\n") + 1] if len(sample) == SAMPLE else sample
    rows = islice(_until_damage(iter(read(replace(found, mapping=mapping), [whole]))), SHOWN)
    return replace(found, mapping=mapping, samples=tuple(rows))


def _chain(name: str) -> str:
    from spean.entities.values.chains import BY_NAME

    if name not in BY_NAME:
        raise InvalidInput("chain", f"{name[:40]!r} is no chain known here", remedy=f"one of {', '.join(BY_NAME)}")
    return name


def _changes(answers: dict[str, Any], plain: dict[str, Any]) -> dict[str, Any]:
    """The answers that are fields of a mapping; its fingerprint and version are not the analyst's to change."""
    unknown = sorted(set(answers) - set(plain) | set(answers) & {"fingerprint", "version"})
    if unknown:
        raise InvalidInput(unknown[0], "no such field of a mapping", remedy=f"use of {', '.join(sorted(plain))}")
    return answers


def _recognised(id: str, found: Found) -> Recognised:
    mapping = {} if found.mapping is None else found.mapping.to_plain()
    shown = [each for each in found.samples if hasattr(each, "amount_minor")]
    return Recognised(
        id=id, document=found.document, confidence=found.confidence, questions=found.questions, header=found.header,
        mapping=mapping, chains=found.chains if WHICH_CHAIN in found.questions else (), samples=tuple(map(_sample, shown)),
    )  # fmt: skip


def _sample(payment: Any) -> dict[str, Any]:
    from spean.formats.chain.tokens import digits
    from spean.node.money.counting import counted

    payment = counted(payment)
    return {
        "time": payment.time_ms, "payer": payment.payer, "payee": payment.payee, "amount": payment.amount_minor,
        "currency": payment.currency, "digits": digits(payment.currency), "name": payment.payee_name or payment.payer_name,
        "text": payment.text,
    }  # fmt: skip
