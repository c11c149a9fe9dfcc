"""goAML in and out: what is written is read back to the unit, hostile files are bounded, and a bad transaction costs only itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from spean.core.errors import InvalidInput, TooMuch
from spean.formats.goaml.named import Named
from spean.formats.goaml.read import read
from spean.formats.goaml.structure import VERSIONS, check
from spean.formats.goaml.write import Report, Side, Subject, Transfer, local_value, write
from spean.formats.model import Money, Notice, Payment, Rejected
from spean.formats.xml import Limits

AT = 1_772_586_060_000
FROM = Side(account="HNBKKRSE/110402", money=Money(1_250_000, "KRW"), name="Han Seo-yun", country="KR")
TO = Side(account="MKBAKHPP/007155", money=Money(93_050, "USD"), name="សុខ ដារ៉ា")
TRANSFER = Transfer(number="T-1", at_ms=AT, payer=FROM, payee=TO, description="carried reported money", reference="R-7")
REPORT = Report(
    entity="101", code="STR", reference="KR-7", made_ms=AT, currency="KRW", mode="EL", funds="EL", transfers=(TRANSFER,),
    rates={"USD": "1343.50"}, indicators=("FRAUD",), reason="romance fraud",
)  # fmt: skip
HEAD = ("<rentity_id>7</rentity_id><submission_code>E</submission_code><report_code>STR</report_code>"
        "<entity_reference>X</entity_reference><currency_code_local>THB</currency_code_local>")  # fmt: skip


def account(number: str = "3027", more: str = "") -> str:
    return f"<institution_name>Bank</institution_name><swift>SIAMTHBK</swift><account>{number}</account>{more}"


def transaction(number: str = "1", *, amount: str = "100.00", day: str = "2026-03-04T08:00:00", came: str = "", went: str = "",
                who: str = "", more: str = "") -> str:  # fmt: skip
    return (
        f"<transaction><transactionnumber>{number}</transactionnumber><date_transaction>{day}</date_transaction>"
        f"<amount_local>{amount}</amount_local><t_from_my_client><from_funds_code>K</from_funds_code>{came}"
        f"<from_account>{account(more=who)}</from_account></t_from_my_client><t_to><to_funds_code>K</to_funds_code>{went}"
        f"<to_account>{account('4410')}</to_account></t_to>{more}</transaction>"
    )


def report(*parts: str, head: str = HEAD) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<report>{head}{''.join(parts)}</report>".encode()


def foreign(word: str, code: str, amount: str) -> str:
    return (f"<{word}_foreign_currency><foreign_currency_code>{code}</foreign_currency_code><foreign_amount>{amount}"
            f"</foreign_amount><foreign_exchange_rate>35</foreign_exchange_rate></{word}_foreign_currency>")  # fmt: skip


def payments(data: bytes) -> list[Payment]:
    return [item for item in read([data]) if isinstance(item, Payment)]


# both ways -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_a_report_is_read_back_as_it_was_meant(version: str) -> None:
    made = write(replace(REPORT, version=version))
    (back,) = payments(made)
    assert (back.payer, back.payee, back.time_ms) == (FROM.account, TO.account, AT)
    assert (Money(back.amount_minor, back.currency), back.instructed) == (TO.money, FROM.money)
    assert (back.payer_name, back.payee_name, back.payer_agent) == (FROM.name, TO.name, "HNBKKRSE")
    assert (back.references.transaction, back.references.instruction, back.references.message) == ("T-1", "R-7", "KR-7")
    assert (b"schema_version" in made) == (b"institution_country" in made) == version.startswith("5")
    assert back.source.document == ("goaml-5.0.2" if version.startswith("5") else "goaml")


words = st.text(st.characters(codec="utf-8"), max_size=60)
accounts = st.sampled_from(["HNBKKRSE/110402", "NSB12/77", "TH4410", "", "DE89370400440532013000", "NSB12/A B",
                            "tron:0x2b6653dc:TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8",
                            "eip155:1:0xd8da6bf26964af9d7eed9e03e53415d37aa96045",
                            "bip122:000000000019d6689c085ae165831e93:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"])  # fmt: skip
amounts = st.builds(Money, st.integers(-1, 10**15), st.sampled_from(["KRW", "USD", "THB", "KWD"]))
sides = st.builds(Side, account=accounts, money=amounts, name=words, country=st.sampled_from(["", "KR", "KH"]))


@settings(deadline=None, max_examples=150)
@given(
    sides,
    sides,
    words,
    words,
    st.sampled_from(VERSIONS),
    st.integers(86_400_000, 2**41),
    st.sampled_from([0, 420, 540, -210]),
)
def test_a_transfer_is_right_or_refused_and_never_changed(
    payer: Side, payee: Side, number: str, text: str, version: str, at: int, offset: int
) -> None:
    transfer = replace(TRANSFER, number=number, description=text, payer=payer, payee=payee, at_ms=at)
    rates = {"USD": "1343.50", "THB": "38.1", "KWD": "4400.07"}
    asked = replace(REPORT, transfers=(transfer,), rates=rates, version=version, offset=offset)
    try:
        made = write(asked)
    except InvalidInput as error:
        assert error.field  # noqa: PT017
        assert error.remedy  # noqa: PT017
        return
    check(etree.fromstring(made), version)
    items = list(read([made]))
    assert not [item for item in items if isinstance(item, Rejected)]
    (back,) = (item for item in items if isinstance(item, Payment))
    assert back.time_ms == at
    told = tuple(each.account.replace(" ", "") for each in (payer, payee))
    assert (back.payer, back.payee) == told
    assert (back.instructed or Money(back.amount_minor, back.currency), Money(back.amount_minor, back.currency)) == (
        payer.money,
        payee.money,
    )


def test_a_value_in_the_countrys_own_currency_is_stated_by_a_rate() -> None:
    assert local_value(Money(100, "USD"), "KRW", {"USD": "1343.50"}) == Money(1344, "KRW")
    assert local_value(Money(7, "KRW"), "KRW", {}) == Money(7, "KRW")
    for rates in ({}, {"USD": "0"}, {"USD": "1,2"}, {"USD": "-3"}):
        with pytest.raises(InvalidInput, match="no rate for USD"):
            local_value(Money(100, "USD"), "KRW", rates)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_report_without_transfers_tells_of_accounts(version: str) -> None:
    subject = Subject(account=FROM.account, reason="who holds it?", name=FROM.name)
    made = write(replace(REPORT, transfers=(), subjects=(subject,), code="AIF", answers="FIU-9", version=version))
    named, notice = read([made])
    assert isinstance(named, Named)
    assert (named.kind, named.value, named.name, named.source.element) == (
        "account",
        FROM.account,
        FROM.name,
        "activity[1]",
    )
    assert isinstance(notice, Notice)
    for wrong in ({"subjects": ()}, {"subjects": (subject,), "transfers": (TRANSFER,)}):
        with pytest.raises(InvalidInput, match="transaction, activity"):
            write(replace(REPORT, **{"transfers": (), **wrong}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"entity": "KR"}, "report/rentity_id"), ({"code": "S T R"}, "report/report_code"), ({"currency": "kr"}, "currency"),
     ({"mode": ""}, "report/transaction[1]/transmode_code"), ({"indicators": ("A B",)}, "report/report_indicators/indicator[1]"),
     ({"reason": "x" * 4001}, "report/reason"), ({"reason": "\x00"}, "reason"), ({"version": "6.0"}, "version"),
     ({"transfers": (replace(TRANSFER, number="x" * 51),), "version": "4.0.2"}, "report/transaction[1]/transactionnumber")],
)  # fmt: skip
def test_what_the_structure_does_not_allow_is_refused_by_its_path(changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        write(replace(REPORT, **changes))  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize("version", VERSIONS)
def test_the_check_sees_order_place_and_count(version: str) -> None:
    made = write(replace(REPORT, version=version))
    for spoil in ("move", "double", "stranger", "without"):
        root = etree.fromstring(made)
        entity = root.find("rentity_id")
        assert entity is not None
        if spoil == "move":
            root.append(entity)
        elif spoil == "double":
            entity.addnext(etree.fromstring("<rentity_id>8</rentity_id>"))
        elif spoil == "stranger":
            entity.addnext(etree.Element("stranger"))
        else:
            root.remove(entity)
        with pytest.raises(InvalidInput, match=r"rentity|stranger|report_indicators"):
            check(root, version)


# in --------------------------------------------------------------------------------------------------------------


def test_amounts_are_what_moved_and_not_its_value() -> None:
    (same,) = payments(report(transaction()))
    assert (same.amount_minor, same.currency, same.instructed) == (10_000, "THB", None)
    (both,) = payments(
        report(transaction(amount="350", came=foreign("from", "USD", "10.00"), went=foreign("to", "USD", "10.0")))
    )
    assert (both.amount_minor, both.currency, both.instructed) == (1000, "USD", None)
    (converted,) = payments(report(transaction(amount="350", came=foreign("from", "USD", "10.00"))))
    assert (converted.amount_minor, converted.currency, converted.instructed) == (35_000, "THB", Money(1000, "USD"))
    (coin,) = payments(report(transaction(came=foreign("from", "BTC", "0.00000001"))))
    assert coin.instructed == Money(1, "BTC")
    kept = "<currency_code>USD</currency_code>"
    (told,) = payments(report(transaction(who=kept, went=foreign("to", "USD", "10.00"))))
    assert (told.amount_minor, told.currency, told.instructed) == (1000, "USD", None)
    (bad, *_) = read([report(transaction(who=kept))])
    assert isinstance(bad, Rejected)
    assert (bad.field, bad.rule) == ("from_foreign_currency", "goaml-currency")


def test_midnight_is_a_day_and_the_zone_is_the_analysts() -> None:
    (day,) = payments(report(transaction(day="2026-03-04T00:00:00")))
    assert not day.exact_time
    (there,) = (item for item in read([report(transaction())], offset=420) if isinstance(item, Payment))
    (here,) = payments(report(transaction(day="2026-03-04T01:00:00Z")))
    assert there.time_ms == here.time_ms
    assert here.exact_time


def test_one_number_of_one_reporter_is_one_payment() -> None:
    first, again, other = payments(report(transaction(), transaction(), transaction("2")))
    assert first.id == again.id != other.id
    (elsewhere,) = payments(report(transaction(), head=HEAD.replace(">7<", ">8<")))
    assert elsewhere.id != first.id
    uetr = "7c1e1b1e-0f6d-4c1a-9d53-0c3f5a7e90a1"
    (named,) = payments(report(transaction(uetr.upper())))
    assert (named.id, named.references.uetr) == (f"uetr:{uetr}", uetr)


@pytest.mark.parametrize(
    ("bad", "field"),
    [(transaction(number=""), "transactionnumber"), (transaction(amount=""), "amount_local"), (transaction(amount="1.001"), "amount_local"),
     (transaction(amount="-5"), "amount_local"), (transaction(amount="0"), "amount_local"), (transaction(day="4.3.2026"), "date_transaction"),
     (transaction().replace("t_to", "t_two"), "t_to"), (transaction(more="<t_to/>"), "t_to"),
     (transaction(more="<involved_parties><party/></involved_parties>"), "involved_parties"),
     (transaction(more="<transaction_status>I</transaction_status>"), "transaction_status"),
     (transaction(came=foreign("from", "XYZ", "1")), "from_foreign_currency/foreign_amount"),
     (transaction().replace("from_account", "from_nobody"), "from_account")],
)  # fmt: skip
def test_a_bad_transaction_costs_only_itself(bad: str, field: str) -> None:
    items = [item for item in read([report(transaction("A"), bad, transaction("B"))]) if not isinstance(item, Named)]
    first, rejected, last = items
    assert isinstance(first, Payment)
    assert isinstance(last, Payment)
    assert isinstance(rejected, Rejected)
    assert (rejected.field, rejected.element) == (field, "transaction[2]")
    assert rejected.reason
    assert rejected.remedy


def test_without_its_head_no_transaction_is_taken() -> None:
    for head, field in (
        (HEAD.replace("rentity_id", "x"), "rentity_id"),
        (HEAD.replace("THB", "-"), "currency_code_local"),
    ):
        (bad, *_) = read([report(transaction(), head=head)])
        assert isinstance(bad, Rejected)
        assert bad.field == field


def test_whom_and_what_it_names() -> None:
    person = ("<signatory><t_person><first_name>Kim</first_name><last_name>Bo</last_name><passport_number>m12</passport_number>"
              "<phones><phone><tph_contact_type>P</tph_contact_type><tph_country_prefix>855</tph_country_prefix><tph_number>012 345 678"
              "</tph_number></phone></phones><email>KIM@example.test</email></t_person></signatory>")  # fmt: skip
    wallet = "<from_person><first_name>A</first_name><last_name>B</last_name></from_person><x><virtual_address>0xnot</virtual_address></x>"
    reporter = "<reporting_person><first_name>MLRO</first_name><last_name>X</last_name></reporting_person>"
    made = report(
        reporter,
        transaction(who=person),
        f"<activity><report_parties><report_party>{wallet}</report_party></report_parties></activity>",
    )
    found = [(item.kind, item.value, item.role, item.checked) for item in read([made]) if isinstance(item, Named)]
    assert found == [
        ("account", "SIAMTHBK/3027", "from_account", True), ("person", "Kim Bo", "from_account", True), ("document", "M12", "passport_number", False),
        ("email", "kim@example.test", "from_account", True), ("phone", "+85512345678", "from_account", True),
        ("account", "SIAMTHBK/4410", "to_account", True), ("person", "A B", "from_person", True), ("wallet", "0xnot", "x", False),
    ]  # fmt: skip


def test_an_iban_in_the_wrong_field_and_a_wallet_are_known_by_their_check_digits() -> None:
    (one,) = payments(report(transaction().replace(">3027<", ">DE89 3704 0044 0532 0130 00<")))
    assert one.payer == "DE89370400440532013000"
    (two,) = payments(report(transaction().replace(">3027<", ">TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8<")))
    assert two.payer == "tron:0x2b6653dc:TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8"
    (three,) = payments(report(transaction().replace(">3027<", ">DE88 3704 0044 0532 0130 00<")))
    assert three.payer.startswith("SIAMTHBK/")


def test_an_unknown_version_is_read_and_told() -> None:
    notice, payment, *_ = read([report(transaction(), head=f"<schema_version>7.1</schema_version>{HEAD}")])
    assert isinstance(notice, Notice)
    assert notice.rule == "goaml-version"
    assert isinstance(payment, Payment)
    assert payment.source.document == "goaml-7.1"


# hostile ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile",
    [b"<!DOCTYPE report [<!ENTITY a 'aaaa'>]><report>&a;</report>", b"<!DOCTYPE report SYSTEM 'file:///etc/passwd'><report/>",
     b"<report>&xxe;</report>", b"<report>" + b"<a>" * 5000, b"<report><rentity_id>", b"\xff\xfe<\x00r", b"<Document/>", b"",
     report(transaction()).replace(b"UTF-8", b"UTF-7").replace(b">3027<", b">\xff<")],
)  # fmt: skip
def test_a_hostile_file_is_refused(hostile: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(read([hostile]))
    assert caught.value.remedy


def test_sizes_have_limits_wherever_the_mass_is() -> None:
    small = Limits(record=100_000)
    for mass in ("<transaction>" + "<reason>x</reason>" * 20_000, "<x><transaction/></x>" * 20_000, "<rentity_id>7</rentity_id>" * 20_000,
                 "<reason>" + "y" * 200_000):  # fmt: skip
        with pytest.raises(TooMuch):
            list(read([report(mass)], limits=small))
    with pytest.raises(TooMuch):
        list(read([report(transaction())], limits=Limits(total=100)))
    crowd = "<activity>" + "<p/>" * 30_000 + "</activity>"
    assert [item.rule for item in read([report(crowd)]) if isinstance(item, Rejected)] == ["xml-size"]


def test_many_transactions_pass_in_bounded_memory() -> None:
    """Each is dropped once it is read: a file of many times the limit of a record is read."""
    parts = (transaction(str(at)).encode() for at in range(2000))
    found = list(read([b"<report>" + HEAD.encode(), *parts, b"</report>"], limits=Limits(record=3000)))
    assert sum(1 for item in found if isinstance(item, Payment)) == 2000


def test_damage_gives_what_stood_before() -> None:
    found: list[object] = []
    with pytest.raises(InvalidInput, match="rows before this place are read"):
        found.extend(iter(read([report(transaction(), transaction("2"))[:-60]])))
    assert [type(item) for item in found if not isinstance(item, Named)] == [Payment]


@settings(deadline=None, max_examples=200)
@given(st.integers(0, 10_000), st.binary(max_size=8), st.integers(0, 40))
def test_whatever_is_changed_in_a_file_is_read_or_refused(place: int, inserted: bytes, dropped: int) -> None:
    made = report(
        transaction(who="<currency_code>THB</currency_code>"), transaction("2", came=foreign("from", "USD", "10.00"))
    )
    at = place % len(made)
    try:
        for item in read([made[:at] + inserted + made[at + dropped :]]):
            assert isinstance(item, Payment | Rejected | Notice | Named)
    except (InvalidInput, TooMuch) as error:
        assert error.remedy  # noqa: PT017
