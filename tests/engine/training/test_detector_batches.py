"""Batches for the ball YOLO: reproducible, of the right layout, and with faults that no ball is hidden by."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from engine.billiards.classes import BALL, KINDS, POCKET
from engine.models.yolo import CLASSES
from engine.training.detector_batches import BallBatches, Batch, Diet, batches, collate, nameless
from engine.training.detector_colour import clutter, degrade
from engine.training.detector_data import Balls, Still
from engine.types import Image

BALLS = Balls(np.array([[40, 40, 60, 60], [100, 50, 124, 74]], np.float32), np.array([1, 4]))


def picture(seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(40, 200, (120, 200, 3), dtype=np.uint8)


@pytest.fixture
def stills(tmp_path: Path) -> list[Still]:
    for index in range(3):
        cv2.imwrite(str(tmp_path / f"c{index}_0.jpg"), picture(index))
    relative = BALLS.boxes / np.array([200, 120, 200, 120], np.float32)
    return [Still(tmp_path / f"c{index}_0.jpg", relative, BALLS.labels) for index in range(3)]


def take(stills: list[Still], count: int, *, seed: int = 0, start: int = 0) -> list[Batch]:
    stream = batches(stills, Diet(count=4, crop=64, seed=seed), start=start, workers=0)
    return [next(stream) for _ in range(count)]


def test_a_batch_has_the_layout_of_the_library(stills: list[Still]) -> None:
    for batch in take(stills, 12):
        pictures, owners = batch["img"], batch["batch_idx"]
        assert pictures.dtype == torch.uint8
        assert pictures.shape[1] == 3
        assert all(side % 32 == 0 for side in pictures.shape[2:])
        assert batch["cls"].shape == (len(owners), 1)
        assert batch["bboxes"].shape == (len(owners), 4)
        assert owners.tolist() == sorted(owners.tolist())
        assert ((batch["bboxes"] >= 0) & (batch["bboxes"] <= 1)).all()


def test_crops_and_whole_pictures_take_turns(stills: list[Still]) -> None:
    shapes = {tuple(batch["img"].shape[2:]) for batch in take(stills, 25)}
    assert (64, 64) in shapes
    assert len(shapes) > 1


def test_the_same_seed_and_start_give_the_same_batches(stills: list[Still]) -> None:
    first, again = take(stills, 3), take(stills, 3)
    assert all(torch.equal(a["img"], b["img"]) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0]["bboxes"], take(stills, 1, seed=1)[0]["bboxes"])
    assert not torch.equal(first[0]["bboxes"], take(stills, 1, start=500)[0]["bboxes"])


def test_boxes_are_collated_as_relative_centre_and_size() -> None:
    none = Balls(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    batch = collate([(picture(), none), (picture(), BALLS)])
    assert batch["batch_idx"].tolist() == [1, 1]
    assert batch["cls"].tolist() == [[1], [4]]
    expected = [[50 / 200, 50 / 120, 20 / 200, 20 / 120], [112 / 200, 62 / 120, 24 / 200, 24 / 120]]
    assert torch.allclose(batch["bboxes"], torch.tensor(expected))


def test_a_batch_says_of_each_picture_whether_its_pockets_are_labelled() -> None:
    unknown = Balls(BALLS.boxes, BALLS.labels, pockets=False)
    assert collate([(picture(), BALLS), (picture(), unknown)])["pockets"].tolist() == [1, 0]


def test_stills_with_pockets_come_more_often_than_their_share(stills: list[Still]) -> None:
    one, *others = stills
    mixed = [one, *(Still(s.image, s.boxes, s.labels, pockets=False) for s in others * 3)]
    known = [batch["pockets"].mean().item() for batch in take(mixed, 25)]
    assert np.mean(known) > 2 / 7


def test_without_any_labelled_pocket_batches_come_all_the_same(stills: list[Still]) -> None:
    without = [Still(still.image, still.boxes, still.labels, pockets=False) for still in stills]
    assert all(batch["pockets"].sum() == 0 for batch in take(without, 4))


def test_a_ball_named_after_its_colour_loses_that_name_in_other_colours() -> None:
    every = np.array([CLASSES.index(name) for name in (BALL, POCKET, *KINDS)])
    boxes = np.zeros((len(every), 4), np.float32)
    renamed = nameless(Balls(boxes, every, pockets=False))
    lost = {CLASSES[was] for was, now in zip(every, renamed.labels, strict=True) if was != now}
    assert lost == {"red", "yellow", "green", "brown", "blue", "pink"}
    assert {CLASSES[now] for was, now in zip(every, renamed.labels, strict=True) if was != now} == {
        BALL
    }
    assert not renamed.pockets


def test_each_worker_of_a_loader_makes_batches_of_its_own(stills: list[Still]) -> None:
    loader = torch.utils.data.DataLoader(
        BallBatches(stills, Diet(count=2, crop=64)), batch_size=None, num_workers=2
    )
    stream = iter(loader)
    first, second = next(stream), next(stream)
    assert first["img"].shape != second["img"].shape or not torch.equal(first["img"], second["img"])


def test_clutter_never_covers_a_ball_and_often_the_rest() -> None:
    rgb = picture()
    changed = 0.0
    for seed in range(20):
        drawn = clutter(rgb, BALLS, np.random.default_rng(seed))
        for x0, y0, x1, y1 in BALLS.boxes.astype(int):
            assert (drawn[y0:y1, x0:x1] == rgb[y0:y1, x0:x1]).all()
        changed += float((drawn != rgb).any(2).mean())
    assert changed / 20 > 0.02


def test_a_degraded_picture_keeps_its_shape_and_its_parameters_stay_untouched() -> None:
    rgb = picture()
    before = rgb.copy()
    seen = [degrade(rgb, np.random.default_rng(seed)) for seed in range(30)]
    assert all(one.shape == rgb.shape and one.dtype == np.uint8 for one in seen)
    assert (rgb == before).all()
    assert len({one.tobytes() for one in seen}) > 20


def test_faults_change_colours_and_not_places() -> None:
    rgb = np.full((120, 200, 3), (30, 110, 60), np.uint8)
    rgb[40:60, 40:60] = 250
    for seed in range(30):
        grey = degrade(rgb, np.random.default_rng(seed)).astype(float).mean(2)
        bright = grey > (grey.min() + grey.max()) / 2
        assert abs(np.argwhere(bright).mean(0) - 49.5).max() < 2.5
