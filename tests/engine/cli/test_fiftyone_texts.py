"""What `engine fiftyone` says of a sync and of how things stand."""

import json

import pytest

from engine.cli.console import plain
from engine.cli.fiftyone import actions, texts
from engine.cli.fiftyone.standing import Standing
from engine.ports.board import Tag
from engine.workflows.board.report import Answer, SyncReport

DONE = Answer("game-1", (Tag.REDO,), "ada", "redo by ada: rejected, to be corrected", done=True)
REFUSED = Answer("game-2", (Tag.EXCLUDE,), "bo", "exclude by bo: not done: look again", done=False)
FAILED = Answer("game-3", (Tag.REDO,), "ada", "the database is busy", done=False, settled=False)


def test_a_sync_that_changed_nothing_says_so() -> None:
    assert texts.synced(SyncReport(clips=3)) == "3 clips: in step"


def test_a_sync_says_what_it_made() -> None:
    report = SyncReport(clips=9, cards=4, masks=2, films=1, measured=2, compared=1, stills=5)
    assert texts.synced(report) == (
        "9 clips: 4 with new facts, 2 with new masks, 1 filmed, 2 measured, 1 compared, 5 with new pictures"
    )


@pytest.mark.parametrize(
    "report",
    [
        SyncReport(clips=1, interrupted=True),
        SyncReport(clips=1, left=1),
        SyncReport(clips=1, trouble="no answer"),
        SyncReport(clips=1, failed={"game-1": "no video"}),
        SyncReport(clips=1, refused=(FAILED,)),
    ],
)
def test_a_sync_that_did_not_get_to_its_end_is_not_in_step(report: SyncReport) -> None:
    assert texts.synced(report).startswith("1 clip: nothing changed")


def test_clips_at_which_nobody_looked_wait() -> None:
    said = texts.synced(SyncReport(clips=9, left=2, interrupted=True))
    assert "waits    2 clips, for films, measures and pictures" in said


def test_what_lacks_films_measures_or_pictures_waits() -> None:
    said = texts.standing(Standing("billiards", clips=3, held=3, masks=2, lacking=2))
    assert "waits     2 clips without films, measures or pictures" in said
    assert said.endswith("next: engine fiftyone sync")


def test_a_watch_ends_well_when_it_is_interrupted() -> None:
    assert actions.exit_status(SyncReport(interrupted=True), watch=True) == 0


def test_every_decision_is_told_once_as_it_was_answered() -> None:
    said = texts.synced(SyncReport(clips=3, decided=(DONE,), refused=(REFUSED,)))
    assert "decided  game-1: redo by ada: rejected, to be corrected" in said.splitlines()
    assert "refused  game-2: exclude by bo: not done: look again" in said.splitlines()


def test_what_failed_and_what_stopped_it_is_told() -> None:
    report = SyncReport(
        clips=3, failed={"game-1": "no video"}, trouble="no answer", interrupted=True
    )
    said = texts.synced(report)
    assert "failed   game-1: no video" in said
    assert "trouble: no answer" in said
    assert "the same command goes on from here" in said


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (SyncReport(), 0),
        (SyncReport(decided=(DONE,), refused=(REFUSED,)), 0),
        (SyncReport(refused=(FAILED,)), 1),
        (SyncReport(failed={"game-1": "no video"}), 1),
        (SyncReport(trouble="no answer"), 1),
        (SyncReport(interrupted=True, failed={"game-1": "no video"}), 130),
    ],
)
def test_the_exit_status_says_whether_all_went_well(report: SyncReport, status: int) -> None:
    assert actions.exit_status(report) == status


def test_a_report_is_json() -> None:
    told = json.loads(json.dumps(plain(SyncReport(clips=3, decided=(DONE,)))))
    assert told["decided"][0]["tags"] == ["redo"]
    assert told["clips"] == 3


def test_a_board_in_step_waits_for_nothing() -> None:
    now = Standing("billiards", clips=3, held=3, masks=2, database="127.0.0.1:27018")
    said = texts.standing(now)
    assert "billiards: 3 of 3 clips, 2 with masks" in said
    assert "waits     nothing" in said
    assert "does not run: engine fiftyone" in said
    assert "none runs" in said
    assert "next:" not in said


def test_what_waits_is_told_with_the_next_step() -> None:
    now = Standing(
        *("billiards", 5, 3, 2),
        new=2,
        gone=1,
        waiting=3,
        tagged={"game-1": (Tag.REDO,)},
        app="http://127.0.0.1:5151",
        syncing="ada",
    )
    said = texts.standing(now)
    assert "2 new clips, 3 clips with new masks, 1 clip gone from the workspace, 1 decision" in said
    assert "game-1: redo" in said
    assert "http://127.0.0.1:5151" in said
    assert "sync      ada" in said
    assert said.endswith("next: engine fiftyone sync")


def test_an_open_door_is_told_with_its_danger_and_the_way_around() -> None:
    said = texts.OPEN_DOOR.format(address="0.0.0.0", port=5151)  # noqa: S104 - named, not listened on
    assert "no login" in said
    assert "ssh -L 5151:127.0.0.1:5151" in said
