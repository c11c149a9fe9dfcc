"""Kinds are whole, in nine languages, typed by necessity, and name nothing that R21 forbids."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

import spean.entities.kinds as kinds
from spean.core.errors import InvalidInput
from spean.dossiers.model import Kind, Link
from spean.entities.kinds import KIND_NAMES, LANGUAGES, LINK_NAMES, check_link, kind, label, links, properties

FORBIDDEN = re.compile(
    r"relig|faith|ethnic|race|racial|tribe|caste|politic|party|union|sexual|orientation|gender-identity|health|medic|disab"
)


def test_every_kind_is_whole() -> None:
    assert tuple(each.name for each in kinds.kinds()) == KIND_NAMES == get_args(Kind)
    assert tuple(links()) == LINK_NAMES == get_args(Link)
    for each in kinds.kinds():
        assert set(each.labels) == set(LANGUAGES)
        assert set(each.named_by) <= set(each.properties)
        assert all(each.property(name).values for name in each.properties)
    used = {name for each in kinds.kinds() for name in each.properties}
    assert used == set(properties())
    for each in links().values():
        assert set(each.forward) == set(each.backward) == set(LANGUAGES)
        assert {*each.sources, *each.targets} <= set(KIND_NAMES)
        assert not each.symmetric or each.sources == each.targets
    assert [each.name for each in kinds.kinds() if each.person] == ["person"]


def test_every_label_is_written_in_its_script() -> None:
    scripts = {"km": "ក-៿", "th": "ก-๿", "lo": "ກ-໿", "my": "က-႟", "zh": "一-鿿", "ko": "가-힣"}
    labels = [each.labels for each in (*properties().values(), *kinds.kinds())]
    labels += [side for each in links().values() for side in (each.forward, each.backward)]
    for each in labels:
        for language, letters in scripts.items():
            assert re.search(f"[{letters}]", each[language]), (language, each["en"])


def test_no_property_says_what_r21_forbids() -> None:
    files = list((Path(kinds.__file__).parent).glob("*.toml"))
    assert len(files) == len(KIND_NAMES) + 2
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("#"):
                continue
            name = line.partition("=")[0]
            assert not FORBIDDEN.search(name), line
            assert not FORBIDDEN.search(re.findall(r'en = "([^"]*)"', line)[0] if 'en = "' in line else ""), line


def test_other_properties_and_links_are_rejected() -> None:
    with pytest.raises(InvalidInput, match="nothing is kept") as caught:
        kind("phone").property("birth-date")
    assert caught.value.rule == "R28"
    with pytest.raises(InvalidInput, match="no kind of thing"):
        kind("soul")
    assert check_link("owns", "person", "wallet").ftm == "Ownership"
    with pytest.raises(InvalidInput, match="does not join"):
        check_link("family", "person", "phone")
    with pytest.raises(InvalidInput, match="no kind of link"):
        check_link("loves", "person", "person")
    assert label(kind("person").labels, "ko") == "사람"
    assert label(kind("person").labels, "xx") == "person"
