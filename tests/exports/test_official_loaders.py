"""The official code reads what we write: SAM 2's training loaders and the DAVIS 2017 evaluation.

Checkouts of facebookresearch/sam2 and davisvideochallenge/davis2017-evaluation are named by ENGINE_SAM2_REPO and
ENGINE_DAVIS_REPO; nothing of them is part of this project.
"""

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from engine import rle
from engine.ports import ExportItem
from exports.registry import exporter

Silent = Callable[[str, int, int], None]


RESOLUTION = "Full-Resolution"


def checkout(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = os.environ.get(variable)
    if not folder:
        pytest.skip(f"{variable} does not name a checkout of the official code")
    monkeypatch.syspath_prepend(folder)


def official(module: str) -> Any:
    return importlib.import_module(module)


@pytest.fixture
def sam2(monkeypatch: pytest.MonkeyPatch) -> None:
    checkout("ENGINE_SAM2_REPO", monkeypatch)


@pytest.fixture
def davis2017(monkeypatch: pytest.MonkeyPatch) -> None:
    checkout("ENGINE_DAVIS_REPO", monkeypatch)


@pytest.fixture
def sav(item: ExportItem, tmp_path: Path, silent: Silent) -> Path:
    return exporter("sav")([item], tmp_path / "sav", progress=silent).out


@pytest.fixture
def davis(item: ExportItem, tmp_path: Path, silent: Silent) -> Path:
    return exporter("davis")([item], tmp_path / "davis", progress=silent).out


def raw_json(sav: Path) -> Any:
    return official("training.dataset.vos_raw_dataset").JSONRawDataset(
        img_folder=str(sav / "JPEGImages"),
        gt_folder=str(sav),
        file_list_txt=str(sav / "train.txt"),
        ann_every=1,
    )


def raw_png(davis: Path) -> Any:
    return official("training.dataset.vos_raw_dataset").PNGRawDataset(
        img_folder=str(davis / "JPEGImages" / RESOLUTION),
        gt_folder=str(davis / "Annotations" / RESOLUTION),
        file_list_txt=str(davis / "ImageSets/2017/train.txt"),
        is_palette=True,
    )


@pytest.mark.usefixtures("sam2")
def test_the_sa_v_loader_finds_every_frame_with_every_mask(sav: Path, item: ExportItem) -> None:
    dataset = raw_json(sav)
    assert dataset.video_names == ["game-1"]
    video, loader = dataset.get_video(0)
    assert [frame.frame_idx for frame in video.frames] == list(range(12))
    for frame, row in zip(video.frames, item.frames(), strict=True):
        segments, seen = loader.load(frame.frame_idx), row.by_track()
        assert sorted(segments) == [0, 1, 2]
        for number, track in enumerate([1, 2, 3]):
            expected = rle.decode(seen[track].rle) if track in seen else np.zeros((64, 96), bool)
            np.testing.assert_array_equal(segments[number].numpy().astype(bool), expected)


@pytest.mark.usefixtures("sam2")
def test_the_davis_loader_finds_every_frame_with_every_number(davis: Path) -> None:
    video, loader = raw_png(davis).get_video(0)
    assert [frame.frame_idx for frame in video.frames] == list(range(12))
    found = [sorted(int(number) for number in loader.load(k)) for k in range(12)]
    assert found[0] == [2, 3]  # the ball that comes late has the lowest number
    assert found[3] == [1, 2, 3]
    assert found[4] == [1, 2]


@pytest.mark.usefixtures("sam2")
@pytest.mark.parametrize("raw", [raw_json, raw_png])
def test_the_trainers_sampler_makes_a_datapoint_of_each_without_retry(
    raw: Callable[[Path], Any], sav: Path, davis: Path
) -> None:
    pytest.importorskip("tensordict", reason="the official datapoints need tensordict")
    sampler = official("training.dataset.vos_sampler").RandomUniformSampler(
        num_frames=8, max_num_objects=3
    )
    dataset = official("training.dataset.vos_dataset").VOSDataset(
        transforms=[],
        training=False,
        video_dataset=raw(sav if raw is raw_json else davis),
        sampler=sampler,
        multiplier=1,
    )
    point = dataset[0]
    assert len(point.frames) == 8
    assert point.size == (64, 96)
    assert all(torch.any(thing.segment) for thing in point.frames[0].objects)


@pytest.mark.usefixtures("davis2017")
def test_the_davis_class_reads_pictures_and_separate_masks(davis: Path) -> None:
    dataset = official("davis2017.davis").DAVIS(
        root=str(davis), task="semi-supervised", subset="train", resolution=RESOLUTION
    )
    masks, void, names = dataset.get_all_masks("game-1", separate_objects_masks=True)
    assert masks.shape == (3, 12, 64, 96)
    assert not void.any()
    assert names == [f"{k:05d}" for k in range(12)]
    with Image.open(davis / f"Annotations/{RESOLUTION}/game-1/00003.png") as opened:
        np.testing.assert_array_equal(masks[:, 3], [np.asarray(opened) == n for n in (1, 2, 3)])


@pytest.mark.usefixtures("davis2017")
def test_the_official_evaluation_scores_the_truth_against_itself_as_perfect(davis: Path) -> None:
    pytest.importorskip("skimage", reason="the official evaluation needs scikit-image")
    for folder in ("JPEGImages", "Annotations"):  # the evaluation knows the name 480p alone
        (davis / folder / "480p").symlink_to(RESOLUTION)
    evaluation = official("davis2017.evaluation").DAVISEvaluation(
        davis_root=str(davis), task="semi-supervised", gt_set="train"
    )
    scores = evaluation.evaluate(str(davis / "Annotations" / RESOLUTION))
    assert sorted(scores["J"]["M_per_object"]) == ["game-1_1", "game-1_2", "game-1_3"]
    assert scores["J"]["M"] == [1.0] * 3
    assert scores["F"]["M"] == [1.0] * 3
