"""Good datasets of the smaller formats, each broken in one way: the failure says what and where. See test_verify_table.py.

The manifest is taken away first, since it would betray every change: these are the failures of anybody's dataset.
"""

import json
import re
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.ports import ExportItem
from exports.palette import voc_palette
from exports.registry import exporter
from exports.verify import CHECKS, verify

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]
Breaker = Callable[[Path], object]
Row = tuple[Breaker, str]
SIZE = (64, 96)
BASES = {
    "sav-val": ("sav-val", ""),
    "frames": ("frames", ""),
    "mose": ("mose", ""),
    "coco": ("coco", "frame"),
    "coco-video": ("coco", "video"),
    "youtube-vis": ("youtube-vis", ""),
    "yolo-seg": ("yolo-seg", ""),
    "mots": ("mots", ""),
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("good")


@pytest.fixture
def copy_of(shelf: Path, make_item: Make, tmp_path: Path, silent: Silent) -> Callable[[str], Path]:
    def copy(base: str) -> Path:
        name, layout = BASES[base]
        if not (shelf / base).exists():
            exporter(name, layout=layout)([make_item()], shelf / base, progress=silent)
            (shelf / base / "manifest.json").unlink()
        return Path(shutil.copytree(shelf / base, tmp_path / base))

    return copy


def said(name: str, change: Callable[[Any], object]) -> Breaker:
    def breaker(folder: Path) -> None:
        content = json.loads((folder / name).read_text())
        change(content)
        (folder / name).write_text(json.dumps(content))

    return breaker


def text(name: str, old: str, new: str) -> Breaker:
    def breaker(folder: Path) -> None:
        was = (folder / name).read_text()
        assert re.search(old, was)
        (folder / name).write_text(re.sub(old, new, was, count=1))

    return breaker


def renamed(old: str, new: str) -> Breaker:
    return lambda folder: (folder / old).rename(folder / new)


def removed(name: str) -> Breaker:
    return lambda folder: (folder / name).unlink()


def emptied(name: str) -> Breaker:
    return lambda folder: shutil.rmtree(folder / name)


def written(name: str, content: str) -> Breaker:
    def breaker(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)

    return breaker


def cut(name: str) -> Breaker:
    def breaker(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return breaker


def redrawn(name: str, change: Callable[[Any], Any], *, mode: str | None = None) -> Breaker:
    def breaker(folder: Path) -> None:
        with Image.open(folder / name) as opened:
            old = np.asarray(opened)
        new = Image.fromarray(change(old.copy()), mode=mode)
        if new.mode == "P":
            new.putpalette(voc_palette())
        new.save(folder / name)

    return breaker


def first_mask(change: Callable[[dict[str, Any]], object], name: str = "") -> Breaker:
    return said(name or COCO, lambda content: change(content["annotations"][0]))


def grey(plane: Any) -> Any:
    return plane.astype(np.uint8)


def third(plane: Any) -> Any:
    plane[0, :3] = (1, 2, 3)
    return plane


VAL, LIST = "Annotations_30fps/game-1", "sav_val.txt"
SAV_VAL: dict[str, Row] = {
    "a PNG that is missing": (removed(f"{VAL}/001/00004.png"), "001/00004.png: missing"),
    "an object without a PNG": (emptied(f"{VAL}/001"), "objects .*engine.json says"),
    "an object's folder of other digits": (renamed(f"{VAL}/001", f"{VAL}/1"), "expected a folder of three digits"),
    "a file beside the objects": (written(f"{VAL}/list.txt", ""), "list.txt: expected a folder of three digits"),
    "three values in a mask": (redrawn(f"{VAL}/000/00003.png", third, mode="L"), "000/00003.png: values"),
    "a mask in colours": (redrawn(f"{VAL}/000/00003.png", lambda p: np.stack([grey(p)] * 3, -1)), "00003.png: mode RGB"),
    "a mask of another size": (redrawn(f"{VAL}/000/00003.png", lambda p: grey(p)[:-1], mode="L"), r"00003.png: \(63, 96\)"),
    "a mask cut short": (cut(f"{VAL}/000/00003.png"), "00003.png: does not open"),
    "a picture that is missing": (removed("JPEGImages_30fps/game-1/00004.jpg"), "frames are not 0, 1, 2"),
    "a picture cut short": (cut("JPEGImages_30fps/game-1/00004.jpg"), "00004.jpg: does not open"),
    "folders of another rate": (renamed("Annotations_30fps", "Annotations_15fps"), "game-1"),
    "a blank line": (written(LIST, "game-1\n\n"), f"{LIST}: '' is no clip"),
    "no list": (removed(LIST), "no list of clips"),
}  # fmt: skip
PNGS = "Annotations/game-1"
PLAIN: dict[str, Row] = {
    "a PNG that is missing": (removed(f"{PNGS}/001/00004.png"), "001/00004.png: missing"),
    "a PNG too many": (lambda f: shutil.copy(f / PNGS / "001/00004.png", f / PNGS / "001/00012.png"), "001/00012.png: there"),
    "a table without an object": (text("objects.csv", "game-1,001.*\n", ""), "objects.csv: has no line for object 001"),
    "a table of a foreign object": (text("objects.csv", "game-1,001", "game-1,009"), "objects.csv: object 009"),
    "an object that is nowhere": (lambda f: [redrawn(f"{PNGS}/001/{k:05d}.png", lambda p: grey(p) * 0, mode="L")(f) for k in range(12)], f"{PNGS}/001: visible nowhere"),
    "a stray picture's name": (written("JPEGImages/game-1/a.jpg", ""), "a.jpg: expected five digits"),
    "a clip without pictures": (emptied("JPEGImages/game-1"), "JPEGImages/game-1: (missing|no frames)"),
}  # fmt: skip
MOSE: dict[str, Row] = {
    "a void pixel": (redrawn(f"{PNGS}/00003.png", lambda p: np.where(p == 3, 255, p).astype(np.uint8), mode="P"), f"{PNGS}: numbers .*255"),
    "a gap in the numbers": (lambda f: [redrawn(f"{PNGS}/{k:05d}.png", lambda p: np.where(p == 1, 9, p).astype(np.uint8), mode="P")(f) for k in range(12)], r"numbers \[2, 3, 9\] are not 1 to 3"),
    "a grey annotation": (redrawn(f"{PNGS}/00003.png", grey, mode="L"), "00003.png: mode L"),
    "a missing annotation": (removed(f"{PNGS}/00011.png"), f"{PNGS}: 11 annotations for 12 pictures"),
    "a clip that has pictures only": (written("JPEGImages/game-2/00000.jpg", "x"), "JPEGImages/game-2: no clip"),
    "no ball at all": (lambda f: [redrawn(f"{PNGS}/{k:05d}.png", lambda p: grey(p) * 0, mode="P")(f) for k in range(12)], f"{PNGS}: no ball"),
    "a foreign clip in the list": (written("train.txt", "game-1\ngame-2\n"), "train.txt: 'game-2' is no clip"),
}  # fmt: skip
COCO = "annotations/instances_train.json"
SMALL = rle.to_coco(rle.empty(SIZE))
COCOS: dict[str, Row] = {
    "a wrong area": (first_mask(lambda a: a.update(area=1)), "annotation 1: area is 1, its mask has"),
    "a box of corners": (first_mask(lambda a: a.update(bbox=[13, 23, 28, 38])), "annotation 1: bbox is"),
    "an empty mask": (first_mask(lambda a: a.update(segmentation=SMALL)), "annotation 1: an empty mask"),
    "a mask of swapped size": (first_mask(lambda a: a["segmentation"].update(size=[96, 64])), f"{COCO}: annotation 1"),
    "runs that do not fill the picture": (first_mask(lambda a: a["segmentation"].update(counts="`0")), f"{COCO}: annotation 1"),
    "a picture that is not there": (first_mask(lambda a: a.update(image_id=99)), "annotation 1: image_id 99 is no id"),
    "a class that is not there": (first_mask(lambda a: a.update(category_id=9)), "annotation 1: category_id 9 is no id"),
    "an id twice": (first_mask(lambda a: a.update(id=2)), "annotation id 2 is there 2 times"),
    "an image twice": (said(COCO, lambda c: c["images"].append(c["images"][0])), r"images\[12\]: id 1 is there twice"),
    "a missing picture": (removed("images/train/game-1_00004.jpg"), "game-1_00004.jpg is missing"),
    "a stray picture": (lambda f: shutil.copy(f / "images/train/game-1_00004.jpg", f / "images/train/game-9_00000.jpg"), "game-9_00000.jpg: a stray picture"),
    "a picture of another size": (said(COCO, lambda c: c["images"][0].update(width=95)), f"{COCO}: image 1: .*95"),
    "a picture cut short": (cut("images/train/game-1_00004.jpg"), "00004.jpg: does not open"),
    "no annotations": (said(COCO, lambda c: c.pop("annotations")), f"{COCO}: has no annotations"),
    "annotations that are no list": (said(COCO, lambda c: c.update(annotations=7)), f"{COCO}: annotations is 7"),
}  # fmt: skip
VIDEOS: dict[str, Row] = {
    "two masks of one ball": (said(COCO, lambda c: c["annotations"].append({**c["annotations"][0], "id": 999})), "image 1 has two masks of track 1"),
    "a ball of two classes": (said(COCO, lambda c: c["annotations"][2].update(category_id=2)), "category 2, track 1 was of category 1"),
    "a wrong frame": (first_mask(lambda a: a.update(frame_id=5)), "annotation 1: frame_id is 5"),
    "frames counted from 1": (said(COCO, lambda c: [i.update(frame_id=i["frame_id"] + 1) for i in c["images"]]), "video 1: frames .* expected 0 to 11"),
    "a video that is not there": (said(COCO, lambda c: c["images"][0].update(video_id=7)), f"{COCO}: image 1: video_id 7"),
    "a wrong length": (said(COCO, lambda c: c["videos"][0].update(length=13)), "video 1: length is 13"),
}  # fmt: skip
VIS = "train.json"
YTVIS: dict[str, Row] = {
    "packed run lengths": (first_mask(lambda a: a["segmentations"].__setitem__(0, SMALL), VIS), "annotation 1: frame 0: packed run lengths"),
    "a column too short": (first_mask(lambda a: a["segmentations"].pop(), VIS), "annotation 1: segmentations holds 11"),
    "a wrong area": (first_mask(lambda a: a["areas"].__setitem__(0, 1), VIS), "annotation 1: frame 0: area is 1"),
    "null with an area": (first_mask(lambda a: a["segmentations"].__setitem__(0, None), VIS), "annotation 1: frame 0: null with the area"),
    "pictures in another order": (said(VIS, lambda c: c["videos"][0]["file_names"].reverse()), "video 1: file_names are not in order"),
    "a missing picture": (removed("JPEGImages/game-1/00004.jpg"), "video 1.*00004.jpg|game-1.*00004"),
    "a stray picture": (lambda f: shutil.copy(f / "JPEGImages/game-1/00004.jpg", f / "JPEGImages/game-1/00012.jpg"), "00012.jpg is a stray picture"),
    "a wrong length": (said(VIS, lambda c: c["videos"][0].update(length=13)), "video 1: length is 13"),
    "a video that is not there": (first_mask(lambda a: a.update(video_id=5), VIS), "annotation 1: video_id 5 is no id"),
}  # fmt: skip
LABEL = "labels/train/game-1_00003.txt"
YOLO: dict[str, Row] = {
    "a class that is not there": (text(LABEL, r"^\d", "7"), f"{LABEL}:1: class '7', expected 0 to 2"),
    "a coordinate in pixels": (text(LABEL, r" 0\.\d+", " 27.5"), f"{LABEL}:1: coordinate 27.5"),
    "a coordinate of text": (text(LABEL, r" 0\.\d+", " x"), f"{LABEL}:1: no number"),
    "an odd number of coordinates": (text(LABEL, r" 0\.\d+", ""), f"{LABEL}:1: .* coordinates, expected x and y"),
    "a row twice": (lambda f: (f / LABEL).write_text((f / LABEL).read_text() * 2), f"{LABEL}:.*: the same row as 1"),
    "a label that is missing": (removed(LABEL), f"{LABEL}: missing"),
    "a label without a picture": (written("labels/train/game-1_00012.txt", ""), "game-1_00012.txt: has no picture"),
    "no training folder": (text("data.yaml", "train: images/train", "train: images/nowhere"), "data.yaml: train is 'images/nowhere', which is not there"),
    "no names": (text("data.yaml", "names:", "labels:"), "data.yaml: names is None"),
    "no YAML": (written("data.yaml", "{"), "data.yaml: not readable as YAML"),
}  # fmt: skip
TRUTH, INFO = "train/game-1/gt/gt.txt", "train/game-1/seqinfo.ini"
MOTS: dict[str, Row] = {
    "frames counted from 0": (text(TRUTH, "^1 ", "0 "), f"{TRUTH}:1: frame 0, expected 1 to 12"),
    "a class that is not scored": (text(TRUTH, "^1 2001 2", "1 2001 9"), f"{TRUTH}:1: class 9"),
    "an id of another class": (text(TRUTH, "^1 2001", "1 1001"), f"{TRUTH}:1: id 1001 of class 2"),
    "an id twice on a frame": (text(TRUTH, "\n1 2003", "\n1 2001"), f"{TRUTH}:.*: id 2001 is on frame 1 already"),
    "a size that is swapped": (text(TRUTH, " 64 96 ", " 96 64 "), rf"{TRUTH}:1: size \(96, 64\)"),
    "masks that overlap": (text(TRUTH, r"\n1 2003 2 64 96 \S+", "\n1 2003 2 64 96 kj07g14M2O0O2O000000000001N101N3LWW4"), f"{TRUTH}: frame 1: id 2003 shares"),
    "pictures counted from 0": (renamed("train/game-1/img1/000012.jpg", "train/game-1/img1/000000.jpg"), "img1: 000000.jpg: expected 000001.jpg"),
    "a wrong length": (text(INFO, "seqLength=12", "seqLength=13"), f"{INFO}: seqlength is '13'"),
    "no header in the list": (written("seqmaps/MOTS-train.txt", "game-1\n"), "MOTS-train.txt: begins with 'game-1'"),
    "a clip in no list": (written("seqmaps/MOTS-train.txt", "name\n"), "game-1 is not in the list"),
}  # fmt: skip
TABLES = {
    "sav-val": SAV_VAL,
    "frames": PLAIN,
    "mose": MOSE,
    "coco": COCOS,
    "coco-video": VIDEOS,
    "youtube-vis": YTVIS,
    "yolo-seg": YOLO,
    "mots": MOTS,
}
TABLE = [(base, name) for base, rows in TABLES.items() for name in rows]


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
    report = verify(folder)
    assert (report.format, report.failures) == (BASES[base][0], ())


@pytest.mark.parametrize("base", BASES)
def test_only_one_check_recognises_a_layout(base: str, copy_of: Callable[[str], Path]) -> None:
    checks = [import_module(place.split(":")[0]).CHECK for place in CHECKS]
    folder = copy_of(base)
    assert [check.name for check in checks if check.recognises(folder)] == [BASES[base][0]]


@pytest.mark.parametrize(("base", "name"), TABLE)
def test_a_dataset_is_broken_by(base: str, name: str, copy_of: Callable[[str], Path]) -> None:
    breaker, reason = TABLES[base][name]
    folder = copy_of(base)
    breaker(folder)
    failures = verify(folder).failures
    assert any(re.search(reason, line, re.IGNORECASE) for line in failures), failures
