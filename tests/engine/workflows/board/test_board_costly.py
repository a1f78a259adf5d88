"""What takes long is made once, shown with the masks it is about, and is no trouble of other clips."""

import pytest

from engine.doubts import Doubt, Sign
from engine.stages import Move
from engine.workflows.board.layers import doubtful
from engine.workflows.findings import DOUBTS, doubts_to_text
from tests.engine.workflows.board.room import corrected, counts


def test_doubts_come_to_the_masks_and_into_the_measures(room):
    revision = room.draw()
    doubt = Doubt(1, 3, 2, 2, Sign.SHAPE, 0.75, "square")
    room.db.desk.findings.put(revision, DOUBTS, doubts_to_text([doubt]))
    room.sync()
    assert room.board.masks["game-0"].doubtful == {1: {2: 0.75}, 2: {2: 0.75}}
    assert room.board.cards["game-0"].measures.signs == ("shape",)


def test_doubts_found_after_the_masks_were_brought_bring_them_again(room):
    revision = room.draw()
    room.sync(costly=False)
    assert room.board.masks["game-0"].doubtful == {}
    doubt = Doubt(0, 1, 0, 1, Sign.SHAPE, 0.5, "square")
    room.db.desk.findings.put(revision, DOUBTS, doubts_to_text([doubt]))
    room.sync()
    assert room.board.masks["game-0"].doubtful == {0: {1: 0.5}}


def test_where_doubts_meet_the_gravest_counts():
    grave, light = (Doubt(0, 2, 0, 1, Sign.SHAPE, severity, "x") for severity in (0.9, 0.4))
    other = Doubt(1, 2, 1, 0, Sign.CLASS, 0.2, "x")
    assert doubtful([light, grave, other]) == doubtful([other, grave, light])
    assert doubtful([light, grave, other]) == {0: {1: 0.9}, 1: {1: 0.9, 0: 0.2}}


def test_accepted_masks_are_compared_with_those_that_models_drew_ball_by_ball(room):
    corrected(room)
    room.sync()
    for layer in (room.board.masks["game-0"], room.board.drawn["game-0"]):
        assert layer.overlap[0][1] == 1
        assert layer.overlap[0][2] == pytest.approx(20 / 30)
    card = room.board.cards["game-0"]
    assert card.agreement.frames[0] == pytest.approx((1 + 20 / 30) / 2)
    assert room.board.progress.j == pytest.approx(card.agreement.j)


def test_masks_accepted_as_they_were_drawn_agree_and_stand_alone(room):
    room.draw()
    room.accept()
    room.sync()
    assert room.board.cards["game-0"].agreement.j == 1
    assert "game-0" not in room.board.drawn


def test_what_is_made_of_nothing_is_left_out(room):
    corrected(room)
    room.desk = room.at(copy=None, judge=None, stills=None)
    report = room.sync()
    assert (report.films, report.compared, report.stills) == (0, 0, 0)
    assert report.measured == 1


def test_excluded_clips_are_not_measured(room):
    room.draw()
    room.move("game-0", Move.EXCLUDE)
    assert room.sync().measured == 0


def test_a_revision_that_came_while_costly_things_were_made_is_left_to_the_next_sync(room):
    room.draw()

    def correcting(clip, **_how):
        if clip.id == "game-0":
            room.correct()
        return False

    room.desk = room.at(copy=correcting)
    assert room.sync().measured == 0
    room.desk = room.at()
    assert room.sync().measured == 1
    assert room.board.held()["game-0"].masks == room.head()


def test_damaged_masks_of_one_clip_are_told_and_stop_no_other(room):
    room.revisions.bad.add(room.draw("game-0"))
    room.draw("game-1")
    report = room.sync()
    assert report.failed.keys() == {"game-0"}
    assert "damaged" in report.failed["game-0"]
    assert room.board.held()["game-0"].masks is None
    assert room.board.held()["game-1"].masks is not None
    room.revisions.bad.clear()
    mended = room.sync()
    assert (mended.failed, mended.masks, mended.measured) == ({}, 1, 1)


def test_a_missing_video_is_told_and_everything_else_of_the_clip_is_made(room):
    room.copies.missing.add("game-0")
    room.draw()
    report = room.sync()
    assert report.failed == {"game-0": "a.mp4 is gone"}
    assert (report.films, report.measured, report.stills) == (2, 1, 3)


def test_every_trouble_of_a_clip_is_told_once(room):
    room.copies.missing.add("game-0")
    room.revisions.bad.add(room.draw())
    told = room.sync().failed["game-0"].split("; ")
    assert len(told) == len(set(told)) == 2


def test_new_stills_are_made_where_they_would_be_others(room):
    room.sync()
    room.pictures.name = "colours-2"
    assert counts(room.sync()) == {"stills": 3}
    assert room.board.held()["game-1"].stills == "colours-2 a.mp4"
