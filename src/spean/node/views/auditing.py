"""Who read what, and why: the auditor's view (O2, R24, R38). It changes nothing, and each look at it is written down like any other.

A reason stands in a domestic fact, encrypted; it is opened for the page that is shown, and gone once that fact was erased. Searching
the words of reasons opens at most ``MOST_OPENED`` facts for one page, and says so when it stopped there.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from spean.core.errors import InvalidInput
from spean.core.ids import ulid
from spean.core.roles import Role
from spean.core.world import iso
from spean.exchange.seal import decrypt_content
from spean.node.entry.people import Who
from spean.node.folding import open_body
from spean.store.rows import AccessAct, AccessRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

ACTS: tuple[str, ...] = get_args(AccessAct)
OPENING = ("read", "search", "export")
"""Acts that open contents; these are counted by the hour."""
MOST_OPENED = 2000
MOST_EXPORTED = 100_000
UNUSUAL_LEAST = 30
UNUSUAL_TIMES = 3
UNUSUAL_ALWAYS = 120
"""An hour is marked when somebody opened at least 30 things and over three times the median of that person's own hours in the window,
or at least 120. The rule stands on the page; it says nothing of guilt, only where to look first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is looked for. Times in ms; empty or 0: not narrowed."""

    user: str = ""
    subject: str = ""
    """A record, or a fact, which stands for its record."""
    act: str = ""
    since: int = 0
    until: int = 1 << 62
    words: str = ""
    """Words of the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: who did what to what, and why."""

    n: int
    at: int
    user: str
    name: str
    act: str
    subject: str
    fact: str
    """The domestic fact that says so."""
    reason: str
    """Empty once erased."""
    more: tuple[tuple[str, str], ...]
    """What else was noted: words searched for, the fact, the rule of a refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A page of entries, newest first."""

    entries: tuple[Entry, ...]
    before: str
    """Give it to get the next page; empty when there is none."""
    cut: bool
    """Too many reasons had to be opened for the words: there may be more beyond ``before``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """How much somebody opened in one hour."""

    user: str
    name: str
    at: int
    count: int
    usual: float
    """The median of this person's hours in the window in which anything was opened."""

    @property
    def unusual(self) -> bool:
        beyond = self.count >= UNUSUAL_LEAST and self.count > UNUSUAL_TIMES * self.usual
        return beyond or self.count >= UNUSUAL_ALWAYS


