"""A dataset is compared with the database it came from: every mask to the pixel, every picture with its frame."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.errors import InputError, SelectionError
from engine.ports import ExportItem
from engine.types import FrameBatch, FrameMasks, TrackMask
from exports.checks.against import against
from exports.registry import LAYOUTS, exporter

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]
SIZE, FRAMES = (64, 96), 12
EVERY = [(name, layout) for name in LAYOUTS for layout in LAYOUTS[name]]
SAV = "game-1_manual.json"
AREA = 145
"""Pixels of the disc of track 2, which nothing hides."""


def filmed() -> Iterator[FrameBatch]:
    """A ball that rolls on by three pixels a frame, and colours on the cloth."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    for k in range(FRAMES):
        ball = (columns - 20 - 3 * k) ** 2 + (rows - 30) ** 2 < 64
        cloth = [np.full(SIZE, 30), 90 + columns / 2, 40 + rows / 2]
        rgb = np.stack([np.where(ball, 230, channel) for channel in cloth], axis=-1)
        yield FrameBatch(k, rgb.astype(np.uint8)[None])


@pytest.fixture
def item(make_item: Make) -> ExportItem:
    return replace(make_item(), pictures=filmed)


@pytest.fixture
def write(item: ExportItem, tmp_path: Path, silent: Silent) -> Callable[..., Path]:
    def written(name: str, layout: str = "", *items: ExportItem, **options: Any) -> Path:
        made = exporter(name, layout=layout, **options)
        return made(items or [item], tmp_path / "out", progress=silent).out

    return written


def without(item: ExportItem, frame: int, track: int) -> ExportItem:
    """The clip in whose database a track is away on a frame."""

    def frames() -> Iterator[FrameMasks]:
        for row in item.frames():
            gone = row.frame == frame
            yield FrameMasks(row.frame, tuple(m for m in row.masks if not gone or m.track != track))

    return replace(item, frames=frames)


def nudged(item: ExportItem, frame: int, track: int) -> ExportItem:
    """The clip in whose database a mask has one pixel more."""

    def grown(mask: TrackMask) -> TrackMask:
        pixels = rle.decode(mask.rle)
        y, x = np.argwhere(pixels)[0]
        pixels[y - 1, x] = True
        return replace(mask, rle=rle.encode(pixels))

    def frames() -> Iterator[FrameMasks]:
        for row in item.frames():
            at = row.frame == frame
            masks = (grown(m) if at and m.track == track else m for m in row.masks)
            yield FrameMasks(row.frame, tuple(masks))

    return replace(item, frames=frames)


