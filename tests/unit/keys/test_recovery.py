"""The recovery file: any two of three open it, no one alone, and nothing altered passes."""

import base64
import json
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spean.core.errors import InvalidInput, SpeanError, Unauthenticated, VerificationFailed
from spean.core.world import SeededEntropy
from spean.keys import NodeKeys, recovery
from spean.keys.words import WORDS, parse_secret, secret_words

PEOPLE = ("Lee Hana", "Park Min", "Choi Jun")
KEYS = NodeKeys.generate(SeededEntropy(3), 1_772_586_000_000, ["kr.example"]).rotate(
    "sign", SeededEntropy(4), 1_772_586_100_000
)
FILE, SHARES = recovery.make(KEYS, "KR", PEOPLE, 1_772_586_200_000, SeededEntropy(5))
WORDS_OF = {share.person: share.words for share in SHARES}


def two(one: str, other: str) -> dict[str, str]:
    return {one: WORDS_OF[one], other: WORDS_OF[other]}


@pytest.mark.parametrize("pair", [*combinations(PEOPLE, 2), *combinations(PEOPLE[::-1], 2)])
def test_any_two_open_it_in_any_order(pair):
    assert recovery.open_with(FILE, two(*pair)).stored == KEYS.stored


def test_it_says_whose_it_is_and_not_a_secret():
    head = recovery.read(FILE)
    assert (head.node, head.sign_id, head.people) == ("KR", KEYS.sign_id, PEOPLE)
    for key in KEYS.stored:
        for shown in (key.private, base64.b64encode(key.private), key.private.hex().encode()):
            assert shown not in FILE
    for share in SHARES:
        secret = parse_secret(share.words, recovery.SECRET)
        assert base64.b64encode(secret) not in FILE
        assert share.words.split()[0] not in repr(share)


def test_names_and_words_are_read_as_people_type_them():
    typed = {
        " lee HANA ": WORDS_OF["Lee Hana"].upper().replace(" / ", "\n"),
        "park min": " ".join(f"{word[:3]}," for word in WORDS_OF["Park Min"].replace("/", "").split()),
    }
    assert recovery.open_with(FILE, typed).stored == KEYS.stored


@pytest.mark.parametrize(
    "words", [{}, {"Lee Hana": WORDS_OF["Lee Hana"]}, WORDS_OF, {"Lee Hana": WORDS_OF["Lee Hana"], "LEE HANA": WORDS_OF["Lee Hana"]},
              {"Lee Hana": WORDS_OF["Lee Hana"], "Nobody": WORDS_OF["Park Min"]}],
)  # fmt: skip
def test_one_alone_and_strangers_do_not(words):
    with pytest.raises(InvalidInput, match="people"):
        recovery.open_with(FILE, words)


def test_nobody_plays_two_persons_with_one_paper():
    with pytest.raises(Unauthenticated, match="Park Min"):
        recovery.open_with(FILE, {"Lee Hana": WORDS_OF["Lee Hana"], "Park Min": WORDS_OF["Lee Hana"]})


def test_wrong_words_are_named_by_person():
    _, other = recovery.make(KEYS, "KR", PEOPLE, 1, SeededEntropy(6))
    with pytest.raises(Unauthenticated, match="Choi Jun"):
        recovery.open_with(FILE, {**two("Lee Hana", "Choi Jun"), "Choi Jun": other[2].words})
    short = WORDS_OF["Lee Hana"].rsplit(" ", 1)[0]
    for wrong, why in ((short, "15 words"), (short + " qqq", "word 16"), (short + " /", "15 words"), ("", "0 words")):
        with pytest.raises(InvalidInput, match=why) as caught:
            recovery.open_with(FILE, {**two("Lee Hana", "Choi Jun"), "Lee Hana": wrong})
        assert caught.value.field == "words of Lee Hana"


@pytest.mark.parametrize("people", [(), PEOPLE[:2], (*PEOPLE, "D"), ("A", "A", "B"), ("A", "a", "B"), ("A", "B", ""), ("A", "B", "C\n\x07"),
                                    ("A", "B", "C" * 81)])  # fmt: skip
def test_three_different_persons_are_named(people):
    with pytest.raises(InvalidInput, match="people"):
        recovery.make(KEYS, "KR", people, 1, SeededEntropy(5))


def _altered(change):
    document = json.loads(FILE)
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["head"].update(node="KH"),
        lambda d: d["head"].update(made=5),
        lambda d: d["head"].update(sign_id="0" * 16),
        lambda d: d["head"].update(people=["Lee Hana", "Mallory", "Choi Jun"]),
        lambda d: d["head"]["checks"].__setitem__(1, d["head"]["checks"][0]),
        lambda d: d["wraps"].__setitem__(1, d["wraps"][0]),
        lambda d: d["wraps"].__setitem__(1, ""),
        lambda d: d.update(data=d["wraps"][0]),
        lambda d: d.update(data=""),
    ],
)  # fmt: skip
def test_an_altered_file_is_refused(change):
    with pytest.raises(VerificationFailed, match="altered"):
        recovery.open_with(_altered(change), two("Lee Hana", "Choi Jun"))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["head"].update(version=2),
        lambda d: d["head"].update(format="x"),
        lambda d: d["head"].update(more=1),
        lambda d: d["head"].update(salt="=="),
        lambda d: d["wraps"].pop(),
        lambda d: d["head"]["people"].append("D"),
        lambda d: d.pop("data"),
    ],
)
def test_what_has_another_form_is_no_recovery_file(change):
    with pytest.raises(VerificationFailed, match="no recovery file"):
        recovery.read(_altered(change))


def test_sizes_are_limited():
    for document in (b"", b"[" * 100_000, b" " * (recovery.MAX_FILE + 1)):
        with pytest.raises(VerificationFailed):
            recovery.read(document)


@given(st.integers(0, len(FILE) - 2), st.integers(1, 255))
def test_no_changed_byte_opens_to_anything(place, change):
    raw = bytearray(FILE)
    raw[place] ^= change
    try:
        keys = recovery.open_with(bytes(raw), two("Lee Hana", "Park Min"))
    except SpeanError:
        return
    assert keys.stored == KEYS.stored, "what was not needed for this pair may differ"


@given(st.binary(min_size=16, max_size=16))
def test_secrets_come_back_from_their_words(secret):
    assert parse_secret(secret_words(secret), 16) == secret


def test_no_word_is_taken_for_another():
    assert len({word[:3] for word in WORDS}) == 256
    for word in ("ap", "a", "applesauce", "apq", "1", ""):
        with pytest.raises(InvalidInput):
            parse_secret(word, 1)
