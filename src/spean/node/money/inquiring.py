"""What the desk asks an institution about an account, and what comes back: by its page, the API, or auth.001/002/003 in its folder.

An inquiry is signed and kept on the desk's own track, and so is each answer; neither acts against anybody. An answer by file is matched by
the inquiry's own name; one that tells more than was asked, or about another account, is refused as a whole, since nobody here decides what
of it to forget (R27, R28).
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput, NotFound, Refusal, SpeanError
from spean.core.ids import ulid
from spean.formats.chain.tokens import digits
from spean.holds.inquiries import MOST_ENTRIES, PARTS, Answered, Disclosure, Subject
from spean.holds.inquiries import Inquiry as InquiryForm
from spean.node.acts.acting import Intent
from spean.node.entry.people import Who
from spean.node.money.asking import PURPOSE
from spean.node.money.model import Inquiry
from spean.node.work import Work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spean.formats.iso.information import Information, Result, Told
    from spean.node.ground import Ground
    from spean.node.money.money import Money
    from spean.store.rows import FactRow, RecordRow

STOP = "stop-payment"
MOST_OVER = 200
"""Requests that are over and are still looked at: where money went on, who held the account is asked all the more."""
_MARK = "IQ"
_NAMED = re.compile(rf"{_MARK}([0-9a-f]{{30}})")
"""An inquiry as a bank's message names it: the beginning of the signed fact's name, since 35 letters are all there is."""
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
ASKED = {
    Subject.HOLDER: "who holds the account", Subject.SIGNATORIES: "who may dispose of it", Subject.OPENED: "when it was opened",
    Subject.BALANCE: "what lies there (camt.053)", Subject.STATEMENT: "statement of the period (camt.053)",
}  # fmt: skip
STATUSES = {"COMP": "complete", "PART": "partial", "NRES": "nothing"}
_WHY = {"NFOU": "not found", "NOAP": "not applicable", "FOUN": "found, and not enclosed"}


class Inquiries:
    """Inquiries and their answers."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money

    def asked(self, who: Who) -> list[Inquiry]:
        """What is asked of the bank whose desk looks, newest first; for our own officers, of all. The look is logged."""
        ground, bank = self._ground, who.only_bank
        if not bank:
            who.need_purpose(PURPOSE)
        with ground.writing() as work:
            subject = f"{ground.me}:orders:{ulid(ground.clock, ground.entropy)}"
            ground.reading_desk.note_access(work, who, "read", subject, "inquiries about accounts")
        found = [each for each in self._all() if not bank or each.institution == who.user.unit]
        return sorted(found, key=lambda each: -each.asked_at)

    def one(self, who: Who, record: str, fact: str) -> Inquiry:
        """The inquiry that somebody is about to answer. Raises ``NotFound`` for one that is not to that bank."""
        found = next((each for each in self.asked(who) if (each.record, each.signed) == (record, fact)), None)
        if found is None:
            raise NotFound("No such inquiry here", remedy="see the list of inquiries")
        return found

    def of(self, bank: str) -> list[Inquiry]:
        """The inquiries to one institution."""
        return [each for each in self._all() if each.institution == bank]

    def _all(self) -> Iterator[Inquiry]:
        ground = self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            rows = [
                *tx.records.list(procedure=STOP, open_only=True, limit=1000),
                *tx.records.closed_last(STOP, None, MOST_OVER),
            ]
            rows = [row for row in rows if ground.me in row.parties.get("holder", ())]
            found = [(row, *self._of_record(work, row)) for row in rows]
        for row, asked, answers, open_ in found:
            for fact, form in asked:
                yield _shown(row, fact, form, answers.get(fact.id, ()), open_)

    def _of_record(
        self, work: Work, row: RecordRow
    ) -> tuple[list[tuple[FactRow, InquiryForm]], dict[str, list[tuple[FactRow, Answered]]], dict[str, int]]:
        """Inquiries of a record, by inquiry its answers in the order of time, and when the holder might be told (no name: of all)."""
        facts = [each for each in work.facts_of(row.id, "local") if each.kind in ("inquire", "answered", "disclose")]
        keys = work.keys([each.id for each in facts])
        forms = [
            (each, self._ground.projector.form(each, keys.get(each.id)))
            for each in sorted(facts, key=lambda one: one.at)
        ]
        asked = [(each, form) for each, form in forms if isinstance(form, InquiryForm)]
        answers: dict[str, list[tuple[FactRow, Answered]]] = {}
        for each, form in forms:
            if isinstance(form, Answered):
                answers.setdefault(form.inquiry, []).append((each, form))
        return asked, answers, {form.inquiry: each.at for each, form in forms if isinstance(form, Disclosure)}

    def rang(self, work: Work, fact: str, form: Any, record: str) -> None:
        """An answer was written: the desk hears of it, whoever wrote it."""
        if isinstance(form, Answered):
            text = f"{record}: the institution answered an inquiry: {form.status}"
            work.tx.alarms.raise_("bank", f"{record}/{fact[:16]}", "warning", text, work.now)

    # by file ----------------------------------------------------------------------------------------------------

    def message(self, form: InquiryForm, fact: str, at: int) -> bytes:
        """The inquiry as auth.001. Raises ``InvalidInput`` for what does not fit into one."""
        from spean.formats.iso.write import InformationRequest, Institution, auth_001

        number = form.account.rpartition("/")[2].rpartition(":")[2]
        bic = form.institution if _BIC.fullmatch(form.institution) else ""
        words = "; ".join(
            part for part in (form.explained, f"CALL {form.contact_name} {form.contact_phone}", form.reference) if part
        )
        return auth_001(InformationRequest(
            investigation=f"{_MARK}{fact[:30]}", paragraph=form.basis, confidential=form.confidential, from_ms=form.since,
            to_ms=form.until or at, account=number, is_iban=bool(_IBAN.fullmatch(number)), disclaimer=words,
            servicer=Institution(bic=bic, code="" if bic else form.institution), due_ms=form.due_at or None,
            questions=tuple((each.value, ASKED[each]) for each in form.about), owner_only=form.about == (Subject.HOLDER,),
        ))  # fmt: skip

    def opened(self, record: str, form: Disclosure) -> list[tuple[str, str, bytes]]:
        """Which institutions are told that the holder may know, with the signed inquiry and the message (auth.003)."""
        from spean.formats.iso.write import auth_003

        with self._ground.reading() as tx:
            asked, _, _ = self._of_record(Work(self._ground, tx), tx.records.get(record))
        return [
            (each.institution, fact.id, auth_003(f"{_MARK}{fact.id[:30]}", confidential=False))
            for fact, each in asked if each.confidential and form.inquiry in ("", fact.id)
        ]  # fmt: skip

    def informed(self, institution: str, told: Information, source: str) -> None:
        """Take an institution's answer. Raises ``NotFound`` for no inquiry to it, ``Refusal`` for more than was asked."""
        inquiry, form = self._named(institution, told.investigation)
        if told.confidential:
            raise InvalidInput(
                "CnfdtltySts", "it asks for secrecy, which is the desk's to say", remedy="call the institution"
            )
        answer: dict[str, Any] = (
            {"status": "open-to-holder"} if told.confidential is False else self._answer(form, told)
        )
        words = {"inquiry": inquiry.id, "source": source[:200], **answer}
        clerk = self._ground.people.node_itself()
        self._ground.acting.act(clerk, Intent(kind="answered", form=words, record=inquiry.record))
        self._look(inquiry.record, answer, source)

    def _named(self, institution: str, name: str) -> tuple[FactRow, InquiryForm]:
        """The inquiry by the name that it has in messages; one to another institution is not this one's to answer."""
        found = _NAMED.fullmatch(name)
        with self._ground.reading() as tx:
            work = Work(self._ground, tx)
            for row in tx.facts.beginning(found[1], 2) if found is not None else ():
                form = self._ground.projector.form(row, work.key(row.id)) if row.kind == "inquire" else None
                if isinstance(form, InquiryForm) and form.institution == institution:
                    return row, form
        raise NotFound(
            f"No inquiry to {institution} is called {name[:35]!r}", remedy="compare it with the auth.001 in its folder"
        )

    def _answer(self, asked: InquiryForm, told: Information) -> dict[str, Any]:
        """An auth.002 as the form of an answer; what it cannot say in one is named as missing."""
        if (
            told.account
            and told.account != asked.account
            and not told.account.endswith(asked.account.rpartition("/")[2])
        ):
            raise Refusal(
                "R27", "it is about another account than was asked", remedy="ask the institution for the right one"
            )
        answer: dict[str, Any] = {"status": STATUSES.get(told.status, "partial")}
        missing: list[str] = []
        owned = told.owner is not None and bool(told.owner.name)
        for result in told.results:
            answer.update(_part(asked, result))
            if owned and (result.question, result.status) == (Subject.HOLDER.value, "FOUN"):
                continue
            missing += [
                f"{result.question}: {each}"
                for each in (_WHY.get(result.status, result.status), result.text, *result.unread)
                if each
            ]
        if told.owner is not None and told.owner.name:
            answer.setdefault("holders", [_holder(told.owner)])
        wanted = {PARTS[each] for each in asked.about}
        got = {name for name in PARTS.values() if answer.get(name)}
        if not got:
            answer["status"] = "nothing"
            missing = missing or ["the institution has nothing to it"]
        elif wanted - got and answer["status"] == "complete":
            answer["status"] = "partial"
        answer["reason"] = "; ".join(missing)[:2000]
        return answer

    def _look(self, record: str, answer: dict[str, Any], source: str) -> None:
        """A stated balance is a look at the account, too: a hold may rest on it while it is fresh (R50)."""
        balances = [each for each in answer.get("balances", ()) if not each["overdrawn"]]
        if not balances:
            return
        last = max(balances, key=lambda each: int(each["at"]))
        names = {each["name"].casefold() for each in answer.get("holders", ())}
        shown = next((each.request.holder_name for each in self._money.sheets.asked([record])), "").casefold()
        same = "not-shown" if not names or not shown else "matches" if shown in names else "differs"
        form = {
            "balance": last["amount"],
            "currency": last["currency"],
            "digits": last["digits"],
            "name": same,
            "source": source[:200],
        }
        clerk = self._ground.people.node_itself()
        with suppress(SpeanError):  # in this state nobody looks any more: the answer itself says the balance
            self._ground.acting.act(clerk, Intent(kind="verify", form=form, record=record))


