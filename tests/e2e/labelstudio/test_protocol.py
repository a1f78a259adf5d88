"""A real Label Studio and our backend, without the commands between them: every request and webhook as it is really sent."""

import hashlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from db.connect import Database
from engine.config import Settings
from engine.fakes.scene import Disc, Scene, rests
from engine.ports import Delivery, Link, OutsideProject, TaskKind
from engine.stages import Move
from engine.types import Kind, Revision, Track, Video
from ml_backend import names
from ml_backend.server import create_app
from ml_backend.serving.receiving import WHAT, delivery_of
from ml_backend.shown.labelling import clip_config
from ml_backend.shown.prediction import VERSION
from ml_backend.work.publishing import finding

SECRET = "of the webhook"  # noqa: S105 - of a test
SCENE = Scene([Disc((200, 20, 20), "cue", rests(20, 20))], 4)
REGION = {
    "id": "r1t1",
    "type": "videorectangle",
    "from_name": "box",
    "to_name": "video",
    "value": {
        "framesCount": 4,
        "duration": 0.1333,
        "labels": ["cue"],
        "sequence": [
            {"frame": 1, "x": 10, "y": 12.123456789012345, "width": 5.0, "height": 5e-3, "rotation": 0, "enabled": True, "time": 1 / 30}
        ],
    },
}  # fmt: skip
STORED = json.dumps({"version": VERSION, "result": [REGION], "score": 0.25})


@dataclass
class Both:
    """A project in Label Studio with a backend and a webhook of ours, and tasks 0 and 1 for clips "a" and "b"."""

    http: httpx.Client
    database: Database
    settings: Settings
    project: int
    backend: int
    tasks: tuple[int, ...]

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """Return what Label Studio answers."""
        answer = self.http.request(method, f"/api{path}", **more)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def annotate(self, task: int, **changes: Any) -> Any:
        """Save an annotation."""
        body = {"result": [REGION], **changes}
        return self.ask("POST", f"/tasks/{task}/annotations/", json=body)

    def delivered(self, clip: str, count: int) -> tuple[Delivery, ...]:
        """Return the deliveries about a clip, once there are so many."""
        for _ in range(500):
            found = self.database.bridge.deliveries(clip)
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{found} instead of {count}")

    def retrieve(self) -> None:
        """Let Label Studio ask for predictions of all tasks at once."""
        wanted = {"selectedItems": {"all": True, "excluded": []}}
        query = f"id=retrieve_tasks_predictions&project={self.project}"
        self.ask("POST", f"/dm/actions?{query}", json=wanted)

    def predictions(self, task: int) -> list[Any]:
        """Return a task's predictions."""
        return self.ask("GET", "/predictions/", params={"task": task})


@contextmanager
def listening(settings: Settings) -> Iterator[str]:
    """Serve the backend; yield its address."""
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


def filled(settings: Settings) -> Database:
    """Return the database of a new workspace with two clips."""
    settings.workspace.mkdir()
    database = Database(settings.database)
    database.upgrade()
    video = Video(SCENE.clip.video, "a.mp4", "", 160, 90, SCENE.clip.rate, SCENE.frames)
    database.catalog.add_video(video, [replace(SCENE.clip, id=name) for name in "ab"])
    for name in "ab":
        first = Revision(name, None, Kind.AUTO, "model", (Track(1, "cue"),))
        database.revisions.append(first, [SCENE.truth(f) for f in range(SCENE.frames)])
        database.catalog.move(name, Move.PREANNOTATE, actor="model")
    return database


