"""What the product exports it reads again: masks, tracks, classes, splits, rates and recordings, in every format."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import rle
from engine.datasets import read_dataset
from engine.errors import InputError
from engine.ports import ExportItem
from engine.types import Clip, FrameBatch, FrameMasks, Kind, Revision, Track, TrackMask
from exports.registry import FORMATS, LAYOUTS, exporter

HIGH, WIDE, FRAMES, RATE = 48, 64, 12, Fraction(30000, 1001)
LABELS = {2: "cue", 5: "stripe", 9: "eight"}
READ = [(name, layout) for name in FORMATS for layout in LAYOUTS[name] if name != "yolo-seg"]
each_format = pytest.mark.parametrize(("name", "layout"), READ)


def disc(x: float, y: float, radius: float):
    rows, columns = np.mgrid[:HIGH, :WIDE]
    return rle.encode((columns - x) ** 2 + (rows - y) ** 2 < radius**2)


def masks_of(frame: int) -> FrameMasks:
    """Return balls of which one comes late and one goes and returns; none overlap."""
    seen = [TrackMask(2, disc(10 + frame, 10, 5), 0.9, 0.75)]
    if frame >= 3:
        seen.append(TrackMask(5, disc(40, 34, 6), 0.8, 0.5))
    if not 5 <= frame < 8:
        seen.append(TrackMask(9, disc(12, 36, 4), 0.7, 0.25))
    return FrameMasks(frame, tuple(seen))


def pictures() -> Iterator[FrameBatch]:
    for frame in range(FRAMES):
        yield FrameBatch(frame, np.full((1, HIGH, WIDE, 3), 30 + 10 * frame, np.uint8))


def item(name: str, split: str, recording: str, *, step: int = 1, masks=masks_of, **more):
    clip = Clip(name, recording, "none.mp4", 0, FRAMES, WIDE, HIGH, RATE, split)
    tracks = tuple(Track(track, label) for track, label in LABELS.items())
    revision = Revision(name, None, Kind.MANUAL, "somebody", tracks, {}, 4)
    rows = [masks(frame) for frame in range(FRAMES)]
    return ExportItem(clip, revision, lambda: iter(rows), pictures, step=step, **more)


def written(folder: Path, name: str, layout: str, *, step: int = 1, **options) -> Path:
    items = [item("game-1", "train", "aa", step=step), item("game-2", "val", "bb", step=step)]
    exporter(name, layout=layout, **options)(items, folder / name, progress=lambda *_: None)
    return folder / name


def by_track(rows) -> dict:
    return {row.frame: {mask.track: mask.rle for mask in row.masks} for row in rows}


@each_format
def test_every_format_reads_again_as_what_was_exported(tmp_path: Path, name, layout) -> None:
    both = read_dataset(written(tmp_path, name, layout))
    assert [one.clip.id for one in both] == ["game-1", "game-2"]
    assert [one.clip.video for one in both] == ["aa", "bb"]
    for one in both:
        assert by_track(one.frames()) == by_track(masks_of(frame) for frame in range(FRAMES))
        assert dict(one.labels) == LABELS
        assert one.clip.rate == RATE
        shades = [float(picture.mean()) for picture in one.pictures()]
        np.testing.assert_allclose(shades, [30 + 10 * frame for frame in range(FRAMES)], atol=3)
    splits = [one.clip.split for one in both]
    assert splits == ([layout] * 2 if name == "sav-val" else ["train", "val"])


@pytest.mark.parametrize(
    ("name", "layout"), [one for one in READ if one[0] not in ("sav", "mose")]
)  # those want 8 annotated frames
def test_annotations_at_a_lower_rate_lie_on_their_frames(tmp_path: Path, name, layout) -> None:
    (one, _) = read_dataset(written(tmp_path, name, layout, step=3))
    thin = 1 if name == "sav-val" else 3
    assert one.clip.frames == FRAMES // thin
    assert one.clip.rate == RATE / thin
    assert one.labelled == tuple(range(0, one.clip.frames, 3 // thin))
    expected = [by_track([masks_of(frame)])[frame] for frame in range(0, FRAMES, 3)]
    assert list(by_track(one.frames()).values()) == expected


def test_sparse_sav_is_read_from_its_video(tmp_path: Path) -> None:
    long = Clip("game-1", "aa", "none.mp4", 0, 40, WIDE, HIGH, RATE, "train")
    made = item("game-1", "train", "aa")

    def forty() -> Iterator[FrameBatch]:
        for frame in range(40):
            yield FrameBatch(frame, np.full((1, HIGH, WIDE, 3), 5 * frame, np.uint8))

    def masks() -> Iterator[FrameMasks]:
        return (FrameMasks(frame, masks_of(frame % FRAMES).masks) for frame in range(40))

    sparse = ExportItem(long, made.revision, masks, forty, step=5)
    exporter("sav")([sparse], tmp_path / "sav", progress=lambda *_: None)
    (one,) = read_dataset(tmp_path / "sav")
    assert one.clip.frames == 40
    assert one.labelled == tuple(range(0, 40, 5))
    assert by_track(one.frames()) == {
        frame: found for frame, found in by_track(masks()).items() if frame % 5 == 0
    }
    assert len(list(one.pictures())) == 40


def test_masks_of_the_model_are_read_apart_with_their_stability(tmp_path: Path) -> None:
    def drawn(frame: int) -> FrameMasks:
        return FrameMasks(frame, masks_of(frame).masks[:1])

    made = item("game-1", "train", "aa", auto=lambda: (drawn(frame) for frame in range(FRAMES)))
    exporter("sav")([made], tmp_path / "sav", progress=lambda *_: None)
    (manual,) = read_dataset(tmp_path / "sav")
    (auto,) = read_dataset(tmp_path / "sav", masks="auto")
    assert set(manual.labels) == set(LABELS)
    assert dict(auto.labels) == {2: "cue"}
    assert by_track(auto.frames()) == by_track(drawn(frame) for frame in range(FRAMES))
    assert {mask.stability for row in auto.frames() for mask in row.masks} == {0.75}


def test_what_nobody_has_reviewed_is_read_all_the_same(tmp_path: Path) -> None:
    made = item("game-1", "val", "aa", reviewed=False)
    exporter("sav")([made], tmp_path / "sav", progress=lambda *_: None)
    (one,) = read_dataset(tmp_path / "sav")
    assert by_track(one.frames()) == by_track(masks_of(frame) for frame in range(FRAMES))
    assert (dict(one.labels), one.clip.split) == (LABELS, "val")


def test_davis_at_480p_is_read_from_its_own_folders(tmp_path: Path) -> None:
    (one, _) = read_dataset(written(tmp_path, "davis", "", resolution="480p"))
    assert Path(one.clip.media).parent.name == "480p"
    assert {mask.track for row in one.frames() for mask in row.masks} == set(LABELS)


def test_yolo_is_written_and_never_read(tmp_path: Path) -> None:
    folder = written(tmp_path, "yolo-seg", "")
    with pytest.raises(InputError, match="no identities"):
        read_dataset(folder)


squares = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(5, 12), st.integers(5, 12))


def square(cell: int, at) -> rle.RLE:
    x, y, wide, high = at
    pixels = np.ones((high, wide), bool)
    return rle.encode(pixels, origin=(cell * 16 + x, 8 + y), size=(HIGH, WIDE))


@pytest.mark.slow
@each_format
@given(
    rows=st.lists(
        st.dictionaries(st.integers(0, 3), squares, min_size=1), min_size=FRAMES, max_size=FRAMES
    )
)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_clip_reads_again_as_what_was_exported(tmp_path_factory, name, layout, rows) -> None:
    def masks(frame: int) -> FrameMasks:
        seen = rows[frame] | {0: (0, 0, 5, 5)}  # formats want a ball on the first frame
        return FrameMasks(
            frame, tuple(TrackMask(2 + cell, square(cell, at)) for cell, at in seen.items())
        )

    made = item("game-1", "train", "aa", masks=masks)
    folder = tmp_path_factory.mktemp("any")
    exporter(name, layout=layout)([made], folder / name, progress=lambda *_: None)
    (one,) = read_dataset(folder / name)
    scored = {track for f in range(1, FRAMES - 1) for track in by_track([masks(f)])[f]}
    kept = scored if name == "sav-val" else set(range(2, 6))
    expected = by_track(masks(frame) for frame in range(FRAMES))
    assert by_track(one.frames()) == {
        frame: {track: mask for track, mask in seen.items() if track in kept}
        for frame, seen in expected.items()
    }


def test_a_coco_split_in_which_no_ball_is_seen_is_read_too(tmp_path: Path):
    bare = item("game-2", "val", "bb", masks=lambda frame: FrameMasks(frame, ()))
    items = [item("game-1", "train", "aa"), bare]
    folder = exporter("coco")(items, tmp_path / "coco", progress=lambda *_: None).out
    clips = {one.clip.id: one for one in read_dataset(folder)}
    assert sorted(clips) == ["game-1", "game-2"]
    assert not any(row.masks for row in clips["game-2"].frames())
