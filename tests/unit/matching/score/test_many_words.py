"""Words that are read many at once are read as they are one by one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from spean.matching.score.letters import LONGEST, PLAIN, plain, sounds, sounds_of_many
from spean.matching.score.reader import Reader
from spean.matching.score.words import Words

WORDS = st.lists(st.text("aeiouyhkgnscwtzbdlp", min_size=1, max_size=34), min_size=1, max_size=40)


@settings(deadline=None)
@given(WORDS)
def test_sounds_of_many_are_the_sounds_of_each(words: list[str]) -> None:
    for word, (codes, letters) in zip(words, sounds_of_many(words), strict=True):
        assert codes == sounds(word)[:LONGEST]
        assert letters == plain(codes)[:PLAIN]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Kim", "Nguyen", "Maria", "Petrov", "bin", "Dr", "O'Neil", "Jean-Luc"]), WORDS.map("".join)
        ),
        min_size=70,
        max_size=90,
    )
)
def test_names_read_together_have_the_words_they_have_alone(rows: list[tuple[str, str]]) -> None:
    names = [f"{one} {other.title()}" for one, other in rows]
    together, alone = Reader(Words()), Reader(Words())
    table = together.table(names)
    for name, row in zip(names, table.tolist(), strict=True):
        ids = alone.ids(name)
        read = [[together.words.readings(word), together.words.columns.bits[word].tobytes()] for word in row if word]
        assert read == [[alone.words.readings(word), alone.words.columns.bits[word].tobytes()] for word in ids]
