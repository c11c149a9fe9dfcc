"""What requests about signing in may hold. Secrets are bounded here and judged in the node; none is ever repeated in an answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field, StringConstraints

from spean.api.bodies import LINE, Strict

Secret = Annotated[str, StringConstraints(max_length=1024)]
Code = Annotated[str, StringConstraints(max_length=32)]
Credential = Annotated[
    dict[str, Any], Field(description="What the browser's authenticator answered (WebAuthn Level 3, toJSON).")
]
PasskeyId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,1400}$", description="The passkey's id in base64url.")]
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
RecoveryId = Annotated[str, Path(pattern=r"^[0-9A-HJKMNP-TV-Z]{26}$")]


class ByPasskey(Strict):
    """An assertion over the challenge of ``…/options``."""

    credential: Credential


class ByPassword(Strict):
    """Name or id, password and one-time code."""

    name: str = Field(max_length=200)
    password: Secret
    code: Code


class Proof(Strict):
    """A fresh proof: either the passkey's assertion, or password and code."""

    credential: Credential | None = None
    password: Secret = ""
    code: Code = ""


class NewPasskey(Strict):
    """A passkey that the browser made, and what its owner calls the device."""

    credential: Credential
    label: str = Field(min_length=1, max_length=60, pattern=LINE)


class NewPassword(Strict):
    """A new password; the current one replaces a fresh proof."""

    new: Secret
    current: Secret | None = None


class ConfirmedCode(Strict):
    """The code that the authenticator app shows now."""

    code: Code


class NewRecovery(Strict):
    """Whose account is to be recovered, and how the asker knows that it is really this person."""

    user: str = Field(min_length=1, max_length=120, pattern=LINE)
    reason: str = Field(min_length=10, max_length=1000)


class Preferences(Strict):
    """How the pages speak to the user; empty is the browser's or the node's own."""

    language: str = Field(default="", max_length=35)
    time_zone: str = Field(default="", max_length=64)
    calendar: str = Field(default="", max_length=16)
    theme: str = Field(default="", max_length=16)
