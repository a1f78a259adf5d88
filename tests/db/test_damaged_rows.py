"""Rows that another program wrote, or a disk mixed up, are an error that says so and never a traceback."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from db.connect import Database
from engine.errors import StageError, StoreError
from engine.stages import Move
from engine.types import Clip, FrameMasks, Kind, Revision, Track, Video

Ask = Callable[[Database], Any]


@pytest.fixture
def file(tmp_path: Path, video: Video, clips: list[Clip]) -> Path:
    """Return a database with one recording and one revision."""
    path = tmp_path / "engine.db"
    with Database(f"sqlite:///{path}") as database:
        database.upgrade()
        database.catalog.add_video(video, clips)
        made = Revision("table-0", None, Kind.AUTO, "ada", (Track(1, "cue"),), {"segmenter": "n"})
        database.revisions.append(made, [FrameMasks(0)])
        database.catalog.move("table-0", Move.CORRECT, actor="ada")
        database.desk.claims.claim("table-0", user="ada", tab="t")
        database.desk.actions.put("table-0", "ada", {"kind": "undo"}, before=None, tab="t")
    return path


def clip(database: Database) -> Any:
    return database.catalog.clip("table-0")


def every_clip(database: Database) -> Any:
    return database.catalog.clips()


def video_(database: Database) -> Any:
    return database.catalog.video("a" * 64)


def head(database: Database) -> Any:
    return database.revisions.head("table-0")


def events(database: Database) -> Any:
    return database.catalog.events("table-0")


def every_video(database: Database) -> Any:
    return database.overview.videos()


def every_event(database: Database) -> Any:
    return database.overview.events()


def lines(database: Database) -> Any:
    return database.overview.lines()


def work(database: Database) -> Any:
    return database.overview.work()


DAMAGE: dict[str, tuple[str, Ask]] = {
    "a rate over nothing": ("update clips set rate_den = 0", clip),
    "a clip of no frames": ("update clips set frames = 0", clip),
    "a clip of no frames among others": ("update clips set frames = 0", every_clip),
    "a stage that nobody knows": ("update clips set stage = 'lost'", clip),
    "a move that nobody knows": ("update events set move = 'dance'", events),
    "a recording at no rate": ("update videos set rate_den = 0", video_),
    "a map that is no list": ("update videos set frame_map = '7'", video_),
    "a map that is no JSON": ("update videos set frame_map = '[0, 1'", video_),
    "tracks that are no pairs": ("update revisions set tracks = '[[1]]'", head),
    "tracks that are no JSON": ("update revisions set tracks = 'cue'", head),
    "a kind that nobody knows": ("update revisions set kind = 'robot'", head),
    "a provenance that is no mapping": ("update revisions set provenance = '[1]'", head),
    "a recording at no rate among others": ("update videos set rate_den = 0", every_video),
    "a map that is no JSON among others": ("update videos set frame_map = '[0'", every_video),
    "a move that nobody knows among others": ("update events set move = 'dance'", every_event),
    "a moment that is none among others": ("update events set at = 'soon'", every_event),
    "a kind that nobody knows among others": ("update revisions set kind = 'robot'", lines),
    "a provenance that is no mapping among others": (
        "update revisions set provenance = '[1]'",
        lines,
    ),
    "a provenance that is no JSON among others": ("update revisions set provenance = 'n'", lines),
    "an action at no moment": ("update actions set at = 'soon'", work),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_row_is_told_with_what_to_do(name: str, file: Path) -> None:
    change, ask = DAMAGE[name]
    with Database(f"sqlite:///{file}") as database:
        assert ask(database)
    with sqlite3.connect(file) as connection:
        connection.execute("pragma ignore_check_constraints = 1")
        connection.execute(change)
    connection.close()
    with (
        Database(f"sqlite:///{file}") as database,
        pytest.raises(StoreError, match="restore a backup"),
    ):
        ask(database)


def test_a_clip_at_a_stage_that_nobody_knows_does_not_move(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("update clips set stage = 'lost'")
    connection.close()
    with Database(f"sqlite:///{file}") as database:
        before = database.catalog.events("table-0")
        with pytest.raises(StoreError, match="restore a backup") as told:
            database.catalog.move("table-0", Move.SUBMIT, actor="ada")
        assert not isinstance(told.value, StageError)
        assert database.catalog.events("table-0") == before
