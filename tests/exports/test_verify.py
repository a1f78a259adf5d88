"""Each guarantee is checked on disk: a good dataset that is broken in one way fails with that reason."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.errors import SelectionError
from engine.ports import Exporter, ExportItem
from exports.registry import exporter
from exports.verify import verify

Silent = Callable[[str, int, int], None]
Breaker = Callable[[Path], None]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {"folder": tmp_path_factory.mktemp("good")}


@pytest.fixture
def sav(good: dict[str, Path], item: ExportItem, tmp_path: Path, silent: Silent) -> Path:
    if "sav" not in good:
        good["sav"] = exporter("sav")([item], good["folder"] / "sav", progress=silent).out
    return Path(shutil.copytree(good["sav"], tmp_path / "sav"))


@pytest.fixture
def davis(good: dict[str, Path], item: ExportItem, tmp_path: Path, silent: Silent) -> Path:
    if "davis" not in good:
        good["davis"] = exporter("davis")([item], good["folder"] / "davis", progress=silent).out
    return Path(shutil.copytree(good["davis"], tmp_path / "davis"))


def edited(change: Callable[[dict[str, Any]], None], kind: str = "manual") -> Breaker:
    def breaker(folder: Path) -> None:
        path = folder / f"game-1_{kind}.json"
        content = json.loads(path.read_text())
        change(content)
        path.write_text(json.dumps(content))

    return breaker


def renamed(old: str, new: str) -> Breaker:
    return lambda folder: (folder / old).rename(folder / new) and None


def removed(name: str) -> Breaker:
    return lambda folder: (folder / name).unlink()


def written(name: str, text: str) -> Breaker:
    return lambda folder: (folder / name).write_text(text) and None


def swapped(one: str, other: str) -> Breaker:
    def breaker(folder: Path) -> None:
        (folder / one).rename(folder / "aside")
        (folder / other).rename(folder / one)
        (folder / "aside").rename(folder / other)

    return breaker


def put(key: str, value: object) -> Breaker:
    return edited(lambda content: content.update({key: value}))


def cell(value: object) -> Breaker:
    return edited(lambda content: content["masklet"][2].__setitem__(1, value))


FRAMES = "JPEGImages/game-1"
EMPTY = rle.to_coco(rle.empty((64, 96)))
SWAPPED = rle.to_coco(rle.encode(np.ones((96, 64), bool)))
SAV_BREAKERS = {
    "a null in a masklet": (cell(None), "masklet row 2"),
    "a mask of swapped size": (cell(SWAPPED), r"size \(96, 64\)"),
    "runs that do not fill the picture": (
        cell({"size": [64, 96], "counts": "`0"}),
        "cover 16 pixels",
    ),
    "a row with fewer objects": (
        edited(lambda c: c["masklet"][3].pop()),
        "another number of objects",
    ),
    "a missing row": (edited(lambda c: c["masklet"].pop()), "11 rows for 12 frames"),
    "an fps key": (put("fps", 30), "fps"),
    "a missing key": (edited(lambda c: c.pop("masklet_type")), "masklet_type"),
    "a wrong area": (put("masklet_size_abs", [1.0, 2.0, 3.0]), "masklet_size_abs"),
    "a wrong first frame": (put("masklet_first_appeared_frame", [0.0, 0.0, 0.0]), "first_appeared"),
    "a wrong number of frames": (put("video_frame_count", 13.0), "video_frame_count"),
    "a wrong name inside": (put("video_id", "game-2"), "video_id"),
    "no JSON": (written("game-1_auto.json", "{"), "not readable as JSON"),
    "a missing file of masklets": (removed("game-1_auto.json"), "not readable as JSON"),
    "a missing picture": (removed(f"{FRAMES}/00004.jpg"), "are not 0, 1, 2"),
    "a picture numbered from 1": (
        renamed(f"{FRAMES}/00000.jpg", f"{FRAMES}/00012.jpg"),
        "are not 0, 1, 2",
    ),
    "six digits": (renamed(f"{FRAMES}/00011.jpg", f"{FRAMES}/000011.jpg"), "five digits"),
    "a stray file among the pictures": (written(f"{FRAMES}/.DS_Store", "x"), "five digits"),
    "a picture that is none": (written(f"{FRAMES}/00003.jpg", "x"), "does not open as a picture"),
    "a video cut short": (written("game-1.mp4", ""), "empty"),
    "pictures in another order": (swapped(f"{FRAMES}/00000.jpg", f"{FRAMES}/00011.jpg"), "differs"),
    "no masklet": (
        edited(lambda c: c.update(masklet=[[] for _ in c["masklet"]])),
        "no masklet at all",
    ),
    "a masklet that is nowhere": (
        edited(lambda c: [row.__setitem__(1, EMPTY) for row in c["masklet"]]),
        "masklet 1 is visible nowhere",
    ),
    "a wrong type": (put("masklet_type", ["auto"] * 3), "masklet_type"),
    "more edited frames than frames": (put("masklet_edited_frame_count", [99, 0, 0]), "edited"),
    "a score in the manual file": (put("masklet_stability_score", [1.0] * 3), "times null"),
    "a row of scores too few": (
        edited(lambda c: c["masklet_stability_score"].pop(), kind="auto"),
        "12 rows of 3",
    ),
    "a blank line in the list": (written("train.txt", "game-1\n\n"), "'' is no clip"),
    "a clip in no list": (written("train.txt", ""), "is in no list"),
    "a clip in two lists": (written("val.txt", "game-1\n"), "is also in"),
    "no list": (removed("train.txt"), "no list of clips"),
}


def indices(
    change: Callable[[np.ndarray], np.ndarray], frame: int = 0, *, mode: str = "P"
) -> Breaker:
    def breaker(folder: Path) -> None:
        path = folder / f"Annotations/Full-Resolution/game-1/{frame:05d}.png"
        with Image.open(path) as opened:
            palette, old = opened.getpalette(), np.asarray(opened)
        new = Image.fromarray(change(old.copy()), mode=mode)
        if mode == "P":
            new.putpalette(palette)
        new.save(path)

    return breaker


def where(old: int, new: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda plane: np.where(plane == old, np.uint8(new), plane)


DAVIS_BREAKERS = {
    "a void pixel": (indices(where(3, 255)), "255"),
    "a gap in the numbers": (indices(where(1, 9), 8), "number 9 is not on the first frame"),
    "an empty first frame": (indices(lambda plane: plane * 0), "no ball on the first frame"),
    "a grey picture": (indices(lambda plane: plane, mode="L"), "mode L"),
    "another size": (indices(lambda plane: plane[:-1]), r"\(63, 96\)"),
    "a missing annotation": (
        removed("Annotations/Full-Resolution/game-1/00011.png"),
        "11 annotations for 12 pictures",
    ),
    "a list with a foreign clip": (
        written("ImageSets/2017/train.txt", "game-1\ngame-9\n"),
        "'game-9' is no clip",
    ),
    "a dot in a name": (
        renamed("Annotations/Full-Resolution/game-1", "Annotations/Full-Resolution/game.1"),
        "name 'game.1'",
    ),
}


def test_good_datasets_have_no_failure(sav: Path, davis: Path) -> None:
    for folder, name in ((sav, "sav"), (davis, "davis")):
        report = verify(folder)
        assert (report.format, report.failures) == (name, ())
        assert len(report.checks) >= 7


@pytest.mark.parametrize("name", SAV_BREAKERS)
def test_sav_broken_by(name: str, sav: Path) -> None:
    breaker, reason = SAV_BREAKERS[name]
    breaker(sav)
    failures = verify(sav).failures
    assert any(re.search(reason, line) for line in failures), failures


@pytest.mark.parametrize("name", DAVIS_BREAKERS)
def test_davis_broken_by(name: str, davis: Path) -> None:
    breaker, reason = DAVIS_BREAKERS[name]
    breaker(davis)
    failures = verify(davis).failures
    assert any(re.search(reason, line) for line in failures), failures


def test_a_folder_without_a_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="neither SA-V"):
        verify(tmp_path)


@pytest.mark.parametrize(
    ("exporter", "lists"), [(exporter("sav"), "."), (exporter("davis"), "ImageSets/2017")]
)
def test_a_recording_in_two_lists_is_found(
    exporter: Exporter,
    lists: str,
    make_item: Callable[..., ExportItem],
    tmp_path: Path,
    silent: Silent,
) -> None:
    out = exporter([make_item("a"), make_item("b")], tmp_path / "out", progress=silent).out
    (out / lists / "train.txt").write_text("a\n")
    (out / lists / "val.txt").write_text("b\n")
    (failure,) = verify(out).failures
    assert "b is of a recording that is also in train.txt" in failure


def test_a_damaged_side_file_is_named(sav: Path) -> None:
    written("engine.json", "{}")(sav)
    assert any("engine.json: not readable" in line for line in verify(sav).failures)


def test_a_dataset_without_our_side_file_is_checked_all_the_same(sav: Path) -> None:
    removed("engine.json")(sav)
    assert verify(sav).failures == ()
