"""The project trains on what it exports: SA-V and DAVIS written by its exporters, from the bundled weights, by the command."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest

from engine.adapters.sam2 import open_segmenter
from engine.datasets import LabelledClip, read_dataset
from engine.models.weights_file import read_header
from engine.ports import ExportItem
from engine.training.segmenter_state import CHECKPOINT
from engine.types import FrameBatch, Kind, Prompt, Revision, Track
from exports.registry import exporter

pytestmark = pytest.mark.slow

QUICK = ["--batch", "2", "--frames", "2", "--workers", "0", "--threads", "1", "--device", "cpu"]


def item_of(clip: LabelledClip, *, split: str) -> ExportItem:
    """Return a rendered clip as if it had been annotated and accepted."""

    def batches() -> Iterator[FrameBatch]:
        yield FrameBatch(0, np.stack(list(clip.pictures())))

    tracks = tuple(Track(number, "plain") for number in clip.labels)
    revision = Revision(clip.clip.id, None, Kind.AUTO, "tests", tracks, {}, 1)
    return ExportItem(replace(clip.clip, split=split), revision, clip.frames, batches)


@pytest.fixture(scope="module")
def exported(discs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("datasets")
    clips = read_dataset(discs)
    items = [item_of(c, split=s) for c, s in zip(clips, ("train", "train", "val"), strict=True)]
    found = {"sav": folder / "sav", "davis": folder / "davis"}
    exporter("sav")(items, found["sav"], progress=lambda *_: None)
    exporter("davis")(items, found["davis"], progress=lambda *_: None)
    return found


def start(*words: str, **more: Any) -> "subprocess.Popen[str]":
    """Begin `engine train …` as a person does."""
    return subprocess.Popen(
        [sys.executable, "-m", "engine.cli", "train", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        **more,
    )


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=500)
    return process.returncode, out, err


def until(stream: IO[str] | None, word: str) -> None:
    assert stream is not None
    assert any(word in line for line in stream)


@pytest.mark.parametrize("format_name", ["sav", "davis"])
def test_two_steps_on_an_export_from_the_bundled_weights_and_one_more_after_a_pause(
    exported: dict[str, Path], format_name: str, tmp_path: Path
) -> None:
    words = ["segmenter", "--data", str(exported[format_name]), "--init", "nano", "--out", str(tmp_path / "run"), *QUICK]  # fmt: skip
    code, out, err = ended(start(*words, "--steps", "2", "--json"))
    assert code == 0, err
    report = json.loads(out)
    assert report["steps"] == 2
    assert set(report["held_out"]) == {"prompted", "followed", "presence"}  # the clip of split val
    assert report["held_out"]["prompted"] > 0.5
    code, out, err = ended(start(*words, "--steps", "3", "--resume"))
    assert code == 0, err
    assert "from step 2" in err
    assert "engine models use" in out
    assert_it_draws(exported[format_name], Path(report["weights"]))


def assert_it_draws(data: Path, weights: Path) -> None:
    """Check that the engine opens the weights, at the scale of those they began with, and draws with them."""
    bundled = read_header(Path(str(files("engine").joinpath("assets/litesam2_nano.safetensors"))))
    assert read_header(weights)["context"] == bundled["context"]
    (clip, *_) = read_dataset(data)
    picture, truth = next(clip.pictures()), next(clip.frames())
    prompts = [Prompt(0, mask.track, box=(39.0, 29.0, 61.0, 51.0)) for mask in truth.masks[:1]]
    segmenter = open_segmenter(model=str(weights), device="cpu")
    with segmenter.open(clip.clip) as session:
        assert [mask.track for mask in session.step(0, picture, prompts).masks] == [1]


def test_both_exports_train_together_and_every_file_of_a_run_is_there(
    exported: dict[str, Path], tmp_path: Path
) -> None:
    data = [word for path in exported.values() for word in ("--data", str(path))]
    words = ["--init", "nano", "--out", str(tmp_path), "--steps", "1", "--views", "both", *QUICK]
    code, _, err = ended(start("segmenter", *data, *words))
    assert code == 0, err
    names = {path.name for path in tmp_path.iterdir()}
    assert {CHECKPOINT, "litesam2_nano.safetensors", "curve.csv", "held_out.csv"} <= names


def test_ctrl_c_saves_and_says_how_to_go_on(exported: dict[str, Path], tmp_path: Path) -> None:
    process = start("segmenter", "--data", str(exported["davis"]), "--init", "nano", "--out", str(tmp_path), *QUICK)  # fmt: skip
    until(process.stderr, "from step 0")
    process.send_signal(signal.SIGINT)
    code, out, err = ended(process)
    assert code == 130, err
    assert (tmp_path / CHECKPOINT).is_file()
    assert f"--out {tmp_path}" in out
    assert out.rstrip().endswith("--resume")


def test_the_detector_trains_on_an_export_too(exported: dict[str, Path], tmp_path: Path) -> None:
    quick = "--minutes 0.01 --batch 2 --crop 64 --size 96 --workers 0 --threads 1 --device cpu"
    words = ["detector", "--data", str(exported["sav"]), "--out", str(tmp_path / "run")]
    code, out, err = ended(start(*words, *quick.split(), "--json"))
    assert code == 0, err
    assert json.loads(out)["weights"] == str(tmp_path / "run" / "ball_yolo_nano.safetensors")
    assert (tmp_path / "run" / "ball_yolo_nano.safetensors").is_file()
    columns = (tmp_path / "run" / "curve.csv").read_text().splitlines()[0].split(",")
    assert {"box", "found", "edge", "kind"} <= set(columns)
    code, _, err = ended(start(*words, *quick.split()))
    assert code == 2
    assert "--resume" in err
