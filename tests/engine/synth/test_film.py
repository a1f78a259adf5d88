"""A clip is written with its truth beside it, whole or not at all."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.datasets import read_dataset
from engine.media import decode
from engine.synth.film import write_clip
from engine.synth.lens import Lens
from engine.synth.physics import Event
from engine.synth.render import Frame, RenderedClip
from engine.synth.shake import random_shake
from engine.synth.truth import clip_truth, frame_masks, frame_pockets

Make = Callable[..., RenderedClip]
SPOTS = [(0.0, 0.0), (0.5, 0.2)]


@dataclass(frozen=True, slots=True)
class Breaking(RenderedClip):
    """A clip whose second frame cannot be rendered."""

    def __iter__(self) -> Iterator[Frame]:
        yield next(RenderedClip.__iter__(self))
        raise KeyboardInterrupt


def breaking(clip: RenderedClip) -> Breaking:
    return Breaking(
        clip.width, clip.height, clip.count, clip.rate, clip.objects, clip.scene, clip.seed
    )


def truth_of(clip: RenderedClip) -> dict[str, object]:
    frames = list(clip)
    masks, pockets = [frame_masks(f) for f in frames], [frame_pockets(f) for f in frames]
    return clip_truth("name", clip, seed=5, masks=masks, pockets=pockets)


def test_a_film_and_its_truth_are_written_and_nothing_else(make: Make, tmp_path: Path) -> None:
    write_clip(tmp_path, "one", make(SPOTS, frames=3), seed=5, crf=20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "one.mp4"]
    truth = json.loads((tmp_path / "one.json").read_text())
    film = list(decode(tmp_path / "one.mp4"))
    assert len(film) == truth["frames"] == len(truth["masks"]) == len(truth["pockets"]) == 3
    assert film[0].shape == (truth["height"], truth["width"], 3)
    assert Fraction(*truth["rate"]) == 30
    assert truth["id"] == "one"


def test_the_film_shows_the_frames_of_the_clip(make: Make, tmp_path: Path) -> None:
    clip = make(SPOTS, frames=2)
    write_clip(tmp_path, "one", clip, seed=5, crf=10)
    for shown, frame in zip(decode(tmp_path / "one.mp4"), clip, strict=True):
        assert np.abs(shown.astype(int) - frame.rgb.astype(int)).mean() < 6


def test_the_same_clip_gives_the_same_bytes(make: Make, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_clip(tmp_path / name, "one", make(SPOTS, frames=2), seed=5, crf=20)
    for end in ("mp4", "json"):
        first, second = ((tmp_path / name / f"one.{end}").read_bytes() for name in ("a", "b"))
        assert first == second


def test_what_is_interrupted_leaves_nothing(make: Make, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_clip(tmp_path, "one", breaking(make(SPOTS, frames=3)), seed=5, crf=20)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_second_writing_keeps_the_first(make: Make, tmp_path: Path) -> None:
    write_clip(tmp_path, "one", make(SPOTS, frames=2), seed=5, crf=20)
    before = (tmp_path / "one.mp4").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        write_clip(tmp_path, "one", breaking(make(SPOTS, frames=3)), seed=5, crf=20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json", "one.mp4"]
    assert (tmp_path / "one.mp4").read_bytes() == before


def test_progress_is_told_frame_by_frame(make: Make, tmp_path: Path) -> None:
    told: list[int] = []
    write_clip(tmp_path, "one", make(SPOTS, frames=3), seed=5, crf=20, heard=told.append)
    assert told == [1, 2, 3]


def test_trainings_and_evaluation_read_it_as_a_labelled_clip(make: Make, tmp_path: Path) -> None:
    clip = make(SPOTS, frames=2)
    write_clip(tmp_path, "one", clip, seed=5, crf=20)
    (labelled,) = read_dataset(tmp_path)
    assert dict(labelled.labels) == {1: "cue", 2: "solid"}
    assert labelled.labelled == (0, 1)
    for shown, frame in zip(labelled.frames(), clip, strict=True):
        assert [mask.track for mask in shown.masks] == [1, 2]
        for mask in shown.masks:
            np.testing.assert_array_equal(rle.decode(mask.rle), frame.tracks == mask.track)


def test_the_truth_names_objects_profile_preset_and_seed(make: Make) -> None:
    truth = truth_of(make(SPOTS))
    assert truth["objects"] == [
        {"track": 1, "label": "cue", "number": 0},
        {"track": 2, "label": "solid", "number": 1},
    ]
    assert (truth["profile"], truth["preset"], truth["seed"]) == ("eight-ball", "mixed", 5)


def test_events_name_tracks_and_the_frame_and_second_of_the_clip(make: Make) -> None:
    clip = make(SPOTS, frames=6, begin=0.5)
    events = (
        Event("strike", 0.0, (0,)),
        Event("ball-ball", 0.55, (0, 1)),
        Event("pot", 0.61, (1,), 4),
    )
    shot = replace(clip.scene.shot, events=events)
    truth = truth_of(replace(clip, scene=replace(clip.scene, shot=shot)))
    assert truth["events"] == [
        {"kind": "ball-ball", "frame": 1, "time": 0.05, "tracks": [1, 2], "pocket": None},
        {"kind": "pot", "frame": 3, "time": 0.11, "tracks": [2], "pocket": 4},
    ]


def test_pockets_have_middle_radius_and_box_in_every_frame(make: Make) -> None:
    pockets = truth_of(make(SPOTS, frames=2))["pockets"]
    assert isinstance(pockets, list)
    assert [len(of_frame) for of_frame in pockets] == [6, 6]
    for pocket in pockets[0]:
        assert set(pocket) == {"x", "y", "radius", "box", "visible"}
        x0, y0, x1, y1 = pocket["box"]
        assert pocket["radius"] == pytest.approx(max(x1 - x0, y1 - y0) / 2, abs=0.11)
        assert pocket["x"] == pytest.approx((x0 + x1) / 2, abs=0.11)


def test_the_camera_tells_its_lens_only_where_it_bends_and_poses_only_where_it_moves(
    make: Make,
) -> None:
    clip = make(SPOTS, frames=3)
    assert set(clip_camera(clip)) == {"focal", "centre", "rotation"}
    scene = replace(clip.scene, camera=replace(clip.scene.camera, lens=Lens(k1=-0.1, k2=0.01)))
    scene = replace(scene, shake=random_shake(np.random.default_rng(1), scene.camera))
    told = clip_camera(replace(clip, scene=scene))
    assert told["lens"] == {"k1": -0.1, "k2": 0.01}
    assert isinstance(told["poses"], list)
    assert len(told["poses"]) == 3
    assert told["poses"][0] != told["poses"][1]


def clip_camera(clip: RenderedClip) -> dict[str, object]:
    camera = truth_of(clip)["camera"]
    assert isinstance(camera, dict)
    return camera
