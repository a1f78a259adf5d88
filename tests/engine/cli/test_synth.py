"""`engine synth` writes footage that ingests like any other, goes on after Ctrl-C, and says what it did."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli.synth import length, listed, pixels
from engine.errors import InputError
from engine.synth.preset import PRESETS

Run = Callable[..., subprocess.CompletedProcess[str]]
SMALL = ("--size", "192x112", "--frames", "8", "--seed", "5")
NAMES = ["carom_s0005_00000", "carom_s0005_00001"]


def test_the_list_has_a_line_for_every_preset(run: Run) -> None:
    answer = run("synth", "--list")
    assert answer.returncode == 0
    assert [line.split()[0] for line in answer.stdout.splitlines()] == list(PRESETS)
    assert answer.stdout.strip() == listed()


def test_the_list_as_json_has_the_odds_too(run: Run) -> None:
    shown = json.loads(run("synth", "--list", "--json").stdout)
    assert [entry["name"] for entry in shown] == list(PRESETS)
    assert all(0 <= entry["bent"] <= 1 for entry in shown)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--preset", "golf", "--out", "x"), "snooker"),
        (("--preset", "snooker"), "--out"),
        (("--out", "x", "--size", "huge"), "1080p"),
        (("--out", "x", "--size", "101x99"), "even"),
        (("--out", "x", "--seconds", "2", "--frames", "3"), "give one"),
    ],
)
def test_what_cannot_be_asked_for_is_told_with_the_next_step(
    words: tuple[str, ...], told: str, run: Run, tmp_path: Path
) -> None:
    answer = run("synth", *words)
    assert answer.returncode == 2
    assert told in answer.stderr
    assert not (tmp_path / "x").exists()


def test_sizes_have_names_or_two_numbers() -> None:
    assert pixels("720p") == (1280, 720)
    assert pixels("1080P") == (1920, 1080)
    assert pixels("4k") == (3840, 2160)
    assert pixels("640x360") == (640, 360)


@pytest.mark.parametrize("size", ["", "x", "12", "640", "640x", "-640x360", "32x32", "9000x9000"])
def test_other_sizes_are_refused(size: str) -> None:
    with pytest.raises(InputError, match=r"--size"):
        pixels(size)


def test_length_is_in_seconds_or_frames_or_that_of_the_preset() -> None:
    training = PRESETS["training"]
    assert length(training, None, None) == 12
    assert length(training, 8.0, None) == 240
    assert length(training, None, 7) == 7
    with pytest.raises(InputError, match=r"less than one frame"):
        length(training, 0.001, None)


@pytest.mark.slow
def test_what_it_writes_ingests_like_any_other_video(run: Run, tmp_path: Path) -> None:
    first = run("synth", "--preset", "carom", "--out", "footage", "--clips", "2", *SMALL, "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["written"] == NAMES
    assert sorted(path.name for path in (tmp_path / "footage").iterdir()) == [
        f"{name}.{end}" for name in NAMES for end in ("json", "mp4")
    ]
    again = run("synth", "--preset", "carom", "--out", "footage", "--clips", "2", *SMALL)
    assert again.returncode == 0
    assert "0 clips rendered, 2 there already" in again.stdout
    assert "next: engine ingest footage" in again.stdout
    run("init")
    ingested = run("ingest", "footage", "--json")
    assert ingested.returncode == 0, ingested.stderr
    report = json.loads(ingested.stdout)
    assert len(report["added"]) == 2
    assert not report["failed"]


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_leaves_whole_clips_only_and_the_same_command_goes_on(
    workers: str, run: Run, tmp_path: Path
) -> None:
    words = ["synth", "--preset", "carom", "--out", "footage", "--clips", "40", *SMALL]
    started = subprocess.Popen(
        [sys.executable, "-m", "engine.cli", *words, "--workers", workers],
        cwd=tmp_path,
        env={**os.environ, "USER": "somebody"},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    until = time.monotonic() + 240
    while not list(tmp_path.glob("footage/*.json")) and time.monotonic() < until:
        time.sleep(0.2)
    os.killpg(started.pid, signal.SIGINT)
    assert started.wait(240) == 130
    left = sorted(path.name for path in (tmp_path / "footage").iterdir())
    clips = sorted({Path(name).stem for name in left})
    assert 1 <= len(clips) < 40
    assert left == [f"{name}.{end}" for name in clips for end in ("json", "mp4")]
    words[words.index("40")] = str(len(clips))
    after = run(*words, "--json")
    assert json.loads(after.stdout)["kept"] == clips
    assert json.loads(after.stdout)["written"] == []
