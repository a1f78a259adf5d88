"""The YOLO behind the Detector port: boxes in frame pixels, settings that are checked, real balls found."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from engine.adapters.detect_yolo import YoloDetector
from engine.billiards.plausible import plausible
from engine.errors import SettingsError, WeightsError
from engine.models.yolo import CLASSES, ModelCard, build_nano, save_weights, ultralytics_tasks
from engine.ports import Detector
from engine.training.detector_score import Score, score
from engine.types import Box, FrameBatch, Image

FOOTAGE = Path(
    os.environ.get("ENGINE_FOOTAGE", Path(__file__).resolve().parents[4] / "shared" / "footage")
)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    save_weights(path, build_nano(), ModelCard(size=96, confidence=0.0))
    return path


@pytest.fixture(scope="module")
def bundled() -> YoloDetector:
    return YoloDetector()


def noise(count: int, height: int = 54, width: int = 96) -> Image:
    return np.random.default_rng(1).integers(0, 256, (count, height, width, 3), dtype=np.uint8)


def table(
    *,
    size: tuple[int, int] = (360, 640),
    balls: tuple[tuple[int, int], ...] = ((200, 150), (400, 220)),
) -> Image:
    """Return a plain green table with shaded red balls of 24 pixels."""
    height, width = size
    rgb = np.full((height, width, 3), (25, 120, 70), np.uint8)
    y, x = np.mgrid[:height, :width]
    for cx, cy in balls:
        far = np.hypot(x + 0.5 - cx, y + 0.5 - cy)
        shine = np.clip(1.15 - np.hypot(x - cx + 4, y - cy + 5) / 16, 0.25, 1)
        rgb = np.where(
            (far < 12)[..., None],
            (np.array([205, 30, 30]) * shine[..., None]).astype(np.uint8),
            rgb,
        )
        rgb = np.where((np.hypot(x - cx + 4, y - cy + 5) < 2)[..., None], np.uint8(250), rgb)
    return rgb


def test_it_is_a_detector(bundled: YoloDetector) -> None:
    port: Detector = bundled
    assert port.detect(FrameBatch(0, noise(1)))


def test_boxes_are_in_the_pixels_of_the_frame_whatever_the_network_sees() -> None:
    for size in (640, 1024):
        found = YoloDetector(size=size).detect(FrameBatch(7, table()[None]))[0]
        boxes: list[Box] = [(188, 138, 212, 162), (388, 208, 412, 232)]
        assert score(found, boxes, ["solid"] * 2, least=0.6).hits == 2
        assert {item.frame for item in found} == {7}


def test_boxes_never_leave_the_picture(untrained: Path) -> None:
    for found in YoloDetector(untrained).detect(FrameBatch(0, noise(2))):
        assert found
        for x0, y0, x1, y1 in (item.box for item in found):
            assert 0 <= x0 < x1 <= 96
            assert 0 <= y0 < y1 <= 54


def test_tall_and_tiny_pictures_are_pictures_too(untrained: Path) -> None:
    detector = YoloDetector(untrained)
    assert len(detector.detect(FrameBatch(0, noise(1, 200, 30)))) == 1
    assert len(detector.detect(FrameBatch(0, noise(1, 1, 1)))) == 1


def test_pictures_that_may_not_be_written_to_are_left_alone(untrained: Path) -> None:
    rgb = noise(1)
    before = rgb.copy()
    rgb.flags.writeable = False
    YoloDetector(untrained).detect(FrameBatch(0, rgb))
    assert (rgb == before).all()


def test_an_empty_batch_has_an_empty_answer(untrained: Path) -> None:
    assert YoloDetector(untrained).detect(FrameBatch(0, noise(0))) == []


def test_confidence_comes_from_the_weights_unless_given(untrained: Path) -> None:
    assert YoloDetector(untrained).confidence == 0.0
    assert YoloDetector(untrained, confidence=0.7).confidence == 0.7


@pytest.mark.parametrize(
    ("width", "side"), [(40, 96), (96, 96), (110, 110), (120, 120), (1920, 120)]
)
def test_a_frame_keeps_its_pixels_up_to_a_quarter_more_than_the_weights_were_made_for(
    width: int, side: int, untrained: Path
) -> None:
    assert (
        YoloDetector(untrained).side(width, 30) == YoloDetector(untrained).side(30, width) == side
    )


def test_a_given_size_holds_for_every_frame(untrained: Path) -> None:
    assert [YoloDetector(untrained, size=64).side(width, 30) for width in (40, 96, 1920)] == [
        64
    ] * 3


def test_a_higher_confidence_only_takes_away() -> None:
    batch = FrameBatch(0, table()[None])
    everything = YoloDetector(confidence=0.01).detect(batch)[0]
    strict = YoloDetector(confidence=0.6).detect(batch)[0]
    assert set(strict) <= set(everything)
    assert all(item.score >= 0.6 for item in strict)


def test_labels_are_those_of_the_weights(bundled: YoloDetector) -> None:
    found = bundled.detect(FrameBatch(0, table()[None]))[0]
    assert {item.label for item in found} <= set(CLASSES)


def test_a_foreign_checkpoint_serves_as_well(tmp_path: Path) -> None:
    theirs = ultralytics_tasks().DetectionModel("yolo11n.yaml", nc=1, verbose=False)
    theirs.names = {0: "ball"}
    torch.save({"model": theirs.half(), "train_args": {"imgsz": 64}}, tmp_path / "best.pt")
    detector = YoloDetector(tmp_path / "best.pt", confidence=0.0)
    assert {item.label for item in detector.detect(FrameBatch(0, noise(1)))[0]} == {"ball"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"size": 8}, "size=8: expected a number from 32 to 4096"),
        ({"confidence": 1.5}, "confidence=1.5: expected a number from 0 to 1"),
        ({"overlap": -1.0}, "overlap=-1.0: expected a number from 0 to 1"),
    ],
)
def test_settings_out_of_range_are_refused(
    given: dict[str, float], message: str, untrained: Path
) -> None:
    with pytest.raises(SettingsError, match=message):
        YoloDetector(untrained, **given)  # type: ignore[arg-type]  # one keyword of several types


def test_missing_weights_are_an_error_of_weights(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such weights file"):
        YoloDetector(tmp_path / "gone.pt")


def labelled(clip: Path, which: str) -> tuple[Image, list[Box], list[str]]:
    """Return one labelled frame of the real footage."""
    rgb = np.asarray(Pillow.open(clip / "frames" / f"frame_{which}.png").convert("RGB"), np.uint8)
    lines = (clip / "bounding_boxes" / f"frame_{which}_bbox.txt").read_text().splitlines()
    rows = [[int(value) for value in line.split()] for line in lines]
    boxes: list[Box] = [(x, y, x + w, y + h) for x, y, w, h, _ in rows]
    return rgb, boxes, [("", "cue", "eight", "solid", "stripe")[row[4]] for row in rows]


@pytest.mark.slow
@pytest.mark.footage
@pytest.mark.skipif(
    not FOOTAGE.is_dir(), reason=f"no real footage at {FOOTAGE}; set ENGINE_FOOTAGE"
)
def test_nine_of_ten_real_balls_are_found_and_seven_of_ten_finds_are_balls(
    bundled: YoloDetector,
) -> None:
    total = Score()
    for clip in sorted(FOOTAGE.glob("game1_clip*")):
        for which in ("first", "last"):
            rgb, boxes, labels = labelled(clip, which)
            total += score(
                plausible(bundled.detect(FrameBatch(0, rgb[None]))[0], rgb), boxes, labels
            )
    assert total.truth == 101
    assert total.recall >= 0.9
    assert total.precision >= 0.7
