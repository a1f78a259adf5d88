"""The training of the ball YOLO: by the clock, resumable, ending in weights that a detector can use."""

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch

from engine import rle
from engine.billiards.classes import BALL
from engine.errors import SelectionError, WeightsError
from engine.media import VideoWriter
from engine.models.yolo import (
    CLASSES,
    ModelCard,
    build_nano,
    load_weights,
    read_card,
    save_weights,
    shift_scores,
)
from engine.ports import Exporter, ExportItem
from engine.training.detector import CHECKPOINT, WEIGHTS, Options, main, train
from engine.training.detector_batches import Diet, batches
from engine.training.detector_data import add_clips, read_stills
from engine.training.detector_run import begin, learn
from engine.types import Clip, FrameBatch, FrameMasks, Kind, Revision, Track, TrackMask
from exports.registry import exporter

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


def export_item() -> ExportItem:
    """Return a clip of ten frames with a cue ball, as an exporter takes it."""
    row, column = np.mgrid[:HIGH, :WIDE] + 0.5
    mask = (column - 60) ** 2 + (row - 50) ** 2 < 100
    rgb = np.full((HIGH, WIDE, 3), (20, 110, 60), np.uint8)
    rgb[mask] = 240
    clip = Clip("game-1", "aa", "none.mp4", 0, 10, WIDE, HIGH, Fraction(30))
    return ExportItem(
        clip,
        Revision("game-1", None, Kind.AUTO, "test", (Track(1, "cue"),), {}, 1),
        lambda: (FrameMasks(frame, (TrackMask(1, rle.encode(mask)),)) for frame in range(10)),
        lambda: (FrameBatch(frame, rgb[None]) for frame in range(10)),
    )


def options(clips: Path, out: Path, **given: object) -> Options:
    out.mkdir(exist_ok=True)
    return Options(data=(clips,), out=out, diet=TINY, size=160, workers=0, threads=1, **given)  # type: ignore[arg-type]  # by name


@pytest.mark.slow
def test_a_run_of_seconds_ends_in_weights_with_their_history(clips: Path, tmp_path: Path) -> None:
    path = train(options(clips, tmp_path / "run", minutes=0.05, seed=4))
    model, card = load_weights(path)
    assert path == tmp_path / "run" / WEIGHTS
    assert (card.size, card.seed, card.classes, card.confidence) == (160, 4, CLASSES, 0.5)
    assert "python -m engine.training.detector" in card.command
    assert "held-out stills at 160 px: recall" in card.history
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
            threads=1,
            minutes=first["seconds"] / 60 + 0.01,
            resume=True,
        )
    )
    second = torch.load(tmp_path / CHECKPOINT, weights_only=True)
    assert second["step"] > first["step"] > 0
    assert second["seconds"] > first["seconds"]
    assert f"1 new clips in {late}" in capsys.readouterr().err


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
            *("--threads", "1"),
        ]
    )
    told = capsys.readouterr().err
    assert "3 stills to learn from, 1 held out" in told
    assert " left" in told
    assert (tmp_path / "new" / "run" / "curve.csv").read_text().startswith("step,seconds,rate,box,")
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


@pytest.mark.slow
def test_asked_to_stop_it_saves_and_says_how_to_go_on(clips: Path, tmp_path: Path) -> None:
    run = tmp_path / "my run"
    command = [sys.executable, "-u", "-m", "engine.training.detector", "--data", str(clips)]
    command += ["--out", str(run), "--batch", "2", "--crop", "64", "--workers", "0"]
    with subprocess.Popen(
        [*command, "--threads", "1", "--device", "cpu"], stderr=subprocess.PIPE, text=True
    ) as started:
        assert started.stderr is not None
        for line in started.stderr:
            if line.startswith("step 1 "):
                started.send_signal(signal.SIGINT)
                break
        told = started.stderr.read().splitlines()[-1]
    assert started.returncode == 130
    assert torch.load(run / CHECKPOINT, weights_only=True)["step"] >= 1
    assert not (run / WEIGHTS).exists()
    assert "all is saved; go on with: python -m engine.training.detector --data" in told
    assert told.endswith("--resume")
    assert shlex.split(told)[shlex.split(told).index("--out") + 1] == str(run)


def test_weights_carry_a_command_without_folders_of_the_machine_that_made_them(
    clips: Path, tmp_path: Path
) -> None:
    save_weights(tmp_path / "given.safetensors", build_nano(), ModelCard())
    path = train(
        options(clips, tmp_path / "run", minutes=0.0, start=tmp_path / "given.safetensors")
    )
    command = read_card(path).command
    assert str(tmp_path) not in command
    assert command.startswith("python -m engine.training.detector --data CLIPS --out RUN")
    assert command.endswith("--start given.safetensors")


@pytest.mark.parametrize("made_by", [lambda: exporter("sav"), lambda: exporter("davis")])
def test_an_export_teaches_balls_alone(made_by: Callable[[], Exporter], tmp_path: Path) -> None:
    made_by()([export_item()], tmp_path / "data", progress=lambda *_: None)
    assert add_clips(tmp_path / "data", tmp_path / "stills", per_clip=2) == 1
    stills = read_stills(tmp_path / "stills")
    assert [CLASSES[label] for still in stills for label in still.labels] == [BALL] * 2
    assert not any(still.pockets for still in stills)
    state = begin(device="cpu", rate=1e-3)
    stream = batches(stills, TINY, workers=0)
    kinds = state.model.state_dict()["model.23.cv3.0.2.bias"][2:].clone()
    parts = [learn(state, next(stream), rate=0.0) for _ in range(2)]
    assert state.step == 2
    assert all(part.isfinite().all() and part[3] == 0 for part in parts)
    assert torch.equal(state.model.state_dict()["model.23.cv3.0.2.bias"][2:], kinds)


@pytest.mark.slow
def test_a_run_on_an_export_ends_in_weights(tmp_path: Path) -> None:
    exporter("sav")([export_item()], tmp_path / "data", progress=lambda *_: None)
    path = train(options(tmp_path / "data", tmp_path / "run", minutes=0.02))
    assert "0 held-out" in read_card(path).history
