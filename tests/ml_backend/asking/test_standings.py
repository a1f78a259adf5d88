"""What `engine labelstudio status` counts: tasks, what they show, what waits and what was refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.connect import Database
from engine.config import Settings
from engine.ports import Delivery, Link, OutsideProject, TaskKind
from engine.ports.desk import State
from engine.types import Kind, Revision
from engine.wiring import workbench
from ml_backend.asking.credentials import credentials, remember
from ml_backend.asking.standings import Standings, standings
from ml_backend.serving.receiving import WHAT

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def bench(settings: Settings) -> Any:
    with workbench(settings) as opened:
        yield opened


def deliver(database: Database, clip: str, *, number: int = 1, minutes: int = 0) -> Delivery:
    """Store a correction of a clip."""
    (link,) = database.bridge.links(clip=clip)
    at = NOON + timedelta(minutes=minutes)
    made = database.bridge.receive(
        link, number=number, author="ada", at=at, body={"result": []}, digest=f"{number} {minutes}"
    )
    assert made is not None
    return made


def test_tasks_are_counted_with_what_they_show(bench: Any) -> None:
    (project,) = standings(bench).projects
    assert (project.tasks, project.predicted, project.in_step, project.without_task) == (2, 2, 2, 0)
    assert project.address == "http://127.0.0.1:8080/projects/1/data"


def test_a_task_with_older_masks_is_not_in_step_and_one_without_is_not_predicted(
    bench: Any, database: Database
) -> None:
    head = database.revisions.head("one")
    assert head is not None
    database.revisions.append(Revision("one", head.id, Kind.MANUAL, "ada", head.tracks), [])
    (link,) = database.bridge.links(clip="two")
    database.bridge.put_link(replace(link, revision=None))
    (project,) = standings(bench).projects
    assert (project.predicted, project.in_step) == (1, 0)


def test_clips_without_a_task_and_without_masks_are_counted_apart(
    bench: Any, database: Database
) -> None:
    frames = database.bridge.put_project(
        OutsideProject("http://127.0.0.1:8080", TaskKind.FRAMES, 2)
    )
    database.bridge.put_link(Link(frames.id, 7, "one"))
    now = standings(bench)
    assert [one.without_task for one in now.projects] == [0, 1]
    assert now.without_masks == 1


def test_what_waits_and_what_was_refused_is_told_with_the_reason(
    bench: Any, database: Database
) -> None:
    deliver(database, "one")
    refused = deliver(database, "two", number=2)
    database.bridge.settle(refused.id, State.FAILED, note="the clip is accepted: reopen it first")
    now = standings(bench)
    assert now.waiting == 1
    (one,) = now.refused
    assert (one.clip, one.task, one.author, one.at) == ("two", 2, "ada", NOON)
    assert one.why == "the clip is accepted: reopen it first"


def test_what_was_refused_is_no_news_once_a_later_correction_of_it_was_done(
    bench: Any, database: Database
) -> None:
    first = deliver(database, "one")
    database.bridge.settle(first.id, State.FAILED, note="no")
    second = deliver(database, "one", minutes=1)
    database.bridge.settle(second.id, State.DONE)
    assert standings(bench).refused == ()


def test_what_was_refused_is_no_news_once_anything_newer_of_its_task_was_done(
    bench: Any, database: Database
) -> None:
    first = deliver(database, "one")
    database.bridge.settle(first.id, State.FAILED, note="no")
    other = deliver(database, "one", number=2, minutes=1)
    assert [one.why for one in standings(bench).refused] == ["no"]
    database.bridge.settle(other.id, State.DONE)
    assert standings(bench).refused == ()


def test_whether_a_label_studio_can_be_asked_is_told(bench: Any, settings: Settings) -> None:
    assert not standings(bench).known
    remember(settings.workspace, credentials("http://127.0.0.1:8080", "t"))
    assert standings(bench).known


def test_jobs_are_counted(bench: Any, database: Database) -> None:
    database.queue.put(WHAT, "one")
    assert standings(bench).jobs.waiting == 1


def test_before_anything_is_set_up_there_is_nothing(tmp_path: Any) -> None:
    with workbench(Settings(workspace=tmp_path), create=True) as bench:
        now = standings(bench)
    assert now == Standings((), 0, 0, (), now.jobs, known=False)
