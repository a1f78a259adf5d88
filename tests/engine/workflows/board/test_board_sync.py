"""A sync brings what differs and nothing else, whatever was changed on either side, and no clip's trouble becomes another's."""

import dataclasses
import json

import pytest

from engine.cli.console import plain
from engine.doubts import Doubt, Sign
from engine.errors import DiskFull, SelectionError, ServerError
from engine.ports.board import Tag
from engine.stages import Move, Stage
from engine.workflows.board_layers import doubtful
from engine.workflows.board_sync import watch
from engine.workflows.findings import DOUBTS, doubts_to_text
from tests.engine.workflows.board.room import rows

MADE = ("cards", "dropped", "masks", "films", "measured", "compared", "stills")


def counts(report) -> dict[str, int]:
    return {name: n for name in MADE if (n := getattr(report, name))}


def corrected(room, clip: str = "game-0") -> None:
    """Bring a clip from drawing to acceptance, with changes."""
    room.draw(clip)
    room.correct(clip)
    room.submit(clip)
    room.accept(clip)


def test_the_first_sync_brings_everything(room):
    corrected(room)
    room.draw("game-1")
    report = room.sync()
    assert report.clips == 3
    assert report.films == report.stills == 3
    assert (report.masks, report.measured, report.compared) == (2, 2, 1)
    assert room.board.cards.keys() == {"game-0", "game-1", "game-2"}
    assert room.board.progress.accepted == pytest.approx(0.2)


def test_a_sync_after_which_nothing_changed_makes_nothing(room):
    corrected(room)
    room.sync()
    again = room.sync()
    assert (counts(again), again.changed) == ({}, False)


def test_a_process_that_knows_nothing_of_earlier_ones_makes_nothing_either(room):
    corrected(room)
    room.sync()
    room.desk = room.at()
    assert counts(room.sync()) == {}


def test_masks_are_those_of_the_newest_revision_beside_those_that_models_drew(room):
    drawn, true = room.draw(x=10), room.correct(x=13)
    room.sync()
    masks, beside = room.board.masks["game-0"], room.board.drawn["game-0"]
    assert (masks.revision, beside.revision) == (true, drawn)
    assert [len(layer.tracks) for layer in (masks, beside)] == [2, 2]
    assert list(masks.rows) == rows(13)
    assert list(beside.rows) == rows(10)


def test_masks_that_nobody_changed_stand_alone(room):
    room.draw()
    room.sync()
    assert "game-0" not in room.board.drawn
    assert room.board.held()["game-0"].drawn is None


def test_only_clips_with_another_revision_get_masks_anew_what_was_drawn_last_first(room):
    for clip in ("game-0", "game-1", "game-2"):
        room.draw(clip)
    room.sync()
    room.correct("game-1")
    room.correct("game-0")
    put, masks = [], room.board.put_masks

    def noting(clip, *layers):
        put.append(clip.id)
        masks(clip, *layers)

    room.board.put_masks = noting
    assert room.sync(costly=False).masks == 2
    assert put == ["game-0", "game-1"]


def test_a_move_alone_changes_the_card_and_leaves_the_masks(room):
    room.draw()
    room.sync()
    room.submit()
    assert counts(room.sync()) == {"cards": 1}
    assert room.board.cards["game-0"].stage == Stage.SUBMITTED


def test_without_masks_and_costly_things_only_cards_are_brought(room):
    corrected(room)
    assert counts(room.sync(masks=False, costly=False)) == {"cards": 3}


def test_a_clip_that_the_workspace_lost_goes_from_the_board_with_its_masks(room):
    room.draw("game-1")
    room.sync()
    room.forget("game-1")
    assert room.sync().dropped == 1
    assert room.board.cards.keys() == room.board.held().keys() == {"game-0", "game-2"}
    assert "game-1" not in room.board.masks


def test_a_clip_that_somebody_deleted_from_the_board_comes_back(room):
    corrected(room)
    room.sync()
    was = room.board.cards["game-0"], room.board.masks["game-0"]
    room.board.drop(["game-0"])
    report = room.sync()
    assert counts(report) == {"cards": 1, "masks": 1, "stills": 1}
    assert (room.board.cards["game-0"], room.board.masks["game-0"]) == was


