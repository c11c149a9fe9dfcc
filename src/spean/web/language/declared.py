"""What declarations say to people: procedures, forms, closed lists, roles; and the names by which pages show them.

Names in the code (``needs-clarification``, ``urgency_reason``) become words by ``worded``; a name's translation stands
under a context, since one English word may be two French ones (*answer* the act, *answer* the field).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from spean.core import marks
from spean.core.roles import Role
from spean.procedures.clocks import FromForm, National
from spean.procedures.declare import Procedure, Transition
from spean.procedures.forms import schema
from spean.procedures.permissions import A_SERVICE, ANY_OFFICER, THE_NODE
from spean.procedures.wording import TEXTS

Message = tuple[str, str]
"""Context (empty: none) and the English text."""

_LISTS: tuple[type[StrEnum], ...] = (marks.Nature, marks.Purpose, marks.Subject, marks.Data)
STATUSES = (
    "effective", "overtaken", "waiting", "quarantined", "refused", "unknown", "corrected", "withdrawn", "accepted",
    "invited", "active", "revoked", "info", "warning", "critical", "shared", "local", "person", "service", "timer",
)  # fmt: skip
"""What rows say of facts, receipts, partners, alarms, tracks and actors (a test compares them)."""
ACCESSES = (
    "read", "search", "export", "attempt", "refused", "sign-in", "sign-in-failed", "sign-in-proof", "session-end",
    "passkey-add", "passkey-drop", "password-set", "code-set", "user-add", "user-change", "user-disable", "user-token",
    "token-end", "user-link", "drill", "recovery-ask", "recovery-approve", "recovery-use", "keys-recovery-made",
    "keys-recovery-opened", "import",
)  # fmt: skip
"""What the domestic log notes about people (a test compares them with the rows): each is a status and, as the kind of
the fact that says so, an act."""
HOUSE_ACTS = ("hand-over", "take-over")
"""Acts of a node's own house that no procedure declares."""
NOTED = (
    "fact", "to", "rule", "why", "words", "act", "user", "subject", "doing", "label", "passkey", "method", "before",
    "after", "count", "key", "people", "recovery", "passkeys", "dropped", "peer", "medium", "procedure", "kind",
    "origin", "track", "purpose", "source",
)  # fmt: skip
"""What else an access notes, besides its reason."""
MARKS = {
    "purpose": "purpose", "instrument": "agreement", "basis": "legal basis", "data": "kind of data", "subject": "whom it is about",
    "handling": "handling code", "tlp": "TLP", "source": "source grade", "grade": "information grade",
    "nature": "fact or assessment", "review": "review day", "via": "through",
}  # fmt: skip
"""By which name the controls of an envelope go: the code's own are too short to be understood."""
INSTRUMENT_STATES = ("draft", "review", "signed", "in-force", "expired", "terminated")
ONWARD = ("never", "consent", "parties")
TASTES = ("gregorian", "buddhist", "system", "day", "night")
"""Calendars and themes among which a reader chooses."""
CLAUSES = (
    "instrument", "state", "dates", "parties", "mediator", "origin", "suspension", "purpose", "data", "subject", "tlp",
    "handling", "onward", "prohibition",
)  # fmt: skip
_GRADES = {
    "source A": "always reliable",
    "source B": "mostly reliable",
    "source C": "often unreliable",
    "source X": "not assessable",
    "grade 1": "known to be true without reservation",
    "grade 2": "known to the source, not to the officer who passes it on",
    "grade 3": "not known to the source, but confirmed by other information",
    "grade 4": "neither known to the source nor confirmed",
    "handling H0": "for the purpose of preventing and fighting crime only",
    "handling H1": "not to be used in court without the owner's permission",
    "handling H2": "not to be passed on without the owner's permission",
    "handling H3": "other limits, stated in the text",
    "tlp CLEAR": "no limit on sharing",
    "tlp GREEN": "within the community",
    "tlp AMBER": "within the organisation and its clients who need to know",
    "tlp AMBER+STRICT": "within the organisation only",
    "tlp RED": "for the named recipients only",
}
DURATIONS = tuple(each for unit in ("day", "hour", "minute", "second") for each in (f"1 {unit}", f"{{0}} {unit}s"))

