"""The files that banks, an exchange trader and a chain's explorer hand to the desks: generated, in their real formats.

The story's day is 2026-03-04; ``Files(begin)`` moves its clock so that 00:00 of the story is ``begin`` (ms UTC).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from spean.core.world import MINUTE, SECOND, iso
from spean.entities.values.base58 import check_encode

HNB, KMB, MKB, PPB, ABK = "HNBKKRSE", "KMBKKRSE", "MKBAKHPP", "PPBKKHPP", "ABKKKHPP"
SIAMX, CPB = "SIAMX", "CPBKTHBK"
VICTIM, MULE = f"{HNB}/110284402", f"{KMB}/302551918"
FIRST, A, B, C = f"{MKB}/007148855", f"{PPB}/88120412", f"{PPB}/88120431", f"{ABK}/53300907"
SOK, TRADER = f"{PPB}/88120477", f"{PPB}/88120460"
SECOND_PAYER, SECOND_PAYEE = f"{HNB}/110777305", f"{CPB}/4410099321"
TRON = "tron:0x2b6653dc"
USDT = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


def _tron(name: str) -> str:
    return check_encode(b"\x41" + sha256(name.encode()).digest()[:20])


WALLET_ADDRESS, DEPOSIT_ADDRESS = _tron("T-FICT-WALLET-01"), _tron("T-FICT-DEPOSIT-KP")
WALLET, DEPOSIT = f"{TRON}:{WALLET_ADDRESS}", f"{TRON}:{DEPOSIT_ADDRESS}"
EXCHANGE_ADDRESSES = (DEPOSIT_ADDRESS,)
"""What the directory says of the exchange: its deposit addresses."""


class Move(NamedTuple):
    """A payment of the story: minutes after midnight, from, to, amount as text, and its UETR's beginning."""

    minute: float
    payer: str
    payee: str
    amount: str
    mark: str

    @property
    def uetr(self) -> str:
        digits = sha256(self.mark.encode()).hexdigest()
        return f"{self.mark}-{digits[:4]}-4{digits[4:7]}-a{digits[7:10]}-{digits[10:22]}"


HOP_1 = Move(62, VICTIM, MULE, "184000000", "5a01e10c")
HOP_2 = Move(79, MULE, FIRST, "125400.00", "7c1e04a1")
TO_A, TO_B = Move(84, FIRST, A, "52000.00", "9b20aa01"), Move(85, FIRST, B, "41000.00", "9b20aa02")
TO_C = Move(87, FIRST, C, "32000.00", "9b20aa03")
TO_SOK = Move(90, B, SOK, "1150.00", "9b20aa04")
A_TO_TRADER, B_TO_TRADER = Move(93, A, TRADER, "52000.00", "9b20aa05"), Move(94, B, TRADER, "39850.00", "9b20aa06")
TO_WALLET = Move(96, TRADER, WALLET, "91500.00", "9b20aa07")
TO_EXCHANGE = Move(104, WALLET, DEPOSIT, "91000", "9b20aa08")
AGAIN = Move(130, VICTIM, MULE, "9000000", "5a01e10d")
"""The victim is about to pay once more."""