@pytest.mark.parametrize(("name", "layout"), EVERY)
def test_what_was_written_is_what_the_database_holds(
    name: str, layout: str, item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    assert against(write(name, layout), [item], progress=silent) == ()


@pytest.mark.parametrize(("name", "layout"), EVERY)
def test_one_pixel_is_found_in_every_format(
    name: str, layout: str, item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    told = against(write(name, layout), [nudged(item, 4, 2)], progress=silent)
    assert told == ("game-1: frame 4, track 2: 1 pixels differ",)


@pytest.mark.parametrize("name", ["sav", "davis", "mose"])
def test_a_mask_that_is_away_is_told_with_all_its_pixels(
    name: str, item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    (told,) = against(write(name), [without(item, 9, 2)], progress=silent)
    assert told == f"game-1: frame 9, track 2: {AREA} pixels differ"


def test_the_smallest_area_of_the_manifest_counts(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    out = write("sav", min_area=1)
    assert against(out, [item], progress=silent) == ()
    said = json.loads((out / "manifest.json").read_text())
    said["settings"]["min_area"] = 20
    (out / "manifest.json").write_text(json.dumps(said))
    assert any("frame 5, track 4" in line for line in against(out, [item], progress=silent))


def test_other_resolutions_steps_and_drafts_are_what_the_database_holds(
    make_item: Make, item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    stepped = replace(make_item(frames=24), step=3)
    for name in ("sav", "sav-val", "mose", "davis"):
        assert against(write(name, "", stepped), [stepped], progress=silent) == ()
    draft = replace(item, reviewed=False, edited=dict)
    assert against(write("sav", "", draft), [draft], progress=silent) == ()
    assert against(write("davis", "", resolution="480p"), [item], progress=silent) == ()


def test_a_scaled_dataset_holds_the_scaled_masks_and_pictures(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    large = replace(item, clip=replace(item.clip, width=960, height=640))

    def enlarged() -> Iterator[FrameMasks]:
        for row in item.frames():
            big = [np.kron(rle.decode(m.rle), np.ones((10, 10), bool)) for m in row.masks]
            masks = zip(row.masks, big, strict=True)
            yield FrameMasks(row.frame, tuple(replace(m, rle=rle.encode(b)) for m, b in masks))

    def shown() -> Iterator[FrameBatch]:
        for batch in filmed():
            yield FrameBatch(batch.first, batch.rgb.repeat(10, axis=1).repeat(10, axis=2))

    large = replace(large, frames=enlarged, auto=None, pictures=shown)
    out = write("davis", "", large, resolution="480p")
    with Image.open(out / "JPEGImages/480p/game-1/00000.jpg") as opened:
        assert opened.size == (720, 480)
    assert against(out, [large], progress=silent) == ()
    upside = replace(large, pictures=lambda: (FrameBatch(b.first, b.rgb[:, ::-1]) for b in shown()))
    (told,) = against(out, [upside], progress=silent)
    assert "00000.jpg: differs from frame 0 of the recording" in told


def test_another_revision_is_told(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    newer = replace(item, revision=replace(item.revision, id=8))
    assert against(write("sav"), {"game-1": newer}, progress=silent) == (
        "game-1: revision 7, compared with 8",
    )


def test_another_class_is_told(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    cue, *others = item.revision.tracks
    renamed = replace(item.revision, tracks=(replace(cue, label="eight"), *others))
    told = against(write("davis"), [replace(item, revision=renamed)], progress=silent)
    assert told == ("game-1: track 1: is 'cue' in the files, 'eight' in the database",)


def test_clips_on_one_side_only_are_told(
    item: ExportItem, make_item: Make, write: Callable[..., Path], silent: Silent
) -> None:
    out = write("sav")
    other = replace(make_item("game-2"), pictures=filmed)
    assert against(out, [item, other], progress=silent) == (
        "game-2: in the database, and not in the dataset, which could hold it",
    )
    short = make_item("game-3", frames=3)
    assert against(out, [item, short], progress=silent) == ()
    (told,) = against(out, [], progress=silent)
    assert told.startswith("game-1: in the dataset, and not among the clips")


def test_pictures_shifted_by_one_frame_are_told(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    out = write("davis")
    folder = out / "JPEGImages/Full-Resolution/game-1"
    for k in range(FRAMES - 1):
        shutil.copy(folder / f"{k + 1:05d}.jpg", folder / f"{k:05d}.jpg")
    (told,) = against(out, [item], progress=silent)
    assert "game-1/00000.jpg: differs from frame 0 of the recording" in told


def test_a_picture_that_does_not_open_is_told(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    out = write("davis")
    (out / "JPEGImages/Full-Resolution/game-1/00003.jpg").write_bytes(b"")
    told = against(out, [item], progress=silent)
    assert any("00003.jpg: does not open" in line for line in told)


def test_a_mask_changed_on_disk_is_told(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    path = write("davis") / "Annotations/Full-Resolution/game-1/00006.png"
    with Image.open(path) as opened:
        plane, palette = np.array(opened), opened.getpalette()
    plane[plane == 1] = 0
    new = Image.fromarray(plane, mode="P")
    new.putpalette(palette)
    new.save(path)
    told = against(path.parents[3], [item], progress=silent)
    assert [line.split(":")[1] for line in told] == [" frame 6, track 2"]


def test_a_damaged_file_is_told_and_the_others_are_compared(
    item: ExportItem, make_item: Make, write: Callable[..., Path], silent: Silent
) -> None:
    other = replace(make_item("game-2"), pictures=filmed)
    out = write("sav", "", item, other)
    (out / SAV).write_text("{")
    told = against(out, [item, nudged(other, 1, 1)], progress=silent)
    assert told[0].startswith("game-1: ")
    assert SAV in told[0]
    assert told[1:] == ("game-2: frame 1, track 1: 1 pixels differ",)


def test_a_dataset_of_somebody_else_names_no_revisions(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    out = write("sav")
    (out / "engine.json").unlink()
    with pytest.raises(SelectionError, match=r"engine.json: not there, or not ours"):
        against(out, [item], progress=silent)


def test_a_damaged_manifest_is_named(
    item: ExportItem, write: Callable[..., Path], silent: Silent
) -> None:
    out = write("sav")
    (out / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest.json"):
        against(out, [item], progress=silent)


def test_progress_counts_clips(
    item: ExportItem, make_item: Make, write: Callable[..., Path]
) -> None:
    other = replace(make_item("game-2"), pictures=filmed)
    told: list[tuple[str, int, int]] = []
    against(write("sav", "", item, other), [item, other], progress=lambda *at: told.append(at))
    assert told == [("game-1", 1, 2), ("game-2", 2, 2)]
