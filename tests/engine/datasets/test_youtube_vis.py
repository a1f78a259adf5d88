"""YouTube-VIS and YouTube-VOS as others write them: read to the pixel or refused with a reason."""

import json
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

from engine.datasets import files_of, read_dataset, stretch
from engine.errors import InputError

HIGH, WIDE = 64, 96


def runs(mask):
    """Return run lengths as a list of numbers, as YouTube-VIS has them."""
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flat])))
    return {"size": list(mask.shape), "counts": np.diff([0, *edges, flat.size]).tolist()}


def polygon(mask):
    rows, columns = np.nonzero(mask)
    x0, x1, y0, y1 = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    return [[int(x0), int(y0), int(x1), int(y0), int(x1), int(y1), int(x0), int(y1)]]


def index(golden, *, names=("game-1",), written=None, numbers=range(10), **extra):
    """Return an index; ``written`` turns a mask into a segmentation."""
    written = written or golden.coco_json
    said = {
        "videos": [],
        "annotations": [],
        "categories": [{"id": 1, "name": "cue"}, {"id": 2, "name": "stripe"}],
    }
    for video, name in enumerate(names, 1):
        files = [f"{name}/{number:05d}.jpg" for number in numbers]
        said["videos"].append(
            {"id": video, "width": WIDE, "height": HIGH, "length": len(files), "file_names": files}
        )
        for kind, track in enumerate((3, 7), 1):
            seen = [golden.arrays_of(frame).get(track) for frame in range(len(files))]
            masks = [None if mask is None else written(mask) for mask in seen]
            one = {
                "id": video * 50 + kind,
                "video_id": video,
                "category_id": kind,
                "segmentations": masks,
            }
            said["annotations"].append(
                one | {key: values[kind - 1] for key, values in extra.items()}
            )
    return said  # fmt: skip


def write(path: Path, said) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def same(golden, found, tracks) -> None:
    assert list(found) == list(range(golden.frames))
    for frame, masks in found.items():
        expected = {tracks[t]: mask for t, mask in golden.arrays_of(frame).items()}
        assert set(masks) == set(expected)
        for track, mask in expected.items():
            np.testing.assert_array_equal(masks[track], mask)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(
    ("file", "split"),
    [("val.json", "val"), ("annotations/instances_train.json", "train"), ("instances.json", "train")],
)  # fmt: skip
def test_masks_come_back_from_either_run_lengths(
    golden, folder, decoded, packed, file, split
) -> None:
    golden.pictures(folder / "JPEGImages" / "game-1")
    write(folder / file, index(golden, written=None if packed else runs))
    (one,) = read_dataset(folder)
    same(golden, decoded(one), {3: 1, 7: 2})
    assert dict(one.labels) == {1: "cue", 2: "stripe"}
    assert (one.clip.id, one.clip.split, one.clip.rate) == ("game-1", split, 30)
    assert [row.frame for row in stretch(one, 5, 7)[1]] == [5, 6]
    assert len(list(stretch(one, 5, 7)[0])) == 2


def test_polygons_have_the_pixels_of_pycocotools(golden, folder, decoded) -> None:
    golden.pictures(folder / "JPEGImages" / "game-1")
    write(folder / "train.json", index(golden, written=polygon))
    for frame, masks in decoded(read_dataset(folder)[0]).items():
        for track, mask in golden.arrays_of(frame).items():
            own = coco_masks.merge(coco_masks.frPyObjects(polygon(mask), HIGH, WIDE))
            np.testing.assert_array_equal(
                masks[{3: 1, 7: 2}[track]], coco_masks.decode(own).astype(bool)
            )


def test_every_fifth_frame_is_a_clip_of_a_fifth_of_the_rate(golden, folder, decoded) -> None:
    numbers = range(0, 50, 5)
    golden.pictures(folder / "train" / "JPEGImages" / "game-1", numbers)
    write(folder / "train" / "instances.json", index(golden, numbers=numbers))
    (one,) = read_dataset(folder)
    same(golden, decoded(one), {3: 1, 7: 2})
    assert one.clip.rate == 6
    assert files_of(one)[2].name == "00010.jpg"


def test_identities_of_the_index_and_then_of_our_side_file_are_the_tracks(
    golden, folder, decoded
) -> None:
    golden.pictures(folder / "JPEGImages" / "game-1")
    write(folder / "train.json", index(golden, track_id=(7, 3)))
    same(golden, decoded(read_dataset(folder)[0]), {3: 7, 7: 3})
    golden.side_file(folder, {7: 3, 3: 7}, names=["game-1"])
    (one,) = read_dataset(folder)
    same(golden, decoded(one), {3: 3, 7: 7})
    assert (one.clip.rate, one.clip.video) == (Fraction(30000, 1001), "aa")


def test_ids_of_annotations_are_looked_up_where_there_are_no_others(
    golden, folder, decoded
) -> None:
    golden.pictures(folder / "JPEGImages" / "game-1")
    write(folder / "train.json", index(golden))
    golden.side_file(folder, {51: 3, 52: 7}, names=["game-1"])
    same(golden, decoded(read_dataset(folder)[0]), {3: 3, 7: 7})


def test_clips_of_one_index_are_kept_apart_and_a_damaged_one_leaves_the_other(
    golden, folder, decoded
) -> None:
    for name in ("a.b", "c"):
        golden.pictures(folder / "JPEGImages" / name)
    write(folder / "train.json", index(golden, names=("a.b", "c")))
    assert [one.clip.id for one in read_dataset(folder)] == ["a-b", "c"]
    (folder / "JPEGImages" / "a.b" / "00004.jpg").unlink()
    with pytest.raises(InputError, match=r"a\.b/00004\.jpg is missing"):
        read_dataset(folder)
    told: list[str] = []
    (one,) = read_dataset(folder, damaged=lambda name, _: told.append(name))
    same(golden, decoded(one), {3: 1, 7: 2})
    assert told == ["a.b"]