def transaction(move: Move) -> str:
    """The hash of a payment on the chain."""
    return sha256(move.mark.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class File:
    """A document as it arrives: its name, its bytes, how reliable it is, and what an analyst answers about its columns."""

    name: str
    data: bytes
    source: str = "A"
    grade: int = 1
    answers: dict[str, str] | None = None


class Files:
    """Makes them for one playing."""

    def __init__(self, begin: int) -> None:
        self._begin = begin

    def at(self, minute: float) -> int:
        """A moment of the story in ms UTC."""
        return self._begin + round(minute * MINUTE / SECOND) * SECOND

    def of_korea(self) -> list[File]:
        """The victim's bank's statement, and the mule's bank's order abroad, which converts."""
        own = [self._entry(HOP_1, "DBIT", "KRW")]
        return [
            File("hnb-statement.xml", self._statements([(VICTIM, "KRW", own)])),
            File("kmb-remittance.xml", self._order()),
        ]

    @property
    def second_uetr(self) -> str:
        """Of the second case's payment, another one each time."""
        return Move(0, SECOND_PAYER, SECOND_PAYEE, "48500.00", f"{self._begin % 2**32:08x}").uetr

    def second_case(self) -> list[File]:
        """Another victim's payment, straight to a bank in Thailand; both banks tell the same of it."""
        return [File("cpb-remittance.xml", self._transfer(SECOND_PAYER, SECOND_PAYEE, "48500.00", self.second_uetr))]

    def second_attempt(self) -> list[File]:
        """The victim's bank tells of another order to the same mule."""
        return [File("hnb-notification.xml", self._statements([(VICTIM, "KRW", [self._entry(AGAIN, "DBIT", "KRW")])]))]

    def of_cambodia(self) -> list[File]:
        """The first bank's table, and the statements of the banks behind it."""
        return [File("mkb-account.csv", self._table(), answers={"account": "007148855", "keeper": MKB, "currency": "USD"}),
                *self.later_of_cambodia()]  # fmt: skip

    def later_of_cambodia(self) -> list[File]:
        ppb = [
            (A, "USD", [self._entry(A_TO_TRADER, "DBIT", "USD")]),
            (B, "USD", [self._entry(TO_SOK, "DBIT", "USD"), self._entry(B_TO_TRADER, "DBIT", "USD")]),
        ]
        return [
            File("ppb-statements.xml", self._statements(ppb)),
            File("abk-statement.xml", self._statements([(C, "USD", [self._entry(TO_C, "CRDT", "USD")])])),
        ]

    def of_the_trader(self) -> list[File]:
        """The exchange trader's own book, and what the chain's explorer shows of the wallet."""
        return [
            File("trader-book.csv", self._book(), source="B", grade=2, answers={}),
            File("tron-usdt.csv", self._chain()),
        ]

    # documents --------------------------------------------------------------------------------------------------

    def _statements(self, accounts: list[tuple[str, str, list[str]]]) -> bytes:
        parts = []
        for number, (account, currency, entries) in enumerate(accounts, start=1):
            bank, _, own = account.partition("/")
            parts.append(
                f"<Stmt><Id>{own}-{number}</Id><Acct><Id><Othr><Id>{own}</Id></Othr></Id><Ccy>{currency}</Ccy>"
                f"<Svcr><FinInstnId><BICFI>{bank}</BICFI></FinInstnId></Svcr></Acct>{''.join(entries)}</Stmt>"
            )
        return self._document("camt.053.001.08", "BkToCstmrStmt", "".join(parts))

    def _entry(self, move: Move, way: str, currency: str) -> str:
        other = move.payee if way == "DBIT" else move.payer
        side = "Cdtr" if way == "DBIT" else "Dbtr"
        bank, _, number = other.partition("/")
        return (
            f'<Ntry><Amt Ccy="{currency}">{move.amount}</Amt><CdtDbtInd>{way}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
            f"<BookgDt><DtTm>{self._time(move)}</DtTm></BookgDt><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd>"
            f"<SubFmlyCd>DMCT</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><UETR>{move.uetr}</UETR></Refs>"
            f'<Amt Ccy="{currency}">{move.amount}</Amt><RltdPties><{side}Acct><Id><Othr><Id>{number}</Id></Othr></Id></{side}Acct></RltdPties>'
            f"<RltdAgts><{side}Agt><FinInstnId><BICFI>{bank}</BICFI></FinInstnId></{side}Agt></RltdAgts></TxDtls></NtryDtls></Ntry>"
        )

    def _order(self) -> bytes:
        """Hop 2: won are paid, dollars arrive, at the rate that the bank states."""
        payer, payee = HOP_2.payer.partition("/"), HOP_2.payee.partition("/")
        body = (
            f"<CdtTrfTxInf><PmtId><EndToEndId>INV-0304</EndToEndId><UETR>{HOP_2.uetr}</UETR></PmtId>"
            f'<IntrBkSttlmAmt Ccy="USD">{HOP_2.amount}</IntrBkSttlmAmt><AccptncDtTm>{self._time(HOP_2)}</AccptncDtTm>'
            f'<InstdAmt Ccy="KRW">{HOP_1.amount}</InstdAmt><ChrgBr>SHAR</ChrgBr><Dbtr><Nm>K. J.</Nm></Dbtr>'
            f"<DbtrAcct><Id><Othr><Id>{payer[2]}</Id></Othr></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>{payer[0]}</BICFI></FinInstnId></DbtrAgt>"
            f"<CdtrAgt><FinInstnId><BICFI>{payee[0]}</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Golden Ficus Trading</Nm></Cdtr>"
            f"<CdtrAcct><Id><Othr><Id>{payee[2]}</Id></Othr></Id></CdtrAcct><RmtInf><Ustrd>invoice</Ustrd></RmtInf></CdtTrfTxInf>"
        )
        return self._document("pacs.008.001.08", "FIToFICstmrCdtTrf", body)

    def _transfer(self, payer: str, payee: str, amount: str, uetr: str) -> bytes:
        sides = "".join(
            f"<{side}Acct><Id><Othr><Id>{number}</Id></Othr></Id></{side}Acct>"
            f"<{side}Agt><FinInstnId><BICFI>{bank}</BICFI></FinInstnId></{side}Agt>"
            for side, (bank, _, number) in (("Dbtr", payer.partition("/")), ("Cdtr", payee.partition("/")))
        )
        body = (
            f'<CdtTrfTxInf><PmtId><EndToEndId>DEP-1</EndToEndId><UETR>{uetr}</UETR></PmtId><IntrBkSttlmAmt Ccy="USD">{amount}</IntrBkSttlmAmt>'
            f"<AccptncDtTm>{iso(self._begin)}</AccptncDtTm><ChrgBr>SHAR</ChrgBr>{sides}</CdtTrfTxInf>"
        )
        return self._document("pacs.008.001.08", "FIToFICstmrCdtTrf", body)

    def _document(self, name: str, root: str, body: str) -> bytes:
        head = f"<GrpHdr><MsgId>M-{sha256(body.encode()).hexdigest()[:12]}</MsgId><CreDtTm>{iso(self._begin)}</CreDtTm></GrpHdr>"
        text = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}"><{root}>{head}{body}</{root}></Document>'
        return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()

    def _table(self) -> bytes:
        """As a bank of the country writes it: debit and credit in columns of their own, its own words."""
        lines = ["Date,Debit,Credit,Counterparty account,Reference,Description"]
        for move, words in ((HOP_2, "inward remittance"), (TO_A, "transfer"), (TO_B, "transfer"), (TO_C, "transfer")):
            debit, credit = ("", move.amount) if move is HOP_2 else (move.amount, "")
            other = move.payer if move is HOP_2 else move.payee
            lines.append(f"{self._plain(move.minute)},{debit},{credit},{other},{move.uetr},{words}")
            if move is TO_B:
                lines.append(f"{self._plain(86)},400.00,,,FEE-0304,charges of three transfers")
        return ("\n".join(lines) + "\n").encode()

    def _book(self) -> bytes:
        head = "Date,Payer,Payee,Amount,Currency,Received amount,Received currency,Reference"
        paid = f"{TRADER},tron:{WALLET_ADDRESS},{TO_WALLET.amount},USD,91500.000000,USDT"
        line = f"{self._plain(TO_WALLET.minute)},{paid},{transaction(TO_WALLET)}"
        return f"{head}\n{line}\n".encode()

    def _chain(self) -> bytes:
        head = "Txhash,UnixTimestamp,From,To,TokenValue,ContractAddress,TokenSymbol"
        moved = f"{WALLET_ADDRESS},{DEPOSIT_ADDRESS},{TO_EXCHANGE.amount}.000000"
        line = f"{transaction(TO_EXCHANGE)},{self.at(TO_EXCHANGE.minute) // 1000},{moved},{USDT},USDT"
        return f"{head}\n{line}\n".encode()

    def _time(self, move: Move) -> str:
        return iso(self.at(move.minute))

    def _plain(self, minute: float) -> str:
        return iso(self.at(minute))[:19].replace("T", " ")
