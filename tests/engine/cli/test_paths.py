"""Names of files are whatever a disk holds: they are taken, or refused one by one in words, and shown as they can be."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
ENDLESS = "x" * 300


@pytest.fixture
def films(tmp_path: Path, shot: Path) -> Path:
    """Return a folder with the same film under names in three scripts, and one that is no text."""
    folder = tmp_path / "films"
    folder.mkdir()
    for name in ("Endspiel ß.mp4", "снукер.mp4", "九球 1.mp4"):
        shutil.copy(shot, folder / name)
    try:
        shutil.copy(shot, os.fsdecode(os.fsencode(folder) + b"/b\xe4lle.mp4"))
    except OSError:
        pytest.skip("this file system takes names in UTF-8 only")
    return folder


def test_a_name_that_is_no_text_is_refused_and_the_others_are_taken(run: Run, films: Path) -> None:
    run("init")
    answer = run("ingest", str(films))
    assert answer.returncode == 1
    lines = answer.stdout.splitlines()
    assert sum(line.startswith(("added", "known")) for line in lines) == 3
    (failed,) = (line for line in lines if line.startswith("failed"))
    assert "b\\udce4lle.mp4: its name is not UTF-8" in failed


def test_such_a_name_is_in_the_json_too(run: Run, films: Path) -> None:
    run("init")
    report = json.loads(run("ingest", str(films), "--json").stdout)
    assert report["failed"][0]["path"].endswith("b\udce4lle.mp4")


def test_an_endless_name_is_refused_and_the_others_are_taken(run: Run, shot: Path) -> None:
    run("init")
    report = json.loads(run("ingest", ENDLESS, str(shot), "--json").stdout)
    assert "too long" in report["failed"][0]["error"]
    assert len(report["added"]) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("verify", ENDLESS),
        ("export", "--format", "sav", ENDLESS),
        ("--workspace", ENDLESS, "init"),
        ("--workspace", ENDLESS, "status"),
        ("models", "verify", ENDLESS),
        ("models", "use", ENDLESS + ".pt"),
    ],
)
def test_an_endless_name_is_one_line_in_every_command(words: tuple[str, ...], run: Run) -> None:
    run("init")
    answer = run(*words)
    assert answer.returncode in {1, 2}
    assert "Traceback" not in answer.stderr + answer.stdout
    assert answer.stderr.lstrip().startswith("error: ") or answer.stdout.startswith("broken")
