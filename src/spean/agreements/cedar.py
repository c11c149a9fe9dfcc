"""An instrument as Cedar policies (https://www.cedarpolicy.com), and a question as a Cedar request.

One ``permit`` per instrument; a ``forbid`` for its state, its first and last day, each suspended pair and each
prohibition. Every policy has an ``@id`` of the form ``<instrument>#<name>``, so an answer names what decided.
Nodes stand in the context as text: comparing entities there doubled the time of a decision.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from spean.agreements.model import TLP_RANK, Instrument, Prohibition
from spean.agreements.question import Question

SCHEMA = """
entity Node;
action "send" appliesTo {
  principal: [Node],
  resource: [Node],
  context: {
    sender: String, receiver: String, origin: String, via: String, instrument: String,
    purpose: String, data: String, subject: String, tlp: Long, handling: String,
    passed_on: Bool, consent: Bool, day: Long,
  },
};
"""

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_:.+#()/,")
_PASSED_ON = "context.passed_on"

_OTHER_ORIGIN = "context.origin != context.receiver"


def text(value: str) -> str:
    """``value`` as a Cedar string literal: whatever is not plainly harmless is written as ``\\u{…}``."""
    return '"' + "".join(sign if sign in _SAFE else f"\\u{{{ord(sign):x}}}" for sign in value) + '"'


def permit(instrument: Instrument) -> str:
    """What may leave under ``instrument``."""
    conditions = [
        f"context.instrument == {text(instrument.id)}",
        *_ends(instrument),
        _among("purpose", instrument.purposes),
        _among("data", instrument.data),
        _among("subject", instrument.subjects),
        f"context.tlp <= {TLP_RANK[instrument.tlp_ceiling]}",
        _among("handling", instrument.handling),
        *_onward(instrument),
    ]
    return _policy("permit", f"{instrument.id}#permit", conditions)


def own_forbids(instrument: Instrument) -> str:
    """What bars the instrument as a whole or for a pair: its state, its days, its suspensions."""
    named = f"context.instrument == {text(instrument.id)}"
    out = []
    if instrument.state != "in-force":
        out.append(_policy("forbid", f"{instrument.id}#state", [named]))
    out.append(_policy("forbid", f"{instrument.id}#starts", [named, f"context.day < {instrument.first_day}"]))
    out.append(_policy("forbid", f"{instrument.id}#ends", [named, f"context.day > {instrument.last_day}"]))
    for low, high in sorted(tuple(sorted(each.pair)) for each in instrument.suspended):
        pair = _literal((low, high))
        hop = f"({pair}.contains(context.sender) && {pair}.contains(context.receiver))"
        way_round = f"({_PASSED_ON} && {pair}.contains(context.origin) && {pair}.contains(context.receiver))"
        condition = [named, f"({hop} || ({way_round} && {_OTHER_ORIGIN}))"]
        out.append(_policy("forbid", f"{instrument.id}#suspended-{low}-{high}", condition))
    return "".join(out)


def prohibitions(instrument: Instrument) -> str:
    """What must not leave between members of ``instrument``, whichever instrument is named (all prohibitions bind)."""
    if instrument.state != "in-force":
        return ""
    return "".join(_prohibit(instrument, number, ban) for number, ban in enumerate(instrument.prohibitions, 1))


def compile_instrument(instrument: Instrument) -> str:
    """All policies of ``instrument`` as Cedar text."""
    return permit(instrument) + own_forbids(instrument) + prohibitions(instrument)


def request_of(question: Question) -> dict[str, Any]:
    """The Cedar request that puts ``question``, its context as JSON text."""
    context = {
        "sender": question.sender,
        "receiver": question.receiver,
        "origin": question.origin,
        "via": question.via,
        "instrument": question.instrument,
        "purpose": question.purpose,
        "data": question.data,
        "subject": question.subject,
        "tlp": TLP_RANK[question.tlp],
        "handling": question.handling,
        "passed_on": question.passed_on,
        "consent": question.consent,
        "day": question.day,
    }
    return {
        "principal": {"type": "Node", "id": question.sender},
        "action": {"type": "Action", "id": "send"},
        "resource": {"type": "Node", "id": question.receiver},
        "context": msgspec.json.encode(context).decode(),
    }


def _ends(instrument: Instrument) -> list[str]:
    """Both ends are parties; or one is the mediator that the origin named, and the other a party."""
    parties = _literal(instrument.parties)
    direct = f'(context.via == "" && {parties}.contains(context.sender) && {parties}.contains(context.receiver))'
    if not instrument.mediators:
        return ["context.sender != context.receiver", direct]
    to_mediator = f"(context.receiver == context.via && {parties}.contains(context.sender))"
    from_mediator = f"(context.sender == context.via && {parties}.contains(context.receiver))"
    mediated = f"({_among('via', instrument.mediators)} && ({to_mediator} || {from_mediator}))"
    return ["context.sender != context.receiver", f"({direct} || {mediated})"]


def _onward(instrument: Instrument) -> list[str]:
    """Whose fact it may be: the sender's own or a mediated party's; passed on only as the onward rule says (A5)."""
    origin_is_party = _among("origin", instrument.parties)
    allowed = {"never": "false", "consent": "context.consent", "parties": origin_is_party}[instrument.onward]
    return [
        f"(if {_PASSED_ON} then {allowed} else {origin_is_party})",
        f'((context.handling != "H2" && context.tlp < {TLP_RANK["AMBER+STRICT"]}) || !{_PASSED_ON} || context.consent)',
    ]


def _prohibit(instrument: Instrument, number: int, ban: Prohibition) -> str:
    members = _literal(instrument.members)
    sets = (("data", ban.data), ("subject", ban.subjects), ("purpose", ban.purposes))
    conditions = [
        f"{members}.contains(context.receiver)",
        f"({members}.contains(context.sender) || ({members}.contains(context.origin) && {_OTHER_ORIGIN}))",
        f"context.day >= {instrument.first_day}",
        f"context.day <= {instrument.last_day}",
        *(_among(name, values) for name, values in sets if values),
    ]
    return _policy("forbid", f"{instrument.id}#prohibition-{number}", conditions)


def _policy(effect: str, name: str, conditions: list[str]) -> str:
    when = " &&\n  ".join(conditions)
    return f"@id({text(name)})\n{effect} (principal, action, resource) when {{\n  {when}\n}};\n"


def _among(name: str, values: Iterable[str]) -> str:
    return f"{_literal(values)}.contains(context.{name})"


def _literal(values: Iterable[str]) -> str:
    return "[" + ", ".join(text(value) for value in sorted(values)) + "]"
