"""AMLSim's files of both generations: amounts exact, steps are days, bad rows told."""

from __future__ import annotations

import pytest

from spean.core.errors import InvalidInput
from spean.formats.amlsim import DAY, read
from spean.formats.model import Balance, Payment, Rejected

OLD = b"sourceNodeId,targetNodeId,value,time\n280,15349,147.8,1\n249,9015,104.06,2\n280,15349,147.8,1\n1,2,0.001,3\n1,2,-5,3\n1,2,5\n1,2,5,soon\n"
NEW = b"tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id\n1,a,b,TRANSFER,12.34,2017-01-02T00:00:00Z,False,-1\n"


def test_transactions_of_the_first_generation() -> None:
    found = list(read([OLD], start_ms=1000))
    good = [item for item in found if isinstance(item, Payment)]
    assert [(item.payer, item.payee, item.amount_minor, item.time_ms) for item in good] == [
        ("280", "15349", 14_780, 1000 + DAY), ("249", "9015", 10_406, 1000 + 2 * DAY), ("280", "15349", 14_780, 1000 + DAY),
    ]  # fmt: skip
    assert len({item.id for item in good}) == 3
    assert [(item.line, item.rule) for item in found if isinstance(item, Rejected)] == [
        (5, "iso4217-digits"), (6, "amount"), (7, "csv-row"), (8, "iso8601"),
    ]  # fmt: skip


def test_transactions_of_the_second_generation() -> None:
    (payment,) = read([NEW])
    assert isinstance(payment, Payment)
    assert (payment.payer, payment.payee, payment.amount_minor, payment.time_ms) == ("a", "b", 1234, 1_483_315_200_000)


def test_opening_balances() -> None:
    found = list(read([b"nodeid,isFraud,init_balance,fraudStep\n0,0,184.44,-1\n1,0,x,-1\n"]))
    assert isinstance(found[0], Balance)
    assert (found[0].account, found[0].amount_minor, found[0].kind) == ("0", 18_444, "opening")
    assert isinstance(found[1], Rejected)


@pytest.mark.parametrize("raw", [b"", b"a,b\n1,2\n"])
def test_other_files_are_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        list(read([raw]))
