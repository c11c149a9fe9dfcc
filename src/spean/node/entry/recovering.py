"""Recovery of an account whose authenticators are lost: two people, neither of them the owner (R4).

An administrator asks with a reason; an administrator, a jurist or an auditor, another person, approves and hands the one-time link to
the owner. Using it drops all old authenticators, tokens and sessions. Each step is written down and alarmed about, so the owner sees
it even if it was not for her. A link without two people is given only to somebody who holds nothing yet, or by the machine's
command line where no two people exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spean.core.errors import Conflict, InvalidInput, Refusal, Unauthenticated
from spean.core.ids import ulid
from spean.core.roles import Role
from spean.core.world import DAY
from spean.node.entry.account_log import account_record, note
from spean.node.entry.people import LINK, Who
from spean.node.work import Work
from spean.store.rows import Method, RecoveryRow, TokenRow, UserRow

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.store import Tx

OPEN = DAY
"""How long a recovery waits for its second person."""
APPROVERS = (Role.ADMINISTRATOR, Role.LEGAL, Role.AUDITOR)


class Recoveries:
    """Asks, approves, uses."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def ask(self, who: Who, user: UserRow, reason: str) -> RecoveryRow:
        """An administrator asks for the recovery of another person's account; it waits a day for the second person."""
        who.need(Role.ADMINISTRATOR)
        self._person(who, user.id)
        if len(reason.strip()) < 10 or len(reason) > 1000:
            raise InvalidInput(
                "reason", "10 to 1000 characters", remedy="say how you know that it is really this person"
            )
        ground = self._ground
        with ground.writing() as work:
            user = work.tx.people.get(user.id)
            if user.kind != "person" or user.disabled_at is not None:
                raise Refusal(
                    "R1", f"{user.name} is a service or disabled", remedy="only a person's account is recovered"
                )
            if not ground.signing_in.held(work.tx, user.id):
                raise Conflict(f"{user.name} holds no authenticator yet", remedy="a one-time link is enough")
            if work.tx.sign_in.open_recoveries(user.id, work.now):
                raise Conflict(
                    f"A recovery for {user.name} is open already", remedy="approve it, or wait until it ends"
                )
            id = ulid(ground.clock, ground.entropy)
            fact = note(work, who, "recovery-ask", user.id, recovery=id, reason=reason.strip())
            row = RecoveryRow(
                id=id, user=user.id, reason_fact=fact, asked_by=who.id, asked_at=work.now, expires_at=work.now + OPEN
            )  # fmt: skip
            work.tx.sign_in.add_recovery(row)
            text = f"{who.user.name} asks to recover the sign-in of {user.name}: a second person decides. Who did not expect this objects now"
            work.tx.alarms.raise_("recovery", f"{id}/asked", "warning", text, work.now)
        return row

    def approve(self, who: Who, id: str) -> str:
        """Another person approves: the one-time link for the owner, shown once, good for 15 minutes."""
        who.need(*APPROVERS)
        ground = self._ground
        with ground.writing() as work:
            row = work.tx.sign_in.recovery(id)
            self._person(who, row.user)
            asker = work.tx.people.get(row.asked_by)
            if who.id == row.asked_by:
                raise Refusal("R4", "who asks does not approve", remedy="another person approves")
            self._not_one_hand(work, who, row)
            if asker.disabled_at is not None or work.now >= row.expires_at:
                raise Refusal("R4", "this recovery has ended", remedy="ask anew")
            if not work.tx.sign_in.approve_recovery(id, who.id, work.now, work.now + LINK):
                raise Conflict("This recovery is approved already", remedy="ask anew if its link was not used")
            user = work.tx.people.get(row.user)
            link = ground.people.keep(work, TokenRow(
                digest=b"", use="link", user=user.id, created_at=work.now, expires_at=work.now + LINK, last_used_at=work.now,
                label=id, method="recovery",
            ))  # fmt: skip
            note(work, who, "recovery-approve", user.id, recovery=id)
            text = f"{who.user.name} approved the recovery of the sign-in of {user.name}, which {asker.name} asked for"
            work.tx.alarms.raise_("recovery", f"{id}/approved", "warning", text, work.now)
        return link

    def list(self, who: Who) -> list[RecoveryRow]:
        """The latest recoveries, newest first."""
        who.need(*APPROVERS)
        with self._ground.store.read() as tx:
            return tx.sign_in.recoveries()

    def use(self, work: Work, link: TokenRow, user: UserRow) -> None:
        """The link is used: everything that signed in as this user before ends."""
        tx = work.tx
        if link.label and not tx.sign_in.spend_recovery(link.label, work.now):
            raise Unauthenticated("this recovery has ended", remedy="ask anew")
        dropped = tx.sign_in.drop_passkeys(user.id)
        tx.sign_in.drop_password(user.id)
        tx.people.drop_tokens(user.id)
        note(
            work, Who(user=user, through="session"), "recovery-use", user.id, recovery=link.label, passkeys=str(dropped)
        )
        text = f"The sign-in of {user.name} was recovered: old passkeys, password, tokens and sessions have ended"
        tx.alarms.raise_("recovery", f"{link.label or link.digest.hex()}/used", "critical", text, work.now)

    def check_link(self, work: Work, user: UserRow, by: Who | None) -> Method:
        """What a link made by one person alone may do. Refuses one for somebody who holds a passkey or password (R4).

        ``recovery`` only for the machine's command line, where no two people could do it; that is alarmed about.
        """
        if not self._ground.signing_in.held(work.tx, user.id):
            return "link"
        if by is None and not self._two_exist(work.tx, user):
            text = f"A recovery link for {user.name} was made at the machine by one person alone"
            work.tx.alarms.raise_("recovery", f"machine:{user.id}:{work.now}", "critical", text, work.now)
            return "recovery"
        raise Refusal(
            "R4",
            f"{user.name} has a passkey or a password: a link would go around it",
            remedy="one administrator asks for a recovery, another person approves it",
        )

    def _two_exist(self, tx: Tx, user: UserRow) -> bool:
        """Whether somebody could ask and somebody else approve, neither of them the owner."""
        others = [
            row for row in tx.people.list() if row.id != user.id and row.kind == "person" and row.disabled_at is None
        ]  # fmt: skip
        askers = {row.id for row in others if Role.ADMINISTRATOR in row.roles}
        approvers = {row.id for row in others if set(APPROVERS) & set(row.roles)}
        return any(approvers - {asker} for asker in askers)

    def _not_one_hand(self, work: Work, who: Who, row: RecoveryRow) -> None:
        """Refuse an approver whose account, token or link the asker made within the last day: that could be one person twice."""
        given = [
            each for each in work.tx.access.of_subject(account_record(self._ground.me, who.id))
            if each.user == row.asked_by and each.act in ("user-add", "user-token", "user-link") and work.now - each.at < OPEN
        ]  # fmt: skip
        if given:
            raise Refusal(
                "R4", "the one who asks gave you your account or secret today", remedy="another person approves, or you do tomorrow"
            )  # fmt: skip

    def _person(self, who: Who, user: str) -> None:
        if who.user.kind != "person":
            raise Refusal("R1", "a service recovers nobody", remedy="a named person does")
        if who.id == user:
            raise Refusal("R4", "nobody recovers the own account", remedy="two other people do")
        self._ground.signing_in.need_proof(who)
