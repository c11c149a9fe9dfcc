"""What the lower rooms say in English comes out in French with its values."""

from __future__ import annotations

import gettext
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.agreements.explain import explain
from spean.agreements.model import Instrument, Suspension
from spean.agreements.question import Question
from spean.core.errors import InvalidInput, Refusal, SpeanError
from spean.core.ids import check_node, parse_record
from spean.exchange.identity import parse_invite
from spean.procedures.acts import Act, Context
from spean.procedures.forms import check_limits, decode
from spean.procedures.rules import approved
from spean.requests.model import Declined
from spean.requests.rules import CHAIN_NAMED
from spean.treaties.model import last_moment
from spean.web.language.catalogue import FOLDER, _entries, words
from spean.web.language.reader import exponent, read_date
from spean.web.language.sentences import Sentences, template, values_in

FRENCH = words("fr")
NAME = "KH:agreement:01ARZ3NDEKTSV4RRFFQ69G5FAV"


def said(text: str) -> str:
    found = FRENCH.sentence(text)
    assert found.lang == "fr", text
    return found.text.replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")


def all_sentences() -> list[tuple[str, str]]:
    with (FOLDER / "fr" / "LC_MESSAGES" / "spean.mo").open("rb") as file:
        entries = _entries(gettext.GNUTranslations(file))
    return [(message, text) for (context, message), text in entries.items() if context == "sentence"]


def test_each_of_the_sentences_comes_back_with_the_values_put_in() -> None:
    sentences = all_sentences()
    assert len(sentences) > 1000
    for message, text in sentences:
        values = {number: f"v{number}w" for number in range(12)}
        made = FRENCH.sentence(template(message).filled(values))
        assert made == (template(text).filled(values), "fr"), message


def raised(make: object) -> SpeanError:
    with pytest.raises(SpeanError) as caught:
        make()  # type: ignore[operator]
    return caught.value


def act(**changes: object) -> Act:
    made = Act(
        id="", kind="send", node="KR", actor="u1", actor_kind="person", roles=frozenset(), time=0, builds_on=(),
        targets=(), body=None, recipients=("TH",),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def test_real_refusals_in_french() -> None:
    four_eyes = approved("send", number="R4", text="Two people.", by=2)
    cases = [
        (lambda: parse_record("nothing"), "'nothing' n'est pas un nom de dossier", "donnez NODE:procedure:ULID"),
        (lambda: check_node("kr"), "'kr' n'est pas un nom de nœud", "donnez 2 à 8 majuscules ou chiffres, p. ex. KR"),
        (lambda: last_moment("2026-13-01"), "'2026-13-01' n'est pas une date", "donnez AAAA-MM-JJ"),
        (
            lambda: four_eyes.check(None, act(), Context(now=0, me="KR")),
            "envoyer a 0 approbations d'une autre personne sur 2",
            "demandez à un second agent d'approuver : envoyer",
        ),
        (
            lambda: check_limits(b"x" * 300_000),
            "300000 octets, au plus 262144",
            "envoyez les fichiers en pièces jointes",
        ),
        (
            lambda: parse_invite("hello"),
            "ce n'est pas une invitation de Spean",
            "collez toute la ligne qui commence par spean1.",
        ),
    ]
    for make, why, remedy in cases:
        error = raised(make)
        assert said(error.why) == why
        assert said(error.remedy) == remedy


def test_the_whole_error_with_rule_and_remedy() -> None:
    error = Refusal("R26", "the text binds KH, KR, but the record is among KH", remedy="sign the present text")
    assert said(str(error)) == (
        "[R26] Refusé — le texte lie KH, KR, mais le dossier est entre KH — Remède : signez le texte actuel"
    )


def test_a_rule_of_a_request() -> None:
    class Wallet:
        from spean.requests.model import Selector

        items = (type("Item", (), {"selector": Selector.WALLET, "chain": ""})(),)

    error = raised(lambda: CHAIN_NAMED.check(None, act(body=Wallet()), Context(now=0, me="KR")))
    assert said(error.why) == "question 0 : un portefeuille sans sa chaîne"


def test_every_clause_of_an_agreement_is_said_in_french() -> None:
    rests = Suspension(pair=frozenset({"KH", "TH"}), by="KH", when="2026-03-01", reason="a review of the courts")
    instrument = Instrument(
        id=NAME, title="Memorandum", parties=frozenset({"KH", "TH"}), purposes=frozenset({"warn"}),
        data=frozenset({"wallet"}), subjects=frozenset({"none"}), tlp_ceiling="GREEN", handling=frozenset({"H0"}),
        retention_days=30, starts="2026-01-01", state="in-force", cites={"purpose": "4"},
        suspended=frozenset({rests}),
    )  # fmt: skip
    question = Question(
        sender="TH", receiver="KH", origin="TH", instrument="", purpose="stop-fraud", data="phone", subject="suspect",
        tlp="RED", handling="H2", procedure="information-request", kind="send", date="2025-03-04",
    )  # fmt: skip
    words_of = {clause.name: said(clause.words) for clause in explain(question, instrument)}
    assert (
        words_of["purpose"] == "la finalité « arrêter une escroquerie » n'est pas admise ; admises : avertir (art. 4)"
    )
    assert words_of["tlp"] == "TLP:RED dépasse le plafond de cet accord, TLP:GREEN"
    assert words_of["suspension"] == "il est suspendu pour KH–TH par KH depuis 2026-03-01 : a review of the courts"
    assert words_of["dates"] == "il ne commence que le 2026-01-01"
    assert words_of["parties"] == "KH et TH y sont parties"


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            "use the direct way under peering; or the way through INT under peering",
            "utilisez la voie directe au titre de peering ; ou la voie par INT au titre de peering",
        ),
        (
            "KH refused at step 3: purpose warn is not admitted; admitted: stop-fraud",
            "KH a refusé à l'étape 3 : la finalité « avertir » n'est pas admise ; admises : arrêter une escroquerie",
        ),
        (
            "sign is not possible in state legal-review",
            "« signer » n'est pas possible dans l'état « examen juridique »",
        ),
        ("no acknowledge by TH in time", "pas d'acte « accuser réception » de TH à temps"),
        ("peer: not accepted", "pair : non accepté"),
    ],
)
def test_values_of_closed_lists_are_translated_too(english: str, french: str) -> None:
    assert said(english) == french