@pytest.fixture
def both(label_studio, tmp_path: Path) -> Iterator[Both]:
    """Connect a new project with a new workspace, with a login and a secret."""
    login = {"ml_backend_user": "ls", "ml_backend_password": SecretStr("pw")}
    settings = Settings(workspace=tmp_path / "workspace", **login)
    header = {"Authorization": f"Token {label_studio.token}"}
    with (
        filled(settings) as database,
        listening(settings) as address,
        httpx.Client(base_url=label_studio.url, headers=header, timeout=60) as http,
    ):
        made = Both(http, database, settings, 0, 0, ())
        new = {"title": f"protocol {tmp_path.name}", "label_config": clip_config()}
        made.project = made.ask("POST", "/projects", json=new)["id"]
        hook = {"project": made.project, "url": f"{address}/webhook", "headers": {names.SECRET_HEADER: SECRET}}  # fmt: skip
        made.ask("POST", "/webhooks/", json=hook)
        connected = {"url": address, "project": made.project, "title": "ours", "auth_method": "BASIC_AUTH"}  # fmt: skip
        shown = {"basic_auth_user": "ls", "basic_auth_pass": "pw"}
        made.backend = made.ask("POST", "/ml/", json=connected | shown)["id"]
        task = {"video": "/none.mp4", "fps": 30, "links": "", "kind": "clip"}
        data = [{"data": task | {"clip": clip}} for clip in "ab"]
        url = f"/projects/{made.project}/import?return_task_ids=true"
        made.tasks = tuple(made.ask("POST", url, json=data)["task_ids"])
        digest = hashlib.sha256(SECRET.encode()).hexdigest()
        ours = OutsideProject(label_studio.url, TaskKind.CLIP, made.project, digest)
        stored = database.bridge.put_project(ours)
        for task, clip in zip(made.tasks, "ab", strict=True):
            database.bridge.put_link(Link(stored.id, task, clip))
        yield made
        with suppress(AssertionError):
            made.ask("DELETE", f"/projects/{made.project}")


def test_it_connects_and_knows_the_version(both):
    found = both.ask("GET", f"/ml/{both.backend}")
    assert (found["state"], found["model_version"]) == ("CO", names.MODEL_VERSION)


def test_what_is_saved_skipped_and_starred_arrives_as_the_api_tells_it(both):
    task = both.tasks[0]
    saved = both.annotate(task)
    both.delivered("a", 1)
    both.ask("PATCH", f"/annotations/{saved['id']}/", json={"ground_truth": True})
    both.delivered("a", 2)
    both.ask("PATCH", f"/annotations/{saved['id']}/", json={"result": []})
    skipped = both.annotate(task, result=[], was_cancelled=True)
    found = both.delivered("a", 4)
    newest = {one.number: one for one in found}
    ways = {
        "alone": [both.ask("GET", f"/annotations/{one}/") for one in (saved["id"], skipped["id"])],
        "list": both.ask("GET", f"/tasks/{task}/annotations/"),
        "task": both.ask("GET", f"/tasks/{task}/")["annotations"],
        "export": both.ask("GET", f"/projects/{both.project}/export?exportType=JSON")[0]["annotations"],
    }  # fmt: skip
    assert {way: len(asked) for way, asked in ways.items()} == {
        "alone": 2,
        "list": 1,  # without those that were skipped
        "task": 2,
        "export": 2,
    }
    for asked in ways.values():
        for one in map(delivery_of, asked):
            told = newest[one.number]
            assert (one.digest, one.at, one.task) == (told.digest, told.at, told.task)
    assert found[0].body["result"] == [REGION]
    assert both.database.queue.counts(WHAT).waiting == 1


def test_what_arrived_is_no_news_when_it_is_fetched(both):
    saved = both.annotate(both.tasks[0])
    both.delivered("a", 1)
    fetched = delivery_of(both.ask("GET", f"/annotations/{saved['id']}/"))
    (link,) = both.database.bridge.links(clip="a")
    told = {name: getattr(fetched, name) for name in ("number", "author", "at", "body", "digest")}
    assert both.database.bridge.receive(link, **told) is None


def test_the_webhook_that_comes_without_our_secret_stores_nothing(both):
    hooks = both.ask("GET", "/webhooks/", params={"project": both.project})
    for hook in hooks:
        both.ask("PATCH", f"/webhooks/{hook['id']}/?project={both.project}", json={"headers": {}})
    both.annotate(both.tasks[0])
    time.sleep(0.5)
    assert both.database.bridge.deliveries("a") == ()


