"""A bank's side: what is ordered of an institution, and messages for banks without an interface.

The administrator makes ``banks/<institution>/out`` and ``in`` in the node's home for a bank that works by files: each hold that is
ordered is written to *out* as camt.056 (reason FRAD), each inquiry about an account as auth.001; camt.029, pacs.002, auth.002 and
auth.003 in *in* are taken. Files appear whole, by a rename.

An answer that nothing is held acts against nobody, nor does one that the money comes back: the node writes it, naming the file. That
money is held is said by a person alone (R1): such an answer is kept as a look at the account, and somebody is alarmed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spean.core.errors import InvalidInput, NotFound, Refusal, SpeanError
from spean.core.ids import ulid
from spean.core.world import iso
from spean.holds.inquiries import Disclosure
from spean.holds.inquiries import Inquiry as InquiryForm
from spean.holds.model import Order as OrderForm
from spean.node.acts.acting import Done, Intent
from spean.node.entry.people import Who
from spean.node.money.asking import PURPOSE
from spean.node.money.inquiring import Inquiries
from spean.node.money.model import Order, Sum
from spean.node.work import Work

if TYPE_CHECKING:
    from spean.formats.iso.answers import Answer
    from spean.node.ground import Ground
    from spean.node.money.money import Money
    from spean.node.money.sheet import Asked

MOST_FILE = 8 << 20
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,40}")
_LINE = 105
"""Letters of a line of additional information (ISO 20022)."""
STOP = "stop-payment"
GROUNDS = {
    "CUST": "customer-does-not-agree", "NOAS": "customer-does-not-agree", "LEGL": "no-legal-basis-here", "AGNT": "no-legal-basis-here",
}  # fmt: skip
"""Reason of a bank's refusal → ground of ours; any other: the request was not complete enough for it."""


