"""Hand-over: the note tells what happened without contents; it is handed over and taken over by name, and opening it is a read."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation.simulation import NAMES, beginning
from federation.world import World
from spean.core.errors import Conflict, InvalidInput, NotFound, Refusal
from spean.core.world import DAY, HOUR, MINUTE
from spean.node.entry.people import Who
from spean.node.views.shift_note import Note

WORDS = "Sok Dara will ring about the second account"


@pytest.fixture
def pair(tmp_path: Path) -> World:
    """KH and KR with an agreement in force; the past is more than a shift away."""
    image, treaty = beginning(2)
    world = World(NAMES[:2], tmp_path, image=image)
    world.treaty = treaty
    world.clock.advance(DAY)
    world.settle()
    return world


def shift(world: World, name: str) -> Who:
    return world.person("KR", name, "duty-officer")


def test_the_note_says_what_came_what_was_done_and_what_runs_out(pair: World) -> None:
    night = shift(pair, "Han Ji")
    came = pair.ask("KH", "KR").record
    pair.settle()
    pair.act("KR", "acknowledge", {}, record=came, who=night)
    sent = pair.ask("KR", "KH", form={"urgency": "urgent", "urgency_reason": "the money moves today"}).record
    pair.cut.add(frozenset(("KR", "KH")))
    pair.clock.advance(5 * MINUTE)
    note = pair.nodes["KR"].handing_over.compose(night)
    assert [(each.record, each.kind, each.node) for each in note.came_in] == [(came, "send", "KH")]
    assert {(each.record, each.kind, each.by) for each in note.done} == {
        (came, "acknowledge", "Han Ji"), (sent, "send", "Officer KR"),
    }  # fmt: skip
    (quiet,) = note.partners
    assert (quiet.node, quiet.silent, quiet.undelivered) == ("KH", True, 2)
    assert sent in {each.record for each in (*note.late, *note.runs_out)}
    for each in note.runs_out:
        assert note.until <= each.due_at <= note.until + 12 * HOUR
    pair.clock.advance(13 * HOUR)
    later = pair.nodes["KR"].handing_over.compose(night)
    assert (later.came_in, later.done) == ((), ())


def test_composing_reads_nothing_and_names_no_contents(pair: World) -> None:
    pair.ask("KH", "KR", form={"facts": "a very particular sentence about somebody"})
    pair.settle()
    node, night = pair.nodes["KR"], shift(pair, "Han Ji")
    with node.reading() as tx:
        before = tx.log.head("domestic").size
    note = node.handing_over.compose(night)
    assert "particular" not in repr(note)
    with node.reading() as tx:
        assert tx.log.head("domestic").size == before


def test_it_is_handed_over_once_and_taken_over_by_the_next(pair: World) -> None:
    handing = pair.nodes["KR"].handing_over
    night, day = shift(pair, "Han Ji"), shift(pair, "Choi Na")
    handed = handing.hand_over(night, WORDS, once="form-1")
    assert handing.hand_over(night, WORDS, once="form-1") == handed
    assert (handed.by, handed.taken_at) == ("Han Ji", None)
    with pytest.raises(Conflict):
        handing.take_over(night, handed.fact)
    pair.clock.advance(MINUTE)
    taken = handing.take_over(day, handed.fact)
    assert (taken.taken_by, taken.taken_at) == ("Choi Na", pair.clock.now())
    assert handing.take_over(day, handed.fact) == taken
    with pytest.raises(Conflict):
        handing.take_over(shift(pair, "Bak So"), handed.fact)
    assert handing.past(day) == [taken]
    assert handing.compose(day).since == handed.at


def test_opening_it_is_a_read_that_is_written_down(pair: World) -> None:
    node = pair.nodes["KR"]
    night, day = shift(pair, "Han Ji"), shift(pair, "Choi Na")
    handed = node.handing_over.hand_over(night, WORDS)
    opened = node.handing_over.open(day, handed.fact, reason="taking over the day shift")
    assert opened.text == WORDS
    assert isinstance(opened.note, Note)
    assert opened.note.until == handed.at
    with node.reading() as tx:
        row = tx.facts.get(handed.fact)
        assert [(each.user, each.act) for each in tx.access.of_subject(row.record)] == [(day.id, "read")]
        assert WORDS.encode() not in row.payload + (row.content or b"")
    with pytest.raises(InvalidInput):
        node.handing_over.open(day, handed.fact, reason="")
    with pytest.raises(NotFound):
        node.handing_over.open(day, "ab" * 32, reason="taking over")
    with pytest.raises(NotFound):
        node.handing_over.open(day, "nothing of the kind", reason="taking over")


def test_who_keeps_no_shift_neither_hands_over_nor_takes_over(pair: World) -> None:
    handing = pair.nodes["KR"].handing_over
    handed = handing.hand_over(shift(pair, "Han Ji"), "")
    auditor, admin = pair.person("KR", "Moon A", "auditor"), pair.person("KR", "Kwon B", "administrator")
    for who in (auditor, admin):
        with pytest.raises(Refusal):
            handing.hand_over(who, "")
        with pytest.raises(Refusal):
            handing.take_over(who, handed.fact)
    assert handing.past(auditor) == [handed]
    with pytest.raises(Refusal):
        handing.compose(admin)


def test_a_moment_ahead_too_long_ago_and_too_many_words_are_refused(pair: World) -> None:
    handing, who, now = pair.nodes["KR"].handing_over, shift(pair, "Han Ji"), pair.clock.now()
    for since in (now + 1, now - 15 * DAY):
        with pytest.raises(InvalidInput):
            handing.compose(who, since)
    with pytest.raises(InvalidInput):
        handing.hand_over(who, "x" * 4001)
    assert handing.compose(who, now - 2 * DAY).since == now - 2 * DAY


def test_a_note_names_only_records_that_its_reader_may_open(pair: World) -> None:
    handing = pair.nodes["KR"].handing_over
    record = pair.ask("KH", "KR").record
    pair.settle()
    handed = handing.hand_over(shift(pair, "Han Ji"), WORDS)
    consul = pair.person("KR", "Im Sol", "consul")
    own, opened = handing.compose(consul, handed.at - HOUR), handing.open(consul, handed.fact, reason="day shift")
    assert opened.note is not None
    for note in (own, opened.note):
        assert record not in {each.record for each in (*note.came_in, *note.done, *note.late, *note.runs_out)}
    assert opened.text == WORDS
