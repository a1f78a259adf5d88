"""`engine prioritise` says which clips are wanted first, in whose name, and refuses clip by clip."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import wiring
from engine.cli.prioritise import wishes
from engine.config import Settings
from engine.fakes.scene import Disc, Scene, rests
from engine.ports import ClipStatus, Event
from engine.stages import Move, Stage
from engine.types import Video
from engine.workflows.review import Verdict

Run = Callable[..., subprocess.CompletedProcess[str]]
CLIP = Scene([Disc((200, 20, 20), "cue", rests(20, 20))], 30).clip


@pytest.fixture
def workspace(run: Run) -> Settings:
    """A workspace with one clip of which nothing is known but that it is there."""
    run("init")
    settings = Settings(workspace=Path("workspace").absolute())
    with wiring.workbench(settings) as bench:
        size = CLIP.width, CLIP.height, CLIP.rate, CLIP.frames
        bench.catalog.add_video(Video(CLIP.video, "a.mp4", CLIP.media, *size), [CLIP])
    return settings


def stands(settings: Settings) -> tuple[ClipStatus, Event]:
    """Return how the clip stands and what happened to it last."""
    with wiring.workbench(settings) as bench:
        return bench.catalog.clip(CLIP.id), bench.catalog.events(CLIP.id)[-1]


def test_a_clip_is_wanted_first_and_then_in_turn_again(run: Run, workspace: Settings) -> None:
    asked = run("prioritise", CLIP.id, "--by", "ada", "--note", "for Friday")
    assert (asked.returncode, asked.stdout.split()) == (0, ["first", CLIP.id, "(ingested)"])
    status, last = stands(workspace)
    assert (status.priority, status.stage) == (True, Stage.INGESTED)
    assert (last.move, last.actor, last.note) == (Move.PRIORITISE, "ada", "for Friday")
    assert "priority" in run("status", "--clips").stdout

    asked = run("prioritise", "--defer", CLIP.id)
    assert (asked.returncode, asked.stdout.split()[:2]) == (0, ["in", "turn"])
    status, last = stands(workspace)
    assert (status.priority, last.move, last.actor) == (False, Move.DEFER, "somebody")
    assert "priority" not in run("status", "--clips").stdout


def test_what_is_refused_is_named_and_does_not_stop_the_others(
    run: Run, workspace: Settings
) -> None:
    asked = run("prioritise", "nobody", CLIP.id, CLIP.id)
    assert asked.returncode == 1
    refused, done = asked.stdout.splitlines()
    assert refused.startswith("failed   nobody: no clip 'nobody'")
    assert done.startswith(f"first    {CLIP.id}")
    again = run("prioritise", CLIP.id)
    assert (again.returncode, "has priority already" in again.stdout) == (1, True)
    assert stands(workspace)[0].priority


def test_scripts_get_json(run: Run, workspace: Settings) -> None:
    (told,) = json.loads(run("prioritise", CLIP.id, "--json").stdout)
    assert (told["clip"], told["stage"], told["error"]) == (CLIP.id, "ingested", "")
    (listed,) = json.loads(run("status", "--json").stdout)["clips"]
    assert listed["priority"] is stands(workspace)[0].priority is True


def test_without_a_clip_the_command_says_what_it_wants(run: Run) -> None:
    asked = run("prioritise")
    assert asked.returncode == 2
    assert "Missing argument" in asked.stderr


def test_the_help_has_an_example_of_each_way(run: Run) -> None:
    shown = run("prioritise", "--help").stdout
    for example in (
        "engine prioritise game-",
        "engine prioritise --defer",
        "engine status --clips",
    ):
        assert example in shown


def test_every_outcome_has_its_line() -> None:
    made = [Verdict("a", Stage.SUBMITTED), Verdict("b", None, error="no")]
    assert wishes(made, Move.PRIORITISE) == "first    a (submitted)\nfailed   b: no"
    assert wishes(made[:1], Move.DEFER) == "in turn  a (submitted)"
