"""`engine verify`: what is broken, and what is not as the workspace has it, is named and ends with status 1."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from db.connect import open_database
from engine.cli import exported
from engine.stages import Move
from engine.types import FrameMasks, Kind, Revision, Track
from exports.verify import Report

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_a_damaged_dataset_ends_with_status_1_and_names_the_file(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    run("export", "--format", "sav", "out")
    (tmp_path / f"out/JPEGImages/{clips[0]}/00003.jpg").unlink()
    done = run("verify", "out")
    assert done.returncode == 1
    assert "00003.jpg" in done.stdout
    assert json.loads(run("verify", "out", "--json").stdout)["failures"]


def test_a_dataset_is_compared_with_its_workspace_pixel_by_pixel(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    words = ("--clip", f"{clips[0]}:3:20", "--class", "cue", "--fps", "15", "--min-area", "9")
    run("export", "--format", "sav", "out", *words)
    good = run("verify", "out", "--against", "workspace")
    assert good.returncode == 0, good.stdout
    assert good.stdout.splitlines()[-1].startswith("good")
    path = tmp_path / f"out/{clips[0]}-f00003-00020_manual.json"
    said = json.loads(path.read_text())
    said["masklet"][4][0] = said["masklet"][6][0]  # where the ball is four frames later
    path.write_text(json.dumps(said))
    broken = run("verify", "out", "--against", "workspace", "--json")
    assert broken.returncode == 1
    assert any("track 1" in line and "pixels" in line for line in json.loads(broken.stdout)["failures"])  # fmt: skip


def test_a_dataset_of_which_the_workspace_has_moved_on_is_still_right_and_says_so(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    run("export", "--format", "davis", "out")
    with open_database(f"sqlite:///{tmp_path / 'workspace' / 'engine.db'}") as database:
        head = database.revisions.head(clips[0])
        assert head is not None
        database.catalog.move(clips[0], Move.REOPEN, actor="bo")
        tracks = (Track(1, "cue"), Track(2, "solid"))
        changed = Revision(clips[0], head.id, Kind.MANUAL, "bo", tracks)
        database.revisions.append(changed, [FrameMasks(5)])
    done = run("verify", "out", "--against", "workspace")
    assert done.returncode == 0, done.stdout
    assert f"note    {clips[0]}: is in revision 1, the workspace would write 3 today" in done.stdout


def test_another_workspace_has_none_of_the_clips(run: Run, clips: list[str]) -> None:
    run("export", "--format", "sav", "out")
    run("--workspace", "empty", "init")
    done = run("verify", "out", "--against", "empty")
    assert done.returncode == 1
    assert f"{clips[0]}: in the dataset, and not among the clips" in done.stdout


def test_a_dataset_of_somebody_else_cannot_be_compared(
    run: Run, clips: list[str], tmp_path: Path
) -> None:
    assert clips
    run("export", "--format", "sav", "out")
    for name in ("engine.json", "manifest.json"):
        (tmp_path / "out" / name).unlink()
    done = run("verify", "out", "--against", "workspace")
    assert done.returncode == 2
    assert "engine.json" in done.stderr


def test_a_check_names_every_failure_or_counts_what_holds() -> None:
    assert exported.verified(Report("sav", ("a", "b"), ())) == "good: 2 guarantees hold"
    assert exported.verified(Report("sav", ("a",), ("x: y", "z"))) == "broken  x: y\nbroken  z"
    assert exported.verified(Report("sav", ("a",), (), ("late",))).startswith("note    late\n")
