"""A workspace of an earlier version, with everything in it, is brought up to date and loses nothing."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.operations import Operations
from sqlalchemy import Engine, column, create_engine, insert, inspect
from sqlalchemy import table as lightweight

from db import codec, schema
from db.connect import Database, open_database, parse
from engine.errors import StoreError
from engine.stages import Move, Stage
from engine.types import RLE, Clip, FrameMasks, Kind, Track, TrackMask, Video

SERVER = [pytest.mark.postgres, pytest.mark.slow]
MASKS = FrameMasks(0, (TrackMask(1, RLE((48, 64), b"P`0")),))
AT = "2026-03-01 12:00:00+00:00"
ROWS: dict[str, dict[str, Any]] = {
    "videos": {
        "sha256": "a" * 64, "source": "a.mp4", "media": "a.mp4", "width": 64, "height": 48,
        "rate_num": 30, "rate_den": 1, "frames": 96, "frame_map": "[0, 1, 1]", "added": AT,
    },
    "clips": {
        "seq": 1, "id": "table-1", "video": "a" * 64, "media": "a.mp4", "start": 0, "frames": 96,
        "width": 64, "height": 48, "rate_num": 30, "rate_den": 1, "split": "val", "stage": "accepted",
    },
    "revisions": {
        "id": 7, "clip": "table-1", "parent": None, "kind": "manual", "author": "maria",
        "tracks": '[[1, "cue"]]', "provenance": '{"segmenter": "nano"}', "created": AT,
    },
    "chunks": {"revision": 7, "first": 0, "frames": 1, "data": codec.encode([MASKS])},
    "events": {
        "clip": "table-1", "move": "accept", "stage": "accepted", "actor": "maria",
        "revision": 7, "at": AT, "note": "good",
    },
}  # fmt: skip
"""One row of each table as the first version wrote it."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=SERVER)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of a database that holds nothing yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'engine.db'}"
    return str(request.getfixturevalue("empty_postgres"))


@pytest.fixture
def first(url: str) -> Iterator[Engine]:
    """Return a way into a database with the tables and the rows of the first version."""
    engine = create_engine(parse(url))
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table, row in ROWS.items():
            columns = [column(name) for name in row]
            connection.execute(insert(lightweight(table, *columns)).values(row))
    yield engine
    engine.dispose()


def test_the_first_version_knew_no_cameras(first: Engine) -> None:
    columns = {column["name"] for column in inspect(first).get_columns("videos")}
    assert columns == set(ROWS["videos"])


def test_an_earlier_workspace_is_refused_until_it_is_brought_up_to_date(
    first: Engine, url: str
) -> None:
    with pytest.raises(StoreError, match=r"older version.*engine init"):
        open_database(url)
    with first.connect() as connection:
        assert schema.state(connection) is schema.State.OLDER


@pytest.mark.usefixtures("first")
def test_everything_is_there_after_the_upgrade_and_nothing_is_said_of_old_recordings(
    url: str,
) -> None:
    with Database(url) as database:
        database.upgrade()
    with open_database(url) as database:
        video = Video("a" * 64, "a.mp4", "a.mp4", 64, 48, Fraction(30), 96, (0, 1, 1), "", "")
        clip = Clip("table-1", "a" * 64, "a.mp4", 0, 96, 64, 48, Fraction(30), "val")
        assert database.catalog.video("a" * 64) == video
        status = database.catalog.clip("table-1")
        assert (status.clip, status.stage, status.accepted) == (clip, Stage.ACCEPTED, 7)
        revision = database.revisions.revision(7)
        assert (revision.kind, revision.tracks) == (Kind.MANUAL, (Track(1, "cue"),))
        assert next(database.revisions.frames(7)) == MASKS
        assert database.catalog.events("table-1")[0].note == "good"


@pytest.mark.usefixtures("first")
def test_work_goes_on_after_the_upgrade(url: str) -> None:
    with Database(url) as database:
        database.upgrade()
        database.catalog.describe("a" * 64, camera="overhead", licence="CC-BY-4.0")
        assert database.catalog.move("table-1", Move.REOPEN, actor="bo") is Stage.IN_CORRECTION
        database.upgrade()
        video = database.catalog.video("a" * 64)
    assert video is not None
    assert (video.camera, video.licence) == ("overhead", "CC-BY-4.0")


def test_the_upgrade_is_made_whole_or_not_at_all(
    first: Engine, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, added = Operations.add_column, list[str]()

    def torn(self: Operations, table: str, column: Any, **more: Any) -> None:
        if added:
            raise KeyboardInterrupt
        added.append(column.name)
        add(self, table, column, **more)

    with Database(url) as database, monkeypatch.context() as patch:
        patch.setattr(Operations, "add_column", torn)
        with pytest.raises(KeyboardInterrupt):
            database.upgrade()
    with first.connect() as connection:
        assert schema.state(connection) is schema.State.OLDER
    assert {column["name"] for column in inspect(first).get_columns("videos")} == set(
        ROWS["videos"]
    )