def test_stored_predictions_are_retrieved_and_missing_ones_can_be_retrieved_later(both):
    def keep(clip: str) -> None:
        head = both.database.catalog.clip(clip).head
        both.database.desk.findings.put(head, finding(TaskKind.CLIP), STORED)

    first, second = both.tasks
    keep("a")
    both.retrieve()
    (stored,) = both.predictions(first)
    assert (stored["model_version"], stored["score"]) == (names.MODEL_VERSION, 0.25)
    assert both.predictions(second) == []
    keep("b")
    both.retrieve()
    assert len(both.predictions(first)) == 1
    assert len(both.predictions(second)) == 1


def test_predictions_of_many_tasks_that_are_made_annotations_at_once_all_arrive(both):
    for clip in "ab":
        head = both.database.catalog.clip(clip).head
        both.database.desk.findings.put(head, finding(TaskKind.CLIP), STORED)
    both.retrieve()
    wanted = {"selectedItems": {"all": True, "excluded": []}, "model_version": names.MODEL_VERSION}
    query = f"id=predictions_to_annotations&project={both.project}"
    both.ask("POST", f"/dm/actions?{query}", json=wanted)
    for clip, task in zip("ab", both.tasks, strict=True):
        (delivery,) = both.delivered(clip, 1)
        (made,) = both.ask("GET", f"/tasks/{task}/annotations/")
        assert delivery.digest == delivery_of(made).digest
        assert delivery.body["parent_prediction"] == both.predictions(task)[0]["id"]


def test_a_project_that_is_configured_otherwise_gets_no_prediction_it_would_not_show(both):
    head = both.database.catalog.clip("a").head
    both.database.desk.findings.put(head, finding(TaskKind.CLIP), STORED)
    other = {"label_config": clip_config().replace('name="box"', 'name="frame"')}
    both.ask("PATCH", f"/projects/{both.project}", json=other)
    both.retrieve()
    assert both.predictions(both.tasks[0]) == []
    both.ask("PATCH", f"/projects/{both.project}", json={"label_config": clip_config()})
    both.retrieve()
    assert len(both.predictions(both.tasks[0])) == 1


def test_a_task_without_a_prediction_opens_all_the_same_and_has_one_as_soon_as_it_is_stored(both):
    both.ask("PATCH", f"/projects/{both.project}", json={"model_version": "ours"})
    task = both.tasks[0]
    assert both.ask("GET", f"/tasks/{task}/")["predictions"] == []
    assert both.database.queue.take(WHAT, worker="w").clip == "a"
    head = both.database.catalog.clip("a").head
    both.database.desk.findings.put(head, finding(TaskKind.CLIP), STORED)
    (shown,) = both.ask("GET", f"/tasks/{task}/")["predictions"]
    assert shown["score"] == 0.25


def test_a_webhook_is_answered_in_time_while_the_database_is_locked_and_stored_later(both):
    with both.database.bridge._transactions.write():
        began = time.monotonic()
        both.annotate(both.tasks[1])
        assert time.monotonic() - began < 5
    assert len(both.delivered("b", 1)) == 1


def test_nothing_of_the_creators_token_is_kept(both, label_studio):
    both.ask("GET", f"/ml/{both.backend}")
    both.annotate(both.tasks[0])
    both.delivered("a", 1)
    kept = [path.read_bytes() for path in both.settings.workspace.rglob("*") if path.is_file()]
    assert kept
    assert not any(label_studio.token.encode() in one for one in kept)


def test_the_order_of_tasks_is_that_of_the_answers(both):
    for clip, score in (("a", "0.25"), ("b", "0.75")):
        head = both.database.catalog.clip(clip).head
        text = STORED.replace("0.25", score)
        both.database.desk.findings.put(head, finding(TaskKind.CLIP), text)
    both.retrieve()
    assert [both.predictions(task)[0]["score"] for task in both.tasks] == [0.25, 0.75]
