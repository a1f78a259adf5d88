"""COCO, YouTube-VIS, YOLO and MOTS broken in one way each: the failure says what and where.

The manifest is taken away first, since it would betray every change: these are the failures of anybody's dataset.
"""

import copy
import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.ports import ExportItem
from exports.registry import exporter
from exports.verify import check_of, verify

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]
Breaker = Callable[[Path], object]
Change = Callable[[Any], object]
BASES = {
    "coco": ("coco", "frame"),
    "video": ("coco", "video"),
    "vis": ("youtube-vis", ""),
    "yolo": ("yolo-seg", ""),
    "mots": ("mots", ""),
}
INDEX, VIS, GT = "annotations/instances_train.json", "train.json", "train/one/gt/gt.txt"
LABEL, INFO, MAP = "labels/train/one_00003.txt", "train/one/seqinfo.ini", "seqmaps/MOTS-train.txt"
EMPTY = rle.to_coco(rle.empty((64, 96)))
SWAPPED = rle.to_coco(rle.encode(np.ones((96, 64), bool)))
OTHER = rle.to_coco(rle.encode(np.ones((5, 5), bool), origin=(1, 1), size=(64, 96)))
SHORT = {"size": [64, 96], "counts": "`0"}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("good")


@pytest.fixture
def copy_of(shelf: Path, make_item: Make, tmp_path: Path, silent: Silent) -> Callable[[str], Path]:
    def copy(base: str) -> Path:
        good, (name, layout) = shelf / base, BASES[base]
        if not good.exists():
            items = [make_item("one"), make_item("two", video="cafe", split="val")]
            exporter(name, layout=layout)(items, good, progress=silent)
            (good / "manifest.json").unlink()
        return Path(shutil.copytree(good, tmp_path / base))

    return copy


def edited(name: str, change: Change) -> Breaker:
    def breaker(folder: Path) -> None:
        said = json.loads((folder / name).read_text())
        change(said)
        (folder / name).write_text(json.dumps(said))

    return breaker


def entry(key: str, value: object, *, of: str = "annotations", at: int = 4) -> Breaker:
    return edited(INDEX, lambda said: said[of][at].update({key: value}))


def row(key: str, value: object, frame: int = 3) -> Breaker:
    return edited(VIS, lambda said: said["annotations"][1][key].__setitem__(frame, value))


def thing(key: str, value: object, *, of: str = "annotations") -> Breaker:
    return edited(VIS, lambda said: said[of][0].update({key: value}))


def text(name: str, change: Callable[[str], str]) -> Breaker:
    return lambda folder: (folder / name).write_text(change((folder / name).read_text()))


def line(name: str, number: int, change: Callable[[list[str]], list[str]]) -> Breaker:
    def changed(said: str) -> str:
        lines = said.splitlines()
        lines[number] = " ".join(change(lines[number].split(" ")))
        return "\n".join(lines) + "\n"

    return text(name, changed)


def word(name: str, place: int, value: str, *, number: int = 1) -> Breaker:
    return line(name, number, lambda words: [*words[:place], value, *words[place + 1 :]])


def removed(name: str) -> Breaker:
    return lambda folder: (folder / name).unlink()


def renamed(old: str, new: str) -> Breaker:
    return lambda folder: (folder / old).rename(folder / new)


def copied(old: str, new: str) -> Breaker:
    return lambda folder: shutil.copy(folder / old, folder / new)


def halved(name: str) -> Breaker:
    def breaker(folder: Path) -> None:
        with Image.open(folder / name) as opened:
            small = opened.resize((48, 32))
        small.save(folder / name)

    return breaker


def facts(change: Change, clip: str = "one") -> Breaker:
    return edited("engine.json", lambda said: change(said["clips"][clip]))


def one_recording(folder: Path) -> None:
    facts(lambda said: said.update(recording="f00d"), "two")(folder)


def relabelled(folder: Path) -> None:
    facts(lambda said: said["objects"]["1"].update(label="eight"))(folder)