class Banks:
    """Orders, and their answers."""

    def __init__(self, ground: Ground, money: Money) -> None:
        self._ground = ground
        self._money = money
        self._folder = ground.home / "banks"
        self.inquiries = Inquiries(ground, money)

    # orders -----------------------------------------------------------------------------------------------------

    def order(self, who: Who, record: str, *, contact_name: str, contact_phone: str, what: str = "hold", basis: str = "",
              expires_at: int = 0, reference: str = "") -> Done:  # fmt: skip
        """Tell the institution of a request what is ordered: as much as is asked, on its basis unless another is named.

        ``expires_at``: until when the institution keeps the money, at most our national clock from now (0: just that).
        """
        from spean.holds.clocks import national

        self._money.need(who, record)
        asked = self._asked(record)
        request, now = asked.request, self._ground.clock.now()
        settings = self._ground.settings
        hold = settings.clocks.get("hold") or national(settings.own_country, "hold") or 0
        form = {
            "what": what, "institution": request.institution, "account": request.account, "chain": request.chain,
            "holder_name": request.holder_name, "amount": request.asked, "currency": request.currency, "digits": request.digits,
            "basis": basis or request.basis, "expires_at": min(expires_at or now + hold, now + hold), "reference": reference,
            "contact_name": contact_name, "contact_phone": contact_phone,
        }  # fmt: skip
        return self._ground.acting.act(who, Intent(kind="order", form=form, record=record))

    def orders(self, who: Who) -> list[Order]:
        """What is ordered of the bank whose desk asks; for our own officers, of all. The look is logged."""
        ground = self._ground
        bank = who.only_bank
        if not bank:
            who.need_purpose(PURPOSE)
        with ground.writing() as work:
            subject = f"{ground.me}:orders:{ulid(ground.clock, ground.entropy)}"
            ground.reading_desk.note_access(work, who, "read", subject, "orders to stop a payment")
        return [order for institution, order in self._orders() if not bank or institution == who.user.unit]

    def begin(self, who: Who, record: str, kind: str) -> tuple[Order, dict[str, Any]]:
        """The order that somebody is about to answer, and what the form of that answer holds at first.

        A hold begins with the request's own claim and rule and the order's basis and end; whoever answers adds amount, notice and reason.
        Raises ``NotFound`` for a record of which nothing is ordered of the one who asks.
        """
        order = next((each for each in self.orders(who) if each.record == record), None)
        if order is None:
            raise NotFound("No such order here", remedy="see the list of orders")
        request = self._asked(record).request
        unit: dict[str, Any] = {"currency": request.currency, "digits": request.digits}
        if kind == "hold":
            return order, {
                **unit, "scope": "amount", "amount": min(request.asked, order.amount.amount), "claimed": request.claimed,
                "rule": request.rule, "basis": order.basis, "until": order.expires_at,
                "notice": dict(zip(("contact_name", "contact_phone"), order.contact.rpartition(", ")[::2], strict=True)),
            }  # fmt: skip
        return order, unit if kind == "verify" else {}

    def evidence(self, who: Who, fact: str) -> bytes:
        """The evidence file of a signed order or inquiry, for the bank to which it is: it verifies without a node (``spean-verify``).

        A bank's desk gets those to its own institution (O1); our own officers get it as any other fact. It is written down (R38).
        Raises ``NotFound`` and ``Refusal``.
        """
        ground, bank = self._ground, who.only_bank
        if bank:
            with ground.reading() as tx:
                work = Work(ground, tx)
                row = work.fact(fact) if re.fullmatch("[0-9a-f]{64}", fact) else None
                form = (
                    None
                    if row is None or row.kind not in ("order", "inquire")
                    else ground.projector.form(row, work.key(fact))
                )
            if not isinstance(form, OrderForm | InquiryForm) or form.institution != who.user.unit:
                raise Refusal("O1", f"this is no order to {who.user.unit}", remedy="see the list of orders")
        return ground.logs.evidence(
            who, fact, reason="the institution keeps what was ordered or asked of it", judged=bank
        )

    def stamp(self, bank: str) -> str:
        """Differs whenever the orders to a bank do; says nothing of anything else."""
        found = [
            (order.record, order.state, order.signed, order.held.amount)
            for place, order in self._orders()
            if place == bank
        ]
        asked = [(each.signed, each.answered_at) for each in self.inquiries.of(bank)]
        return hashlib.sha256(repr((found, asked)).encode()).hexdigest()[:16]

    def _orders(self) -> Iterator[tuple[str, Order]]:
        """Institution and order, of each record that is not over or still has to be freed."""
        ground = self._ground
        with ground.reading() as tx:
            rows = [*tx.records.list(procedure=STOP, open_only=True, limit=1000)]
            rows += [row for state in ("released", "auto-released") for row in tx.records.list(procedure=STOP, state=state, limit=200)
                     if "freed" not in row.done]  # fmt: skip
            work = Work(ground, tx)
            ordered = [
                (row, facts[-1]) for row in rows if ground.me in row.parties.get("holder", ())
                and (facts := sorted((each for each in work.facts_of(row.id, "local") if each.kind == "order"), key=lambda each: each.at))
            ]  # fmt: skip
            keys = work.keys([fact.id for _, fact in ordered])
            forms = [(row, fact, ground.projector.form(fact, keys.get(fact.id))) for row, fact in ordered]
        asked = {each.row.id: each for each in self._money.sheets.asked(row.id for row, _, _ in forms)}
        for row, fact, form in forms:
            if isinstance(form, OrderForm):
                yield form.institution, _order(row, fact, form, asked.get(row.id))

    def _asked(self, record: str) -> Asked:
        for asked in self._money.sheets.asked([record]):
            if self._ground.me in asked.row.parties.get("holder", ()):
                return asked
        raise NotFound(f"{record} is no request to us", remedy="see the hold board")

    # files out --------------------------------------------------------------------------------------------------

    def ordered(self, work: Work, fact: str, form: Any, record: str) -> None:
        """An order or inquiry was signed: a bank that works by files gets its message, beside this transaction."""
        told = isinstance(form, Disclosure) and self._folder.is_dir()
        if told or (isinstance(form, OrderForm | InquiryForm) and self._place(form.institution, "out") is not None):
            work.tx.jobs.put("bank-file", fact, work.now, json.dumps({"record": record, "fact": fact}))

    def write(self, record: str, fact: str) -> None:
        """Write the message of an order or inquiry. What cannot be said in a message is an alarm: somebody calls the bank."""
        asked, ground = self._asked(record), self._ground
        with ground.reading() as tx:
            work = Work(ground, tx)
            row = work.fact(fact)
            form = None if row is None else ground.projector.form(row, work.key(fact))
        if isinstance(form, Disclosure):
            for institution, inquiry, message in self.inquiries.opened(record, form):
                place = self._place(institution, "out")
                if place is not None:
                    _put(place / f"auth.003-{inquiry[:16]}.xml", message)
        if row is None or not isinstance(form, OrderForm | InquiryForm):
            return
        folder = self._place(form.institution, "out")
        what = "order" if isinstance(form, OrderForm) else "inquiry"
        try:
            if folder is None:
                raise NotFound("the bank's folder is gone", remedy="make it anew")
            if isinstance(form, InquiryForm):
                _put(folder / f"auth.001-{fact[:16]}.xml", self.inquiries.message(form, fact, row.at))
                return
            if form.what != "hold":
                raise InvalidInput("what", f"ISO 20022 has no message for a {form.what}", remedy="call the bank")
            _put(folder / f"camt.056-{fact[:16]}.xml", self._message(record, asked, form, fact))
        except (SpeanError, OSError) as error:
            self._alarm(
                f"{record}/{fact[:16]}",
                f"{record}: the {what} did not go to {form.institution} by file: {error}. Call the bank.",
            )

    def _message(self, record: str, asked: Asked, form: OrderForm, fact: str) -> bytes:
        from spean.formats.iso.write import CancellationRequest, Institution, camt_056
        from spean.formats.model import Money as Amount
        from spean.formats.model import References
        from spean.formats.money import decimal_text

        request, settings = asked.request, self._ground.settings
        held = decimal_text(form.amount, form.digits)
        told = (f"HOLD {held} {form.currency} ON {form.account}", f"BASIS {form.basis}", f"UNTIL {iso(form.expires_at)}",
                f"CALL {form.contact_name} {form.contact_phone}", f"ORDER {fact}")  # fmt: skip
        bic = form.institution if re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", form.institution) else ""
        return camt_056(CancellationRequest(
            id=f"SP{fact[:16]}", case=case_of(record), assigner=Institution(code=settings.node, name=settings.name[:140]),
            assignee=Institution(bic=bic, code="" if bic else form.institution), made_ms=self._ground.clock.now(),
            original=References(uetr=request.uetr, end_to_end=request.end_to_end), amount=Amount(request.amount, request.currency),
            settled_ms=request.arrived_at or None, text=[line for text in told for line in textwrap.wrap(text, _LINE)],
        ))  # fmt: skip

    # files in ---------------------------------------------------------------------------------------------------

    def look(self) -> int:
        """Take the answers that banks have put into their folders; how many files."""
        if not self._folder.is_dir():
            return 0
        count = 0
        for folder in sorted(self._folder.iterdir()):
            place = self._place(folder.name, "in")
            for path in sorted(place.glob("*.xml")) if place is not None else ():
                self._file(folder.name, path)
                count += 1
        return count

    def _file(self, institution: str, path: Path) -> None:
        from spean.formats.iso.answers import Answer
        from spean.formats.iso.information import Information
        from spean.formats.iso.read import read

        name = f"{institution}/in/{path.name}"
        try:
            if path.stat().st_size > MOST_FILE:
                raise InvalidInput("file", f"more than {MOST_FILE} bytes", remedy="one message a file")
            data = path.read_bytes()
            answers = [item for item in read([data]) if isinstance(item, Answer | Information)]
            if not answers:
                raise InvalidInput("file", "no answer is in it", remedy="a camt.029, pacs.002, auth.002 or auth.003")
            source = f"{path.name[:80]} ({hashlib.sha256(data).hexdigest()[:16]})"
            for answer in answers:
                if isinstance(answer, Information):
                    self.inquiries.informed(institution, answer, source)
                else:
                    self.answer(institution, answer, source)
        except (SpeanError, OSError) as error:
            self._alarm(f"{name}/{error}"[:200], f"{name} was not taken: {error}")
            path.rename(path.with_suffix(".refused"))
            return
        path.unlink()  # what it says stands in the record, encrypted

    def answer(self, institution: str, answer: Answer, source: str) -> None:
        """Take one answer of a bank to its request. Raises ``NotFound`` for no request of that bank, ``Refusal`` for another state."""
        asked = self._for(institution, answer)
        record, clerk = asked.row.id, self._ground.people.node_itself()
        told = f"{source}: {answer.status} {answer.reason}: {answer.why}. {answer.text}".strip()
        act = self._ground.acting.act
        act(clerk, Intent(kind="note", form={"text": told[:8000]}, record=record))
        outcome = answer.outcome.state
        if outcome in _KINDS:
            form = _told(outcome, answer, asked, source, self._ground.clock.now())
            act(clerk, Intent(kind=_KINDS[outcome], form=form, record=record))
            return
        if outcome == "held":
            amount = answer.amount.minor if answer.amount is not None else asked.request.asked
            request = asked.request
            form = {
                "balance": amount,
                "currency": request.currency,
                "digits": request.digits,
                "name": "not-shown",
                "source": source[:200],
            }
            act(clerk, Intent(kind="verify", form=form, record=record))
            text = f"{record}: {institution} says that the money is held: a person confirms it (R1)"
            self._alarm(f"{record}/{source}"[:200], text)

    def _for(self, institution: str, answer: Answer) -> Asked:
        """The request that a bank answers: by the case, else by the payment. One of another bank is not its to answer."""
        records = [order.record for place, order in self._orders() if place == institution]
        for asked in self._money.sheets.asked(records):
            known = answer.references
            same = (known.uetr and known.uetr == asked.request.uetr) or (
                known.end_to_end and known.end_to_end == asked.request.end_to_end
            )
            if answer.case == case_of(asked.row.id) or (not answer.case and same):
                return asked
        raise NotFound(
            f"No open order of {institution} has the case {answer.case[:35]!r}", remedy="compare it with the order"
        )

    def _place(self, institution: str, way: str) -> Path | None:
        folder = self._folder / institution / way
        return folder if _PLAIN.fullmatch(institution) and folder.is_dir() else None

    def _alarm(self, key: str, text: str) -> None:
        with self._ground.writing() as work:
            work.tx.alarms.raise_("bank", key, "critical", text[:500], work.now)


