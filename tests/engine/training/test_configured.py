"""An export and the file of options that it carries are all that a training needs, wherever they are moved to."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.datasets import LabelledClip, read_dataset
from engine.ports import ExportItem
from engine.types import FrameBatch, Kind, Revision, Track
from exports.registry import exporter

pytestmark = pytest.mark.slow

QUICK = ["--batch", "2", "--frames", "2", "--workers", "0", "--threads", "1", "--device", "cpu"]


def item_of(clip: LabelledClip) -> ExportItem:
    """Return a rendered clip as if it had been annotated and accepted."""

    def batches() -> Iterator[FrameBatch]:
        yield FrameBatch(0, np.stack(list(clip.pictures())))

    tracks = tuple(Track(number, "plain") for number in clip.labels)
    revision = Revision(clip.clip.id, None, Kind.AUTO, "tests", tracks, {}, 1)
    return ExportItem(clip.clip, revision, clip.frames, batches)


@pytest.mark.parametrize("name", ["frames", "mose"])
def test_a_step_from_the_bundled_weights_by_the_file_alone(
    discs: Path, tmp_path: Path, name: str
) -> None:
    items = [item_of(clip) for clip in read_dataset(discs)]
    written = exporter(name)(items, tmp_path / "first", progress=lambda *_: None).out
    moved = written.rename(tmp_path / "moved")
    words = ["--config", str(moved / "engine_train.toml"), "--out", str(tmp_path / "run")]
    ended = subprocess.run(
        [sys.executable, "-m", "engine.cli", "train", "segmenter", *words, *QUICK, "--steps", "1", "--json"],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=500,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["steps"] == 1
    assert not (moved / "run").exists()
