"""Folders of PNG masks as others lay them out: sparse, numbered from anywhere, with gaps, in the wrong colours."""

import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image as Pillow
from pycocotools import mask as coco_masks

from engine.datasets import files_of, name_of, read_dataset, stretch
from engine.datasets.indices import masks_in
from engine.errors import InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def mose(golden, folder: Path, *, name="a", frames=range(10), labelled=None, of="{:05d}") -> None:
    """Write a clip of MOSE whose k-th picture is frame k of the world."""
    golden.pictures(folder / "JPEGImages" / name, frames, name=of + ".jpg")
    rows = {
        number: {{3: 1, 7: 2}[t]: mask for t, mask in golden.arrays_of(k).items()}
        for k, number in enumerate(frames)
        if labelled is None or number in labelled
    }
    golden.palette(folder / "Annotations" / name, rows, name=of + ".png")


def plain(golden, folder: Path, *, numbers=None, mode="P", frames=range(10)) -> None:
    golden.pictures(folder / "JPEGImages" / "a")
    rows = {frame: golden.arrays_of(frame) for frame in frames}
    golden.objects(
        folder / "Annotations" / "a", rows, numbers=numbers or {3: "001", 7: "002"}, mode=mode
    )


@given(numbers=arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 3)))  # fmt: skip
def test_every_number_of_a_picture_becomes_the_mask_that_pycocotools_makes_of_its_pixels(
    numbers,
) -> None:
    found = dict(masks_in(numbers))
    assert list(found) == [n for n in np.unique(numbers) if n]
    for number, mask in found.items():
        own = coco_masks.encode(np.asfortranarray((numbers == number).astype(np.uint8)))
        assert mask.counts == own["counts"]
        assert list(mask.size) == own["size"]


pixels = arrays(np.uint8, (4, 7, 9), elements=st.integers(0, 254))


@given(clip=pixels)
@settings(max_examples=20, deadline=None)
def test_palette_pictures_come_back_to_the_pixel(tmp_path_factory, golden, decoded, clip) -> None:
    folder = tmp_path_factory.mktemp("mose")
    golden.pictures(folder / "JPEGImages" / "a", range(4), size=clip.shape[1:])
    rows = {
        frame: {int(n): numbers == n for n in np.unique(numbers)}
        for frame, numbers in enumerate(clip)
    }
    golden.palette(folder / "Annotations" / "a", rows)
    found = decoded(read_dataset(folder)[0])
    for frame, numbers in enumerate(clip):
        again = np.zeros_like(numbers)
        for number, mask in found[frame].items():
            again[mask] = number
        np.testing.assert_array_equal(again, numbers)


@given(clip=arrays(np.bool_, (3, 2, 7, 9)))
@settings(max_examples=20, deadline=None)
def test_objects_that_overlap_come_back_to_the_pixel(tmp_path_factory, decoded, clip) -> None:
    folder = tmp_path_factory.mktemp("frames")
    for frame, masks in enumerate(clip):
        for number, mask in enumerate(masks):
            of = folder / "Annotations" / "a" / f"{number:03d}"
            of.mkdir(parents=True, exist_ok=True)
            Pillow.fromarray(mask).save(of / f"{frame:05d}.png")
        stills = folder / "JPEGImages" / "a"
        stills.mkdir(parents=True, exist_ok=True)
        Pillow.new("RGB", (9, 7)).save(stills / f"{frame:05d}.jpg")
    found = decoded(read_dataset(folder)[0])
    for frame, masks in enumerate(clip):
        for number, mask in enumerate(masks):
            again = found[frame].get(number + 1, np.zeros((7, 9), bool))
            np.testing.assert_array_equal(again, mask)


@pytest.mark.parametrize(
    ("frames", "of"),
    [(range(1, 11), "{:08d}"), (range(0, 50, 5), "{:05d}"), (range(7, 17), "frame_{:04d}")],
)
def test_frame_k_is_the_kth_picture_whatever_its_number(
    golden, folder, decoded, frames, of
) -> None:
    mose(golden, folder, frames=frames, of=of)
    (one,) = read_dataset(folder)
    assert one.labelled == tuple(range(10))
    assert one.clip.rate == Fraction(30, frames.step)
    assert [file.stem for file in files_of(one)] == [of.format(number) for number in frames]
    for frame, masks in decoded(one).items():
        np.testing.assert_array_equal(masks[1], golden.arrays_of(frame)[3])
    shades = [float(picture.mean()) for picture in stretch(one, 4, 6)[0]]
    np.testing.assert_allclose(shades, [70, 80], atol=3)


