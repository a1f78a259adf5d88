"""A sync brings what differs and nothing else, whatever was changed on either side, and no clip's trouble becomes another's."""

import dataclasses
import json
from dataclasses import replace

import pytest

from engine.cli.console import plain
from engine.errors import DiskFull, SelectionError, ServerError
from engine.ports.board import Tag
from engine.stages import Stage
from engine.workflows.board.costly import COSTLY
from engine.workflows.board.lacking import lacking
from tests.engine.workflows.board.room import MADE, corrected, counts, rows


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


def test_progress_is_heard_phase_by_phase_to_its_end(room):
    heard = []
    room.draw()
    room.sync(progress=lambda phase, done, of: heard.append((phase, done, of)))
    assert list(dict.fromkeys(phase for phase, _, _ in heard)) == ["cards", "masks", COSTLY]
    assert {("cards", 3, 3), ("masks", 1, 1), (COSTLY, 3, 3)} <= set(heard)
    assert all(0 <= done <= of for _, done, of in heard)


def test_a_clip_whose_facts_are_put_twice_is_counted_once(room):
    room.draw()
    assert room.sync().cards == 3  # those of the clip measured are put again


def test_what_lacks_nothing_is_not_heard_of(room, tmp_path):
    room.draw()
    film = tmp_path / "film.mp4"
    film.write_bytes(b"there")
    room.desk = room.at(film=lambda _clip: str(film))
    room.sync()
    heard = []
    room.sync(progress=lambda *told: heard.append(told))
    assert {told for told in heard if told[2]} == set()
    assert lacking(room.desk, room.board.held()) == ()


@pytest.mark.parametrize("what", ["films", "measures", "pictures"])
def test_what_a_clip_lacks_is_told_before_it_is_made(room, tmp_path, what):
    room.draw()
    film = tmp_path / "film.mp4"
    film.write_bytes(b"there")
    there = room.at(film=lambda _clip: str(film))
    room.desk = replace(there, stills=None) if what == "pictures" else there
    room.sync(costly=what != "measures")
    if what == "measures":
        room.desk = replace(there, stills=None)
    elif what == "films":
        film.unlink()
    else:
        room.desk = there
    wanted = ("game-0",) if what == "measures" else ("game-0", "game-1", "game-2")
    assert lacking(room.desk, room.board.held()) == wanted


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


def test_the_report_of_a_round_with_news_says_that_it_has_some(room):
    empty = dataclasses.replace(room.sync(), cards=0, films=0, stills=0)
    assert not empty.changed
    assert dataclasses.replace(empty, trouble="x").changed
    assert dataclasses.replace(empty, failed={"game-0": "x"}).changed
    assert all(dataclasses.replace(empty, **{name: 1}).changed for name in MADE)
