"""Rendered clips depend on their seed alone, and their truth is exact."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.media import decode
from engine.synth.balls import SNOOKER_LABELS
from engine.synth.dataset import write_dataset
from engine.synth.render import RenderedClip, render_clip
from engine.synth.truth import frame_masks

ASSETS = Path(__file__).parents[3] / "engine" / "assets"
SEEDS = (11, 12, 13)
LABELS = {"cue", "solid", "stripe", "eight", "plain", *SNOOKER_LABELS}


def clip(seed: int, *, frames: int = 2, style: str = "random") -> RenderedClip:
    return render_clip(seed, width=320, height=192, frames=frames, style=style)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_gives_the_same_pixels(seed: int) -> None:
    for first, second in zip(clip(seed), clip(seed), strict=True):
        np.testing.assert_array_equal(first.rgb, second.rgb)
        np.testing.assert_array_equal(first.tracks, second.tracks)


def test_another_seed_gives_another_picture() -> None:
    assert (next(iter(clip(11))).rgb != next(iter(clip(12))).rgb).any()


@pytest.mark.parametrize("seed", SEEDS)
def test_iterating_twice_renders_the_same_clip(seed: int) -> None:
    made = clip(seed)
    assert [frame.rgb.sum() for frame in made] == [frame.rgb.sum() for frame in made]
    assert len(made) == 2


@pytest.mark.parametrize("seed", SEEDS)
def test_pictures_and_maps_have_the_size_and_types_promised(seed: int) -> None:
    frame = next(iter(clip(seed)))
    assert (frame.rgb.shape, frame.rgb.dtype) == ((192, 320, 3), np.uint8)
    assert (frame.tracks.shape, frame.tracks.dtype) == ((192, 320), np.int16)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_visible_ball_is_one_of_the_objects(seed: int) -> None:
    made = clip(seed)
    known = {track for track, _, _ in made.objects}
    assert {label for _, label, _ in made.objects} <= LABELS
    for frame in made:
        assert set(np.unique(frame.tracks).tolist()) <= known | {0}


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_and_boxes_are_those_of_the_map_and_share_no_pixel(seed: int) -> None:
    frame = next(iter(clip(seed, style="close")))
    total = np.zeros(frame.tracks.shape, int)
    for entry in frame_masks(frame):
        mask = rle.decode(rle.from_coco(entry))
        np.testing.assert_array_equal(mask, frame.tracks == entry["track"])
        assert rle.bbox(rle.from_coco(entry)) == tuple(entry["box"])
        total += mask
    assert total.max() <= 1


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("synth")
    write_dataset(folder, clips=2, frames=3, seed=5, width=320, height=192, workers=1)
    return folder


def test_a_dataset_has_a_film_and_its_truth_for_each_clip(dataset: Path) -> None:
    names = sorted(path.name for path in dataset.iterdir())
    assert names == [f"s0005_0000{k}.{end}" for k in range(2) for end in ("json", "mp4")]
    for path in dataset.glob("*.json"):
        truth = json.loads(path.read_text())
        film = list(decode(path.with_suffix(".mp4")))
        assert len(film) == truth["frames"] == len(truth["masks"]) == 3
        assert film[0].shape == (truth["height"], truth["width"], 3)
        assert Fraction(*truth["rate"]) == 30


def test_a_dataset_does_not_depend_on_the_number_of_workers(dataset: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path, clips=2, frames=3, seed=5, width=320, height=192, workers=2)
    for path in dataset.glob("*.json"):
        assert path.read_text() == (tmp_path / path.name).read_text()


def test_an_interrupted_dataset_goes_on_and_keeps_what_is_finished(
    dataset: Path, tmp_path: Path
) -> None:
    write_dataset(tmp_path, clips=1, frames=3, seed=5, width=320, height=192)
    kept = (tmp_path / "s0005_00000.json").stat().st_mtime_ns
    write_dataset(tmp_path, clips=2, frames=3, seed=5, width=320, height=192)
    assert (tmp_path / "s0005_00000.json").stat().st_mtime_ns == kept
    assert (tmp_path / "s0005_00001.json").read_text() == (dataset / "s0005_00001.json").read_text()


def test_the_bundled_clip_has_its_truth_beside_it() -> None:
    truth = json.loads((ASSETS / "demo.json").read_text())
    film = list(decode(ASSETS / "demo.mp4"))
    assert len(film) == len(truth["masks"]) == truth["frames"] == 150
    assert (ASSETS / "demo.mp4").stat().st_size < 1_000_000


def test_a_ball_of_the_bundled_clip_is_potted_and_vanishes() -> None:
    truth = json.loads((ASSETS / "demo.json").read_text())
    first, last = ({entry["track"] for entry in truth["masks"][k]} for k in (0, -1))
    assert len(first - last) >= 1
    assert last < first