def test_frames_without_a_palette_png_are_not_labelled(golden, folder) -> None:
    mose(golden, folder, labelled=(0, 4))
    (one,) = read_dataset(folder)
    assert one.clip.frames == 10
    assert one.labelled == (0, 4)
    assert [row.frame for row in stretch(one, 1, 10)[1]] == [4]


def test_a_missing_picture_is_named(golden, folder) -> None:
    mose(golden, folder)
    (folder / "JPEGImages" / "a" / "00003.jpg").unlink()
    with pytest.raises(InputError, match=r"JPEGImages/a: frame 3 is missing"):
        read_dataset(folder)


def test_a_mask_of_a_frame_without_a_picture_is_named(golden, folder) -> None:
    mose(golden, folder)
    (folder / "JPEGImages" / "a" / "00009.jpg").unlink()
    with pytest.raises(InputError, match=r"00009\.png: there is no picture 9.*from 0 to 8"):
        read_dataset(folder)


def test_no_pictures_and_no_masks_are_named(golden, folder) -> None:
    mose(golden, folder)
    for path in (folder / "Annotations" / "a").iterdir():
        path.unlink()
    with pytest.raises(InputError, match=r"Annotations/a: no masks"):
        read_dataset(folder)
    shutil.rmtree(folder / "JPEGImages")
    with pytest.raises(InputError, match=r"JPEGImages/a: no pictures"):
        read_dataset(folder)


def test_two_pictures_of_one_frame_and_a_name_without_a_number_are_named(golden, folder) -> None:
    mose(golden, folder)
    stills = folder / "JPEGImages" / "a"
    shutil.copy(stills / "00003.jpg", stills / "3.jpg")
    with pytest.raises(InputError, match=r"both 00003\.jpg and 3\.jpg are frame 3"):
        read_dataset(folder)
    (stills / "3.jpg").rename(stills / "cover.jpg")
    with pytest.raises(InputError, match=r"cover\.jpg: expected a name that ends in"):
        read_dataset(folder)


def test_what_is_no_picture_is_overlooked(golden, folder) -> None:
    mose(golden, folder)
    for name in (".DS_Store", "Thumbs.db", "._00001.jpg"):
        (folder / "JPEGImages" / "a" / name).write_bytes(b"")
    assert read_dataset(folder)[0].clip.frames == 10


def test_a_mask_of_another_size_than_its_pictures_is_named(golden, folder) -> None:
    mose(golden, folder)
    golden.palette(folder / "Annotations" / "a", {4: {1: np.ones((5, 6), bool)}})
    with pytest.raises(InputError, match=r"00004\.png: track 1 has a mask of \(5, 6\)"):
        list(read_dataset(folder)[0].frames())


def test_a_picture_of_another_size_than_its_clip_is_named(golden, folder) -> None:
    mose(golden, folder)
    Pillow.new("RGB", (5, 6)).save(folder / "JPEGImages" / "a" / "00004.jpg")
    with pytest.raises(InputError, match=r"00004\.jpg: 5 x 6 pixels, expected 96 x 64"):
        list(read_dataset(folder)[0].pictures())


def test_black_and_white_masks_are_not_taken_for_void(golden, folder) -> None:
    mose(golden, folder)
    golden.palette(folder / "Annotations" / "a", {4: {255: golden.disc(9, 9)}})
    with pytest.raises(InputError, match=r"00004\.png: holds 255 alone"):
        list(read_dataset(folder)[0].frames())


def test_sixteen_bits_are_no_palette(golden, folder) -> None:
    mose(golden, folder)
    wide = np.full((64, 96), 2001, np.uint16)
    Pillow.fromarray(wide).save(folder / "Annotations" / "a" / "00004.png")
    with pytest.raises(InputError, match=r"00004\.png: number 2001"):
        list(read_dataset(folder)[0].frames())


@pytest.mark.parametrize("mode", ["P", "L", "1"])
def test_objects_in_any_black_and_white_are_read(golden, folder, decoded, mode) -> None:
    plain(golden, folder, mode=mode)
    (one,) = read_dataset(folder)
    for frame, masks in decoded(one).items():
        for track, mask in golden.arrays_of(frame).items():
            np.testing.assert_array_equal(masks[{3: 1, 7: 2}[track]], mask)


