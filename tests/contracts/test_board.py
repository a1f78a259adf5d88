"""What every Board promises: it holds what was put, whatever is put twice is there once, and no tag of a lead is lost.

``BoardContract`` is run here on the board in memory, and in tests/e2e/fiftyone on the one that FiftyOne shows.
"""

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from typing import Protocol

import numpy as np
import pytest

from engine import rle
from engine.errors import DamagedChunk, SelectionError
from engine.fakes.board import MemoryBoard
from engine.ports import Board
from engine.ports.board import Card, Held, Layer, Progress, Still, Tag
from engine.ports.board_rules import digest
from engine.stages import Stage
from engine.types import Clip, FrameMasks, Track, TrackMask

NTSC = Fraction(30000, 1001)


class Lead(Protocol):
    """Somebody who looks at the board."""

    def tag(self, clip: str, *tags: Tag, by: str = "", note: str = "") -> None: ...

    def take_off(self, clip: str, tag: Tag) -> None: ...

    def scribble(self, clip: str, *tags: str) -> None: ...


def clip(id_: str = "table-0", frames: int = 3) -> Clip:
    return Clip(id_, "a" * 64, "/films/a.mp4", 0, frames, 64, 48, NTSC)


def card(id_: str = "table-0", **said: object) -> Card:
    return Card(clip(id_), f"/copies/{id_}.mp4", **{"stage": Stage.INGESTED, **said})  # type: ignore[arg-type] # of Card


def ball(track: int, x: int, y: int) -> TrackMask:
    return TrackMask(track, rle.encode(np.ones((4, 4), bool), origin=(x, y), size=(48, 64)))


def layer(revision: int = 7) -> Layer:
    rows = (FrameMasks(0, (ball(1, 3, 5),)), FrameMasks(2, (ball(1, 4, 5), ball(2, 20, 30))))
    return Layer(revision, (Track(1, "cue"), Track(2, "8")), rows)


