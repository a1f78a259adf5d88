"""What goes wrong between Label Studio and the engine loses nothing and stops nobody: afterwards both sides agree."""

import copy
import os
import signal
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine import rle
from ml_backend import names

TASKS = 200


@pytest.fixture(scope="module")
def stack(connect):
    """Return three clips that are in Label Studio, with their predictions."""
    found = connect()
    found.set_up()
    found.until(lambda: all(found.link(clip).revision for clip in found.clips()))
    return found


@pytest.fixture
def running(stack):
    """Return the workspace with its backend running, whatever was done to it before."""
    if not stack.backend.running:
        stack.start()
    return stack


def submit(stack, clip, change):
    """Change a copy of what the task shows, and submit it; return the answer's status."""
    task = stack.link(clip).task
    with stack.client() as client:
        shown = client.prediction_of(task)
        result = copy.deepcopy(shown["result"])
        change(result)
        body = {"result": result, "parent_prediction": shown["id"]}
        return client.connection.post(f"/api/tasks/{task}/annotations/", body)["id"]


def track_regions(result):
    """Return the regions that are tracks."""
    return [region for region in result if region["type"] == "videorectangle"]


def rename(label):
    """Return what gives the first track another class."""

    def change(result):
        track_regions(result)[0]["value"]["labels"] = [label]

    return change


def move(result):
    """Move the longest track's box by some pixels at one of its keyframes."""
    longest = max(track_regions(result), key=lambda region: len(region["value"]["sequence"]))
    longest["value"]["sequence"][len(longest["value"]["sequence"]) // 2]["x"] += 0.5


def label(stack, clip):
    """Return the class of the clip's first visible track."""
    with stack.database() as database:
        revision = database.revisions.head(clip)
        seen = {
            mask.track
            for row in database.revisions.frames(revision.id)
            for mask in row.masks
            if rle.area(mask.rle)
        }
    return next(track.label for track in revision.tracks if track.id in seen)


def settled(stack, clip):
    """Say whether nothing waits and Label Studio shows the clip's newest masks."""
    with stack.database() as database:
        waits = database.bridge.waiting(clip=clip)
    return not waits and stack.link(clip).revision == stack.head(clip)


class Stub(ThreadingHTTPServer):
    """A server in our backend's place that does what it should not."""

    status, seconds = 500, 0.0


class Answer(BaseHTTPRequestHandler):
    """Answers all in the same way."""

    def answer(self) -> None:
        """Wait, answer."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        time.sleep(self.server.seconds)
        try:
            self.send_response(self.server.status)
            self.end_headers()
            self.wfile.write(b'{"status": "UP"}')
        except OSError:
            return  # whoever asked is gone

    do_GET = do_POST = answer  # noqa: N815 - what the library calls

    def log_message(self, *words) -> None:
        """Say nothing."""


@contextmanager
def in_its_place(stack, *, status, seconds=0.0):
    """End the backend, and let something else listen on its port."""
    stack.stop()
    stub = Stub(("127.0.0.1", stack.port), Answer)
    stub.status, stub.seconds = status, seconds
    threading.Thread(target=stub.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        stub.shutdown()
        stub.server_close()


@contextmanager
def nothing_there(stack):
    """End the backend."""
    stack.stop()
    yield


@pytest.mark.parametrize(
    ("trouble", "name"),
    [
        (nothing_there, "red"),
        (lambda stack: in_its_place(stack, status=500), "yellow"),
        (lambda stack: in_its_place(stack, status=401), "green"),
        (lambda stack: in_its_place(stack, status=200, seconds=4), "brown"),
    ],
    ids=["down", "answers 500", "refuses the password", "is slow"],
)
def test_while_the_backend_fails_people_go_on_and_sync_fetches_what_they_did(stack, trouble, name):
    clip = stack.clips()[0]
    before = stack.head(clip)
    with trouble(stack):
        submit(stack, clip, rename(name))
        with stack.client() as client:
            assert client.task(stack.link(clip).task)["predictions"], "the task cannot be opened"
        assert stack.head(clip) == before
        stack.engine("labelstudio", "sync")
    assert label(stack, clip) == name
    assert settled(stack, clip)


def test_a_backend_that_is_back_acts_on_nothing_twice(running):
    before = {clip: running.head(clip) for clip in running.clips()}
    running.engine("labelstudio", "sync")
    assert {clip: running.head(clip) for clip in running.clips()} == before


def test_what_was_delivered_while_no_worker_ran_is_acted_on_by_the_next(stack):
    clip = stack.clips()[1]
    stack.stop()
    idle = copy.copy(stack.backend)
    idle.command = [*stack.backend.command, "--workers", "0"]
    idle.start()
    try:
        idle.wait(f"http://127.0.0.1:{stack.port}/versions", headers=stack.shown())
        submit(stack, clip, rename("black"))
        with stack.database() as database:
            assert stack.until(lambda: database.bridge.waiting(clip=clip))
    finally:
        idle.stop()
    stack.engine("labelstudio", "work", "--once")
    assert label(stack, clip) == "black"
    assert settled(stack, clip)


def workers(stack):
    """Return the processes of workers that the backend started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        if parent == stack.backend.process.pid and words[-3:-1] == ["labelstudio", "work"]:
            found.append(int(entry.name))
    return found


def test_a_worker_that_is_killed_in_the_middle_is_replaced_and_nothing_is_done_twice(running):
    stack = running
    clip = stack.clips()[2]
    stack.until(lambda: workers(stack))
    with stack.database() as database:
        before = len(database.revisions.history(clip))
        (killed,) = workers(stack)
        submit(stack, clip, move)
        stack.until(lambda: database.queue.counts("labelstudio").running)
        os.kill(killed, signal.SIGKILL)
        stack.until(lambda: set(workers(stack)) - {killed})
        stack.until(lambda: settled(stack, clip))
        assert len(database.revisions.history(clip)) == before + 1


def test_two_hundred_tasks_are_predicted_in_one_batch(running):
    stack = running
    clip = stack.clips()[0]
    stack.until(lambda: settled(stack, clip))
    with stack.client() as client:
        link = stack.link(clip)
        wanted = client.prediction_of(link.task)
        made = client.create_tasks(stack.project(), [client.task(link.task)["data"]] * TASKS)
        client.connection.post(
            "/api/dm/actions",
            {"selectedItems": {"all": False, "included": list(made)}},
            id="retrieve_tasks_predictions", project=stack.project(),
        )  # fmt: skip
        found = client.connection.get("/api/predictions/", project=stack.project())
    by_task = {each["task"]: each for each in found}
    assert set(made) <= set(by_task)
    for task in (made[0], made[-1]):
        assert by_task[task]["model_version"] == names.MODEL_VERSION
        assert by_task[task]["result"] == wanted["result"]


def test_a_wrong_token_says_what_to_do_and_shows_no_token(stack):
    wrong = "f" * 40
    done = stack.engine("labelstudio", "sync", check=False, ENGINE_LABEL_STUDIO_TOKEN=wrong)
    assert done.returncode != 0
    assert "token" in done.stderr
    assert wrong not in done.stderr + done.stdout


def test_while_label_studio_is_away_corrections_of_ours_wait_for_it(stack):
    clip = stack.clips()[1]
    done = stack.engine(
        "labelstudio", "sync", check=False, ENGINE_LABEL_STUDIO_URL="http://127.0.0.1:9"
    )
    assert done.returncode != 0
    assert "http://127.0.0.1:9" in done.stderr
    stack.engine("labelstudio", "sync")
    assert settled(stack, clip)