COCO = {
    "no JSON": (text(INDEX, lambda said: said[:-40]), "instances_train.json: not readable as JSON"),
    "no categories": (edited(INDEX, lambda s: s.pop("categories")), "has no categories"),
    "images that are no list": (edited(INDEX, lambda s: s.update(images={})), "images is {}"),
    "an image without an id": (
        edited(INDEX, lambda s: s["images"][2].pop("id")),
        r"images\[2\].*expected an id",
    ),
    "an image id that is there twice": (entry("id", 1, of="images"), r"images\[4\]: id 1 is there"),
    "an annotation id that is there twice": (entry("id", 1), "annotation id 1 is there 2 times"),
    "an annotation without an id": (entry("id", "x"), r"annotations\[4\]: expected an object"),
    "an image that is nowhere": (entry("image_id", 99), "annotation 5: image_id 99 is no id"),
    "a category that is nowhere": (entry("category_id", 9), "annotation 5: category_id 9 is no id"),
    "a category that changes": (entry("category_id", 3), "category 3, track 1 was of category 1"),
    "categories of one name": (
        edited(INDEX, lambda s: s["categories"][1].update(name="cue")),
        "two categories have one name",
    ),
    "a mask of swapped size": (entry("segmentation", SWAPPED), r"run lengths of \(96, 64\)"),
    "runs that do not fill the picture": (entry("segmentation", SHORT), "cover 16 pixels"),
    "an empty mask": (entry("segmentation", EMPTY), "annotation 5: an empty mask"),
    "no mask": (entry("segmentation", None), "annotation 5: an empty mask"),
    "another mask": (entry("segmentation", OTHER), "its mask has 25 pixels"),
    "a wrong area": (entry("area", 7.0), "annotation 5: area is 7.0, its mask has"),
    "a box of corners": (entry("bbox", [20, 20, 36, 36]), "annotation 5: bbox is"),
    "a crowd that is none": (entry("iscrowd", 7), "iscrowd is 7"),
    "two masks of a ball": (
        edited(INDEX, lambda s: s["annotations"].append({**s["annotations"][0], "id": 999})),
        "image 1 has two masks of track 1",
    ),
    "a frame that the image is not": (entry("frame_id", 9), "frame_id is 9, that of its image 2"),
    "a track of no number": (entry("track_id", "cue"), "track_id is 'cue'"),
    "a gap in the frames": (
        entry("frame_id", 40, of="images"),
        "video 1: frames .*expected 0 to 11",
    ),
    "frames in another order": (
        edited(
            INDEX,
            lambda s: [one.update(frame_id=11 - one["frame_id"]) for one in s["images"]],
        ),
        "do not go up with frame_id",
    ),
    "an image of no video": (entry("video_id", 5, of="images"), "image 5: video_id 5 is no id"),
    "a wrong length": (
        edited(INDEX, lambda s: s["videos"][0].update(length=11)),
        "length is 11, it has 12 images",
    ),
    "width and height swapped": (entry("width", 64, of="images"), "image 5: 64 x 64, its picture"),
    "a missing picture": (removed("images/train/one_00004.jpg"), "one_00004.jpg is missing"),
    "a stray picture": (
        copied("images/train/one_00004.jpg", "images/train/one_00012.jpg"),
        "one_00012.jpg: a stray picture",
    ),
    "a picture outside": (entry("file_name", "../x.jpg", of="images"), "is no picture of the"),
    "one picture for two images": (
        entry("file_name", "one_00000.jpg", of="images"),
        "is that of another image too",
    ),
    "a picture that does not open": (
        lambda folder: (folder / "images/train/one_00004.jpg").write_bytes(b"x"),
        "one_00004.jpg: does not open",
    ),
    "a smaller picture": (halved("images/train/one_00004.jpg"), "pictures of different sizes"),
    "no index": (removed(INDEX), "clip one is in no index"),
    "one recording in two splits": (one_recording, "two is of a recording that is also in"),
    "another class in the side file": (
        relabelled,
        "track 1 of one is a cue, engine.json says eight",
    ),
    "an object that the side file does not know": (
        facts(lambda said: said["objects"].pop("3")),
        "objects of one are",
    ),
}
VIDEOS = {
    "no JSON": (text(VIS, lambda said: said[:-40]), "train.json: not readable as JSON"),
    "a length that is not that of the lists": (
        thing("length", 11, of="videos"),
        "length is 11, file_names are 12",
    ),
    "a list that is too short": (
        edited(VIS, lambda s: s["annotations"][0]["areas"].pop()),
        "areas holds 11, its video has 12 pictures",
    ),
    "no boxes": (thing("bboxes", None), "bboxes holds None"),
    "packed run lengths": (row("segmentations", OTHER), "frame 3: packed run lengths"),
    "a null with an area": (row("segmentations", None), "frame 3: null with the area"),
    "runs that do not fill the picture": (
        row("segmentations", {"size": [64, 96], "counts": [5, 5]}),
        "frame 3: run lengths cover 10 pixels",
    ),
    "a swapped size": (
        row("segmentations", {"size": [96, 64], "counts": [6144]}),
        r"frame 3: run lengths of \[96, 64\]",
    ),
    "an empty mask": (
        row("segmentations", {"size": [64, 96], "counts": [6144]}),
        "frame 3: an empty mask",
    ),
    "a wrong area": (row("areas", 3), "annotation 2: frame 3: area is 3"),
    "a wrong box": (row("bboxes", [0, 0, 1, 1]), "annotation 2: frame 3: bbox is"),
    "an object that is nowhere": (
        edited(
            VIS,
            lambda s: s["annotations"][0].update(
                segmentations=[None] * 12, areas=[None] * 12, bboxes=[None] * 12
            ),
        ),
        "annotation 1: visible on no picture",
    ),
    "a video that is nowhere": (thing("video_id", 7), "video_id 7 is no id"),
    "a category that is nowhere": (thing("category_id", 7), "category_id 7 is no id"),
    "an id that is there twice": (thing("id", 2), "annotation id 2 is there 2 times"),
    "a track that is there twice": (thing("track_id", 2), "track 2 of video 1 is there twice"),
    "another size than the video": (thing("width", 64), "width is 64, that of its video 96"),
    "another size than the pictures": (thing("width", 64, of="videos"), "its picture is 96 x 64"),
    "a missing picture": (removed("JPEGImages/one/00011.jpg"), "00011.jpg is missing"),
    "a stray picture": (
        copied("JPEGImages/one/00011.jpg", "JPEGImages/one/00012.jpg"),
        "00012.jpg is a stray picture",
    ),
    "pictures out of order": (
        edited(VIS, lambda s: s["videos"][0]["file_names"].reverse()),
        "not in order",
    ),
    "a stray folder": (lambda f: (f / "JPEGImages/three").mkdir(), "three: in no index"),
    "no index": (
        lambda f: [(f / name).unlink() for name in (VIS, "val.json")],
        "no index of videos",
    ),
    "one recording in two splits": (one_recording, "two is of a recording that is also in"),
    "another class in the side file": (relabelled, "engine.json says eight"),
}
YOLO = {
    "no data.yaml": (removed("data.yaml"), "data.yaml: not readable"),
    "no val": (text("data.yaml", lambda s: s.replace("val:", "eval:")), "has no val"),
    "a folder that is not there": (
        text("data.yaml", lambda s: s.replace("images/val", "images/none")),
        "val is 'images/none', which is not there",
    ),
    "a path that is found nowhere": (text("data.yaml", lambda s: f"path: .\n{s}"), "path is '.'"),
    "a gap in the classes": (text("data.yaml", lambda s: s.replace("  2:", "  5:")), "names is"),
    "classes of one name": (text("data.yaml", lambda s: s.replace("solid", "cue")), "one name"),
    "a wrong number of classes": (text("data.yaml", lambda s: f"nc: 7\n{s}"), "nc is 7"),
    "a class that is nowhere": (word(LABEL, 0, "3"), "one_00003.txt:2: class '3', expected 0 to 2"),
    "a class that is no number": (word(LABEL, 0, "-1"), "class '-1'"),
    "two points": (line(LABEL, 1, lambda words: words[:5]), "4 coordinates, expected"),
    "an odd number of coordinates": (line(LABEL, 1, lambda words: words[:-1]), "coordinates"),
    "pixels instead of shares": (word(LABEL, 3, "41"), "one_00003.txt:2: coordinate 41.0"),
    "a negative share": (word(LABEL, 3, "-0.2"), "coordinate -0.2"),
    "no number": (word(LABEL, 3, "x"), "one_00003.txt:2: no number"),
    "nan": (word(LABEL, 3, "nan"), "coordinate nan"),
    "a polygon without area": (
        line(LABEL, 1, lambda words: [words[0], *["0.5"] * 6]),
        "a polygon without area",
    ),
    "a row that is there twice": (text(LABEL, lambda s: s + s), "the same row as 1"),
    "a missing text": (removed(LABEL), "one_00003.txt: missing"),
    "a missing picture": (removed("images/train/one_00003.jpg"), "one_00003.txt: has no picture"),
    "a stray file": (copied(LABEL, "labels/train/notes.md"), "notes.md: a stray file"),
    "one recording in two splits": (one_recording, "two is of a recording that is also in"),
    "a smaller picture": (halved("images/train/one_00004.jpg"), "pictures of different sizes"),
    "fewer frames than are said": (facts(lambda s: s.update(frames=11)), "frames of one is 11"),
}
MOTS = {
    "frames from 0": (word(GT, 0, "0"), "gt.txt:2: frame 0, expected 1 to 12"),
    "a frame after the last": (word(GT, 0, "13", number=-1), "frame 13, expected 1 to 12"),
    "frames out of order": (word(GT, 0, "5", number=0), "gt.txt:2: frame 1 after frame 5"),
    "another class": (word(GT, 2, "3"), "gt.txt:2: class 3"),
    "an id of another class": (word(GT, 1, "1001"), "id 1001 of class 2"),
    "an id twice on a frame": (word(GT, 1, "2001"), "id 2001 is on frame 1 already"),
    "a swapped size": (line(GT, 1, lambda w: [*w[:3], w[4], w[3], w[5]]), r"size \(96, 64\)"),
    "runs that do not fill the picture": (word(GT, 5, "`0"), "gt.txt:2: run lengths cover 16"),
    "an empty mask": (word(GT, 5, EMPTY["counts"]), "id 2003 has an empty mask"),
    "masks that overlap": (
        lambda folder: word(GT, 5, _first(folder).split(" ")[5])(folder),
        "frame 1: id 2003 shares",
    ),
    "commas": (text(GT, lambda s: s.replace(" ", ",")), "expected frame id class"),
    "no mask": (text(GT, lambda _: ""), "gt.txt: holds no mask"),
    "no text": (removed(GT), "gt.txt: not readable"),
    "pictures from 0": (
        renamed("train/one/img1/000012.jpg", "train/one/img1/000000.jpg"),
        "img1: 000000.jpg: expected 000001.jpg",
    ),
    "a missing picture": (removed("train/one/img1/000004.jpg"), "img1: 000004.jpg: expected"),
    "a smaller picture": (halved("train/one/img1/000004.jpg"), "pictures of different sizes"),
    "a wrong length": (text(INFO, lambda s: s.replace("=12", "=11")), "seqlength is '11'"),
    "a wrong width": (text(INFO, lambda s: s.replace("=96", "=64")), "imwidth is '64'"),
    "no seqinfo": (removed(INFO), "seqinfo.ini: not readable"),
    "a list without header": (text(MAP, lambda _: "one\n"), "begins with 'one', expected 'name'"),
    "a clip in no list": (text(MAP, lambda _: "name\n"), "one is not in the list"),
    "a list with a foreign clip": (text(MAP, lambda s: s + "three\n"), "'three' is no clip"),
    "a clip twice in a list": (text(MAP, lambda s: s + "one\n"), "'one' is there 2 times"),
    "no list": (removed(MAP), "MOTS-train.txt: not readable"),
    "one recording in two splits": (one_recording, "two: is of a recording that is also in"),
    "an object that the side file does not know": (
        facts(lambda said: said["objects"].pop("2003")),
        "objects of one are",
    ),
}
TABLE = {
    f"{base}: {name}": (base, *broken)
    for base, table in (("coco", COCO), ("vis", VIDEOS), ("yolo", YOLO), ("mots", MOTS))
    for name, broken in table.items()
}