class BoardContract:
    """Run with fixtures ``board``, which is empty, and ``lead``, who looks at it."""

    def test_an_empty_board_holds_nothing(self, board: Board) -> None:
        assert board.held() == {}

    def test_a_card_is_held_by_its_digest(self, board: Board) -> None:
        board.put_cards([card()])
        assert board.held() == {"table-0": Held(digest(card()))}

    def test_cards_are_held_in_the_order_in_which_they_came(self, board: Board) -> None:
        names = ["c", "a", "b"]
        board.put_cards([card(name) for name in names])
        board.put_cards([card("later"), card("a", reviewer="ada")])
        assert list(board.held()) == [*names, "later"]

    def test_a_card_that_changed_replaces_the_one_before_and_another_one_stays(
        self, board: Board
    ) -> None:
        board.put_cards([card("a"), card("b")])
        changed = card("a", stage=Stage.SUBMITTED, annotator="ada")
        board.put_cards([changed])
        held = board.held()
        assert (held["a"].digest, held["b"].digest) == (digest(changed), digest(card("b")))

    def test_putting_cards_twice_is_putting_them_once(self, board: Board) -> None:
        board.put_cards([card("a"), card("b", priority=True)])
        once = board.held()
        board.put_cards([card("a"), card("b", priority=True)])
        assert board.held() == once

    def test_no_cards_can_be_put(self, board: Board) -> None:
        board.put_cards([])
        assert board.held() == {}

    def test_a_clip_that_is_in_a_call_twice_is_held_once_as_it_was_last(self, board: Board) -> None:
        last = card("a", stage=Stage.ACCEPTED)
        board.put_cards([card("a"), last])
        assert {id_: one.digest for id_, one in board.held().items()} == {"a": digest(last)}

    def test_masks_are_held_by_the_revisions_they_are_of(self, board: Board) -> None:
        board.put_cards([card()])
        board.put_masks(clip(), layer(7))
        assert (board.held()["table-0"].masks, board.held()["table-0"].drawn) == (7, None)
        board.put_masks(clip(), layer(9), layer(7))
        assert (board.held()["table-0"].masks, board.held()["table-0"].drawn) == (9, 7)
        board.put_masks(clip(), layer(10))
        assert (board.held()["table-0"].masks, board.held()["table-0"].drawn) == (10, None)

    def test_masks_stay_when_another_card_is_put(self, board: Board) -> None:
        board.put_cards([card()])
        board.put_masks(clip(), layer(9), layer(7))
        board.put_cards([card(stage=Stage.SUBMITTED)])
        assert (board.held()["table-0"].masks, board.held()["table-0"].drawn) == (9, 7)

    def test_masks_that_no_frame_shows_are_masks_too(self, board: Board) -> None:
        board.put_cards([card()])
        board.put_masks(clip(), Layer(7, (), ()))
        assert board.held()["table-0"].masks == 7

    def test_masks_that_could_not_be_read_to_the_end_are_no_masks(self, board: Board) -> None:
        def damaged() -> Iterator[FrameMasks]:
            yield FrameMasks(0, (ball(1, 3, 5),))
            raise DamagedChunk("block 1 of revision 9")

        board.put_cards([card()])
        board.put_masks(clip(), layer(7), layer(7))
        with pytest.raises(DamagedChunk):
            board.put_masks(clip(), dataclasses.replace(layer(9), rows=damaged()))
        assert (board.held()["table-0"].masks, board.held()["table-0"].drawn) == (None, None)
        board.put_masks(clip(), layer(9))
        assert board.held()["table-0"].masks == 9

    def test_masks_of_a_clip_without_a_card_are_refused(self, board: Board) -> None:
        with pytest.raises(SelectionError, match="'table-0'"):
            board.put_masks(clip(), layer())
        assert board.held() == {}

    def test_dropped_masks_are_gone_and_the_card_stays(self, board: Board) -> None:
        board.put_cards([card()])
        board.put_masks(clip(), layer(9), layer(7))
        board.drop_masks("table-0")
        board.drop_masks("table-0")
        assert board.held() == {"table-0": Held(digest(card()))}

    def test_a_dropped_clip_is_gone_with_all_and_comes_back_with_nothing(
        self, board: Board, lead: Lead
    ) -> None:
        board.put_cards([card("a"), card("b", priority=True)])
        board.put_masks(clip("b"), layer())
        lead.tag("b", Tag.REDO, by="ada", note="a ball is missing")
        board.drop(["b"])
        assert list(board.held()) == ["a"]
        board.put_cards([card("b")])
        assert board.held()["b"] == Held(digest(card("b")))

    def test_what_is_unknown_can_be_dropped_and_untagged(self, board: Board) -> None:
        board.drop(["nobody"])
        board.drop([])
        board.drop_masks("nobody")
        board.untag("nobody", [Tag.REDO])
        assert board.held() == {}

    def test_tags_are_told_with_who_set_them_and_why(self, board: Board, lead: Lead) -> None:
        board.put_cards([card("a"), card("b")])
        lead.tag("a", Tag.REDO, Tag.PRIORITY, by="ada", note="the 8 is the 9")
        held = board.held()
        assert held["a"].tags == {Tag.REDO, Tag.PRIORITY}
        assert (held["a"].by, held["a"].note) == ("ada", "the 8 is the 9")
        assert held["b"] == Held(digest(card("b")))

    def test_tags_and_words_stay_when_another_card_is_put(self, board: Board, lead: Lead) -> None:
        board.put_cards([card()])
        lead.tag("table-0", Tag.EXCLUDE, Tag.REDO, by="ada", note="out of focus")
        board.put_cards([card(stage=Stage.SUBMITTED)])
        board.put_masks(clip(), layer())
        held = board.held()["table-0"]
        assert (held.tags, held.by, held.note) == (
            {Tag.EXCLUDE, Tag.REDO},
            "ada",
            "out of focus",
        )

    def test_a_tag_is_taken_off_and_the_words_with_the_last_request(
        self, board: Board, lead: Lead
    ) -> None:
        board.put_cards([card()])
        lead.tag("table-0", Tag.EXCLUDE, Tag.REDO, by="ada", note="out of focus")
        board.untag("table-0", [Tag.REDO])
        held = board.held()["table-0"]
        assert (held.tags, held.by, held.note) == ({Tag.EXCLUDE}, "ada", "out of focus")
        board.untag("table-0", [Tag.EXCLUDE])
        assert board.held()["table-0"] == Held(digest(card()))

    def test_words_are_forgotten_with_nothing_to_take_off_where_nothing_is_asked(
        self, board: Board, lead: Lead
    ) -> None:
        board.put_cards([card()])
        lead.tag("table-0", Tag.PRIORITY, by="ada", note="the final")
        board.put_cards([card(priority=True)])
        board.untag("table-0", [])
        held = board.held()["table-0"]
        assert (held.tags, held.by, held.note) == ({Tag.PRIORITY}, "", "")

    @pytest.mark.parametrize("before", [False, True])
    def test_the_tag_of_priority_follows_a_card_that_says_otherwise_than_before(
        self, board: Board, *, before: bool
    ) -> None:
        board.put_cards([card(priority=before)])
        assert board.held()["table-0"].tags == ({Tag.PRIORITY} if before else set())
        board.put_cards([card(priority=not before)])
        held = board.held()["table-0"]
        assert held.priority is not before
        assert held.tags == (set() if before else {Tag.PRIORITY})

    def test_priority_that_a_lead_asked_for_in_between_stays_asked_for(
        self, board: Board, lead: Lead
    ) -> None:
        board.put_cards([card()])
        lead.tag("table-0", Tag.PRIORITY)
        board.put_cards([card(reviewer="ada")])
        held = board.held()["table-0"]
        assert (held.tags, held.priority) == ({Tag.PRIORITY}, False)

    def test_priority_that_a_lead_took_off_in_between_stays_off(
        self, board: Board, lead: Lead
    ) -> None:
        board.put_cards([card(priority=True)])
        lead.take_off("table-0", Tag.PRIORITY)
        board.put_cards([card(priority=True, reviewer="ada")])
        held = board.held()["table-0"]
        assert (held.tags, held.priority) == (set(), True)

    def test_capitals_and_spaces_make_no_other_tag_and_it_is_taken_off_as_ours(
        self, board: Board, lead: Lead
    ) -> None:
        board.put_cards([card(), card("table-1")])
        lead.scribble("table-0", "Redo ", " EXCLUDE")
        assert board.held()["table-0"].tags == {Tag.REDO, Tag.EXCLUDE}
        board.untag("table-0", [Tag.REDO, Tag.EXCLUDE])
        assert board.held()["table-0"].tags == board.held()["table-1"].tags == frozenset()

    def test_tags_that_are_none_of_ours_are_told_apart_and_stay(
        self, board: Board, lead: Lead
    ) -> None:
        board.put_cards([card()])
        lead.scribble("table-0", "redo", "nice shot", "excluded")
        board.untag("table-0", [Tag.REDO])
        board.put_cards([card(stage=Stage.REJECTED)])
        assert board.held()["table-0"].others == ("excluded", "nice shot")

    def test_progress_is_put_over_the_one_before(self, board: Board) -> None:
        at = datetime(2026, 11, 21, tzinfo=UTC)
        board.put_progress(Progress(at, 2000.0, 10.0, ((Stage.ACCEPTED, 1, 10.0),)))
        board.put_progress(Progress(at, 2000.0, 20.0, ()))
        assert board.held() == {}

    def test_stills_are_held_by_what_they_were_made_with(self, board: Board, still: Still) -> None:
        board.put_cards([card()])
        board.put_stills("table-0", [still], made="nano-1")
        assert board.held()["table-0"].stills == "nano-1"
        board.put_stills("table-0", [], made="nano-2")
        board.put_cards([card(stage=Stage.SUBMITTED)])
        assert board.held()["table-0"].stills == "nano-2"

    def test_stills_of_a_clip_without_a_card_are_refused(self, board: Board, still: Still) -> None:
        with pytest.raises(SelectionError, match="'table-0'"):
            board.put_stills("table-0", [still], made="nano-1")


class TestMemoryBoard(BoardContract):
    """The board in memory."""

    @pytest.fixture
    def board(self) -> MemoryBoard:
        return MemoryBoard()

    @pytest.fixture
    def lead(self, board: MemoryBoard) -> Lead:
        return board

    @pytest.fixture
    def still(self) -> Still:
        return Still(1, "/stills/1.jpg", np.array([1.0, 0.0], np.float32))

    def test_what_was_put_can_be_looked_at(self, board: MemoryBoard, still: Still) -> None:
        board.put_cards([card()])
        board.put_masks(clip(), dataclasses.replace(layer(9), rows=iter(layer().rows)), layer(7))
        board.put_stills("table-0", [still], made="nano-1")
        assert board.cards["table-0"] == card()
        assert board.masks["table-0"] == layer(9)
        assert board.drawn["table-0"] == layer(7)
        assert board.stills["table-0"] == (still,)
