"""A watch brings what happens from round to round, lets nothing slow keep anything quick waiting, and outlives trouble that passes."""

import pytest

from engine.errors import ServerError
from engine.ports.board import Tag
from engine.stages import Stage
from engine.workflows.board.sync import watch


class Rounds:
    """Hears the reports of a watch, lets something happen after each, and ends it after the last."""

    def __init__(self, *happenings) -> None:
        self.reports, self._happenings = [], happenings

    def __call__(self, report) -> None:
        self.reports.append(report)
        if len(self.reports) <= len(self._happenings):
            self._happenings[len(self.reports) - 1]()

    def over(self) -> bool:
        return len(self.reports) > len(self._happenings)

    def watch(self, room, **asked) -> None:
        watch(room.desk, **{"by": "lead", "every": 0.0, "stop": self.over, "told": self, **asked})


def test_a_watch_brings_what_happens_from_round_to_round(room):
    rounds = Rounds(room.draw, room.submit, lambda: room.board.tag("game-0", Tag.REDO, by="eve"))
    rounds.watch(room)
    assert room.stage() == Stage.REJECTED
    assert room.board.cards["game-0"].stage == Stage.REJECTED
    assert [one.by for report in rounds.reports for one in report.decided] == ["eve"]


def test_a_watch_makes_costly_things_bit_by_bit_between_rounds(room):
    for clip in ("game-0", "game-1", "game-2"):
        room.draw(clip)
    rounds = Rounds(lambda: None, lambda: room.submit("game-2"))
    rounds.watch(room)
    assert [report.left for report in rounds.reports] == [2, 1, 0]
    assert [report.masks for report in rounds.reports] == [3, 0, 0]
    assert room.board.cards["game-2"].stage == Stage.SUBMITTED, "though costly things are left"


def test_a_watch_lets_no_clip_that_fails_keep_the_others_waiting(room):
    room.copies.missing.add("game-0")
    rounds = Rounds(*[lambda: None] * 3)
    rounds.watch(room)
    assert set(room.copies.made) == {"game-1", "game-2"}


def test_a_watch_outlives_a_board_that_does_not_answer_for_a_while(room):
    own = room.board.held

    def silent():
        raise ServerError("the board does not answer")

    def fall_silent():
        room.board.held = silent

    def recover():
        room.board.held = own
        room.draw()

    rounds = Rounds(fall_silent, recover)
    rounds.watch(room)
    assert [report.trouble for report in rounds.reports] == ["", "the board does not answer", ""]
    assert room.board.cards["game-0"].stage == Stage.PREANNOTATED


def test_a_watch_that_waits_for_its_next_round_ends_when_it_is_asked_to(room):
    reports, asked = [], []

    def stop():
        asked.extend(reports)
        return len(asked) > 2

    watch(room.desk, by="lead", every=3600, stop=stop, told=reports.append)
    assert len(reports) == 1


def test_a_watch_that_cannot_even_begin_says_so(room):
    def silent():
        raise ServerError("the board does not answer")

    room.board.held = silent
    with pytest.raises(ServerError):
        Rounds().watch(room)


def test_an_answer_stands_from_round_to_round_of_a_watch(room):
    said = []
    rounds = Rounds(
        lambda: room.board.tag("game-0", Tag.REDO),
        lambda: said.append(room.board.cards["game-0"].said),
        lambda: said.append(room.board.cards["game-0"].said),
    )
    rounds.watch(room)
    assert said[0].startswith("redo by lead: not done")
    assert said[0] == said[1]
    assert not rounds.reports[-1].changed
