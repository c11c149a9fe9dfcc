"""The catalogue is complete, and the words of names and lists come from it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.agreements import model
from spean.node.node import PROCEDURES
from spean.store import rows
from spean.web.language import declared
from spean.web.language.catalogue import LANGUAGES, negotiate, words

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("spean_words_script", ROOT / "scripts" / "words.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_message_is_translated_and_the_compiled_file_is_current(script: ModuleType) -> None:
    found = script.problems()
    assert not found, "run scripts/words.py and translate:\n" + "\n".join(found[:40])


@pytest.mark.parametrize(
    ("source", "translation", "fault"),
    [
        ("{0} of {1}", "{0} de {1}", ""),
        ("{0} of {1}", "{0} de", "other placeholders: '{0} de'"),
        ("%(node)s waits", "%(nodes)s attend", "other placeholders: '%(nodes)s attend'"),
        ("plain", "", "not translated"),
        ("plain", "with {0}", "other placeholders: 'with {0}'"),
    ],
)
def test_a_faulty_translation_is_named(script: ModuleType, source: str, translation: str, fault: str) -> None:
    catalogue = script.Catalog(locale="fr")
    catalogue.add(source, translation)
    assert script.faults(script.messages(catalogue)["", source]) == fault


def test_a_fuzzy_translation_is_a_fault(script: ModuleType) -> None:
    catalogue = script.Catalog(locale="fr")
    catalogue.add("plain", "simple", flags=["fuzzy"])
    assert script.faults(script.messages(catalogue)["", "plain"]) == "fuzzy"


def test_french_typography_has_no_plain_space_before_a_tall_sign(script: ModuleType) -> None:
    texts = [text for each in script.messages(script.read("fr")).values() for text in script.strings(each)]
    wrong = [text for text in texts if any(sign in text for sign in (" ;", " ?", " !", " :", "« ", " »"))]
    assert not wrong


def test_names_of_the_code_become_words() -> None:
    english, french = words("en"), words("fr")
    assert english.act("ask-clarification") == "ask clarification"
    assert french.act("ask-clarification") == "demander des précisions"
    assert french.state("needs-clarification", "information-request") == "précisions demandées"
    assert french.role("duty-officer") == "officier de permanence"
    assert french.field("urgency_reason") == "Motif de l’urgence"
    assert english.field("urgency_reason") == "Urgency reason"
    assert french.choice("danger-to-life") == "danger pour la vie"
    assert french.party("holder") == "détenteur"
    assert french.status("overtaken") == "devancé"
    assert french.status("sign-in-failed") == "connexion échouée"
    assert french.act("take-over") == "prendre la relève"
    assert french.clause("onward") == "retransmission"
    assert french.alarm("forked-log") == "journal divergent"
    assert french.procedure("information-request") == "demande d’informations"


def test_one_english_word_may_be_two_french_ones() -> None:
    french = words("fr")
    assert french.state("closed", "circular") == "close"
    assert french.state("closed", "desk") == "fermé"


def test_every_act_state_party_and_field_of_all_procedures_has_words() -> None:
    french = words("fr")
    for procedure in PROCEDURES:
        assert french.gettext(procedure.doc) != procedure.doc
        for name in procedure.state_names:
            assert french.pgettext(f"state {procedure.name}", declared.worded(name))
        for transition in procedure.by_kind.values():
            assert french.gettext(transition.doc) != transition.doc


def test_the_lists_are_those_of_rows_and_agreements() -> None:
    literals = {value for row in (rows.FactStatus, rows.ReceiptStatus) for value in get_args(row)}
    assert literals <= set(declared.STATUSES)
    assert set(get_args(rows.AccessAct)) == set(declared.ACCESSES)
    assert set(model.CLAUSES) <= set(declared.CLAUSES)
    assert set(get_args(model.State)) == set(declared.INSTRUMENT_STATES)
    assert set(get_args(model.Onward)) == set(declared.ONWARD)


def test_a_mark_says_what_it_means() -> None:
    assert declared.mark("source", "A") == "always reliable"
    assert words("fr").gettext(declared.mark("tlp", "RED")) == "uniquement pour les destinataires désignés"
    assert declared.mark("source", "Z") == ""


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.3, fr;q=0.7", "fr"),
        ("km, th;q=0.8", "en"),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=x", "en"),
        ("fr;q=9", "en"),
        ("*", "en"),
        ("de, " * 30 + "fr", "en"),
    ],
)
def test_the_browser_says_which_language(header: str, language: str) -> None:
    assert negotiate(header) == language


@given(st.text(max_size=3000))
def test_any_header_gives_a_language_of_ours(header: str) -> None:
    assert negotiate(header) in LANGUAGES


def test_an_unknown_language_is_english() -> None:
    assert words("xx").language == "en"