def case_of(record: str) -> str:
    """A record as a bank's message names it (at most 35 letters): its ULID."""
    return record.rpartition(":")[2]


_KINDS = {"too-late": "too-late", "not-found": "not-found", "refused": "refuse", "returned": "report-return"}
"""State to which an answer leads → the act that says so. None of them acts against anybody."""


def _told(outcome: str, answer: Answer, asked: Asked, source: str, now: int) -> dict[str, Any]:
    """The form of such an act; it names the file."""
    if outcome == "returned":
        request = asked.request
        amount = answer.amount.minor if answer.amount is not None else request.amount
        return {"amount": min(amount, request.amount), "currency": request.currency, "digits": request.digits, "returned_at": now,
                "by": "own-law", "reference": f"{answer.reason} {source}"[:100]}  # fmt: skip
    if outcome == "too-late":
        return {"last": {"moved_at": now, "amount": asked.request.asked}, "source": f"{source}: {answer.why}"[:200]}
    if outcome == "not-found":
        return {"missing": "payment", "source": f"{source}: {answer.why}"[:200]}
    ground = GROUNDS.get(answer.reason, "incomplete")
    return {
        "ground": ground,
        "reason": f"{answer.reason or answer.status}: {answer.why}. {answer.text}".strip()[:2000],
        "source": source[:200],
    }


def _order(row: Any, fact: Any, form: OrderForm, asked: Asked | None) -> Order:
    held = 0 if asked is None or row.state not in ("held", "disputed", "confirmed", "seized") else asked.held
    return Order(
        record=row.id, account=form.account, holder_name=form.holder_name, amount=Sum(amount=form.amount, currency=form.currency,
                                                                                      digits=form.digits),
        basis=form.basis, expires_at=form.expires_at, ordered_at=fact.at, contact=f"{form.contact_name}, {form.contact_phone}",
        reference=form.reference or case_of(row.id), state=row.state, held=Sum(amount=held, currency=form.currency, digits=form.digits),
        signed=fact.id,
    )  # fmt: skip


def _put(path: Path, data: bytes) -> None:
    """The file appears whole or not at all, and lasts."""
    made = path.with_suffix(".part")
    with open(os.open(made, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o640), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    made.rename(path)