class Auditing:
    """Answers an auditor."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def entries(self, who: Who, asking: Asking, *, reason: str, before: str = "", limit: int = 100) -> Audited:
        """A page of the list. Raises ``Refusal`` (O1) unless she is an auditor, and ``InvalidInput``."""
        who.need(Role.AUDITOR)
        if not 1 <= limit <= 1000:
            raise InvalidInput("limit", "between 1 and 1000", remedy="ask for a page")
        self._note(who, "read", asking, reason)
        with self._ground.reading() as tx:
            return self._page(tx, self._resolved(tx, asking), _cursor(before), limit)

    def hours(self, who: Who, since: int, until: int) -> list[Hour]:
        """By user and hour what was opened, the fullest hours first. Numbers only; whoever looks is an auditor."""
        who.need(Role.AUDITOR)
        names = self._names()
        with self._ground.reading() as tx:
            rows = tx.access.hours(since, until, OPENING)
        own: dict[str, list[int]] = defaultdict(list)
        for user, _, count in rows:
            own[user].append(count)
        found = [
            Hour(user=user, name=names.get(user, user), at=at, count=count, usual=float(median(own[user])))
            for user, at, count in rows
        ]  # fmt: skip
        return sorted(found, key=lambda each: (not each.unusual, -each.count, each.at))

    def export(self, who: Who, asking: Asking, *, reason: str) -> bytes:
        """All entries that fit as CSV (RFC 4180, UTF-8), at most 100,000; that it was taken is written down."""
        who.need(Role.AUDITOR)
        self._note(who, "export", asking, reason)
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(("time", "user", "name", "act", "subject", "reason", "more", "fact"))
        cursor: tuple[int, int] | None = None
        for _ in range(MOST_EXPORTED // 1000):
            with self._ground.reading() as tx:
                page = self._page(tx, self._resolved(tx, asking), cursor, 1000)
            for each in page.entries:
                more = "; ".join(f"{name}: {value}" for name, value in each.more)
                row = (iso(each.at), each.user, each.name, each.act, each.subject, each.reason, more, each.fact)
                table.writerow([_harmless(cell) for cell in row])
            if not page.before:
                break
            cursor = _cursor(page.before)
        return text.getvalue().encode()

    def _note(self, who: Who, act: AccessAct, asking: Asking, reason: str) -> None:
        """The auditor's own look, with what she looked for (R38: supervisors' reads are logged too)."""
        ground = self._ground
        subject = asking.subject if ":" in asking.subject else f"{ground.me}:audit:{ulid(ground.clock, ground.entropy)}"
        looked = {
            name: str(getattr(asking, name)) for name in ("user", "subject", "act", "words") if getattr(asking, name)
        }
        with ground.writing() as work:
            ground.reading_desk.note_access(work, who, act, subject, reason, {"audit": "yes", **looked})

    def _resolved(self, tx: Tx, asking: Asking) -> dict[str, Any]:
        """The filters as the store takes them."""
        if asking.act not in ("", *ACTS):
            raise InvalidInput("act", f"{asking.act!r} is no act of the list", remedy=f"one of {', '.join(ACTS)}")
        user, subject = asking.user, asking.subject
        if user:
            user = next((row.id for row in tx.people.list() if user in (row.id, row.name)), user)
        if subject and ":" not in subject:
            found = tx.facts.many([subject]) if len(subject) == 64 and _is_hex(subject) else {}
            if not found:
                raise InvalidInput("subject", "neither a record nor a fact here", remedy="give the whole name")
            subject = found[subject].record
        return {
            "user": user,
            "act": asking.act,
            "subject": subject,
            "since": asking.since,
            "until": asking.until,
            "words": asking.words,
        }

    def _page(self, tx: Tx, asked: dict[str, Any], cursor: tuple[int, int] | None, limit: int) -> Audited:
        narrow = {name: value for name, value in asked.items() if name != "words"}
        words, names = asked["words"].casefold(), self._names_in(tx)
        chunk, found, opened = (200 if words else limit), list[Entry](), 0
        while True:
            rows = tx.access.page(limit=chunk + 1, before=cursor, **narrow)
            more = len(rows) > chunk
            forms = self._forms(tx, [row.fact for _, row in rows[:chunk]])
            for n, row in rows[:chunk]:
                if len(found) == limit:
                    more = True
                    break
                cursor = (row.at, n)
                entry = _entry(n, row, names, forms.get(row.fact, {}))
                if words in entry.reason.casefold():
                    found.append(entry)
            opened += chunk
            if not more or len(found) == limit or opened >= MOST_OPENED:
                break
        before = f"{cursor[0]}.{cursor[1]}" if more and cursor is not None else ""
        return Audited(entries=tuple(found), before=before, cut=bool(before) and len(found) < limit)

    def _forms(self, tx: Tx, facts: Sequence[str]) -> dict[str, dict[str, str]]:
        """The forms of domestic facts that are not erased."""
        rows = tx.facts.many([fact for fact in facts if fact])
        keys = self._ground.content_keys.get(list(rows))
        found = {}
        for name, row in rows.items():
            key = keys.get(name)
            if row.content is not None and key is not None:
                form = msgspec.json.decode(open_body(decrypt_content(key, row.content, name)[1])[1])
                found[name] = {str(each): str(value) for each, value in form.items()}
        return found

    def _names(self) -> dict[str, str]:
        with self._ground.store.read() as tx:
            return self._names_in(tx)

    def _names_in(self, tx: Tx) -> dict[str, str]:
        known = {row.id: row.name for row in tx.people.list()}
        return {f"{self._ground.me}-node": self._ground.settings.name, **known}


def _entry(n: int, row: AccessRow, names: dict[str, str], form: dict[str, str]) -> Entry:
    more = {**row.extra, **{name: value for name, value in form.items() if name not in ("reason", "audit")}}
    return Entry(n=n, at=row.at, user=row.user, name=names.get(row.user, row.user), act=row.act, subject=row.subject,
                 fact=row.fact, reason=form.get("reason", ""), more=tuple(sorted(more.items())))  # fmt: skip


def _cursor(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    at, _, n = text.partition(".")
    if not (at.isdecimal() and n.isdecimal() and text.isascii() and len(text) < 40):
        raise InvalidInput("before", "no place in the list", remedy="leave it out to begin at the newest")
    return int(at), int(n)


def _is_hex(text: str) -> bool:
    return all(mark in "0123456789abcdef" for mark in text)


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
