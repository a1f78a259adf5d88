"""`engine labelstudio sync` and `status` on a real Label Studio: what is new goes there, what people did comes back, nothing happens twice."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from engine.ports import Link
from engine.stages import Move
from ml_backend import names

Get = Callable[..., Any]
World = Callable[[Any], Any]
Run = Callable[..., subprocess.CompletedProcess[str]]
Sync = Callable[..., Any]


@pytest.fixture
def sync(engine: Run) -> Callable[..., Any]:
    """Return what synchronizes and says what was done."""
    return lambda *options: json.loads(engine("labelstudio", "sync", "--json", *options).stdout)


def tasks_of(get: Get, stack: Any) -> dict[str, Any]:
    """Return the tasks by their clips."""
    found = get("/api/tasks/", project=stack.project(), fields="all", page_size=100)["tasks"]
    by_clip = {task["data"]["clip"]: task for task in found}
    assert len(by_clip) == len(found)
    return by_clip


def annotate(stack: Any, get: Get, clip: str, change: Callable[[list[Any]], Any]) -> int:
    """Submit the prediction of a clip's task as somebody changed it; return the annotation's number."""
    task = tasks_of(get, stack)[clip]
    (prediction,) = task["predictions"]
    result = change(prediction["result"])
    with stack.client() as client:
        body = {"result": result, "parent_prediction": prediction["id"]}
        made = client.connection.post(f"/api/tasks/{task['id']}/annotations/", body)
    return int(made["id"])


def without_solid(result: list[Any]) -> list[Any]:
    """Delete the solid ball's track."""
    return [one for one in result if one["value"].get("labels") != ["solid"]]


def test_in_step_nothing_changes_however_often_it_runs(
    alone: Any, world: World, sync: Sync
) -> None:
    before = world(alone)
    for _ in range(2):
        report = sync()
        assert report["projects"][0]["tasks"]["created"] == report["projects"][0]["changed"] == 0
    assert world(alone) == before


def test_a_clip_gets_its_task_with_the_first_sync_after_its_masks(
    alone: Any, get: Get, sync: Sync
) -> None:
    assert sync()["without_masks"] == 2
    with alone.database() as database:
        store(database, "bare")
    report = sync()
    assert (report["without_masks"], report["projects"][0]["tasks"]["created"]) == (1, 1)
    task = tasks_of(get, alone)["bare"]
    assert [one["model_version"] for one in task["predictions"]] == [names.MODEL_VERSION]
    assert alone.link("bare").revision == alone.head("bare")


def store(database: Any, clip: str) -> None:
    """Give a clip the masks that another one has."""
    other = database.revisions.head("one")
    made = type(other)(clip, None, other.kind, other.author, other.tracks)
    database.revisions.append(made, list(database.revisions.frames(other.id)))
    database.catalog.move(clip, Move.PREANNOTATE, actor="model")


def test_what_no_webhook_told_is_fetched_acted_on_and_shown_as_the_new_prediction(
    alone: Any, get: Get, world: World, sync: Sync
) -> None:
    before = alone.head("one")
    annotate(alone, get, "one", without_solid)
    report = sync()
    assert report["projects"][0]["fetched"] == 1
    assert report["worked"]["done"] == 1
    assert alone.head("one") > before
    assert alone.stage("one") == "submitted"
    assert all(mask.track == 1 for row in alone.masks("one") for mask in row.masks)
    (prediction,) = tasks_of(get, alone)["one"]["predictions"]
    boxes = [one for one in prediction["result"] if one["type"] == "videorectangle"]
    assert [one["value"]["labels"] for one in boxes] == [["cue"]]
    after = world(alone)
    assert sync()["projects"][0]["fetched"] == 0
    assert world(alone) == after


def test_with_no_work_corrections_wait_for_a_worker_and_status_says_so(
    alone: Any, get: Get, sync: Sync, engine: Run
) -> None:
    before = alone.head("two")
    annotate(alone, get, "two", without_solid)
    sync("--no-work")
    assert alone.head("two") == before
    said = engine("labelstudio", "status").stdout
    assert "corrections that wait to be acted on: 1" in said
    assert "engine labelstudio work" in said
    engine("labelstudio", "work", "--once")
    assert alone.head("two") > before
    standing = json.loads(engine("labelstudio", "status", "--json").stdout)
    assert (standing["waiting"], standing["refused"]) == (0, [])


