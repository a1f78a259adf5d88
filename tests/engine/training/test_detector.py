"""The training of the ball YOLO: by the clock, resumable, ending in weights that a detector can use."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import rle
from engine.errors import SelectionError, WeightsError
from engine.media import VideoWriter
from engine.models.yolo import (
    BUNDLED,
    CLASSES,
    ModelCard,
    build_nano,
    load_weights,
    read_card,
    save_weights,
    shift_scores,
)
from engine.training.detector import CHECKPOINT, WEIGHTS, Options, main, schedule, train
from engine.training.detector_batches import Diet
from engine.training.detector_check import calibrate
from engine.training.detector_data import add_clips, read_stills

HIGH, WIDE = 96, 160
TINY = Diet(count=2, crop=64)


def write_clip(folder: Path, index: int) -> None:
    """Write a clip of two frames with a red ball."""
    row, column = np.mgrid[:HIGH, :WIDE] + 0.5
    masks = []
    with VideoWriter(folder / f"c{index}.mp4", width=WIDE, height=HIGH, rate=Fraction(30)) as video:
        for t in range(2):
            mask = (column - 40 - 10 * index - t) ** 2 + (row - 50) ** 2 < 100
            rgb = np.full((HIGH, WIDE, 3), (20, 110, 60), np.uint8)
            rgb[mask] = (220, 30, 30)
            video.write(rgb)
            coded = rle.encode(mask)
            masks.append(
                [
                    {
                        "track": 1,
                        **rle.to_coco(coded),
                        "box": [float(v) for v in rle.bbox(coded) or ()],
                    }
                ]
            )
    objects = [{"track": 1, "label": "plain", "number": 3}]
    (folder / f"c{index}.json").write_text(
        json.dumps({"id": f"c{index}", "objects": objects, "masks": masks})
    )


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for index in range(4):
        write_clip(folder, index)
    return folder


def options(clips: Path, out: Path, **given: object) -> Options:
    out.mkdir(exist_ok=True)
    return Options(data=(clips,), out=out, diet=TINY, size=160, workers=0, **given)  # type: ignore[arg-type]  # by name


@pytest.mark.slow
def test_a_run_of_seconds_ends_in_weights_with_their_history(clips: Path, tmp_path: Path) -> None:
    path = train(options(clips, tmp_path / "run", minutes=0.05, seed=4))
    model, card = load_weights(path)
    assert path == tmp_path / "run" / WEIGHTS
    assert (card.size, card.seed, card.classes, card.confidence) == (160, 4, CLASSES, 0.5)
    assert "python -m engine.training.detector" in card.command
    assert "held-out rendered stills at 160 px" in card.history
    assert all(value.isfinite().all() for value in model.state_dict().values())


@pytest.mark.slow
def test_a_stopped_run_goes_on_where_it_was_and_takes_in_new_clips(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(options(clips, tmp_path, minutes=0.02))
    first = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    late = tmp_path / "late"
    late.mkdir()
    write_clip(late, 7)
    train(
        Options(
            data=(clips, late),
            out=tmp_path,
            diet=TINY,
            size=160,
            workers=0,
            minutes=first["seconds"] / 60 + 0.01,
            resume=True,
        )
    )
    second = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert second["step"] > first["step"] > 0
    assert second["seconds"] > first["seconds"]
    assert f"1 new clips in {late}" in capsys.readouterr().out


@pytest.mark.slow
def test_a_finished_run_resumed_only_writes_its_weights_again(clips: Path, tmp_path: Path) -> None:
    path = train(options(clips, tmp_path, minutes=0.02))
    model, card = load_weights(path)
    train(options(clips, tmp_path, minutes=0.02, resume=True))
    again, same = load_weights(path)
    assert same == card
    assert all(
        torch.equal(value, again.state_dict()[name]) for name, value in model.state_dict().items()
    )


@pytest.mark.slow
def test_the_command_line_says_how_far_it_is(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(
        [
            *(
                "--data",
                str(clips),
                "--out",
                str(tmp_path / "new" / "run"),
                "--minutes",
                "0.1",
                "--batch",
                "2",
            ),
            *("--crop", "64", "--size", "96", "--workers", "0", "--device", "cpu", "--stills", "1"),
        ]
    )
    told = capsys.readouterr().out
    assert "3 stills to learn from, 1 held out" in told
    assert "minutes left" in told
    assert read_card(tmp_path / "new" / "run" / WEIGHTS).size == 96


def test_a_folder_without_clips_says_how_to_get_some(tmp_path: Path) -> None:
    with pytest.raises(
        SelectionError, match=r"no complete clips; render some with `python -m engine.synth`"
    ):
        train(options(tmp_path, tmp_path / "run"))


@pytest.mark.parametrize("content", [None, b"", b"torn"])
def test_resuming_without_a_whole_checkpoint_is_refused(
    content: bytes | None, clips: Path, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / CHECKPOINT).write_bytes(content)
    with pytest.raises(WeightsError, match="no checkpoint to resume from"):
        train(options(clips, tmp_path, resume=True))


def test_training_can_begin_with_given_weights(clips: Path, tmp_path: Path) -> None:
    given = build_nano()
    shift_scores(given, 3.0)
    save_weights(tmp_path / "given.safetensors", given, ModelCard())
    path = train(
        options(clips, tmp_path / "run", minutes=0.0, start=tmp_path / "given.safetensors")
    )
    kernel = "model.0.conv.weight"
    assert torch.equal(
        load_weights(path)[0].state_dict()[kernel], given.state_dict()[kernel].half().float()
    )


def test_the_learning_rate_climbs_then_falls_to_almost_nothing() -> None:
    assert schedule(0, 0.0) == pytest.approx(0.01)
    assert schedule(99, 0.0) == 1
    falling = [schedule(1000, progress / 10) for progress in range(11)]
    assert falling == sorted(falling, reverse=True)
    assert falling[-1] == pytest.approx(0.02) == schedule(1000, 3.0)


def test_calibration_moves_the_best_confidence_to_one_half(clips: Path, tmp_path: Path) -> None:
    add_clips(clips, tmp_path, per_clip=1)
    stills = read_stills(tmp_path)
    model, card = load_weights(BUNDLED)
    shift_scores(model, -2.0)
    assert calibrate(model, stills, size=160, classes=card.classes).recall == 1
    before = {name: value.clone() for name, value in model.state_dict().items()}
    calibrate(model, stills, size=160, classes=card.classes)
    biases = [
        name for name in before if name.startswith("model.23.cv3") and name.endswith("2.bias")
    ]
    assert len(biases) == 3
    moved = [float((model.state_dict()[name] - before[name]).abs().max()) for name in biases]
    assert max(moved) < 0.2


def test_a_model_that_finds_nothing_keeps_its_scores(clips: Path, tmp_path: Path) -> None:
    add_clips(clips, tmp_path, per_clip=1)
    model = build_nano().eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert calibrate(model, read_stills(tmp_path), size=160, classes=CLASSES).hits == 0
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_without_stills_nothing_is_calibrated() -> None:
    model = build_nano().eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    assert calibrate(model, [], size=160, classes=CLASSES).truth == 0
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