def test_a_board_that_was_emptied_is_filled_again_without_computing_anything_anew(room):
    corrected(room)
    room.sync()
    cards, progress = dict(room.board.cards), room.board.progress
    overlap = room.board.drawn["game-0"].overlap
    room.board.drop(list(cards))
    room.board.progress = None
    report = room.sync()
    assert (report.measured, report.compared, report.films) == (0, 0, 0)
    assert room.board.cards == cards
    assert room.board.drawn["game-0"].overlap == overlap
    assert room.board.progress == progress


def test_named_clips_alone_are_brought_and_no_other_is_taken_away(room):
    room.sync(clips=["game-1"])
    assert room.board.cards.keys() == {"game-1"}
    room.sync()
    room.draw("game-0")
    room.draw("game-1")
    report = room.sync(clips=["game-0"])
    assert (report.clips, report.dropped) == (1, 0)
    assert set(room.board.masks) == {"game-0"}


def test_tags_of_clips_that_were_not_named_wait(room):
    room.draw()
    room.sync()
    room.board.tag("game-0", Tag.REDO)
    assert not room.sync(clips=["game-1"]).decided
    assert room.sync().decided


def test_a_clip_that_is_not_there_is_refused_before_anything_is_done(room):
    with pytest.raises(SelectionError, match="game-9"):
        room.sync(clips=["game-9"])
    assert room.board.held() == {}


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


@pytest.mark.parametrize("error", [ServerError("the board does not answer"), DiskFull("no room")])
def test_trouble_that_hits_every_clip_ends_the_sync_and_the_next_one_goes_on(room, error):
    corrected(room)
    room.draw("game-1")
    own, put = room.board.put_masks, []

    def failing(clip, *layers):
        put.append(clip.id)
        if len(put) > 1:
            raise error
        own(clip, *layers)

    room.board.put_masks = failing
    with pytest.raises(type(error)):
        room.sync()
    room.board.put_masks = own
    assert room.sync().masks == 1
    assert counts(room.sync()) == {}


def test_who_stops_it_is_told_so_and_the_next_sync_goes_on(room):
    for clip in ("game-0", "game-1", "game-2"):
        room.draw(clip)
    report = room.sync(stop=lambda: len(room.board.masks) == 2)
    assert (report.interrupted, report.masks, report.measured) == (True, 2, 0)
    rest = room.sync()
    assert (rest.interrupted, rest.masks, rest.measured) == (False, 1, 3)


def test_new_stills_are_made_where_they_would_be_others(room):
    room.sync()
    room.pictures.name = "colours-2"
    assert counts(room.sync()) == {"stills": 3}
    assert room.board.held()["game-1"].stills == "colours-2 a.mp4"


def test_progress_is_heard_phase_by_phase_to_its_end(room):
    heard = []
    room.draw()
    room.sync(progress=lambda phase, done, of: heard.append((phase, done, of)))
    assert list(dict.fromkeys(phase for phase, _, _ in heard)) == ["cards", "masks", "costly"]
    assert {("cards", 3, 3), ("masks", 1, 1), ("costly", 3, 3)} <= set(heard)
    assert all(0 <= done <= of for _, done, of in heard)


def test_a_report_can_be_written_as_json(room):
    room.draw()
    room.sync()
    room.board.tag("game-0", Tag.REDO, by="eve")
    told = json.loads(json.dumps(plain(room.sync())))
    assert told["decided"][0] | {"said": ""} == {
        "clip": "game-0",
        "tags": ["redo"],
        "by": "eve",
        "said": "",
        "done": True,
        "settled": True,
    }
    assert set(told["seconds"]) == {"tags", "cards", "masks", "costly"}


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


def test_the_report_of_a_round_with_news_says_that_it_has_some(room):
    empty = dataclasses.replace(room.sync(), cards=0, films=0, stills=0)
    assert not empty.changed
    assert dataclasses.replace(empty, trouble="x").changed
    assert dataclasses.replace(empty, failed={"game-0": "x"}).changed
    assert all(dataclasses.replace(empty, **{name: 1}).changed for name in MADE)
