"""Stills out of rendered clips: labelled to the pixel, slivers left out, half-written clips left for later."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import rle
from engine.errors import InputError
from engine.media import VideoWriter
from engine.models.yolo import CLASSES
from engine.training.detector_data import Still, add_clips, read_stills, split, still_scale

HIGH, WIDE = 96, 160


def disc(x: float, y: float, radius: float) -> np.ndarray[Any, np.dtype[np.bool_]]:
    row, column = np.mgrid[:HIGH, :WIDE] + 0.5
    return np.asarray((column - x) ** 2 + (row - y) ** 2 < radius**2)


def write_clip(folder: Path, name: str, *, frames: int = 3, radius: float = 10) -> dict[str, Any]:
    """Write a clip with a cue ball that rolls and an eight that rests; return its truth."""
    folder.mkdir(exist_ok=True)
    masks = []
    with VideoWriter(
        folder / f"{name}.mp4", width=WIDE, height=HIGH, rate=Fraction(30), crf=4
    ) as video:
        for t in range(frames):
            shapes = {1: disc(40 + 8 * t, 30, radius), 2: disc(110, 60, 10)}
            rgb = np.full((HIGH, WIDE, 3), (20, 110, 60), np.uint8)
            rgb[shapes[1]], rgb[shapes[2]] = 240, 10
            video.write(rgb)
            masks.append(
                [
                    {
                        "track": track,
                        **rle.to_coco(coded),
                        "box": [float(v) for v in rle.bbox(coded) or ()],
                    }
                    for track, coded in (
                        (track, rle.encode(mask)) for track, mask in shapes.items()
                    )
                ]
            )
    objects = [
        {"track": 1, "label": "cue", "number": 0},
        {"track": 2, "label": "eight", "number": 8},
    ]
    truth = {
        "id": name,
        "width": WIDE,
        "height": HIGH,
        "frames": frames,
        "objects": objects,
        "masks": masks,
    }
    (folder / f"{name}.json").write_text(json.dumps(truth))
    return truth


def test_stills_show_the_frames_they_are_named_after_with_boxes_on_the_balls(
    tmp_path: Path,
) -> None:
    write_clip(tmp_path / "clips", "a")
    assert add_clips(tmp_path / "clips", tmp_path / "stills", per_clip=3) == 1
    stills = read_stills(tmp_path / "stills")
    assert [still.image.name for still in stills] == ["a_00000.jpg", "a_00001.jpg", "a_00002.jpg"]
    for t, still in enumerate(stills):
        rgb, balls = still.read()
        assert [CLASSES[label] for label in balls.labels] == ["cue", "eight"]
        assert (
            np.abs(balls.boxes - [[30 + 8 * t, 20, 50 + 8 * t, 40], [100, 50, 120, 70]]).max()
            < 0.01
        )
        assert rgb[30, 40 + 8 * t].min() > 200
        assert rgb[60, 110].max() < 60


def test_a_clip_is_taken_once_and_new_ones_are_added(tmp_path: Path) -> None:
    write_clip(tmp_path / "clips", "a")
    assert add_clips(tmp_path / "clips", tmp_path / "stills", per_clip=1) == 1
    assert add_clips(tmp_path / "clips", tmp_path / "stills", per_clip=1) == 0
    write_clip(tmp_path / "clips", "b_2")
    assert add_clips(tmp_path / "clips", tmp_path / "stills", per_clip=1) == 1
    assert {still.clip for still in read_stills(tmp_path / "stills")} == {"a", "b_2"}


def test_the_choice_of_frames_depends_on_the_seed_alone(tmp_path: Path) -> None:
    write_clip(tmp_path / "clips", "a", frames=6)
    names = []
    for index, seed in enumerate((1, 1, 2, 3, 4)):
        add_clips(tmp_path / "clips", tmp_path / str(index), per_clip=1, seed=seed)
        names.append(read_stills(tmp_path / str(index))[0].image.name)
    assert names[0] == names[1]
    assert len(set(names)) > 1


@pytest.mark.parametrize(
    "harm", ["no video", "torn video", "half a description", "another description"]
)
def test_a_clip_that_is_not_whole_is_left_for_the_next_call(harm: str, tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    truth = write_clip(clips, "a")
    whole = (clips / "a.mp4").read_bytes()
    if harm == "no video":
        (clips / "a.mp4").unlink()
    elif harm == "torn video":
        (clips / "a.mp4").write_bytes(whole[:100])
    else:
        (clips / "a.json").write_text(json.dumps(truth)[:50] if harm.startswith("half") else "{}")
    assert add_clips(clips, tmp_path / "stills", per_clip=1) == 0
    (clips / "a.mp4").write_bytes(whole)
    (clips / "a.json").write_text(json.dumps(truth))
    assert add_clips(clips, tmp_path / "stills", per_clip=1) == 1


def test_pockets_come_as_labels_of_their_own_and_are_unknown_where_the_truth_is_silent(
    tmp_path: Path,
) -> None:
    truth = write_clip(tmp_path / "clips", "old")
    truth["pockets"] = [[{"x": 80, "y": 50, "radius": 9, "visible": True}]] * 3
    write_clip(tmp_path / "clips", "new")
    (tmp_path / "clips" / "new.json").write_text(json.dumps(truth))
    add_clips(tmp_path / "clips", tmp_path / "stills", per_clip=1)
    new, old = read_stills(tmp_path / "stills")
    assert (new.clip, old.clip) == ("new", "old")
    assert (new.pockets, old.pockets) == (True, False)
    assert [CLASSES[label] for label in new.labels] == ["cue", "eight", "pocket"]
    assert new.read()[1].diameter == pytest.approx(20, abs=0.1)


def test_of_a_dataset_with_splits_only_the_part_to_learn_from_is_taken(tmp_path: Path) -> None:
    write_clip(tmp_path, "ignored")  # makes the folder
    for name in ("ignored.mp4", "ignored.json"):
        (tmp_path / name).unlink()
    write_clip(tmp_path / "train", "a")
    write_clip(tmp_path / "val", "b")
    assert add_clips(tmp_path, tmp_path / "stills", per_clip=1) == 1
    assert [still.clip for still in read_stills(tmp_path / "stills")] == ["a"]


@pytest.mark.parametrize(
    ("shape", "ball", "scale"),
    [
        ((720, 1280), 12, 1.0),
        ((1080, 1920), 40, 1280 / 1920),
        ((1080, 1920), 20, 16 / 20),
        ((1080, 1920), 12, 1.0),
        ((2160, 3840), 12, 0.5),
        ((2160, 3840), None, 1280 / 3840),
    ],
)
def test_large_pictures_shrink_as_far_as_their_balls_allow(
    shape: tuple[int, int], ball: float | None, scale: float
) -> None:
    boxes = [] if ball is None else [(0.0, 0.0, ball, ball)]
    assert still_scale(shape, boxes) == pytest.approx(scale)


def marked(*clips: str) -> list[Still]:
    none = np.zeros((0, 4), np.float32)
    return [
        Still(Path(f"{clip}_{n}.jpg"), none, none[:, 0].astype(int))
        for clip in clips
        for n in (0, 1)
    ]


def test_a_clip_is_held_out_whole_or_not_at_all_and_never_changes_sides() -> None:
    few, many = marked("a", "b", "c"), marked(*(f"clip{index}" for index in range(200)))
    for stills in (few, many):
        learn, held = split(stills)
        assert {one.clip for one in learn} & {one.clip for one in held} == set()
        assert len(learn) + len(held) == len(stills)
        assert held
    assert len(split(many)[1]) == pytest.approx(len(many) / 25, rel=0.9)
    held = {one.clip for one in split(many)[1]}
    more = {one.clip for one in split([*many, *marked("new1", "new2")])[1]}
    assert held <= more


@pytest.mark.parametrize("stills", [marked(), marked("only")])
def test_a_single_clip_is_learnt_from(stills: list[Still]) -> None:
    assert split(stills) == (stills, [])


def test_a_frame_without_balls_is_a_lesson_too(tmp_path: Path) -> None:
    truth = write_clip(tmp_path / "clips", "a")
    truth["masks"] = [[] for _ in truth["masks"]]
    (tmp_path / "clips" / "a.json").write_text(json.dumps(truth))
    add_clips(tmp_path / "clips", tmp_path / "stills", per_clip=1)
    (still,) = read_stills(tmp_path / "stills")
    assert still.boxes.shape == (0, 4)
    assert still.read()[1].labels.shape == (0,)


def test_a_still_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = Still(tmp_path / "gone.jpg", np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    with pytest.raises(InputError, match=r"gone\.jpg: not a readable picture"):
        gone.read()
