"""Pages that say what is in the way: a refusal, a missing reason, a session that has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from spean.core.errors import InvalidInput, Refusal, SpeanError, Unauthenticated
from spean.web.frame.pages import Page
from spean.web.frame.visit import Pairs, Visit, local_path

MAX_KEPT = 256 * 1024
"""Bytes of a form that survive the end of a session."""
UNTOLD = "secret."
"""Fields whose names begin so hold a password, a code or a passkey's answer: never shown again, never carried along."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule card: which rule, what it refused, why, and what would make it pass."""

    number: str
    what: str
    why: str
    remedy: str
    field: str = ""
    """The field of a form that is not accepted, as it is called there."""


def rule_of(error: SpeanError) -> Rule:
    """The card of an error."""
    parts = error.field.split(".") if isinstance(error, InvalidInput) else []
    named = [part for part in parts if not part.isdecimal()]
    return Rule(error.rule, error.what, error.why, error.remedy, named[-1].replace("_", " ") if named else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage(Page):
    """Something is refused, missing or broken; what was typed is shown so that it is not lost."""

    template: ClassVar[str] = "problem.html"
    rule: Rule
    typed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyPage(Page):
    """Each read says for which case or task (R38)."""

    template: ClassVar[str] = "why.html"
    back: str
    kept: str
    """What was posted, to be posted again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage(Page):
    """The session is over, or there was none: sign in; what was typed comes back afterwards."""

    template: ClassVar[str] = "sign-in.html"
    rule: Rule | None
    back: str
    kept: str
    """The posted form without its secrets, urlencoded; empty when nothing was posted."""
    name: str = ""
    """The name that was typed before, when the sign-in was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvePage(Page):
    """Signed in, but what is asked for needs a fresh proof that it is still the same person."""

    template: ClassVar[str] = "prove.html"
    rule: Rule | None
    back: str
    kept: str
    passkeys: int
    password: bool


def problem_page(visit: Visit, error: SpeanError) -> ProblemPage:
    """The page of an error that no form shows itself."""
    typed = tuple((name, value) for name, value in told(visit.pairs) if value.strip() and len(value) < 20_000)
    return ProblemPage(title=error.what, rule=rule_of(error), typed=typed if visit.someone else ())


def why_page(visit: Visit) -> WhyPage:
    """Asks for the case or task."""
    words = visit.office.markup.words(visit.reader.language)
    posted = visit.request.method == "POST"
    back = local_path(visit.path if posted else visit.here)
    return WhyPage(title=words.gettext("Why do you read this?"), back=back, kept=carried(visit))


def kept_page(visit: Visit, nobody: Unauthenticated | None) -> KeptPage:
    """The way in. What was posted is carried along in the page and nowhere else."""
    words = visit.office.markup.words(visit.reader.language)
    posted = visit.request.method == "POST"
    ended = visit.office.access.cookie in visit.request.cookies
    return KeptPage(
        title=words.gettext("Sign in"),
        rule=rule_of(nobody) if nobody is not None and (ended or posted) else None,
        back=local_path(visit.path if posted else visit.here),
        kept=carried(visit),
    )


def prove_page(visit: Visit, refused: Refusal) -> ProvePage:
    """Asks for a fresh proof; afterwards what was posted is posted again."""
    posted = visit.request.method == "POST"
    back = local_path(visit.path if posted else visit.here)
    return proof_wanted(visit, back=back, kept=carried(visit), error=refused)


def proof_wanted(visit: Visit, *, back: str, kept: str, error: SpeanError | None) -> ProvePage:
    """The page with the ways to prove oneself that this person has."""
    words = visit.office.markup.words(visit.reader.language)
    with visit.node.reading() as tx:
        held = visit.node.signing_in.held(tx, visit.who.id)
    return ProvePage(
        title=words.gettext("Prove that it is you"), rule=None if error is None else rule_of(error), back=back, kept=kept,
        passkeys=held.passkeys, password=held.password,
    )  # fmt: skip


def told(pairs: Pairs) -> Pairs:
    """The fields of a form that are no secrets."""
    return [(name, value) for name, value in pairs if not name.startswith(UNTOLD)]


def carried(visit: Visit) -> str:
    """What was posted, to be posted again later; '' when nothing was, or when it is too much."""
    if visit.request.method != "POST":
        return ""
    kept = urlencode([("again", "1"), *told(visit.pairs)])
    return kept if len(kept) <= MAX_KEPT else ""