def test_an_object_in_colours_is_refused(golden, folder) -> None:
    plain(golden, folder, mode="RGB")
    with pytest.raises(InputError, match=r"00000\.png: a picture of mode RGB"):
        list(read_dataset(folder)[0].frames())


def test_objects_numbered_from_0_are_tracks_from_1(golden, folder) -> None:
    plain(golden, folder, numbers={3: "000", 7: "004"})
    (one,) = read_dataset(folder)
    assert {mask.track for row in one.frames() for mask in row.masks} == {1, 5}


def test_a_missing_png_of_one_object_is_not_taken_for_an_object_that_is_gone(
    golden, folder
) -> None:
    plain(golden, folder)
    (folder / "Annotations" / "a" / "002" / "00004.png").unlink()
    with pytest.raises(InputError, match=r"002/00004\.png: missing"):
        read_dataset(folder)


def test_an_object_of_another_size_than_its_pictures_is_named(golden, folder) -> None:
    plain(golden, folder)
    path = folder / "Annotations" / "a" / "002" / "00000.png"
    Pillow.new("P", (5, 6)).save(path)  # blank: its object is not there yet
    with pytest.raises(InputError, match=r"00000\.png: track 2 has a mask of \(6, 5\)"):
        list(read_dataset(folder)[0].frames())


def test_sparse_objects_lie_on_their_frames(golden, folder, decoded) -> None:
    golden.pictures(folder / "JPEGImages_24fps" / "a")
    rows = {frame: golden.arrays_of(frame) for frame in range(0, 10, 4)}
    golden.objects(folder / "Annotations_6fps" / "a", rows, numbers={3: "000", 7: "001"})
    golden.lists(folder, sav_test="a")
    (one,) = read_dataset(folder, split="test")
    assert (one.clip.rate, one.clip.frames, one.labelled) == (24, 10, (0, 4, 8))
    for frame, masks in decoded(one).items():
        for track, mask in golden.arrays_of(frame).items():
            np.testing.assert_array_equal(masks[{3: 1, 7: 2}[track]], mask)


def test_masks_at_a_rate_without_pictures_are_named(golden, folder) -> None:
    rows = {0: golden.arrays_of(0)}
    golden.objects(folder / "Annotations_6fps" / "a", rows, numbers={3: "000"})
    with pytest.raises(InputError, match=r"no JPEGImages_\.\.fps/a"):
        read_dataset(folder)


def test_splits_in_folders_and_names_that_are_no_ids(golden, folder) -> None:
    mose(golden, folder / "train", name="ab.c")
    mose(golden, folder / "valid", name="ab.c")
    both = read_dataset(folder)
    assert [(one.clip.id, name_of(one), one.clip.split) for one in both] == [
        ("ab-c", "ab.c", "train"),
        ("ab-c-2", "ab.c", "val"),
    ]


def test_lists_of_pictures_and_of_both_splits_are_understood(golden, folder) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("bear", "bus"):
        golden.pictures(folder / "JPEGImages" / "480p" / name)
        golden.palette(folder / "Annotations" / "480p" / name, {0: {1: golden.disc(9, 9)}})
    golden.lists(
        folder / "ImageSets" / "480p",
        train="/JPEGImages/480p/bear/00000.jpg /Annotations/480p/bear/00000.png",
        trainval="/JPEGImages/480p/bus/00000.jpg /Annotations/480p/bus/00000.png",
        val="/JPEGImages/480p/bus/00000.jpg /Annotations/480p/bus/00000.png",
    )
    splits = {one.clip.id: one.clip.split for one in read_dataset(folder)}
    assert splits == {"bear": "train", "bus": "val"}


def test_masks_are_read_where_pictures_of_their_resolution_are(golden, folder) -> None:
    golden.pictures(folder / "JPEGImages" / "480p" / "a")
    for level in ("480p", "Full-Resolution"):
        golden.palette(folder / "Annotations" / level / "a", {0: {1: golden.disc(9, 9)}})
    assert read_dataset(folder)[0].clip.media.endswith("480p/a")


@pytest.mark.parametrize("said", ["{", '{"a": [1]}', '{"a": {"x": "ball"}}'])
def test_damaged_semantics_are_named(golden, folder, said) -> None:
    mose(golden, folder)
    (folder / "davis_semantics.json").write_text(said)
    with pytest.raises(InputError, match=r"davis_semantics\.json"):
        read_dataset(folder)
