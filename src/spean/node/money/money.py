"""``node.money``: ledgers that files feed, cases that are followed, requests hop by hop, the banks' side.

The parts find one another here. Arrow, numba and XML are imported when they are first used: a node that never traces does not pay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from spean.core.errors import NotFound, SpeanError
from spean.node.acts.acting import Done, Intent, Marks
from spean.node.entry.people import Who
from spean.node.money.asking import Asking
from spean.node.money.banks import Banks
from spean.node.money.conversions import Conversions, Leg
from spean.node.money.erasing import Erasing, ErasurePreview
from spean.node.money.following import Following
from spean.node.money.giving_back import GivingBack
from spean.node.money.importing import Importing
from spean.node.money.keeping import Ledgers
from spean.node.money.model import BadRow, Hop, ImportState, Inquiry, MoneySheet, NamedThing, Order, Recognised
from spean.node.money.named import Named
from spean.node.money.reporting import Reportable, Reporting, Wanted
from spean.node.money.routes import Routes
from spean.node.money.sealing import Vault
from spean.node.money.sending import Sending, Sent
from spean.node.money.sheet import Sheets
from spean.store.rows import ImportRow, PaymentRow
from spean.tracing.model import Transfer

if TYPE_CHECKING:
    from spean.node.ground import Ground
    from spean.node.money.homes import Homes
    from spean.node.money.intake import Told


AT_ONCE = 20_000
"""Payments that are put back at once."""


class Money:
    """The verbs of money."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.vault = Vault(ground)
        self._homes: tuple[int, Homes] | None = None
        self.ledgers = Ledgers(ground.home / "ledgers")
        self.routes = Routes(ground, self)
        self.asking = Asking(ground, self)
        self.following = Following(ground, self)
        self.sheets = Sheets(ground, self)
        self.sending = Sending(ground, self)
        self.banks = Banks(ground, self)
        self.conversions = Conversions(ground, self)
        self.importing = Importing(ground, self)
        self.erasing = Erasing(ground, self)
        self.named = Named(ground, self.vault)
        self.giving_back = GivingBack(ground)
        self.reporting = Reporting(ground, self)

    def start(self) -> None:
        """Make the ledgers anew when there are none (after a restore), and go on with files that were being read when the node stopped."""
        if not self.ledgers.currencies():
            self.remake()
        self.named.ready()
        self.erasing.resume()
        self.importing.resume()
        self.following.begin()

    def remake(self, into: Ledgers | None = None, only: Collection[str] | None = None) -> int:
        """Fill the ledgers, which are an index, from what the store holds in order of arrival; how many payments. What is in them stays.

        A payment whose words are erased, or whose keys were not restored, is missing from then on. ``into``: others than ours;
        ``only``: of these currencies.
        """
        ledgers = self.ledgers if into is None else into
        from spean.node.money.homes import Homes
        from spean.node.money.intake import again

        after, count, homes = 0, 0, None
        while True:
            with self._ground.store.read() as tx:
                found = tx.money.payments_after(after, AT_ONCE)
            if not found:
                return count
            homes = homes or Homes(self._ground)
            after, batches = found[-1][0], defaultdict[str, list[Transfer]](list)
            told = self.opened(row for _, row in found)
            for _, row in found:
                for made in again(told[row.id].payment, homes) if row.id in told else ():
                    batches[made.currency].append(made)
            for currency, several in batches.items():
                if only is not None and currency not in only:
                    continue
                ledger = ledgers.ledger(currency)
                new = [row for row in several if ledger is None or ledger.names.order(row.id) is None]
                count += ledgers.add(currency, new).rows if new else 0

    def close(self) -> None:
        """Close the ledgers."""
        self.following.end()
        self.ledgers.close()

    def need(self, who: Who, record: str) -> None:
        """Refuse whoever may not act in a record of that purpose (O1). Raises ``NotFound`` and ``Refusal``."""
        with self._ground.reading() as tx:
            who.need_purpose(tx.records.get(record).purpose)

    def homes(self) -> Homes:
        """Whose an account is, as the directory says now; read anew after any change of the store."""
        from spean.node.money.homes import Homes

        pulse = self._ground.store.pulse()
        if self._homes is None or self._homes[0] != pulse:
            self._homes = pulse, Homes(self._ground)
        return self._homes[1]

    # files ------------------------------------------------------------------------------------------------------

    def take_file(self, who: Who, name: str, chunks: Iterable[bytes], source: str = "B", grade: int = 2,
                  hints: dict[str, Any] | None = None, *, wait: bool = False) -> ImportState:  # fmt: skip
        """See ``Importing.take_file``."""
        return self.importing.take_file(who, name, chunks, source=source, grade=grade, hints=hints, wait=wait)

    def imports(self, who: Who, limit: int = 100) -> list[ImportState]:
        """The files, newest first."""
        return self.importing.imports(who, limit)

    def import_state(self, who: Who, id: str) -> ImportState:
        """How far a file is."""
        return self.importing.import_state(who, id)

    def import_rows(self, who: Who, id: str, *, reason: str, after: int = 0, limit: int = 500) -> list[BadRow]:
        """Rows of a file that were not taken; a read with its reason (R38)."""
        return self.importing.import_rows(who, id, reason=reason, after=after, limit=limit)

    def import_named(self, who: Who, id: str, *, reason: str, after: int = 0, limit: int = 500) -> list[NamedThing]:
        """Whom and what a report names; a read with its reason (R38)."""
        return self.importing.import_named(who, id, reason=reason, after=after, limit=limit)

    def recognised(self, who: Who, id: str, answers: dict[str, Any] | None = None, *, reason: str) -> Recognised:
        """What a file that is *asking* seems to be, or would be by these answers; a read with its reason (R38)."""
        return self.importing.recognised(who, id, answers, reason=reason)

    def confirm_mapping(self, who: Who, id: str, answers: dict[str, Any], *, wait: bool = False) -> ImportState:
        """See ``Importing.confirm_mapping``."""
        return self.importing.confirm_mapping(who, id, answers, wait=wait)

    def erasure(self, who: Who, id: str) -> ErasurePreview:
        """What erasing a file would take away, and what stays; see ``Erasing.preview``."""
        return self.erasing.preview(who, id)

    def erase_import(self, who: Who, id: str, reason: str, *, wait: bool = False) -> ImportState:
        """Erase what a file said; see ``Erasing.erase``."""
        return self.erasing.erase(who, id, reason, wait=wait)

    def convert(self, who: Who, paid: Leg, received: Leg, at: int, *, reason: str, reference: str = "", source: str = "B",
                grade: int = 2) -> str:  # fmt: skip
        """State that money changed currency; see ``Conversions.convert``."""
        return self.conversions.convert(
            who, paid, received, at, reason=reason, reference=reference, source=source, grade=grade
        )

    # cases ------------------------------------------------------------------------------------------------------

    def trace(self, who: Who, case: str, claim: str = "") -> None:
        """Follow a validated report's money from now on; see ``Following.trace``."""
        self.following.trace(who, case, claim)

    def sheet(self, who: Who, case: str, *, reason: str) -> MoneySheet:
        """A case's money, or that of a request which came to us; a read with its reason (R38)."""
        return self.sheets.sheet(who, case, reason)

    def board(self, who: Who) -> list[Hop]:
        """Every hop of every open case, and every request to us; accounts masked."""
        return self.sheets.board(who)

    def send(self, who: Who, case: str, places: Sequence[tuple[str, str]] = (), *, basis: str = "", contact_name: str = "",
             contact_phone: str = "", marks: Marks | None = None) -> list[Sent]:  # fmt: skip
        """Ask for holds at ``places`` (node, account), or at all of them; see ``Sending.send``."""
        return self.sending.send(
            who, case, places, basis=basis, contact_name=contact_name, contact_phone=contact_phone, marks=marks
        )

    def reportable(self, who: Who, case: str, *, reason: str) -> Reportable:
        """What a goAML report of a case of ours would hold."""
        return self.reporting.begin(who, case, reason=reason)

    def report(self, who: Who, case: str, wanted: Wanted, *, reason: str) -> tuple[str, bytes]:
        """A case of ours as a goAML report: name of the file and bytes; see ``Reporting.report``."""
        return self.reporting.report(who, case, wanted, reason=reason)

    def order(self, who: Who, record: str, *, contact_name: str, contact_phone: str, what: str = "hold", basis: str = "",
              expires_at: int = 0, reference: str = "") -> Done:  # fmt: skip
        """Tell the institution of a request to us what is ordered; see ``Banks.order``."""
        return self.banks.order(
            who, record, contact_name=contact_name, contact_phone=contact_phone, what=what, basis=basis, expires_at=expires_at,
            reference=reference,
        )  # fmt: skip

    def orders(self, who: Who) -> list[Order]:
        """What is ordered of the bank whose desk asks, and nothing else."""
        return self.banks.orders(who)

    def inquiries(self, who: Who) -> list[Inquiry]:
        """What the bank whose desk asks is asked about accounts; for our own officers, of all banks."""
        return self.banks.inquiries.asked(who)

    def answer(self, record: str) -> None:
        """Answer a node's question by ourselves, or say why not. While a part has not come in to us nothing is said: it may be on its way,
        and whether a payment exists is nobody's business. Raises ``NotFound`` then."""
        clerk = self._ground.people.node_itself()
        try:
            intent = Intent(kind="answer", form=self.asking.form(record), record=record)
        except NotFound:
            raise
        except SpeanError as refused:
            intent = Intent(kind="decline", form={"reason": str(refused)[:2000]}, record=record)
        self._ground.acting.act(clerk, intent)

    def answered(self, record: str) -> None:
        """A node has answered our question: its case is traced again."""
        with self._ground.store.read() as tx:
            row = tx.money.question(record)
        if row is not None:
            self.following.again(row.case)

    # payments ---------------------------------------------------------------------------------------------------

    def payments(self, ids: Iterable[str]) -> dict[str, Told]:
        """What documents say of payments; those whose words are erased are missing."""
        with self._ground.store.read() as tx:
            rows = tx.money.payments(dict.fromkeys(ids))
        return self.opened(rows.values())

    def opened(self, rows: Iterable[PaymentRow]) -> dict[str, Told]:
        """Payments with their words, by id."""
        from spean.node.money.intake import Told, decoded

        several = list(rows)
        files = self._files({row.file for row in several})
        found = {}
        for row in several:
            file = files[row.file]
            try:
                words = self.vault.open(file.key, row.words)
            except NotFound:
                continue
            found[row.id] = Told(decoded(words), row.file, file.source, file.grade)
        return found

    def _files(self, ids: set[str]) -> dict[str, ImportRow]:
        if not ids:
            return {}
        with self._ground.store.read() as tx:
            return {id: tx.money.one_import(id) for id in ids}