OF_FORMS = (
    "Expected {0}, got {1}", "Expected {0} of length {1}", "Expected {0} of length >= {1}",
    "Expected {0} of length <= {1}", "Expected {0} of at least length {1}", "Expected {0} of at most length {1}",
    "Expected {0} of at least length {1}, got {2}", "Expected {0} of at most length {1}, got {2}", "Expected {0} >= {1}",
    "Expected {0} <= {1}", "Expected {0} matching regex {1}", "Invalid enum value {0}", "Object contains unknown field {0}",
    "Object missing required field {0}", "JSON is malformed: {0}", "Input data was truncated",
)  # fmt: skip
"""What the reader of forms (msgspec) says of a body; it comes out in the reason of an ``InvalidInput``."""


AS_WRITTEN = "As a statement writes it, with its decimals."
"""What a page says of an amount that an interface takes in minor units."""


def worded(name: str) -> str:
    """A name of the code as words: ``needs-clarification`` → ``needs clarification``."""
    return name.replace("-", " ").replace("_", " ")


def mark(kind: str, value: str) -> str:
    """What a mark means, in English: ``mark("source", "A")``; empty when it needs no words. Kinds: source, grade,
    handling, tlp (TLP 2.0; Europol codes, DOMAIN 4.2)."""
    return _GRADES.get(f"{kind} {value}", "")


def declared(procedures: Iterable[Procedure]) -> Iterator[Message]:
    """Every message of the declarations, with repetitions."""
    for listed in _LISTS:
        yield from (("choice", worded(each)) for each in listed)
    yield from (("choice", worded(each)) for each in (*ONWARD, *INSTRUMENT_STATES, *TASTES))
    yield from (("role", worded(each)) for each in (*Role, ANY_OFFICER, THE_NODE, A_SERVICE))
    yield from (("status", worded(each)) for each in (*STATUSES, *ACCESSES))
    yield from (("act", worded(each)) for each in (*ACCESSES, *HOUSE_ACTS))
    yield from (("field", worded(each)) for each in (*NOTED, *MARKS.values()))
    yield from (("clause", worded(each)) for each in (*CLAUSES, "persons"))
    yield from (("", text) for text in (*_GRADES.values(), AS_WRITTEN))
    yield from (("sentence", text) for text in (*DURATIONS, *OF_FORMS))
    yield from (("sentence", text) for text in ("Refused", "Remedy: {0}"))
    yield from (("picture", text) for text in TEXTS)
    yield from (("join", f"{{0}}{join}{{1}}") for join in (" and ", " or ", "; or ", "; ", ": ", " - at "))
    for procedure in procedures:
        yield from _procedure(procedure)


def _procedure(procedure: Procedure) -> Iterator[Message]:
    yield "", procedure.title
    yield "", procedure.doc
    yield "procedure", worded(procedure.name)
    for party in procedure.parties:
        yield "party", worded(party.name)
        yield "", party.doc
    for name in procedure.state_names:
        yield f"state {procedure.name}", worded(name)
        yield "", procedure.states.get(name, "")
    for transition in procedure.by_kind.values():
        yield from _transition(transition)


def _transition(transition: Transition) -> Iterator[Message]:
    yield "act", worded(transition.kind)
    yield "", transition.doc
    yield from (("", rule.text) for rule in transition.rules)
    for delay in (transition.within, transition.after):
        if isinstance(delay, FromForm):
            yield "sentence", delay.text
        elif isinstance(delay, National):
            yield "sentence", worded(delay.name)
    yield from _schema(schema(transition.form))


def _schema(value: Any) -> Iterator[Message]:
    """Field names, descriptions and choices of a form's JSON Schema, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from _schema(item)
    if not isinstance(value, dict):
        return
    if isinstance(value.get("description"), str):
        yield "", paragraph(value["description"])
    yield from (("field", worded(name)) for name in value.get("properties", {}))
    yield from (("choice", worded(each)) for each in value.get("enum", ()) if _is_word(each))
    for key, item in value.items():
        if key not in ("enum", "description", "default"):
            yield from _schema(item)


def paragraph(text: str) -> str:
    """The first paragraph of a description, on one line: what pages show of it."""
    return " ".join(text.strip().split("\n\n", 1)[0].split())


def _is_word(value: object) -> bool:
    return isinstance(value, str) and any(letter.islower() for letter in value)
