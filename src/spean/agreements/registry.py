"""The register of instruments: which one decides, and what it says (A1, D3, R26).

A *slice* holds what can decide one hop: the permit and the bars of the named instrument, and the prohibitions of
every instrument that binds the pair and prohibits this combination. It is parsed once, when first asked for (parsing
takes a hundred times as long as deciding). A registry is immutable; adding an instrument gives a new one that keeps
every slice which the change does not touch. A property test holds that slicing never changes a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations

import cedarpy

from spean.agreements.always import always
from spean.agreements.cedar import own_forbids, permit, prohibitions, request_of
from spean.agreements.explain import RULES, Clause, explain, prohibited
from spean.agreements.model import DATA, Instrument, Pair, Prohibition
from spean.agreements.question import Decision, Question
from spean.agreements.routes import IN_A_REMEDY, alternatives, in_words
from spean.core.errors import NotFound

_NO_ENTITIES = cedarpy.Entities.from_json_str("[]")
_Key = tuple[str, frozenset[str]]
_Bans = dict[tuple[Pair, str], tuple[tuple[str, Prohibition], ...]]
_NOBODY: frozenset[str] = frozenset()
REMEMBERED = 8_192
"""Answers that a registry keeps; desks ask the same few questions all day."""


class Registry:
    """Instruments by id, with their parsed slices. Read-only to the caller; safe to share between threads."""

    __slots__ = ("_banning", "_by_party", "_decided", "_instruments", "_slices")

    def __init__(self, instruments: Iterable[Instrument] = ()) -> None:
        self._instruments = {each.id: each for each in instruments}
        self._banning = _prohibitions_by_pair(self._instruments.values())
        self._by_party = _by_party(self._instruments.values())
        self._slices: dict[_Key, cedarpy.PolicySet] = {}
        self._decided: dict[Question, Decision] = {}

    def __len__(self) -> int:
        return len(self._instruments)

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._instruments.values())

    def __contains__(self, instrument: str) -> bool:
        return instrument in self._instruments

    def get(self, instrument: str) -> Instrument:
        """The instrument of that id; raises ``NotFound``."""
        found = self._instruments.get(instrument)
        if found is None:
            raise NotFound(f"no agreement {instrument[:80]}", remedy="look it up in the register", rule="R26")
        return found

    def between(self, a: str, b: str) -> tuple[Instrument, ...]:
        """The instruments to which both are party, in the order of their ids, whatever their state."""
        shared = self._by_party.get(a, _NOBODY) & self._by_party.get(b, _NOBODY)
        return tuple(self._instruments[each] for each in sorted(shared))

    def with_instrument(self, instrument: Instrument) -> Registry:
        """A new registry in which ``instrument`` is added or replaces the one of its id."""
        new = Registry()
        new._instruments = {**self._instruments, instrument.id: instrument}
        before = self._instruments.get(instrument.id)
        bans = instrument.prohibitions or (before is not None and before.prohibitions)
        new._banning = _prohibitions_by_pair(new) if bans else self._banning
        new._by_party = _by_party(new)
        kept = ((key, parsed) for key, parsed in self._slices.copy().items() if instrument.id not in (key[0], *key[1]))
        new._slices = dict(kept)
        return new

    def decide(self, question: Question) -> Decision:
        """May it leave? Names the deciding agreement; what no agreement permits does not leave (D3, R26)."""
        known = self._decided.get(question)
        if known is not None:  # neither a question nor a registry ever changes, so an answer stays true
            return known
        if len(self._decided) >= REMEMBERED:
            self._decided.clear()
        decision = self._decided[question] = always(question) or self._decide(question)
        return decision

    def _decide(self, question: Question) -> Decision:
        decision = self.judge(question)
        if decision.allowed or decision.remedy:
            return decision
        routes = alternatives(self, question, IN_A_REMEDY)
        return replace(decision, remedy=in_words(routes) if routes else self._without_channel(question))

    def _without_channel(self, question: Question) -> str:
        """The remedy when no other channel is open either: what in the matter itself stands against it, if any."""
        failing = (clause.name for _, clause in self.clauses(question) if not clause.holds)
        return next((REMEDIES[name] for name in failing if name not in CHANNEL), in_words([]))

    def judge(self, question: Question) -> Decision:
        """The decision of the agreements alone, without the closed class and without a search for other channels."""
        instrument = self._instruments.get(question.instrument)
        if instrument is None:
            return _unknown(question)
        answer = cedarpy.is_authorized(request_of(question), self._slice(question), _NO_ENTITIES)
        diagnostics = answer.diagnostics
        policies = tuple(sorted(diagnostics.id_annotations_by_reason.values()))
        if diagnostics.errors:  # a policy that cannot be evaluated might have been a prohibition
            return Decision(allowed=False, instrument=instrument.id, rule="D3", policies=policies,
                            reason="a policy could not be evaluated", remedy="tell the administrator")  # fmt: skip
        if answer.allowed:
            return Decision(allowed=True, instrument=instrument.id, rule="R26", policies=policies,
                            reason=_permits(question, instrument))  # fmt: skip
        return self._refusal(question, instrument, policies)

    def clauses(self, question: Question) -> list[tuple[Instrument, Clause]]:
        """Every clause that bears on ``question``: all of the named instrument, and the prohibitions of others."""
        named = self._instruments.get(question.instrument)
        if named is None:
            return []
        found = [(named, clause) for clause in explain(question, named)]
        for other in sorted(self._binding(question) - {named.id}):
            instrument = self._instruments[other]
            found += [(instrument, clause) for clause in prohibited(question, instrument)]
        return found

    def policies(self, question: Question) -> str:
        """The Cedar text of the slice that decides ``question``; empty when its instrument is not registered."""
        if question.instrument not in self._instruments:
            return ""
        return self._compile((question.instrument, self._binding(question)))

    def _binding(self, question: Question) -> frozenset[str]:
        """The instruments whose prohibitions bind this hop and name its combination of data, person and purpose."""
        bans = self._banning.get((frozenset((question.sender, question.receiver)), question.data), ())
        if question.origin != question.sender:
            bans += self._banning.get((frozenset((question.origin, question.receiver)), question.data), ())
        asked = question.data, question.subject, question.purpose
        return frozenset([name for name, ban in bans if ban.meets(*asked)]) if bans else _NOBODY

    def _slice(self, question: Question) -> cedarpy.PolicySet:
        key = (question.instrument, self._binding(question))
        found = self._slices.get(key)
        if found is None:
            found = self._slices[key] = cedarpy.PolicySet.from_str(self._compile(key))
        return found

    def _compile(self, key: _Key) -> str:
        named = self._instruments[key[0]]
        banning = sorted(key[1] | {named.id})
        return permit(named) + own_forbids(named) + "".join(prohibitions(self._instruments[each]) for each in banning)

    def _refusal(self, question: Question, instrument: Instrument, policies: tuple[str, ...]) -> Decision:
        failing = [(whose, clause) for whose, clause in self.clauses(question) if not clause.holds]
        if not failing:  # Cedar refused and the plain reading would not: believe the refusal
            return Decision(allowed=False, instrument=instrument.id, rule="D3", policies=policies,
                            reason="the policies refuse", remedy="tell the administrator")  # fmt: skip
        whose, first = failing[0]
        reason = f"{whose.title}: " + "; ".join(clause.words for owner, clause in failing if owner is whose)
        return Decision(allowed=False, instrument=whose.id, rule=RULES[first.name], reason=reason, policies=policies,
                        remedy="" if first.name in CHANNEL else REMEDIES[first.name])  # fmt: skip


CHANNEL = frozenset(("state", "dates", "parties", "mediator", "suspension"))
"""Clauses whose failure closes the channel; the remedy is the next lawful one."""

REMEDIES = {
    "instrument": "name the agreement under which it is to leave",
    "origin": "ask the origin to send it itself, or to consent to its being passed on",
    "purpose": "choose a purpose of this agreement, or another agreement that names this purpose",
    "data": "leave these data out, or name an agreement that admits them",
    "subject": "correct the category of persons, or name an agreement that admits it",
    "tlp": "ask the owner to lower the TLP mark, or name an agreement with a higher ceiling",
    "handling": "ask the owner for another handling code, or name an agreement that admits this one",
    "onward": "ask the origin for its consent (A5)",
    "prohibition": "leave out what is prohibited; no other agreement lifts a prohibition",
}


def _permits(question: Question, instrument: Instrument) -> str:
    article = instrument.cites.get("purpose", "")
    cited = f", art. {article}," if article else ""
    through = f" through {question.via}" if question.via else ""
    return (f"{instrument.title} (version {instrument.version}){cited} permits {question.data} data"
            f" for {question.purpose} from {question.sender} to {question.receiver}{through}")  # fmt: skip


def _unknown(question: Question) -> Decision:
    named = question.instrument[:80]
    reason = f"no agreement {named} is registered here" if named else "no agreement is named"
    return Decision(allowed=False, instrument="", rule="R26", reason=f"{reason}; what nothing permits does not leave")


def _by_party(instruments: Iterable[Instrument]) -> dict[str, frozenset[str]]:
    found: dict[str, list[str]] = {}
    for each in instruments:
        for party in each.parties:
            found.setdefault(party, []).append(each.id)
    return {party: frozenset(ids) for party, ids in found.items()}


def _prohibitions_by_pair(instruments: Iterable[Instrument]) -> _Bans:
    """Who prohibits something between two nodes, by pair and kind of data."""
    found: dict[tuple[Pair, str], list[tuple[str, Prohibition]]] = {}
    for each in instruments:
        if each.prohibitions and each.state == "in-force":
            bans = [(data, ban) for ban in each.prohibitions for data in (ban.data or DATA)]
            for pair in map(frozenset, combinations(each.members, 2)):
                for data, ban in bans:
                    found.setdefault((pair, data), []).append((each.id, ban))
    return {key: tuple(bans) for key, bans in found.items()}