def _first(folder: Path) -> str:
    return (folder / GT).read_text().splitlines()[0]


@pytest.mark.parametrize("base", BASES)
def test_a_good_dataset_has_no_failure(base: str, copy_of: Callable[[str], Path]) -> None:
    report = verify(copy_of(base))
    assert (report.format, report.failures) == (BASES[base][0], ())


@pytest.mark.parametrize("base", BASES)
def test_a_dataset_of_anybody_is_known_by_its_layout(
    base: str, copy_of: Callable[[str], Path]
) -> None:
    folder = copy_of(base)
    (folder / "engine.json").unlink()
    assert check_of(folder).name == BASES[base][0]
    assert verify(folder).failures == ()


@pytest.mark.parametrize("name", TABLE)
def test_a_dataset_is_broken_by(name: str, copy_of: Callable[[str], Path]) -> None:
    base, breaker, reason = TABLE[name]
    folder = copy_of(base)
    breaker(folder)
    failures = verify(folder).failures
    assert any(re.search(reason, failure) for failure in failures), failures


def test_the_cache_that_ultralytics_leaves_among_the_labels_is_no_stray_file(
    copy_of: Callable[[str], Path],
) -> None:
    folder = copy_of("yolo")
    (folder / "labels/train.cache").write_bytes(b"x")
    assert verify(folder).failures == ()