@given(clip=arrays(np.bool_, (3, 2, 7, 9)), packed=st.booleans())
@settings(max_examples=20, deadline=None)
def test_any_masks_come_back_to_the_pixel(tmp_path_factory, golden, decoded, clip, packed) -> None:
    folder = tmp_path_factory.mktemp("vis")
    files = [f"{frame}.jpg" for frame in range(3)]
    for name in files:
        Pillow.new("RGB", (9, 7)).save(folder / name)
    said = {"categories": [{"id": 1, "name": "ball"}], "annotations": []}
    said["videos"] = [{"id": 4, "width": 9, "height": 7, "file_names": files}]
    for number in range(2):
        masks = [(golden.coco_json if packed else runs)(mask) for mask in clip[:, number]]
        said["annotations"].append({"id": number, "video_id": 4, "category_id": 1, "segmentations": masks})  # fmt: skip
    write(folder / "train.json", said)
    found = decoded(read_dataset(folder)[0])
    for frame in range(3):
        for number in range(2):
            again = found[frame].get(number + 1, np.zeros((7, 9), bool))
            np.testing.assert_array_equal(again, clip[frame, number])


DAMAGE = {
    "another length": (lambda s: s["videos"][0].update(length=9), "length is 9, file_names are 10"),
    "no pictures": (lambda s: s["videos"][0].update(file_names=[]), "file_names is"),
    "no size": (lambda s: s["videos"][0].pop("width"), "'width'"),
    "an unknown category": (lambda s: s["annotations"][1].update(category_id=9), r"annotations\[1\].*category_id 9"),
    "an unknown video": (lambda s: s["annotations"][1].update(video_id=9), r"annotations\[1\].*video_id 9"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named_with_file_place_and_value(golden, folder, damage) -> None:
    golden.pictures(folder / "JPEGImages" / "game-1")
    said = index(golden)
    change, reason = DAMAGE[damage]
    change(said)
    write(folder / "train.json", said)
    with pytest.raises(InputError, match=rf"train\.json.*{reason}"):
        read_dataset(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a["segmentations"].pop(), "9 segmentations, its video has 10"),
        (lambda a: a.pop("segmentations"), "no segmentations"),
        (
            lambda a: a["segmentations"].__setitem__(4, [[1, 2]]),
            r"annotations\[1\].*frame 4: expected a polygon",
        ),
    ],
)
def test_damaged_masks_are_named_when_they_are_read(golden, folder, change, reason) -> None:
    golden.pictures(folder / "JPEGImages" / "game-1")
    said = index(golden)
    change(said["annotations"][1])
    write(folder / "train.json", said)
    (one,) = read_dataset(folder)
    with pytest.raises(InputError, match=rf"train\.json.*{reason}"):
        list(one.frames())


def vos(golden, folder: Path, *, numbers=range(0, 50, 5)) -> Path:
    """Write a clip of YouTube-VOS and return its folder of PNGs."""
    golden.pictures(folder / "train" / "JPEGImages" / "0a1b", numbers)
    rows = {
        number: {{3: 1, 7: 2}[t]: mask for t, mask in golden.arrays_of(frame).items()}
        for frame, number in enumerate(numbers)
    }
    golden.palette(folder / "train" / "Annotations" / "0a1b", rows)
    names = [f"{number:05d}" for number in numbers]
    objects = {"1": {"category": "cue", "frames": names}, "2": {"category": "stripe", "frames": names[2:5]}}  # fmt: skip
    write(folder / "train" / "meta.json", {"videos": {"0a1b": {"objects": objects}}})
    return folder / "train" / "Annotations" / "0a1b"


def test_youtube_vos_is_read_with_the_classes_of_its_meta_json(golden, folder, decoded) -> None:
    vos(golden, folder)
    (one,) = read_dataset(folder)
    same(golden, decoded(one), {3: 1, 7: 2})
    assert dict(one.labels) == {1: "cue", 2: "stripe"}
    assert (one.clip.rate, one.clip.split) == (6, "train")
    assert read_dataset(folder / "train")[0].clip.id == "0a1b"


def test_a_mask_that_meta_json_speaks_of_must_be_there(golden, folder) -> None:
    masks = vos(golden, folder)
    (masks / "00015.png").unlink()
    with pytest.raises(InputError, match=r"meta\.json: 0a1b: object 1: .*00015\.png is missing"):
        read_dataset(folder)
    shutil.rmtree(masks)
    with pytest.raises(InputError, match=r"00000\.png is missing"):
        read_dataset(folder)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "'videos'"),
        ({"videos": []}, "videos is a list"),
        ({"videos": {"0a1b": {}}}, "0a1b: expected"),
        ({"videos": {"0a1b": {"objects": {"x": {"category": "cue"}}}}}, "0a1b: expected"),
        ({"videos": {"0a1b": {"objects": {"1": {}}}}}, "0a1b: object 1: has no 'category'"),
    ],
)
def test_a_damaged_meta_json_is_named(golden, folder, said, reason) -> None:
    vos(golden, folder)
    write(folder / "train" / "meta.json", said)
    with pytest.raises(InputError, match=rf"meta\.json.*{reason}"):
        read_dataset(folder)
