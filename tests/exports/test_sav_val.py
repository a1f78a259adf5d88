"""SA-V's validation layout, as its evaluation and its trainer read it."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from engine.datasets import read_dataset
from engine.errors import ExportError, SettingsError
from engine.ports import ExportItem
from engine.types import TrackMask
from exports.registry import exporter

MakeItem = Callable[..., ExportItem]
Silent = Callable[[str, int, int], None]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def val(make_item: MakeItem, tmp_path: Path, silent: Silent) -> Path:
    item = replace(make_item(split="val"), step=5)
    return exporter("sav-val")([item], tmp_path / "val", progress=silent).out


def test_folders_are_named_by_the_rate_of_pictures_and_of_annotations(val: Path) -> None:
    assert names(val / "JPEGImages_30fps/game-1") == [f"{k:05d}.jpg" for k in range(12)]
    for thing in names(val / "Annotations_6fps/game-1"):
        found = names(val / "Annotations_6fps/game-1" / thing)
        assert found == ["00000.png", "00005.png", "00010.png"]
    assert (val / "sav_val.txt").read_text() == "game-1\n"


def test_without_a_step_every_frame_is_annotated(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    folder = exporter("sav-val")([item], tmp_path / "val", progress=silent).out
    assert len(names(folder / "Annotations_30fps/game-1/000")) == 12


def test_a_rate_that_is_not_whole_is_rounded_in_names(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    item = replace(make_item(rate=Fraction(30000, 1001)), step=5)
    folder = exporter("sav-val")([item], tmp_path / "val", progress=silent).out
    assert {"JPEGImages_30fps", "Annotations_6fps"} <= set(names(folder))


def test_clips_of_other_rates_lie_in_other_folders(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    items = [make_item("a"), make_item("b", rate=Fraction(25), video="cafe")]
    folder = exporter("sav-val")(items, tmp_path / "val", progress=silent).out
    assert names(folder / "JPEGImages_30fps") == names(folder / "Annotations_30fps") == ["a"]
    assert names(folder / "JPEGImages_25fps") == names(folder / "Annotations_25fps") == ["b"]
    assert (folder / "sav_val.txt").read_text() == "a\nb\n"


def test_the_list_of_the_test_layout_has_its_name(
    item: ExportItem, tmp_path: Path, silent: Silent
) -> None:
    report = exporter("sav-val", layout="test")([item], tmp_path / "test", progress=silent)
    assert (report.out / "sav_test.txt").read_text() == "game-1\n"
    assert "game-1: of split train, listed for test" in report.notes


def test_our_own_reader_gives_back_every_mask_with_its_track(val: Path, item: ExportItem) -> None:
    (clip,) = read_dataset(val)
    assert clip.labelled == (0, 5, 10)
    assert clip.clip.frames == 12
    truth = {row.frame: row.by_track() for row in item.frames()}
    for row in clip.frames():
        kept = {track: mask.rle for track, mask in truth[row.frame].items() if track in (1, 2)}
        assert {mask.track: mask.rle for mask in row.masks} == kept


def test_a_ball_that_is_not_scored_anywhere_is_left_out_by_name(
    make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    ball = next(make_item().frames()).masks[0]

    def masks(frame: int) -> tuple[TrackMask, ...]:
        return (ball, *((replace(ball, track=2),) if frame in (0, 11) else ()))

    report = exporter("sav-val")([make_item(masks=masks)], tmp_path / "val", progress=silent)
    assert names(report.out / "Annotations_30fps/game-1") == ["000"]
    assert any(
        note.startswith("game-1: track 2 is visible on no annotated frame between")
        for note in report.notes
    )


@pytest.mark.parametrize(
    ("frames", "step", "seen", "reason"),
    [
        (2, 1, range(12), "2 annotated frames, the first and the last are not scored"),
        (9, 5, range(12), "2 annotated frames"),
        (12, 1, (), "no ball between first and last frame"),
        (12, 5, (3, 4, 6), "no ball between first and last frame"),
        (12, 1, (0, 11), "no ball between first and last frame"),
    ],
)
def test_a_clip_that_cannot_be_scored_is_named_and_left_out(
    frames: int,
    step: int,
    seen: tuple[int, ...],
    reason: str,
    make_item: MakeItem,
    tmp_path: Path,
    silent: Silent,
) -> None:
    ball = next(make_item().frames()).masks[0]
    item = make_item(frames=frames, masks=lambda k: (ball,) if k in seen else ())
    with pytest.raises(ExportError, match=reason):
        exporter("sav-val")([replace(item, step=step)], tmp_path / "val", progress=silent)


def test_there_is_no_layout_but_val_and_test() -> None:
    with pytest.raises(SettingsError, match="no layout 'train'; it has val, test"):
        exporter("sav-val", layout="train")