def test_a_clip_accepted_in_the_engine_is_accepted_there_and_again_when_reopened_no_more(
    alone: Any, get: Get, world: World, sync: Sync, engine: Run
) -> None:
    engine("accept", "three", "--by", "ada")
    sync()
    (annotation,) = tasks_of(get, alone)["three"]["annotations"]
    assert not annotation["ground_truth"]
    verdict, note = (one["value"] for one in annotation["result"])
    assert verdict == {"choices": [names.ACCEPTED]}
    assert note["text"][0].startswith("accepted by ada, 20")
    assert tasks_of(get, alone)["three"]["data"]["state"].startswith("accepted by ada, 20")
    before = world(alone)
    sync()
    assert world(alone) == before
    engine("accept", "three", "--reopen", "--by", "ada")
    sync()
    assert tasks_of(get, alone)["three"]["annotations"] == []
    assert alone.stage("three") == "in correction"
    assert tasks_of(get, alone)["three"]["data"]["state"] == "in correction"


def test_a_correction_that_cannot_be_done_is_told_by_sync_and_by_status(
    alone: Any, get: Get, engine: Run
) -> None:
    engine("accept", "four", "--by", "ada")
    annotate(alone, get, "four", without_solid)
    refused = engine("labelstudio", "sync", check=False)
    assert refused.returncode == 1
    assert "engine labelstudio status" in refused.stdout
    said = engine("labelstudio", "status").stdout
    assert "refused  four" in said
    assert "reopen" in said


def test_a_task_that_was_deleted_there_is_made_again(alone: Any, get: Get, sync: Sync) -> None:
    gone = alone.link("five").task
    with alone.client() as client:
        client.connection.delete(f"/api/tasks/{gone}/")
    report = sync()["projects"][0]["tasks"]
    assert (report["forgotten"], report["created"]) == (1, 1)
    assert alone.link("five").task != gone
    assert tasks_of(get, alone)["five"]["predictions"]


def test_a_task_made_just_before_a_crash_is_linked_and_not_made_twice(
    alone: Any, get: Get, sync: Sync
) -> None:
    link = alone.link("six")
    with alone.database() as database:
        database.bridge.drop_link(link.project, link.task)
    report = sync()["projects"][0]["tasks"]
    assert (report["adopted"], report["created"]) == (1, 0)
    assert alone.link("six").task == link.task
    assert len(tasks_of(get, alone)["six"]["predictions"]) == 1


def test_a_second_task_about_a_clip_is_named_and_left_alone(
    alone: Any, get: Get, engine: Run
) -> None:
    data = tasks_of(get, alone)["one"]["data"]
    with alone.client() as client:
        (twin,) = client.create_tasks(alone.project(), [data])
    said = engine("labelstudio", "sync").stdout
    assert f"task {twin}" in said
    with alone.client() as client:
        assert client.task(twin) is not None
        client.connection.delete(f"/api/tasks/{twin}/")


def test_a_prediction_that_was_taken_away_or_doubled_is_put_right(
    alone: Any, get: Get, sync: Sync
) -> None:
    tasks = tasks_of(get, alone)
    with alone.client() as client:
        (lost,) = tasks["five"]["predictions"]
        client.connection.delete(f"/api/predictions/{lost['id']}/")
        (kept,) = tasks["six"]["predictions"]
        body = {key: kept[key] for key in ("task", "model_version", "result", "score")}
        client.connection.post("/api/predictions/", body)
    sync()
    after = {clip: len(task["predictions"]) for clip, task in tasks_of(get, alone).items()}
    assert after == dict.fromkeys(tasks, 1)


def test_a_task_holds_again_what_it_should_and_keeps_what_others_added(
    alone: Any, get: Get, sync: Sync
) -> None:
    task = tasks_of(get, alone)["six"]
    with alone.client() as client:
        client.update_task(task["id"], {**task["data"], "fps": 30.0, "shift": "late"})
    assert sync()["projects"][0]["changed"] == 1
    held = tasks_of(get, alone)["six"]["data"]
    assert held == {**task["data"], "shift": "late"}


def test_a_clip_whose_film_is_gone_is_told_and_stops_no_other(
    alone: Any, get: Get, engine: Run, sync: Sync
) -> None:
    with alone.database() as database:
        store(database, "lost")
    with sqlite3.connect(alone.workspace / "engine.db") as database:
        database.execute("UPDATE clips SET media = '/nowhere/gone.mp4' WHERE id = 'lost'")
    done = engine("labelstudio", "sync", "--json", check=False)
    assert done.returncode == 1
    assert set(json.loads(done.stdout)["failed"]) == {"lost"}
    assert "lost" not in tasks_of(get, alone)
    with alone.database() as database:
        database.catalog.move("lost", Move.EXCLUDE, actor="ada")
    assert sync()["failed"] == {}


def test_a_workspace_that_is_not_set_up_says_how(run: Run) -> None:
    refused = run("labelstudio", "sync")
    assert refused.returncode == 2
    assert "engine labelstudio setup" in refused.stderr
    assert "engine labelstudio setup" in run("labelstudio", "status").stdout


def test_links_know_what_each_task_shows(alone: Any) -> None:
    assert alone.link("six") == Link(
        alone.link("six").project,
        alone.link("six").task,
        "six",
        alone.head("six"),
        alone.stage("six"),
    )