def _part(asked: InquiryForm, result: Result) -> dict[str, Any]:
    """What one result says, in the place of its question."""
    found: dict[str, Any] = {}
    if result.parties:
        name = "signatories" if result.question == Subject.SIGNATORIES.value else "holders"
        found[name] = [_holder(each) for each in result.parties][:20]
    if result.payments:
        if len(result.payments) > MOST_ENTRIES:
            raise InvalidInput(
                "statement", f"more than {MOST_ENTRIES} lines", remedy="take it in as a file for the ledgers"
            )
        found["entries"] = [_entry(asked.account, each) for each in result.payments]
    if (
        result.balances and Subject.BALANCE in asked.about
    ):  # a statement has balances of its own; they are no answer to another question
        found["balances"] = [
            {"at": each.time_ms, "amount": abs(each.amount_minor), "currency": each.currency, "digits": digits(each.currency),
             "overdrawn": each.amount_minor < 0}
            for each in result.balances
        ]  # fmt: skip
    return found


def _holder(told: Told) -> dict[str, Any]:
    kind = "not-said" if told.entity is None else "entity" if told.entity else "person"
    return {"name": told.name[:200], "kind": kind, "birth": told.birth, "document": told.document[:60]}


def _entry(account: str, payment: Any) -> dict[str, Any]:
    """Raises ``Refusal`` for a line of another account."""
    if account not in (payment.payer, payment.payee):
        raise Refusal(
            "R27", "the statement is of another account than was asked", remedy="ask the institution for the right one"
        )
    into = payment.payee == account
    other, name = (payment.payer, payment.payer_name) if into else (payment.payee, payment.payee_name)
    return {
        "at": payment.time_ms, "direction": "in" if into else "out", "amount": payment.amount_minor, "currency": payment.currency,
        "digits": digits(payment.currency), "account": other[:160], "name": name[:200], "reference": payment.reference[:100],
    }  # fmt: skip


def _shown(row: RecordRow, fact: FactRow, form: InquiryForm, answers: Any, open_: dict[str, int]) -> Inquiry:
    told = fact.id in open_ or open_.get("", -1) >= fact.at
    return Inquiry(
        record=row.id, signed=fact.id, institution=form.institution, account=form.account,
        about=tuple(each.value for each in form.about), since=form.since, until=form.until or fact.at, basis=form.basis,
        explained=form.explained, confidential=form.confidential and not told and all(each.status != "open-to-holder" for _, each in answers),
        due_at=form.due_at, asked_at=fact.at, contact=f"{form.contact_name}, {form.contact_phone}",
        reference=form.reference or f"{_MARK}{fact.id[:30]}",
        answered=next((each.status for _, each in reversed(answers) if each.status != "open-to-holder"), ""),
        answered_at=answers[-1][0].at if answers else 0,
    )  # fmt: skip
