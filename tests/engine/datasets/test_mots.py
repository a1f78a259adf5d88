"""MOTS as text and as PNG, in both layouts: read to the pixel or refused with a reason."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from PIL import Image as Pillow

from engine.datasets import files_of, read_dataset, stretch
from engine.errors import InputError

IDS = {3: 2001, 7: 1004}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def lines(golden, *, first: int = 1) -> list[str]:
    found = []
    for frame in range(golden.frames):
        for track, mask in golden.arrays_of(frame).items():
            said = golden.coco_json(mask)
            of = IDS[track]
            found.append(f"{frame + first} {of} {of // 1000} 64 96 {said['counts']}\n")
    return found


def challenge(golden, folder: Path, *, text: list[str] | None = None, **info) -> Path:
    """Write a sequence of MOTSChallenge and return its folder."""
    golden.pictures(folder / "img1", range(1, 11), name="{:06d}.jpg")
    (folder / "gt").mkdir()
    (folder / "gt" / "gt.txt").write_text("".join(lines(golden) if text is None else text))
    said = {"name": folder.name, "imDir": "img1", "frameRate": 30, "seqLength": 10} | info
    body = "".join(f"{key}={value}\n" for key, value in said.items())
    (folder / "seqinfo.ini").write_text("[Sequence]\n" + body)
    return folder


def kitti(golden, folder: Path, *, form: str) -> None:
    golden.pictures(folder / "images" / "0002", name="{:06d}.png")
    if form == "text":
        (folder / "instances_txt").mkdir()
        (folder / "instances_txt" / "0002.txt").write_text("".join(lines(golden, first=0)))
        return
    (folder / "instances" / "0002").mkdir(parents=True)
    for frame in range(golden.frames):
        numbers = np.zeros(golden.size, np.uint16)
        for track, mask in golden.arrays_of(frame).items():
            numbers[mask] = IDS[track]
        numbers[:3, :3] = 10_000
        Pillow.fromarray(numbers).save(folder / "instances" / "0002" / f"{frame:06d}.png")


def same(golden, found, tracks=IDS) -> None:
    assert list(found) == list(range(golden.frames))
    for frame, masks in found.items():
        expected = {tracks[t]: mask for t, mask in golden.arrays_of(frame).items()}
        assert set(masks) == set(expected)
        for track, mask in expected.items():
            np.testing.assert_array_equal(masks[track], mask)


def test_the_first_line_of_a_challenge_is_of_the_first_picture(golden, folder, decoded) -> None:
    challenge(golden, folder / "val" / "MOTS20-01", frameRate="29.97")
    (one,) = read_dataset(folder)
    same(golden, decoded(one))
    assert dict(one.labels) == {2001: "pedestrian", 1004: "car"}
    assert (one.clip.id, one.clip.split) == ("MOTS20-01", "val")
    assert one.clip.rate == Fraction(30000, 1001)
    assert files_of(one)[0].name == "000001.jpg"
    pictures, rows = stretch(one, 3, 5)
    assert [float(picture.mean()) for picture in pictures] == pytest.approx([60, 70], abs=3)
    assert [row.frame for row in rows] == [3, 4]
    assert list(stretch(one, 4, 4)[1]) == []


def test_lines_in_any_order_are_read_and_regions_to_ignore_left_out(
    golden, folder, decoded
) -> None:
    ignored = f"2 10000 10 64 96 {golden.coco_json(golden.disc(9, 9))['counts']}\n"
    challenge(golden, folder / "a", text=[*reversed(lines(golden)), ignored, ignored, "\n"])
    same(golden, decoded(read_dataset(folder)[0]))


@pytest.mark.parametrize("form", ["text", "png"])
def test_kitti_counts_from_0_and_reads_alike_from_text_and_png(
    golden, folder, decoded, form
) -> None:
    kitti(golden, folder / "train", form=form)
    (one,) = read_dataset(folder)
    same(golden, decoded(one))
    assert dict(one.labels) == {2001: "pedestrian", 1004: "car"}
    assert set(one.labels) == {1004, 2001}
    assert len(one.labels) == 2


@pytest.mark.parametrize("form", ["text", "png"])
def test_our_side_file_gives_tracks_and_classes(golden, folder, decoded, form) -> None:
    kitti(golden, folder, form=form)
    golden.side_file(folder, {2001: 3, 1004: 7}, names=["0002"])
    (one,) = read_dataset(folder)
    same(golden, decoded(one), {3: 3, 7: 7})
    assert dict(one.labels) == golden.labels
    assert one.clip.video == "aa"


def test_the_side_file_of_a_dataset_with_splits_lies_above_them(golden, folder, decoded) -> None:
    challenge(golden, folder / "train" / "a")
    golden.side_file(folder, {2001: 3, 1004: 7}, names=["a"])
    for path in (folder, folder / "train"):
        (one,) = read_dataset(path)
        same(golden, decoded(one), {3: 3, 7: 7})


@given(clip=arrays(np.bool_, (3, 2, 7, 9)))
@settings(max_examples=20, deadline=None)
def test_any_masks_come_back_to_the_pixel(tmp_path_factory, golden, decoded, clip) -> None:
    folder = tmp_path_factory.mktemp("mots") / "a"
    (folder / "gt").mkdir(parents=True)
    (folder / "img1").mkdir()
    text = []
    for frame, masks in enumerate(clip, 1):
        Pillow.new("RGB", (9, 7)).save(folder / "img1" / f"{frame:06d}.jpg")
        for number, mask in enumerate(masks, 1):
            text.append(f"{frame} {2000 + number} 2 7 9 {golden.coco_json(mask)['counts']}\n")
    (folder / "gt" / "gt.txt").write_text("".join(text))
    found = decoded(read_dataset(folder.parent)[0])
    for frame, masks in enumerate(clip):
        for number, mask in enumerate(masks, 2001):
            again = found[frame].get(number, np.zeros((7, 9), bool))
            np.testing.assert_array_equal(again, mask)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x 2001 2 64 96 a\n", "expected frame, id, class"),
        ("1 2001 2 64 96\n", "5 words"),
        ("11 2001 2 64 96 a\n", "frame 11, its pictures go from 1 to 10"),
        ("0 2001 2 64 96 a\n", "frame 0, its pictures go from 1 to 10"),
        ("3 2001 1 64 96 a\n", "class 1 and id 2001"),
        ("3 7 0 64 96 a\n", "class 0 and id 7"),
        ("3 2001 2 64 96 a\n", "object 2001 is twice on frame 3"),
    ],
)
def test_a_damaged_line_is_named_with_its_number(golden, folder, line, reason) -> None:
    challenge(golden, folder / "a", text=[*lines(golden), line])
    count = len(lines(golden)) + 1
    with pytest.raises(InputError, match=rf"gt\.txt: line {count}: .*{reason}"):
        read_dataset(folder)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("4 2009 2 64 96 ~\n", "not a COCO run-length"),
        ("4 2009 2 3 2 6\n", r"track 2009 has a mask of \(3, 2\)"),
        ("4 2009 2 a 2 6\n", "invalid literal"),
    ],
)
def test_a_damaged_mask_is_named_when_its_frame_is_read(golden, folder, line, reason) -> None:
    challenge(golden, folder / "a", text=[*lines(golden), line])
    (one,) = read_dataset(folder)
    with pytest.raises(InputError, match=rf"gt\.txt: frame 4.*{reason}"):
        list(one.frames())


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ({"seqLength": 11}, "seqLength is 11, .* holds 10"),
        ({"frameRate": "fast"}, "frameRate is 'fast'"),
        ({"frameRate": 0}, "fps is 0"),
        ({"imDir": "img2"}, "img2: no pictures"),
    ],
)
def test_a_seqinfo_that_is_not_so_is_named(golden, folder, info, reason) -> None:
    challenge(golden, folder / "a", **info)
    with pytest.raises(InputError, match=reason):
        read_dataset(folder)


def test_a_seqinfo_that_is_none_and_one_damaged_sequence_of_two(golden, folder) -> None:
    for name in ("a", "b"):
        challenge(golden, folder / name)
    (folder / "a" / "seqinfo.ini").write_text("name=a\n")
    with pytest.raises(InputError, match=r"a/seqinfo\.ini: expected an INI file"):
        read_dataset(folder)
    told: list[str] = []
    (one,) = read_dataset(folder, damaged=lambda name, _: told.append(name))
    assert (one.clip.id, told) == ("b", ["a"])


def test_a_missing_picture_is_named(golden, folder) -> None:
    challenge(golden, folder / "a")
    (folder / "a" / "img1" / "000004.jpg").unlink()
    with pytest.raises(InputError, match=r"img1: frame 4 is missing"):
        read_dataset(folder)


def test_pngs_and_pictures_that_do_not_belong_together_are_named(golden, folder) -> None:
    kitti(golden, folder, form="png")
    masks = folder / "instances" / "0002"
    (masks / "000009.png").rename(masks / "000010.png")
    with pytest.raises(InputError, match=r"0002: no PNG of frame 9"):
        read_dataset(folder)
    (folder / "images" / "0002" / "000009.png").unlink()
    with pytest.raises(InputError, match=r"000010\.png: there is no picture 10"):
        read_dataset(folder)


def test_pngs_of_another_size_or_without_classes_are_named(golden, folder) -> None:
    kitti(golden, folder, form="png")
    path = folder / "instances" / "0002" / "000003.png"
    Pillow.fromarray(np.full((64, 96), 7, np.uint16)).save(path)
    (one,) = read_dataset(folder)
    with pytest.raises(InputError, match=r"000003\.png: number 7, expected class"):
        list(one.frames())
    Pillow.fromarray(np.full((6, 9), 2001, np.uint16)).save(path)
    with pytest.raises(InputError, match=r"000003\.png: 9 x 6, its pictures are 96 x 64"):
        list(one.frames())
