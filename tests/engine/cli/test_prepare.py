"""`engine prepare` makes clips ready, says what it made, and does nothing twice."""

import json
import signal
from pathlib import Path

import pytest

from engine import wiring
from engine.cli import prepare as command
from engine.cli.prepare import said
from engine.config import Settings
from engine.stages import Move
from engine.types import FrameMasks, Kind, Revision, Track
from engine.workflows.findings import kept_doubts
from engine.workflows.prepare_clips import Prepared, PrepareReport


@pytest.fixture
def workspace(run, shot: Path) -> Settings:
    """A workspace with one clip, which has a revision without masks."""
    run("init")
    assert run("ingest", str(shot)).returncode == 0
    settings = Settings(workspace=Path("workspace").absolute())
    with wiring.workbench(settings) as bench:
        (status,) = bench.catalog.clips()
        clip = status.clip
        revision = Revision(clip.id, None, Kind.AUTO, "test", (Track(1, "cue"),))
        bench.revisions.append(revision, [FrameMasks(frame) for frame in range(clip.frames)])
        bench.catalog.move(clip.id, Move.PREANNOTATE, actor="test")
    return settings


def test_a_clip_becomes_ready_and_stays_so(run, workspace: Settings) -> None:
    first = run("prepare", "--no-witnesses")
    assert first.returncode == 0
    assert "made copy, doubts; nothing doubtful" in first.stdout
    assert len(list((workspace.workspace / "page").glob("*.mp4"))) == 1
    assert "was ready" in run("prepare", "--no-witnesses").stdout


def test_scripts_get_json(run, workspace: Settings) -> None:
    told = json.loads(run("prepare", "--no-witnesses", "--json").stdout)
    (ready,) = told["ready"]
    assert ready["made"] == ["copy", "doubts"]
    assert (told["failed"], told["interrupted"]) == ({}, False)
    assert workspace.workspace.is_dir()


@pytest.mark.slow
def test_the_detector_sees_the_balls_that_have_no_mask(run, workspace: Settings) -> None:
    answer = run("prepare")
    assert answer.returncode == 0
    assert "made copy, detections, doubts" in answer.stdout
    with wiring.workbench(workspace) as bench:
        (status,) = bench.catalog.clips()
        assert status.head is not None
        found = kept_doubts(bench.desk.findings, status.head)
    assert found
    assert {one.sign.value for one in found} == {"detector-disagrees"}


@pytest.mark.slow
def test_a_second_pass_may_be_asked_for(run, workspace: Settings) -> None:
    assert "made copy, doubts" in run("prepare", "--no-witnesses", "--passes").stdout
    assert "was ready" in run("prepare", "--no-witnesses", "--passes").stdout
    assert workspace.workspace.is_dir()


def test_a_clip_whose_media_is_gone_fails_by_name(run, workspace: Settings) -> None:
    with wiring.workbench(workspace) as bench:
        (status,) = bench.catalog.clips()
    Path(status.clip.media).unlink()
    answer = run("prepare", "--no-witnesses")
    assert answer.returncode == 1
    assert f"failed   {status.clip.id}" in answer.stdout
    assert "there is no such file" in answer.stdout


def test_an_unknown_clip_is_refused(run, workspace: Settings) -> None:
    answer = run("prepare", "nothing", "--no-witnesses")
    assert answer.returncode == 2
    assert "nothing" in answer.stderr
    assert workspace.workspace.is_dir()


def test_a_polite_kill_stops_and_the_same_command_goes_on(
    run, workspace: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = command.make_page_copy

    def killed(*given, **asked) -> bool:
        signal.raise_signal(signal.SIGTERM)
        return made(*given, **asked)

    with monkeypatch.context() as here:
        here.setattr(command, "make_page_copy", killed)
        answer = run("prepare", "--no-witnesses")
    assert answer.returncode == 130
    assert "goes on from here" in answer.stdout
    assert not list((workspace.workspace / "page").iterdir())
    assert "made copy, doubts" in run("prepare", "--no-witnesses").stdout


def test_an_empty_workspace_has_nothing_to_prepare(run) -> None:
    run("init")
    answer = run("prepare", "--no-witnesses")
    assert answer.returncode == 0
    assert "no clip waits" in answer.stdout


def test_what_was_made_is_said_in_words() -> None:
    report = PrepareReport(
        (Prepared("a", ("copy",)), Prepared("b", (), 9, 4)), {"c": "it is gone"}, interrupted=True
    )
    assert said(report).splitlines() == [
        "prepared a: made copy; no masks yet",
        "prepared b: was ready; 4 places to look at",
        "failed   c: it is gone",
        "interrupted; the same command goes on from here",
    ]