def test_what_nobody_of_us_said_stays_english_and_is_marked() -> None:
    assert FRENCH.sentence("words that an officer typed") == ("words that an officer typed", "en")
    assert words("en").sentence("KR has not signed") == ("KR has not signed", "en")


def test_what_somebody_typed_is_not_touched() -> None:
    reason = "keys lost; or so: they say, and never found"
    assert said(f"KH was revoked: {reason}") == f"KH a été révoqué : {reason}"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"ground": "no", "reason": "because"}', "'no' n'est pas une valeur de la liste"),
        (b'{"ground": "not-held-or-obtainable"}', "il manque à l'objet le champ `reason`"),
        (b'{"ground": "not-held-or-obtainable", "reason": "x"}', "attendu : `str` de longueur >= 3"),
        (b'{"ground": "not-held-or-obtainable", "reason": 5}', "attendu : `str`, reçu : `int`"),
        (b'{"ground": 1, "reason": "because", "more": 1}', "attendu : `str`, reçu : `int`"),
        (b'{"reason": "because", "more": 1}', "l'objet contient un champ inconnu, `more`"),
    ],
)
def test_what_is_wrong_in_a_form_is_said_in_french(body: bytes, why: str) -> None:
    assert said(raised(lambda: decode(Declined, body)).why) == why


def test_errors_of_dates_and_amounts() -> None:
    error = raised(lambda: read_date("31/2/2026", field="starts"))
    assert isinstance(error, InvalidInput)
    assert said(error.why) == "il n'y a pas de jour 31 dans le mois 2 de 2026"
    assert said(raised(lambda: exponent("?")).remedy) == "donnez trois majuscules, p. ex. THB"


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_text_is_answered(typed: str, value: str) -> None:
    for text in (typed, f"{typed}: {value}; {typed}", f"no {typed} by {value} in time", f"{typed} — {value}"):
        found = FRENCH.sentence(text)
        assert found.lang == "fr" or found.text == text


def test_a_long_text_with_many_joins_takes_bounded_work() -> None:
    steps: list[str] = []

    class Counting(Sentences):
        def _fitting(self, text: str):  # type: ignore[no-untyped-def]
            steps.append(text)
            return super()._fitting(text)

    counting = Counting({("sentence", "use {0}"): "utilisez {0}", ("sentence", "{0} under {1}"): "{0} au titre de {1}"})
    for text in ("a under b; use c: " * 220, "use " * 900, "x — " * 900, "; or use a" * 300):
        steps.clear()
        counting.translate(text)
        assert len(steps) <= 60


@given(
    st.lists(st.text(alphabet=st.characters(exclude_characters="{}"), min_size=1, max_size=8), min_size=1, max_size=4),
    st.data(),
)
def test_taking_apart_and_putting_together_is_the_same_text(literals: list[str], data: st.DataObject) -> None:
    message = "{0}".join(literals[:2]) if len(literals) > 1 else literals[0]
    made = template(message)
    values = {place: data.draw(st.text(max_size=10)) for place in made.places}
    text = made.filled(values)
    found = values_in(text, made)
    assert found is not None
    assert made.filled(found) == text


def test_doubled_braces_are_single_ones() -> None:
    assert template("give {{x}} and {0}").filled({0: "y"}) == "give {x} and y"
    assert re.search(r"\{\{", template("a {{b}}").filled({})) is None
