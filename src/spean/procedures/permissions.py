"""Which roles may do which act: read off the declarations (O1)."""

from __future__ import annotations

from collections.abc import Iterable

from spean.procedures.declare import Procedure, Transition

ANY_OFFICER = "any officer"
THE_NODE = "the node itself"
A_SERVICE = "a service"


def who_may(transition: Transition) -> tuple[str, ...]:
    """The roles that may do the act, or in words who else does it."""
    if transition.is_timer or transition.auto:
        return (THE_NODE,)
    people = tuple(sorted(str(role) for role in transition.roles)) or (ANY_OFFICER,)
    return people if transition.human else (*people, A_SERVICE)


def permissions(procedures: Iterable[Procedure]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Procedure → act → who may do it, for the matrix test and the administrator's page."""
    return {
        procedure.name: {kind: who_may(transition) for kind, transition in procedure.by_kind.items()}
        for procedure in procedures
    }


def acts_of_role(procedures: Iterable[Procedure], role: str) -> dict[str, tuple[str, ...]]:
    """Procedure → the acts that somebody with ``role`` may do, if the state allows it."""
    found = {}
    for procedure in procedures:
        kinds = tuple(
            kind
            for kind, t in procedure.by_kind.items()
            if not t.is_timer and not t.auto and (not t.roles or role in t.roles)
        )
        found[procedure.name] = kinds
    return found
