"""How people prove who they are: passkeys, passwords with codes, challenges, recoveries; and forms that were sent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, select, update

from spean.core.errors import NotFound
from spean.sql.statement import Insert, Sql, pack, texts
from spean.store import schema
from spean.store.rows import ChallengeRow, PasskeyRow, PasswordRow, RecoveryRow, SubmissionRow

_k = schema.passkeys.c
_K_NAMES = tuple(column.name for column in _k)
_K_ADD = Insert(schema.passkeys, _K_NAMES)
_K_ONE = select(schema.passkeys).where(_k.id == bindparam("id"))
_K_USER = select(schema.passkeys).where(_k.user == bindparam("user")).order_by(_k.created_at, _k.id)
_K_USED = (
    update(schema.passkeys)
    .where(_k.id == bindparam("of"))
    .values(sign_count=bindparam("count"), backed_up=bindparam("backed"), last_used_at=bindparam("when"))
)
_K_DROP = delete(schema.passkeys).where(_k.id == bindparam("of"))
_K_DROP_USER = delete(schema.passkeys).where(_k.user == bindparam("of"))
_K_OWNERS = select(_k.user)

_p = schema.passwords.c
_P_NAMES = tuple(column.name for column in _p)
_P_SAVE = Insert(
    schema.passwords,
    _P_NAMES,
    'ON CONFLICT ("user") DO UPDATE SET "hash" = excluded."hash", "code_secret" = excluded."code_secret", '
    '"code_next" = excluded."code_next", "code_step" = excluded."code_step", "changed_at" = excluded."changed_at"',
)
_P_ONE = select(schema.passwords).where(_p.user == bindparam("user"))
_P_ALL = select(schema.passwords).order_by(_p.user)
_P_STEP = (
    update(schema.passwords)
    .where(_p.user == bindparam("of"), _p.code_step < bindparam("step"))
    .values(code_step=bindparam("step"))
)
_P_DROP = delete(schema.passwords).where(_p.user == bindparam("of"))

_c = schema.challenges.c
_C_ADD = Insert(schema.challenges, "key use user expires_at")
_C_ONE = select(schema.challenges).where(_c.key == bindparam("key"))
_C_DROP = delete(schema.challenges).where(_c.key == bindparam("of"))
_C_EXPIRED = delete(schema.challenges).where(_c.expires_at <= bindparam("now"))

_r = schema.recoveries.c
_R_NAMES = tuple(column.name for column in _r)
_R_ADD = Insert(schema.recoveries, _R_NAMES)
_R_ONE = select(schema.recoveries).where(_r.id == bindparam("id"))
_R_LIST = select(schema.recoveries).order_by(_r.asked_at.desc(), _r.id).limit(bindparam("limit"))
_R_OPEN = (
    select(schema.recoveries)
    .where(_r.user == bindparam("user"), _r.spent_at.is_(None), _r.expires_at > bindparam("now"))
    .order_by(_r.asked_at, _r.id)
)
_R_APPROVE = (
    update(schema.recoveries)
    .where(_r.id == bindparam("of"), _r.approved_at.is_(None))
    .values(approved_by=bindparam("who"), approved_at=bindparam("when"), expires_at=bindparam("until"))
)
_R_SPEND = (
    update(schema.recoveries)
    .where(_r.id == bindparam("of"), _r.approved_at.is_not(None), _r.spent_at.is_(None))
    .values(spent_at=bindparam("when"))
)

_s = schema.submissions.c
_S_ADD = Insert(schema.submissions, "key fact record at")
_S_ONE = select(schema.submissions).where(_s.key == bindparam("key"))
_S_EXPIRED = delete(schema.submissions).where(_s.at < bindparam("before"))


class SignInGroup:
    """``tx.sign_in``."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    # passkeys -----------------------------------------------------------------------------------------------

    def add_passkey(self, row: PasskeyRow) -> None:
        """Keep a passkey; raises ``Conflict`` when its id is known."""
        values = {"transports": pack(row.transports), "backed_up": int(row.backed_up)}
        self._sql.insert(_K_ADD, [tuple(values.get(name, getattr(row, name)) for name in _K_NAMES)])

    def passkey(self, id: bytes) -> PasskeyRow | None:
        """The passkey of that credential id."""
        return next(iter(self._sql.made(_passkey, _K_ONE, {"id": id})), None)

    def passkeys(self, user: str) -> list[PasskeyRow]:
        """A person's passkeys, oldest first."""
        return self._sql.made(_passkey, _K_USER, {"user": user})

    def used_passkey(self, id: bytes, sign_count: int, backed_up: bool, at: int) -> None:
        """Note a use: the authenticator's counter, and whether the passkey is copied to other devices now."""
        self._sql.run(_K_USED, {"of": id, "count": sign_count, "backed": int(backed_up), "when": at})

    def drop_passkey(self, id: bytes) -> bool:
        """Forget a passkey; True if it was there."""
        return self._sql.run(_K_DROP, {"of": id}) == 1

    def drop_passkeys(self, user: str) -> int:
        """Forget all passkeys of a person; how many there were."""
        return self._sql.run(_K_DROP_USER, {"of": user})

    def count_passkeys(self) -> dict[str, int]:
        """How many passkeys each user has who has any."""
        counts: dict[str, int] = {}
        for (user,) in self._sql.rows(_K_OWNERS):
            counts[user] = counts.get(user, 0) + 1
        return counts

    # passwords ----------------------------------------------------------------------------------------------

    def save_password(self, row: PasswordRow) -> None:
        """Keep or replace the whole row."""
        self._sql.insert(_P_SAVE, [tuple(getattr(row, name) for name in _P_NAMES)])

    def password(self, user: str) -> PasswordRow | None:
        """A person's password and code, None if she has none."""
        return next(iter(self._sql.made(PasswordRow, _P_ONE, {"user": user})), None)

    def passwords(self) -> list[PasswordRow]:
        """Everybody's, for sealing anew."""
        return self._sql.made(PasswordRow, _P_ALL)

    def use_step(self, user: str, step: int) -> bool:
        """Use up a time step's code; False when that step, or a later one, was used already."""
        return self._sql.run(_P_STEP, {"of": user, "step": step}) == 1

    def drop_password(self, user: str) -> bool:
        """Forget password and code; True if there was one."""
        return self._sql.run(_P_DROP, {"of": user}) == 1

    # challenges ---------------------------------------------------------------------------------------------

    def add_challenge(self, row: ChallengeRow) -> None:
        """Keep a challenge's digest."""
        self._sql.insert(_C_ADD, [(row.key, row.use, row.user, row.expires_at)])

    def take_challenge(self, key: bytes) -> ChallengeRow | None:
        """Use up a challenge: whoever gets the row is the only one. Whether it has expired is the caller's question."""
        row = next(iter(self._sql.made(ChallengeRow, _C_ONE, {"key": key})), None)
        if row is None or self._sql.run(_C_DROP, {"of": key}) == 0:
            return None
        return row

    def expire_challenges(self, now: int) -> int:
        """Drop what has expired; how many there were."""
        return self._sql.run(_C_EXPIRED, {"now": now})

    # recoveries ---------------------------------------------------------------------------------------------

    def add_recovery(self, row: RecoveryRow) -> None:
        """Keep a recovery that somebody asked for."""
        values = {"reason_fact": bytes.fromhex(row.reason_fact) or None}
        self._sql.insert(_R_ADD, [tuple(values.get(name, getattr(row, name)) for name in _R_NAMES)])

    def recovery(self, id: str) -> RecoveryRow:
        """The recovery; raises ``NotFound``."""
        for row in self._sql.made(_recovery, _R_ONE, {"id": id}):
            return row
        raise NotFound(f"No recovery {id} here")

    def recoveries(self, limit: int = 100) -> list[RecoveryRow]:
        """The latest recoveries, newest first, ended ones too."""
        return self._sql.made(_recovery, _R_LIST, {"limit": limit})

    def open_recoveries(self, user: str, now: int) -> list[RecoveryRow]:
        """A user's recoveries that are neither spent nor expired."""
        return self._sql.made(_recovery, _R_OPEN, {"user": user, "now": now})

    def approve_recovery(self, id: str, who: str, at: int, until: int) -> bool:
        """Note the second person; False when somebody was quicker."""
        return self._sql.run(_R_APPROVE, {"of": id, "who": who, "when": at, "until": until}) == 1

    def spend_recovery(self, id: str, at: int) -> bool:
        """Use up an approved recovery; False when it is not approved or was spent."""
        return self._sql.run(_R_SPEND, {"of": id, "when": at}) == 1


class SubmissionGroup:
    """``tx.submissions``: a form that is sent twice makes one fact."""

    __slots__ = ("_sql",)

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def get(self, key: bytes) -> SubmissionRow | None:
        """What the form with that key made, None if it was never sent."""
        return next(iter(self._sql.made(_submission, _S_ONE, {"key": key})), None)

    def add(self, row: SubmissionRow) -> None:
        """Note that a form was sent; raises ``Conflict`` when it was before."""
        self._sql.insert(_S_ADD, [(row.key, bytes.fromhex(row.fact), row.record, row.at)])

    def expire(self, before: int) -> int:
        """Drop what was sent earlier than that; how many there were."""
        return self._sql.run(_S_EXPIRED, {"before": before})


def _passkey(transports: str, backed_up: int, **columns: Any) -> PasskeyRow:
    return PasskeyRow(**columns, transports=texts(transports), backed_up=bool(backed_up))


def _recovery(reason_fact: bytes | None, **columns: Any) -> RecoveryRow:
    return RecoveryRow(**columns, reason_fact=(reason_fact or b"").hex())


def _submission(fact: bytes, **columns: Any) -> SubmissionRow:
    return SubmissionRow(**columns, fact=fact.hex())
