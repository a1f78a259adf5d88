"""`engine duplicates` groups clips that show the same, says what to do, and `engine accept --exclude` does it."""

import json
import signal
from fractions import Fraction
from pathlib import Path

import pytest

from engine import wiring
from engine.cli.duplicates import said
from engine.config import Settings
from engine.likeness import Alike
from engine.media import VideoWriter, decode
from engine.stages import Move, Stage
from engine.workflows.likeness.groups import Member, NearDuplicates


@pytest.fixture
def copied(run, shot: Path) -> Settings:
    """A workspace with a shot, and a copy of it that was compressed harder and begins four frames later."""
    copy = shot.with_name("copy.mp4")
    with VideoWriter(copy, width=960, height=540, rate=Fraction(30), crf=34) as writer:
        for rgb in decode(shot, start=4):
            writer.write(rgb)
    run("init")
    assert run("ingest", str(shot), str(copy)).returncode == 0
    return Settings(workspace=Path("workspace").absolute())


def stages(settings: Settings) -> dict[str, Stage]:
    with wiring.workbench(settings) as bench:
        return {one.clip.id.partition("-")[0]: one.stage for one in bench.catalog.clips()}


@pytest.mark.slow
def test_a_copy_is_named_with_the_command_that_leaves_it_out(run, copied: Settings) -> None:
    answer = run("duplicates")
    assert answer.returncode == 0
    assert "group 1: 2 clips" in answer.stdout
    (line,) = [one for one in answer.stdout.splitlines() if "accept --exclude" in one]
    clip = line.split()[3]
    assert clip.startswith("copy-")
    assert run("accept", "--exclude", clip, "--by", "ada").returncode == 0
    assert stages(copied) == {"shot": Stage.INGESTED, "copy": Stage.EXCLUDED}
    assert "1 clips compared: no two show the same" in run("duplicates").stdout


@pytest.mark.slow
def test_scripts_get_json(run, copied: Settings) -> None:
    told = json.loads(run("duplicates", "--json").stdout)
    (group,) = told["groups"]
    assert [one["spare"] for one in group] == [False, True]
    assert group[1]["of"]["clip"] == group[0]["clip"]
    assert (told["compared"], told["failed"], told["interrupted"]) == (2, {}, False)
    assert (copied.workspace / "likeness" / "alike.json").is_file()


@pytest.mark.slow
def test_a_recording_that_is_gone_fails_by_name(run, copied: Settings) -> None:
    with wiring.workbench(copied) as bench:
        first, second = bench.catalog.clips()
    Path(first.clip.media).unlink()
    answer = run("duplicates")
    assert answer.returncode == 1
    assert f"failed   {first.clip.id}" in answer.stdout
    assert second.clip.id not in answer.stdout


def test_a_polite_kill_stops_at_a_safe_place(
    run, copied: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.workflows.likeness.gallery import Gallery  # noqa: PLC0415 - patched here alone

    def killed(*_given: object, **_asked: object) -> None:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(Gallery, "look", killed)
    answer = run("duplicates")
    assert answer.returncode == 130
    assert "goes on from here" in answer.stdout
    assert copied.workspace.is_dir()


def test_an_empty_workspace_has_nothing_alike(run) -> None:
    run("init")
    answer = run("duplicates")
    assert (answer.returncode, answer.stdout) == (0, "0 clips compared: no two show the same\n")


def test_groups_are_said_line_by_line() -> None:
    group = (
        Member("a-1", Stage.ACCEPTED, 10.0),
        Member("b-1", Stage.INGESTED, 4.0, Alike("a-1", 1.0, 0, 120, 30), 1.0, spare=True),
        Member("c-1", Stage.SUBMITTED, 10.0, Alike("a-1", 0.95, 15, 300, 0, still=True), 0.95),
    )
    report = NearDuplicates((group,), 7, {"d-1": "it is gone"})
    assert said(report).splitlines() == [
        "failed   d-1: it is gone",
        "group 1: 3 clips",
        "  a-1  accepted, 10.0 s",
        "  b-1  ingested, 4.0 s: 100% known, frames 0 to 120 are a-1 from frame 30 on; shows nothing new",
        "  c-1  submitted, 10.0 s: 95% known, frames 15 to 300 are a-1 from frame 0 on; nothing moves",
        "",
        "next:",
        '  engine accept --exclude b-1 --note "shows what another clip shows"',
        "  engine fiftyone       look at them: the saved view of clips that are almost alike",
    ]


def test_a_group_of_which_all_show_something_new_is_only_to_be_looked_at() -> None:
    group = (
        Member("a-1", Stage.ACCEPTED, 10.0),
        Member("b-1", Stage.INGESTED, 10.0, Alike("a-1", 0.6, 0, 180, 120), 0.6),
    )
    text = said(NearDuplicates((group,), 2, {}))
    assert "60% known" in text
    assert "--exclude" not in text
    assert "engine fiftyone" in text


def test_a_clip_is_left_out_and_taken_in_again_with_reason_and_name(run, copied: Settings) -> None:
    with wiring.workbench(copied) as bench:
        clip = bench.catalog.clips()[0].clip.id
    answer = run("accept", "--exclude", clip, "--by", "ada", "--note", "seen before")
    assert (answer.returncode, answer.stdout.split()[:2]) == (0, ["excluded", clip])
    with wiring.workbench(copied) as bench:
        last = bench.catalog.events(clip)[-1]
    assert (last.move, last.actor, last.note) == (Move.EXCLUDE, "ada", "seen before")
    assert run("accept", "--exclude", clip).returncode == 1
    assert run("accept", "--reopen", clip).returncode == 0
    assert Stage.EXCLUDED not in stages(copied).values()


@pytest.mark.parametrize(
    "words", [("--all",), ("a", "--all"), ("a", "--reject"), ("a", "--reopen")]
)
def test_only_clips_that_are_named_are_left_out_and_nothing_else_is_asked(
    run, copied: Settings, words
) -> None:
    answer = run("accept", "--exclude", *words)
    assert answer.returncode == 2
    assert "--exclude" in answer.stderr
    assert set(stages(copied).values()) == {Stage.INGESTED}
