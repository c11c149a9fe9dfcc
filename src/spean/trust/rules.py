"""Safeguards of key rotation (O9)."""

from __future__ import annotations

from spean.core.errors import InvalidInput, Refusal, VerificationFailed
from spean.core.world import DAY
from spean.procedures.acts import Act, Context, RecordView
from spean.procedures.rules import Rule
from spean.trust.model import Announcement, Revocation, moment, verify_possession

_HEX_KEYS = ("sign", "seal")


def _possessed(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if not isinstance(act.body, Announcement):
        return
    for key in act.body.keys:
        if key.use in _HEX_KEYS and (len(key.public) != 64 or set(key.public) - set("0123456789abcdef")):
            raise InvalidInput("keys.public", f"{key.key_id}: not 32 bytes in hex", remedy="give 64 hex digits")
    try:
        verify_possession(act.node, act.body)
    except VerificationFailed as error:
        raise Refusal("O9", f"{error.what}: {error.why}", remedy=error.remedy) from None


def _times_hold(view: RecordView | None, act: Act, ctx: Context) -> None:
    del view, ctx
    if isinstance(act.body, Announcement):
        start = moment("valid_from", act.body.valid_from)
        if start > act.time + 90 * DAY:
            raise Refusal("O9", "keys are announced at most 90 days ahead", remedy="announce them later")
    elif isinstance(act.body, Revocation) and moment("distrusted_from", act.body.distrusted_from) > act.time:
        raise Refusal("O9", "a revoked key is not to be believed from now or earlier", remedy="give a past moment")


POSSESSED = Rule("O9", "Each new signing key signs its own announcement, so nobody tells another's key.", _possessed)
TIMES_HOLD = Rule("O9", "Keys are announced at most 90 days ahead; a revocation is never for later.", _times_hold)
