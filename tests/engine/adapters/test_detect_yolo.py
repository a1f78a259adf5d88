"""The YOLO behind the Detector port: boxes in frame pixels, settings that are checked, real balls found."""

import os
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from engine.adapters.detect_yolo import YoloDetector
from engine.billiards.classes import PROFILES, profile
from engine.billiards.guess import AUTO
from engine.billiards.plausible import plausible
from engine.config import Settings, read_settings
from engine.errors import SettingsError, WeightsError
from engine.models.yolo import (
    BUNDLED,
    CLASSES,
    ModelCard,
    build_nano,
    load_weights,
    save_weights,
    shift_scores,
    transfer,
    ultralytics_tasks,
)
from engine.ports import Detector
from engine.training.detector_score import Score, score
from engine.types import Box, Detection, FrameBatch, Image
from engine.wiring import detector

OLD = ("cue", "solid", "stripe", "eight", "plain")
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


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "old.safetensors"
    save_weights(path, build_nano(OLD), ModelCard(classes=OLD, size=96, confidence=0.0))
    return path


def names(found: tuple[Detection, ...]) -> set[str]:
    return {item.label for item in found}


def test_weights_of_five_classes_find_balls_as_before_and_know_no_pockets(old: Path) -> None:
    (seen,) = YoloDetector(old, profile="any").look(FrameBatch(0, noise(1)))
    assert seen.balls
    assert names(seen.balls) <= set(OLD)
    assert seen.pockets == ()


@pytest.mark.parametrize("game", [*PROFILES])
def test_only_kinds_of_the_profile_are_ever_returned(game: str, untrained: Path, old: Path) -> None:
    found = YoloDetector(untrained, profile=game).detect(FrameBatch(0, noise(2)))
    assert names(found[0]) | names(found[1]) <= set(profile(game).kinds)
    older = YoloDetector(old, profile=game).detect(FrameBatch(0, noise(2)))
    assert names(older[0]) <= {*profile(game).kinds, "plain"} & set(OLD)


@pytest.mark.parametrize("game", ["auto", *PROFILES])
def test_no_profile_and_no_doubt_about_a_kind_costs_a_ball_its_box(
    game: str, untrained: Path
) -> None:
    def boxes(profile: str) -> list[tuple[Box, float]]:
        (found,) = YoloDetector(untrained, profile=profile).detect(FrameBatch(0, noise(1)))
        return [(item.box, item.score) for item in found]

    assert boxes(game) == boxes("any")


def test_a_ball_is_found_by_being_a_ball_even_where_every_kind_is_denied(
    untrained: Path, tmp_path: Path
) -> None:
    model, card = load_weights(untrained)
    before = YoloDetector(untrained).detect(FrameBatch(0, noise(1)))[0]
    shift_scores(model, -9.0, only=range(2, len(CLASSES)))
    save_weights(tmp_path / "timid.safetensors", model, card)
    after = YoloDetector(tmp_path / "timid.safetensors").detect(FrameBatch(0, noise(1)))[0]
    assert [item.box for item in after] == [item.box for item in before]


def test_the_guessed_game_names_the_balls_of_its_frame(untrained: Path) -> None:
    for seen in YoloDetector(untrained).look(FrameBatch(0, noise(2))):
        assert seen.game in set(PROFILES) - {"any"}
        assert names(seen.balls) <= set(profile(seen.game).kinds)


def test_the_chosen_game_is_not_guessed_at(untrained: Path) -> None:
    (seen,) = YoloDetector(untrained, profile="carom").look(FrameBatch(0, noise(1)))
    assert seen.game == "carom"


def test_an_unknown_profile_is_refused_before_any_frame(untrained: Path) -> None:
    with pytest.raises(SettingsError, match="profile='chess': expected one of eight-ball"):
        YoloDetector(untrained, profile="chess")


@pytest.fixture(scope="module")
def pocketed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return weights that see a pocket wherever they see a ball, and are as sure of it."""
    given, card = load_weights(BUNDLED)
    model = build_nano()
    transfer(model, given, card.classes)
    state = model.state_dict()
    for stride in range(3):
        for part in ("weight", "bias"):
            rows = state[f"model.23.cv3.{stride}.2.{part}"]
            rows[1] = rows[0]
    path = tmp_path_factory.mktemp("weights") / "pocketed.safetensors"
    save_weights(path, model, ModelCard(confidence=0.01))
    return path


def test_pockets_are_seen_beside_balls_and_never_among_them(pocketed: Path) -> None:
    (seen,) = YoloDetector(pocketed, confidence=0.01).look(FrameBatch(5, table()[None]))
    assert [item.box for item in seen.pockets] == [item.box for item in seen.balls]
    assert names(seen.pockets) == {"pocket"}
    assert "pocket" not in names(seen.balls)
    assert {item.frame for item in seen.pockets} == {5}
    assert YoloDetector(pocketed, confidence=0.01).detect(FrameBatch(5, table()[None])) == [
        seen.balls
    ]


SMALL: tuple[tuple[int, int], ...] = ((150, 150), (325, 210), (700, 320), (450, 400))


def found_small(detector: YoloDetector) -> Score:
    rgb = table(size=(540, 960), balls=SMALL)
    boxes: list[Box] = [(x - 12, y - 12, x + 12, y + 12) for x, y in SMALL]
    (found,) = detector.detect(FrameBatch(0, rgb[None]))
    return score(found, boxes, [item.label for item in found] or ["cue"], least=0.7)


def test_balls_too_small_for_the_network_are_found_exactly_at_a_closer_look() -> None:
    """At 320 pixels the 24 pixels of a ball are 8."""
    once = found_small(YoloDetector(size=320, confidence=0.2, closer_look=False))
    twice = found_small(YoloDetector(size=320, confidence=0.2))
    assert twice.hits == 4
    assert twice.hits >= once.hits
    assert twice.found == 4


def test_balls_that_are_large_enough_are_looked_at_once() -> None:
    batch = FrameBatch(0, table()[None])
    assert YoloDetector().detect(batch) == YoloDetector(closer_look=False).detect(batch)


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
def test_of_a_hundred_real_balls_three_may_be_missed_and_five_finds_be_wrong(
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
    assert total.recall >= 0.97
    assert total.precision >= 0.95


def test_every_profile_of_the_settings_is_one_that_the_detector_knows() -> None:
    offered = get_args(Settings.model_fields["profile"].annotation)
    assert set(offered) == {AUTO, *PROFILES}


def test_the_settings_profile_reaches_the_detector(old: Path) -> None:
    settings = read_settings(detector_weights=str(old), profile="snooker")
    built = detector(settings, device="cpu")
    assert names(built.detect(FrameBatch(0, noise(1)))[0]) <= {"cue", "plain"}


def test_a_profile_that_does_not_exist_is_refused_by_the_settings() -> None:
    with pytest.raises(SettingsError, match=r"profile = 'chess'.*'snooker'"):
        read_settings(profile="chess")
