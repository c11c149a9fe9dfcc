"""Every error that a person may meet, drawn as one tree.

    SpeanError
    ├── InvalidInput      a field breaks a rule; names field, rule and remedy          (HTTP 422)
    ├── Refusal           a safeguard, agreement or permission says no, with its number (HTTP 403)
    │   └── StepFailed    one of the seven receiving steps failed                       (HTTP 403)
    ├── VerificationFailed  a signature, proof or checkpoint is wrong                   (HTTP 400)
    ├── Unauthenticated   nobody, or somebody unknown, asks                             (HTTP 401)
    ├── NotFound          nothing of that name here                                     (HTTP 404)
    ├── Conflict          somebody else moved first; read again and retry               (HTTP 409)
    ├── TooMuch           a limit of size, depth, rate or quota is passed               (HTTP 413/429)
    └── Unavailable       disk, database or peer cannot be reached now                  (HTTP 503)

An error explains itself: what happened, why, and what would make it pass (STYLE: errors name the rule).
"""

from __future__ import annotations


class SpeanError(Exception):
    """Base of all errors. ``what`` happened, ``why`` (the reason) and the ``remedy``."""

    status = 500

    def __init__(self, what: str, *, why: str = "", remedy: str = "", rule: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.remedy = remedy
        self.rule = rule

    def diagnostics(self) -> dict[str, str]:
        """The error in words for a person: only the parts that are known."""
        parts = {"error": type(self).__name__, "rule": self.rule, "what": self.what, "why": self.why}
        parts["remedy"] = self.remedy
        return {name: text for name, text in parts.items() if text}

    def __str__(self) -> str:
        words = [f"[{self.rule}] {self.what}" if self.rule else self.what, self.why]
        if self.remedy:
            words.append(f"Remedy: {self.remedy}")
        return " — ".join(word for word in words if word)


class InvalidInput(SpeanError):
    """A field breaks a rule of its form."""

    status = 422

    def __init__(self, field: str, why: str, *, remedy: str, rule: str = "form") -> None:
        super().__init__(f"{field}: not accepted", why=why, remedy=remedy, rule=rule)
        self.field = field

    def diagnostics(self) -> dict[str, str]:
        return {**super().diagnostics(), "field": self.field}


class Refusal(SpeanError):
    """A safeguard (R1–R51), design rule (D1–D10) or agreement refuses. ``rule`` is its number."""

    status = 403

    def __init__(self, rule: str, why: str, *, remedy: str, what: str = "Refused") -> None:
        super().__init__(what, why=why, remedy=remedy, rule=rule)


class StepFailed(Refusal):
    """A received fact fails one of the seven receiving steps (docs/protocol.md), ``step`` 1–7."""

    def __init__(self, step: int, why: str, *, remedy: str = "", rule: str = "") -> None:
        super().__init__(rule or f"step-{step}", why, remedy=remedy, what=f"Step {step} failed")
        self.step = step

    def diagnostics(self) -> dict[str, str]:
        return {**super().diagnostics(), "step": str(self.step)}


class VerificationFailed(SpeanError):
    """A signature, proof, checkpoint or commitment does not hold. Verification raises, always."""

    status = 400


class Unauthenticated(SpeanError):
    """The caller is not known, or the session or token has ended."""

    status = 401


class NotFound(SpeanError):
    """Nothing of that name is here, or the caller may not know that it is."""

    status = 404


class Conflict(SpeanError):
    """The record moved meanwhile; read it again and repeat the act."""

    status = 409


class TooMuch(SpeanError):
    """A limit of size, depth, rate or quota is passed."""

    status = 413


class Unavailable(SpeanError):
    """The disk is full, the database is away, or a peer cannot be reached; nothing was changed."""

    status = 503
