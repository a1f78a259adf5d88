"""COCO with identities, by video and by frame, as others write it: read to the pixel or refused with a reason."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from PIL import Image as Pillow

from engine.datasets import files_of, name_of, read_dataset, stretch
from engine.errors import InputError, SelectionError

HIGH, WIDE = 64, 96


def index(golden, *, video=True, names=("game-1",), of="{}/{:05d}.jpg", identity="instance_id"):
    """Return an index in which annotations come before images, as no reader should mind."""
    said = {"info": {"description": "ä"}, "annotations": [], "images": [], "videos": []}
    said["categories"] = [{"id": 5, "name": "cue"}, {"id": 9, "name": "stripe"}]
    for clip, name in enumerate(names, 1):
        said["videos"].append({"id": clip, "name": name, "fps": 29.97})
        for frame in range(golden.frames):
            image = clip * 1000 + frame
            of_image = {
                "id": image,
                "file_name": of.format(name, frame),
                "height": HIGH,
                "width": WIDE,
            }
            said["images"].append(
                of_image | ({"video_id": clip, "frame_id": frame} if video else {})
            )
            for track, mask in golden.arrays_of(frame).items():
                one = {
                    "id": image * 10 + track,
                    "image_id": image,
                    "category_id": {3: 5, 7: 9}[track],
                }
                one |= {"segmentation": golden.coco_json(mask), "iscrowd": 0}
                one |= (
                    {"attributes": {"track_id": track}}
                    if identity == "attributes"
                    else {identity: track}
                )
                said["annotations"].append(one)
    if not video:
        del said["videos"]
    return said  # fmt: skip


def write(path: Path, said) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def same(golden, found, tracks=None) -> None:
    """Assert that the masks are those of the world."""
    assert list(found) == list(range(golden.frames))
    for frame, masks in found.items():
        expected = {(tracks or {}).get(t, t): mask for t, mask in golden.arrays_of(frame).items()}
        assert set(masks) == set(expected)
        for track, mask in expected.items():
            np.testing.assert_array_equal(masks[track], mask)


@pytest.mark.parametrize("identity", ["instance_id", "track_id", "attributes"])
@pytest.mark.parametrize("video", [True, False])
def test_masks_and_identities_come_back(golden, folder, decoded, video, identity) -> None:
    golden.pictures(folder / "images" / "game-1")
    said = index(golden, video=video, identity=identity)
    write(folder / "annotations" / "instances_val2017.json", said)
    (one,) = read_dataset(folder)
    same(golden, decoded(one))
    assert dict(one.labels) == {3: "cue", 7: "stripe"}
    assert (one.clip.id, one.clip.split, one.clip.frames) == ("game-1", "val", 10)
    assert one.clip.rate == (Fraction(30000, 1001) if video else 30)
    assert [float(picture.mean()) for picture in stretch(one, 2, 4)[0]] == pytest.approx([50, 60], abs=3)  # fmt: skip
    assert [row.frame for row in stretch(one, 5, 7)[1]] == [5, 6]


def test_frames_by_the_beginning_of_their_names_form_clips(golden, folder, decoded) -> None:
    for name in ("a", "b"):
        golden.pictures(folder / "images" / "train", name=name + "_{:05d}.jpg")
    said = index(golden, video=False, names=("a", "b"), of="{}_{:05d}.jpg")
    write(folder / "annotations" / "instances_train.json", said)
    both = read_dataset(folder)
    assert [one.clip.id for one in both] == ["a", "b"]
    for one in both:
        same(golden, decoded(one))
        assert files_of(one)[3].name == f"{one.clip.id}_00003.jpg"


def test_one_name_in_two_folders_is_two_clips(golden, folder) -> None:
    for name in ("a.1", "b"):
        golden.pictures(folder / name, name="frame{:05d}.jpg")
    said = index(golden, video=False, names=("a.1", "b"), of="{}/frame{:05d}.jpg")
    write(folder / "all.json", said)
    both = read_dataset(folder)
    assert [(one.clip.id, name_of(one)) for one in both] == [("a-1-frame", "a.1/frame"), ("b-frame", "b/frame")]  # fmt: skip


def test_an_index_by_itself_is_a_dataset_and_so_are_splits_in_folders(golden, folder) -> None:
    for split in ("train", "valid"):
        golden.pictures(folder / split / "game-1")
        write(folder / split / "_annotations.coco.json", index(golden))
    both = read_dataset(folder)
    assert [(one.clip.id, one.clip.split) for one in both] == [("game-1", "train"), ("game-1-2", "val")]  # fmt: skip
    (one,) = read_dataset(folder / "valid" / "_annotations.coco.json")
    assert one.clip.split == "val"


def test_our_side_file_gives_tracks_classes_rates_and_recordings(golden, folder, decoded) -> None:
    golden.pictures(folder / "images" / "game-1")
    write(folder / "annotations" / "instances_train.json", index(golden))
    golden.side_file(folder, {3: 7, 7: 3}, names=["game-1"])
    (one,) = read_dataset(folder)
    same(golden, decoded(one), tracks={3: 7, 7: 3})
    assert dict(one.labels) == {7: "stripe", 3: "cue"}
    assert (one.clip.video, one.clip.rate) == ("aa", Fraction(30000, 1001))


def test_sparse_frames_are_a_clip_of_a_lower_rate(golden, folder) -> None:
    golden.pictures(folder / "game-1")
    said = index(golden)
    for image in said["images"]:
        image["frame_id"] *= 5
    write(folder / "train.json", said)
    (one,) = read_dataset(folder)
    assert one.clip.rate == Fraction(6000, 1001)
    assert one.labelled == tuple(range(10))


def test_a_frame_without_annotations_is_a_frame_without_balls(golden, folder) -> None:
    golden.pictures(folder / "game-1")
    said = index(golden)
    said["annotations"] = [a for a in said["annotations"] if a["image_id"] != 1004]
    write(folder / "train.json", said)
    assert [len(row.masks) for row in read_dataset(folder)[0].frames()][3:5] == [2, 0]


@given(clip=arrays(np.bool_, (3, 2, 7, 9)))
@settings(max_examples=20, deadline=None)
def test_any_masks_come_back_to_the_pixel(tmp_path_factory, golden, decoded, clip) -> None:
    folder = tmp_path_factory.mktemp("coco")
    said = {"categories": [{"id": 1, "name": "ball"}], "images": [], "annotations": [], "videos": [{"id": 1}]}  # fmt: skip
    for frame, masks in enumerate(clip):
        Pillow.new("RGB", (9, 7)).save(folder / f"{frame}.jpg")
        image = {"id": frame, "file_name": f"{frame}.jpg", "height": 7, "width": 9}
        said["images"].append(image | {"video_id": 1, "frame_id": frame})
        for number, mask in enumerate(masks):
            one = {"id": frame * 2 + number, "image_id": frame, "category_id": 1}
            one |= {"segmentation": golden.coco_json(mask), "track_id": number}
            said["annotations"].append(one)
    write(folder / "train.json", said)
    found = decoded(read_dataset(folder)[0])
    for frame, masks in enumerate(clip):
        for number, mask in enumerate(masks):
            again = found[frame].get(number + 1, np.zeros((7, 9), bool))
            np.testing.assert_array_equal(again, mask)


def test_images_without_identities_are_refused_with_what_is_lacking(golden, folder) -> None:
    golden.pictures(folder / "game-1")
    said = index(golden, video=False)
    del said["annotations"][4]["instance_id"]
    write(folder / "train.json", said)
    with pytest.raises(InputError, match=r"train\.json: annotations\[4\].*no track_id"):
        read_dataset(folder)


def image(said, number):
    return said["images"][number]


def annotation(said, number):
    return said["annotations"][number]


DAMAGE = {
    "an unknown category": (
        lambda s: annotation(s, 3).update(category_id=6), r"annotations\[3\].*category_id 6.*5 \(cue\), 9 \(stripe\)"),
    "a category that is no number": (lambda s: annotation(s, 3).update(category_id="cue"), r"annotations\[3\].*'cue'"),
    "no category": (lambda s: annotation(s, 3).pop("category_id"), r"annotations\[3\].*'category_id'"),
    "doubled categories": (lambda s: s["categories"].append({"id": 5, "name": "x"}), r"categories\[2\].*id 5.*twice"),
    "doubled images": (lambda s: image(s, 3).update(id=1002), r"images\[3\].*id 1002.*twice"),
    "doubled annotations": (lambda s: annotation(s, 3).update(id=10003), r"annotations\[3\].*twice"),
    "doubled videos": (lambda s: s["videos"].append({"id": 1}), r"videos\[1\].*id 1.*twice"),
    "an unknown image": (lambda s: annotation(s, 3).update(image_id=5), r"annotations\[3\].*image_id 5"),
    "an unknown video": (lambda s: image(s, 3).update(video_id=5), r"image 1003.*video_id 5"),
    "an image of no video": (lambda s: image(s, 3).pop("video_id"), r"image 1003.*video_id"),
    "a missing frame": (lambda s: image(s, 9).update(frame_id=10), "frame 9 is missing"),
    "a doubled frame": (lambda s: image(s, 3).update(frame_id=2), "images 1002 and 1003 are both frame 2"),
    "two sizes": (lambda s: image(s, 3).update(height=65), r"images of \[\(64, 96\), \(65, 96\)\]"),
    "no size": (lambda s: image(s, 3).pop("height"), "'height'"),
    "a missing picture": (lambda s: image(s, 3).update(file_name="game-1/00011.jpg"), r"game-1/00011\.jpg is missing"),
    "a picture outside": (lambda s: image(s, 3).update(file_name="../x.jpg"), r"\.\./x\.jpg is a file outside"),
    "no pictures": (lambda s: [i.update(file_name="x") for i in s["images"]], "x is missing; looked for it in"),
    "a rate of nothing": (lambda s: s["videos"][0].update(fps=0), "fps is 0"),
    "a video without images": (lambda s: s["videos"].append({"id": 2}), "2: has no images"),
    "no list": (lambda s: s.update(categories={"a": 1}), "categories is .*expected a list"),
    "no object": (lambda s: s["images"].insert(2, 4), r"images\[2\]: 4, expected an object"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named_with_file_place_and_value(golden, folder, damage) -> None:
    golden.pictures(folder / "game-1")
    said = index(golden)
    change, reason = DAMAGE[damage]
    change(said)
    write(folder / "train.json", said)
    with pytest.raises(InputError, match=rf"train\.json.*{reason}"):
        read_dataset(folder)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a.update(segmentation={"size": [3, 2], "counts": "6"}), r"of \(3, 2\)"),
        (lambda a: a.update(segmentation="x"), "got x"),
        (lambda a: a.update(instance_id=7), "a track appears twice"),
    ],
)
def test_a_damaged_mask_is_named_when_its_frame_is_read(golden, folder, change, reason) -> None:
    golden.pictures(folder / "game-1")
    said = index(golden)
    change(annotation(said, 2))  # track 3 of frame 2, where track 7 is too
    write(folder / "train.json", said)
    (one,) = read_dataset(folder)
    assert len(list(stretch(one, 5, 9)[1])) == 4
    with pytest.raises(InputError, match=rf"train\.json.*{reason}"):
        list(one.frames())


def test_one_damaged_clip_of_an_index_leaves_the_others(golden, folder) -> None:
    for name in ("a", "b"):
        golden.pictures(folder / name)
    (folder / "b" / "00004.jpg").unlink()
    write(folder / "train.json", index(golden, names=("a", "b")))
    told: list[str] = []
    (one,) = read_dataset(folder, damaged=lambda name, _: told.append(name))
    assert (one.clip.id, told) == ("a", ["b"])


def test_a_truncated_index_is_named(golden, folder) -> None:
    path = write(folder / "train.json", index(golden))
    path.write_text(path.read_text()[:-100])
    with pytest.raises(InputError, match=r"train\.json: not readable as JSON"):
        read_dataset(folder)


def test_other_json_files_are_no_index(folder) -> None:
    write(folder / "notes.json", {"images": 3})
    (folder / "empty.json").write_text("")
    with pytest.raises(SelectionError, match="no clips"):
        read_dataset(folder)


def test_labels_of_yolo_are_recognised_and_refused(folder) -> None:
    (folder / "labels" / "train").mkdir(parents=True)
    (folder / "labels" / "train" / "a.txt").write_text("0 0.1 0.1 0.2 0.1 0.2 0.2\n")
    with pytest.raises(InputError, match=r"a\.txt: labels of YOLO have no identities"):
        read_dataset(folder)


@pytest.mark.parametrize(
    ("said", "rate"),
    [(29.97, Fraction(30000, 1001)), (30, 30), (23.976, Fraction(24000, 1001)), (12.5, Fraction(25, 2))],
)  # fmt: skip
def test_decimal_rates_become_the_rates_that_were_meant(golden, folder, said, rate) -> None:
    golden.pictures(folder / "game-1")
    content = index(golden)
    content["videos"][0]["fps"] = said
    write(folder / "train.json", content)
    assert read_dataset(folder)[0].clip.rate == rate
