"""Extracts for places without a line: made by a person's act, asked here or on another machine, their queries brought in later (B5, R38)."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spean.core.errors import InvalidInput, NotFound
from spean.core.ids import ulid
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.entry.rights import check_act
from spean.node.same.model import Answer
from spean.node.work import Work
from spean.screening import extract, offline
from spean.screening.extract import MEMORY, PASSES, VERSION, Extract, Header, Travelling
from spean.screening.model import Match, Traveller
from spean.screening.offline import Query

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.same.dossier import Dossier
    from spean.store import Tx

PROCEDURE = "offline-extract"
MARKS = Marks(purpose="warn", data="identity", subject="other")
_AT_ONCE = 500
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """An extract as it leaves: its bytes, how many entries, and the record that says who has it."""

    done: Done
    data: bytes
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenExtract:
    """An extract that is open at this machine."""

    file: str
    node: str
    id: str
    device: str
    until: int


class Offline:
    """Makes extracts, asks opened ones, takes their queries in."""

    def __init__(self, ground: Ground, *, passes: int = PASSES, memory: int = MEMORY) -> None:
        self._ground = ground
        self._work = passes, memory
        self._open: dict[Path, Extract] = {}
        self._guard = threading.Lock()

    def make(self, who: Who, *, device: str, passphrase: str, until: int, reason: str) -> Made:
        """An extract with every answer whose owner ticked *off-line*. Raises ``InvalidInput`` for a weak passphrase, ``Refusal`` (R33, O1)."""
        ground = self._ground
        extract.check_passphrase(passphrase)
        id = ulid(ground.clock, ground.entropy)
        with ground.reading() as tx:
            entries = list(self._travelling(tx))
        now = ground.clock.now()
        header = Header(
            version=VERSION, node=ground.me, id=id, device=device, made_at=now, until=until, salt=ground.entropy.bytes(16),
            passes=self._work[0], memory=self._work[1], seal_id=ground.keys.seal_id, log_key=ground.keys.seal_public.hex(),
        )  # fmt: skip
        data = extract.build(header, passphrase, entries, ground.entropy.bytes)
        form = {
            "id": id,
            "device": device,
            "until": until,
            "entries": len(entries),
            "sha256": extract.digest(data),
            "reason": reason,
        }
        with ground.writing() as work:
            intent = Intent(kind="make", procedure=PROCEDURE, form=form, marks=MARKS)
            check_act(ground, work, who, intent, MARKS.purpose or "")
            done = ground.acting.perform(work, who, intent)
        return Made(done=done, data=data, entries=len(entries))

    def _travelling(self, tx: Tx) -> list[Travelling]:
        answers = [each for each in self._ground.same.answers(tx) if each.off_line]
        found = []
        for start in range(0, len(answers), _AT_ONCE):
            part = answers[start : start + _AT_ONCE]
            dossiers = self._ground.same.dossiers(tx, [each.record for each in part])
            found += [_entry(answer, dossiers[answer.record]) for answer in part if answer.record in dossiers]
        return found

    # asking without a line --------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """Where extracts lie that this machine asks."""
        return self._ground.home / "extracts"

    def open(self, data: bytes, passphrase: str) -> OpenExtract:
        """Keep an extract at this machine and open it until the process ends. Raises ``Unauthenticated``, ``VerificationFailed``, ``Refusal``."""
        opened = Extract(data, passphrase)
        opened.check(self._ground.clock.now())
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{opened.header.id}.extract"
        path.write_bytes(data)
        with self._guard:
            self._open[path] = opened
        return _shown(path, opened)

    def close(self, id: str) -> None:
        """Close an extract here and remove the file; the log of its queries stays."""
        with self._guard:
            for path in [path for path, each in self._open.items() if each.header.id == id]:
                del self._open[path]
                path.unlink(missing_ok=True)

    def opened(self) -> list[OpenExtract]:
        """What is open at this machine."""
        with self._guard:
            return [_shown(path, each) for path, each in self._open.items()]

    def matches(self, traveller: Traveller, now: int) -> list[tuple[Path, list[Match]]]:
        """What each opened extract says; the time of the look is kept in its file. Raises ``Refusal`` after its end or with a clock moved back."""
        found = []
        with self._guard:
            for path, each in self._open.items():
                found.append((path, offline.matches(each, traveller, now)))
                at, look = each.looked(self._ground.entropy.bytes(12))
                with path.open("r+b") as file:
                    file.seek(at)
                    file.write(look)
        return found

    def note(self, path: Path, query: Query) -> None:
        """Write down, sealed to the node that made the extract, what was asked."""
        with self._guard:
            header = self._open[path].header
            with path.with_suffix(".queries").open("a") as file:
                file.write(offline.line(header, query, self._ground.entropy.bytes) + "\n")

    def queries(self, id: str) -> str:
        """The sealed log of an extract's queries at this machine, to bring to its node; empty when nothing was asked."""
        path = self.folder / f"{id}.queries"
        return path.read_text() if _ID.fullmatch(id) and path.is_file() else ""

    # bringing in ------------------------------------------------------------------------------------------------

    def bring_in(self, who: Who, record: str, text: str) -> Done:
        """The queries that were made with one of our extracts go into our log, each with its time and its officer (R38)."""
        ground = self._ground
        with ground.reading() as tx:
            stated = ground.projector.stated(Work(ground, tx), record, "make")
        if not stated:
            raise NotFound(f"No extract {record[:80]} of ours", remedy="see the page of extracts")
        brought = offline.lines(text, stated[0][1].id, ground.keys.seals().values())
        if not brought.queries and brought.unreadable:
            raise InvalidInput(
                "file", "none of its lines is a query of this extract", remedy="choose the log of this extract"
            )
        hits = sum(each.answer != "nothing" for each in brought.queries)
        with ground.writing() as work:
            intent = Intent(kind="bring-in", record=record, form={"queries": len(brought.queries), "hits": hits})
            check_act(ground, work, who, intent, "")
            for n, each in enumerate(brought.queries):
                told = {
                    "words": each.words,
                    "answer": each.answer,
                    "by": each.by,
                    "asked_at": str(each.at),
                    "place": str(n),
                }
                ground.reading_desk.note_access(work, who, "search", record, each.reason, told)
            return ground.acting.perform(work, who, intent)


def _entry(answer: Answer, dossier: Dossier) -> Travelling:
    births = dossier.of("birth-date") or ("",)
    documents = tuple((each.value.rpartition(":")[2], "") for each in dossier.selectors if each.type == "document")
    keys = {}
    for birth in births:
        keys.update(offline.keys_of(Traveller(names=dossier.of_type("name"), birth=birth, documents=documents)))
    return Travelling(keys=keys, kind=answer.kind, instructions=answer.instructions, contact=answer.contact, until=answer.until,
                      languages=dossier.of("language"))  # fmt: skip


def _shown(path: Path, opened: Extract) -> OpenExtract:
    header = opened.header
    return OpenExtract(file=path.name, node=header.node, id=header.id, device=header.device, until=header.until)
