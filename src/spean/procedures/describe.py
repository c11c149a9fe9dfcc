"""A procedure as plain data, with all that a face needs: REST, command line, page, manual, diagram."""

from __future__ import annotations

from typing import Any

from spean.procedures.clocks import words
from spean.procedures.declare import Procedure, Transition
from spean.procedures.forms import schema
from spean.procedures.permissions import who_may


def describe(procedure: Procedure) -> dict[str, Any]:
    """The whole declaration as JSON values; acts come in the order of their declaration, generic ones last."""
    acts = [*procedure.transitions, *(t for t in procedure.by_kind.values() if t not in procedure.transitions)]
    adverse = procedure.adverse_states
    return {
        "name": procedure.name,
        "version": procedure.version,
        "title": procedure.title,
        "doc": procedure.doc,
        "parties": [
            {"name": party.name, "many": party.many, "opens": party.opens, "doc": party.doc}
            for party in procedure.parties
        ],
        "states": [
            {
                "name": name,
                "doc": procedure.states.get(name, ""),
                "end": name in procedure.ends,
                "candidate": name in procedure.candidates,
                "adverse": name in adverse,
            }
            for name in procedure.state_names
        ],
        "acts": [_act(procedure, transition) for transition in acts],
    }


def _act(procedure: Procedure, t: Transition) -> dict[str, Any]:
    return {
        "kind": t.kind,
        "doc": t.doc,
        "opens": t.opens,
        "from": list(procedure.state_names) if t.sources == ("*",) else list(t.sources),
        "to": t.target,
        "by": list(t.by),
        "who": list(who_may(t)),
        "roles": [str(role) for role in t.roles],
        "human": t.human,
        "adverse": t.adverse,
        "auto": t.auto,
        "timer": t.is_timer,
        "local": t.local,
        "once": t.once,
        "bulk": t.bulk,
        "correctable": t.correctable,
        "prevails": t.prevails,
        "rules": [{"number": rule.number, "text": rule.text} for rule in t.rules],
        "clock": _clock(procedure, t),
        "form": schema(t.form),
    }


def _clock(procedure: Procedure, t: Transition) -> dict[str, str] | None:
    if t.within is not None:
        owner = procedure.by_kind[t.else_].by[0]
        return {"within": words(t.within), "else": t.else_, "kept_by": owner, "since": t.since}
    if t.after is not None:
        return {"after": words(t.after), "kept_by": t.by[0], "since": t.since}
    return None
