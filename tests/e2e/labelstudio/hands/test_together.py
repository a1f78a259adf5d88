"""One command starts all on this machine, with SQLite and with PostgreSQL; somebody corrects and accepts a clip, and all ends together."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text

from db.connect import Database
from engine.stages import Move
from ml_backend import hosting

FRAME = 20
TOP = Path(__file__).parents[4]
DEMO = TOP / "engine" / "assets" / "demo.mp4"


@pytest.fixture
def postgres_pair(postgres, empty_postgres):
    """Return the address of an empty database, with another one beside it for Label Studio's tables."""
    name = f"{make_url(empty_postgres).database}_labelstudio"
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield empty_postgres
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def copied(old, new):
    """Draw in one database what was drawn in another."""
    for status in old.catalog.clips():
        revision = old.revisions.revision(status.head)
        new.revisions.append(replace(revision, id=0), old.revisions.frames(status.head))
        new.catalog.move(status.clip.id, Move.PREANNOTATE, actor="model")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request, drawn, seed, first_login, tmp_path):
    """Return a workspace with three clips, and the address of its database where that is a server's."""
    workspace = tmp_path / "workspace"
    if request.param == "sqlite":
        shutil.copytree(drawn, workspace)
        shutil.copytree(seed, workspace / "label-studio")
        (workspace / "label-studio" / "login.json").write_text(json.dumps(asdict(first_login)))
        return workspace, ""
    url = request.getfixturevalue("postgres_pair")
    for words in (["init"], ["ingest", str(DEMO), "--clip-seconds", "2", "--split", "train"]):
        subprocess.run(
            [sys.executable, "-m", "engine.cli", "--workspace", workspace, "--database-url", url, *words],
            check=True, capture_output=True,
        )  # fmt: skip
    with Database(f"sqlite:///{drawn / 'engine.db'}") as old, Database(url) as new:
        copied(old, new)
    return workspace, url


class Command:
    """The command that starts all, and what it says."""

    def __init__(self, workspace, url):
        """Start it, on free ports."""
        words = [
            "--workspace",
            workspace,
            "--label-studio",
            TOP / ".venv-labelstudio/bin/label-studio",
        ]
        ports = ["--port", "0", "--backend-port", "0", "--page-port", "0"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ml_backend.together", *words, *ports, *(["--postgres", url] if url else [])],
            stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        self.said = ""
        while "Ctrl-C" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line

    def address(self, name):
        """Return where one of them is."""
        return re.search(rf"^{name} +(http://127.0.0.1:\d+)", self.said, re.MULTILINE)[1]

    def end(self):
        """End all as Ctrl-C does, and return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=120)


@pytest.fixture
def command(place):
    """Return the command, running; it ends with the test."""
    started = Command(*place)
    yield started
    if started.process.poll() is None:
        started.end()


@pytest.fixture
def stack(command, place, attach):
    """Return the workspace that is connected."""
    workspace, url = place
    login = hosting.login(workspace / "label-studio" / "login.json")
    port = int(command.address("backend").rpartition(":")[2])
    return attach(command.address("Label Studio"), workspace, login=login, port=port, postgres=url)


def test_all_starts_a_clip_is_corrected_and_accepted_and_all_ends(command, stack, editor, lonely):
    assert httpx.get(f"{command.address('page')}/ui/").status_code == 200
    clip = stack.clips()[0]
    stack.until(lambda: stack.link(clip).revision)
    before = stack.head(clip)
    here = stack.boxes(clip, FRAME)
    track = lonely(here)
    hand = editor(stack.studio).open(stack, clip)
    hand.seek(FRAME)
    assert set(hand.boxes()) == {f"r{before}t{each}" for each in here}
    x, y, w, h = here[track]
    hand.tap(x + w / 2, y + h / 2)
    hand.drag((x + w / 2, y + h / 2), (x + w / 2 + 4, y + h / 2 + 3))
    hand.press("Escape")
    hand.press("Alt+y")
    hand.submit()
    after = stack.followed(clip, before)
    assert stack.changed(clip, before, after) == {track}
    (prediction,) = stack.predictions(clip)
    assert prediction["result"][0]["id"].startswith(f"r{after}")
    stack.until(lambda: stack.stage(clip) == "accepted")
    assert stack.status()["summary"]["accepted_seconds"] == 2
    kept = stack.workspace / "label-studio.json"  # for `engine labelstudio sync` beside it
    assert json.loads(kept.read_text())["url"] == command.address("Label Studio")
    assert kept.stat().st_mode & 0o777 == 0o600
    assert command.end() == 0
    for name in ("Label Studio", "backend", "page"):
        with pytest.raises(httpx.ConnectError):
            httpx.get(command.address(name))
