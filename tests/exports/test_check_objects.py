"""Every way to break plain frames, SA-V's validation layout or MOSE is found, with the file and what is wrong."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.ports import ExportItem
from exports.palette import voc_palette
from exports.registry import exporter
from exports.verify import verify

Break = Callable[[Path], object]
MakeItem = Callable[..., ExportItem]
Silent = Callable[[str, int, int], None]
OBJECT, PICTURES = "Annotations/game-1/001", "JPEGImages/game-1"


def write(path: str, mode: str, change: Callable[[np.ndarray], np.ndarray]) -> Break:
    """Draw a PNG anew in another mode, with other values."""

    def breaks(root: Path) -> None:
        with Image.open(root / path) as opened:
            values = np.asarray(opened)
        Image.fromarray(change(values), mode=mode).save(root / path)

    return breaks


def colours(path: str) -> Break:
    def breaks(root: Path) -> None:
        with Image.open(root / path) as opened:
            opened.convert("RGB").save(root / path)

    return breaks


def jpeg_of(path: str, size: tuple[int, int]) -> Break:
    return lambda root: Image.new("RGB", size).save(root / path)


def text(path: str, change: Callable[[str], str]) -> Break:
    return lambda root: (root / path).write_text(change((root / path).read_text()))


def facts(change: Callable[[dict[str, Any]], object]) -> Break:
    def breaks(root: Path) -> None:
        said = json.loads((root / "engine.json").read_text())
        change(said["clips"]["game-1"])
        (root / "engine.json").write_text(json.dumps(said))

    return breaks


def gone(path: str) -> Break:
    return lambda root: (root / path).unlink()


def moved(old: str, new: str) -> Break:
    return lambda root: (root / old).rename(root / new)


def cut(path: str) -> Break:
    return lambda root: (root / path).write_bytes((root / path).read_bytes()[:-40])


def copied(old: str, new: str) -> Break:
    def breaks(root: Path) -> None:
        (root / new).parent.mkdir(exist_ok=True)
        shutil.copy(root / old, root / new)

    return breaks


def blank(folder: str, frames: range) -> Break:
    def breaks(root: Path) -> None:
        for frame in frames:
            write(f"{folder}/{frame:05d}.png", "P", lambda values: values * 0)(root)

    return breaks


FRAMES = {
    "a PNG is missing": (gone(f"{OBJECT}/00004.png"), "001/00004.png: missing"),
    "a PNG too many": (copied(f"{OBJECT}/00004.png", f"{OBJECT}/00012.png"), "00012.png: there, and"),
    "a name of six digits": (moved(f"{OBJECT}/00004.png", f"{OBJECT}/000004.png"), "five digits and .png"),
    "an object without digits": (moved(OBJECT, "Annotations/game-1/cue"), "game-1/cue: expected a folder of three"),
    "a file among the objects": (copied("objects.csv", "Annotations/game-1/.DS_Store"), "DS_Store: expected a folder"),
    "an object that engine.json does not know": (
        facts(lambda said: said["objects"].pop("1")), r"objects \['000', '001', '002'\], engine.json says",
    ),
    "a PNG in colours": (colours(f"{OBJECT}/00003.png"), "001/00003.png: mode RGB"),
    "a PNG of another size": (
        write(f"{OBJECT}/00003.png", "P", lambda values: values[:, :-1].copy()), r"00003.png: \(64, 95\), its picture",
    ),
    "two objects in one PNG": (
        write(f"{OBJECT}/00003.png", "L", lambda values: np.pad(values[1:], ((1, 0), (0, 0)), constant_values=7)),
        r"00003.png: values \[0, 1, 7\]; expected 0 and one other",
    ),
    "a background that is not 0": (
        write(f"{OBJECT}/00003.png", "L", lambda values: values + 1), r"00003.png: values \[1, 2\]",
    ),
    "a PNG that is cut off": (cut(f"{OBJECT}/00003.png"), "00003.png: does not open|00003.png: .*truncated"),
    "a JPEG named as PNG": (copied(f"{PICTURES}/00003.jpg", f"{OBJECT}/00003.png"), "00003.png: holds a JPEG"),
    "an object that is nowhere": (blank(OBJECT, range(12)), "001: visible nowhere"),
    "a picture is missing": (gone(f"{PICTURES}/00005.jpg"), "frames|game-1"),
    "a picture from 1": (moved(f"{PICTURES}/00000.jpg", f"{PICTURES}/00012.jpg"), "game-1: frames"),
    "a picture of another size": (jpeg_of(f"{PICTURES}/00005.jpg", (90, 64)), "00005.jpg is|different sizes"),
    "a picture that is cut off": (cut(f"{PICTURES}/00005.jpg"), "00005.jpg: does not open"),
    "a PNG named as JPEG": (copied(f"{OBJECT}/00003.png", f"{PICTURES}/00005.jpg"), "00005.jpg: holds a PNG"),
    "a clip without pictures": (lambda root: shutil.rmtree(root / PICTURES), "JPEGImages/game-1"),
    "a clip that is no clip": (lambda root: (root / "JPEGImages/else").mkdir(), "JPEGImages/else: no clip"),
    "a clip in no list": (text("train.txt", lambda _: ""), "game-1 is in no list"),
    "a list that names another clip": (text("train.txt", lambda said: said + "ghost\n"), "'ghost' is no clip"),
    "a clip in two lists": (copied("train.txt", "val.txt"), "game-1"),
    "a table without an object": (
        text("objects.csv", lambda said: said.replace("game-1,001,2,solid\n", "")), "no line for object 001 of game-1",
    ),
    "a table with one too many": (
        text("objects.csv", lambda said: said + "game-1,007,9,solid\n"), "object 007 of game-1 has no folder",
    ),
    "a table with an object twice": (text("objects.csv", lambda said: said + said.splitlines()[-1]), "stands there twice"),
    "a table of something else": (text("objects.csv", lambda _: "a,b\n1,2\n"), "objects.csv: not readable"),
}  # fmt: skip

RATED = "Annotations_6fps/game-1"
SAV_VAL = {
    "a PNG is missing": (gone(f"{RATED}/001/00005.png"), "001/00005.png: missing"),
    "a PNG between annotated frames": (
        copied(f"{RATED}/001/00005.png", f"{RATED}/001/00006.png"), "00006.png: there, and between",
    ),
    "masks that are numbered anew": (
        lambda root: [moved(f"{RATED}/001/{5 * k:05d}.png", f"{RATED}/001/{k:05d}.png")(root) for k in (1, 2)],
        "00001.png: there, and between",
    ),
    "another step than was said": (facts(lambda said: said.update(step=4)), "expected every 4. of"),
    "a folder of another rate": (moved("Annotations_6fps", "Annotations_5fps"), "lies in .*5fps.* engine.json says"),
    "pictures of another rate": (moved("JPEGImages_30fps", "JPEGImages_24fps"), "lies in .*24fps.* engine.json says"),
    "a clip in two folders": (
        lambda root: shutil.copytree(root / "JPEGImages_30fps", root / "JPEGImages_24fps"), "lies in .* expected one",
    ),
    "a file among the clips": (copied("sav_val.txt", "Annotations_6fps/Thumbs.db"), "Thumbs.db: no clip"),
    "an object that is never scored": (blank(f"{RATED}/001", range(5, 6)), "001: visible only on the first or last"),
    "a clip in no list": (text("sav_val.txt", lambda _: ""), "game-1 is in no list"),
    "two objects in one PNG": (
        write(f"{RATED}/001/00005.png", "L", lambda values: np.pad(values[1:], ((1, 0), (0, 0)), constant_values=7)),
        "00005.png: values",
    ),
    "a picture is missing": (gone("JPEGImages_30fps/game-1/00011.jpg"), "11 frames, engine.json says 12"),
    "a picture of another size": (jpeg_of("JPEGImages_30fps/game-1/00005.jpg", (96, 60)), "00005.jpg is|different sizes"),
}  # fmt: skip


def indices(change: Callable[[np.ndarray], np.ndarray], *, palette: bytes = voc_palette()) -> Break:
    def breaks(root: Path) -> None:
        path = root / "Annotations/game-1/00003.png"
        with Image.open(path) as opened:
            values = change(np.asarray(opened))
        picture = Image.fromarray(values, mode="P")
        picture.putpalette(palette)
        picture.save(path)

    return breaks


MOSE = {
    "a PNG is missing": (gone("Annotations/game-1/00011.png"), "11 annotations for 12 pictures"),
    "a PNG in the middle is missing": (gone("Annotations/game-1/00005.png"), "Annotations/game-1"),
    "another palette": (indices(lambda values: values, palette=bytes(range(256)) * 3), "00003.png: mode P with 768"),
    "a short palette": (indices(lambda values: values, palette=voc_palette()[:12]), "00003.png: mode P with 12"),
    "grey values": (write("Annotations/game-1/00003.png", "L", lambda values: values), "00003.png: mode L"),
    "colours": (colours("Annotations/game-1/00003.png"), "00003.png: mode RGB"),
    "another size": (indices(lambda values: values[:-1].copy()), r"00003.png: \(63, 96\), its picture"),
    "void": (indices(lambda values: np.where(values == 1, 255, values).astype(np.uint8)), r"numbers \[1, 2, 3, 255\]"),
    "a gap in the numbers": (
        indices(lambda values: np.where(values == 1, 9, values).astype(np.uint8)),
        r"numbers \[1, 2, 3, 9\] are not 1 to 4",
    ),
    "numbers that engine.json does not know": (facts(lambda said: said["objects"].pop("1")), "engine.json says"),
    "a file among the clips": (copied("train.txt", "Annotations/Thumbs.db"), "Annotations/Thumbs.db: no clip"),
    "a clip in no list": (text("train.txt", lambda _: ""), "game-1 is in no list"),
    "a blank line in the list": (text("train.txt", lambda said: said + "\n"), "train.txt"),
    "a picture that is cut off": (cut(f"{PICTURES}/00005.jpg"), "00005.jpg: does not open"),
    "pictures of two sizes": (jpeg_of(f"{PICTURES}/00005.jpg", (96, 62)), "00005.jpg is|different sizes"),
}  # fmt: skip
TABLES = {"frames": FRAMES, "sav-val": SAV_VAL, "mose": MOSE}
ROWS = [
    pytest.param(name, breaks, said, id=f"{name}: {what}")
    for name, table in TABLES.items()
    for what, (breaks, said) in table.items()
]


def made(name: str, make_item: MakeItem, out: Path, silent: Silent) -> Path:
    item = make_item()
    if name == "sav-val":
        item = replace(make_item(split="val"), step=5)
    folder: Path = exporter(name)([item], out, progress=silent).out
    (folder / "manifest.json").unlink()  # it would name every change; others' datasets have none
    return folder


@pytest.mark.parametrize(("name", "breaks", "said"), ROWS)
def test_what_is_broken_is_found_with_its_file_and_value(
    name: str, breaks: Break, said: str, make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    folder = made(name, make_item, tmp_path / "data", silent)
    breaks(folder)
    failures = verify(folder).failures
    assert any(re.search(said, failure) for failure in failures), failures


@pytest.mark.parametrize("name", TABLES)
def test_a_good_dataset_has_no_failure_also_without_our_side_files(
    name: str, make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    folder = made(name, make_item, tmp_path / "data", silent)
    report = verify(folder)
    assert (report.format, report.failures) == (name, ())
    (folder / "engine.json").unlink()
    report = verify(folder)
    assert (report.format, report.failures) == (name, ())


@pytest.mark.parametrize("name", TABLES)
def test_a_ball_that_no_sample_begins_with_is_a_remark(
    name: str, make_item: MakeItem, tmp_path: Path, silent: Silent
) -> None:
    ball = next(make_item().frames()).masks[0]
    late = replace(ball, track=2)
    item = make_item(masks=lambda k: (ball,) if k < 9 else (late,))
    report = verify(exporter(name)([item], tmp_path / "data", progress=silent).out)
    assert not report.failures
    assert any("last 7" in remark for remark in report.remarks)