def test_polygons_of_other_people_are_masks_too(copy_of: Callable[[str], Path]) -> None:
    folder = copy_of("coco")
    entry("segmentation", [[1, 1, 9, 1, 9, 9, 1.5, 9]])(folder)
    assert verify(folder).failures == ()
    entry("segmentation", [[1, 1, 9, 1]])(folder)
    assert any("polygon of 3 points" in line for line in verify(folder).failures)


@pytest.mark.slow
@pytest.mark.parametrize(("base", "name"), [("coco", INDEX), ("vis", VIS)])
def test_whatever_stands_in_an_index_is_told_and_never_breaks_the_check(
    base: str, name: str, copy_of: Callable[[str], Path]
) -> None:
    folder, dice = copy_of(base), random.Random(3)
    good = json.loads((folder / name).read_text())
    odd = [None, True, -1, 1.5, 10**30, "", "x", "\0", [], [[]], {}, {"id": []}, [1, 2, 3, 4]]
    for _ in range(150):
        said = copy.deepcopy(good)
        place = dice.choice([one for one in said.values() if one])
        for _ in range(dice.randint(0, 3)):
            inner = [one for one in _values(place) if isinstance(one, dict | list) and one]
            place = dice.choice(inner) if inner else place
        key = dice.choice(list(place if isinstance(place, dict) else range(len(place))))
        place[key] = dice.choice(odd)
        (folder / name).write_text(json.dumps(said))
        for failure in verify(folder).failures:
            assert str(folder) in failure or "name '" in failure


def _values(place: Any) -> list[Any]:
    return list(place.values() if isinstance(place, dict) else place)
