"""Every guarantee is checked on disk: a good dataset that is broken in one way fails, and the failure says what and where.

The manifest is taken away first, since it would betray every change: these are the failures of anybody's dataset.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.media import VideoWriter, decode
from engine.ports import ExportItem
from engine.types import FrameBatch
from exports.palette import voc_palette
from exports.registry import exporter
from exports.verify import verify

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]
Breaker = Callable[[Path], object]
SIZE, FRAMES = (64, 96), 12
STILLS, MANUAL, AUTO = "JPEGImages/game-1", "game-1_manual.json", "game-1_auto.json"
LEVEL = "Full-Resolution"
PNGS, SHOWN = f"Annotations/{LEVEL}/game-1", f"JPEGImages/{LEVEL}/game-1"


def moving() -> Iterator[FrameBatch]:
    """A bright ball that rolls two pixels a frame, as the masks of track 1 do, on a cloth with a pattern."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    for k in range(FRAMES):
        cloth = 60 + 20 * np.sin(columns / 5) * np.cos(rows / 7)
        ball = (columns - 20 - 2 * k) ** 2 + (rows - 30) ** 2 < 64
        grey = np.where(ball, 220, cloth).astype(np.uint8)
        yield FrameBatch(k, np.repeat(grey[None, ..., None], 3, axis=-1))


def build(base: str, make: Make, folder: Path, silent: Silent) -> Path:
    item = replace(make(), pictures=moving)
    if base == "sparse":
        return exporter("sav")([replace(make(frames=24), step=3)], folder, progress=silent).out
    if base == "drafts":
        untouched = replace(item, reviewed=False, edited=dict)
        other = replace(make("game-2", video="cafe"), pictures=moving)
        return exporter("sav")([untouched, other], folder, progress=silent).out
    if base == "unsupervised":
        return exporter("davis", layout="unsupervised")([item], folder, progress=silent).out
    return exporter(base)([item], folder, progress=silent).out


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("good")


@pytest.fixture
def copy_of(shelf: Path, make_item: Make, tmp_path: Path, silent: Silent) -> Callable[[str], Path]:
    def copy(base: str) -> Path:
        good = shelf / base
        if not good.exists():
            build(base, make_item, good, silent)
            (good / "manifest.json").unlink()
        return Path(shutil.copytree(good, tmp_path / base))

    return copy


def content(change: Callable[[Any], object], name: str = MANUAL) -> Breaker:
    def breaker(folder: Path) -> None:
        said = json.loads((folder / name).read_text())
        change(said)
        (folder / name).write_text(json.dumps(said))

    return breaker


def put(key: str, value: object, name: str = MANUAL) -> Breaker:
    return content(lambda said: said.update({key: value}), name)


def cell(value: object) -> Breaker:
    return content(lambda said: said["masklet"][2].__setitem__(1, value))


def text(name: str, change: Callable[[str], str]) -> Breaker:
    return lambda folder: (folder / name).write_text(change((folder / name).read_text()))


def renamed(old: str, new: str) -> Breaker:
    return lambda folder: (folder / old).rename(folder / new)


def removed(name: str) -> Breaker:
    return lambda folder: (folder / name).unlink()


def written(name: str, said: str | bytes) -> Breaker:
    data = said.encode() if isinstance(said, str) else said
    return lambda folder: (folder / name).write_bytes(data)


def cut(name: str, share: float) -> Breaker:
    def breaker(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * share)])

    return breaker


def swapped(one: str, other: str) -> Breaker:
    def breaker(folder: Path) -> None:
        (folder / one).rename(folder / "aside")
        (folder / other).rename(folder / one)
        (folder / "aside").rename(folder / other)

    return breaker


def shifted(folder: Path) -> None:
    """Every picture shows what the next frame of the video shows."""
    for k in range(FRAMES - 1):
        shutil.copy(folder / STILLS / f"{k + 1:05d}.jpg", folder / STILLS / f"{k:05d}.jpg")


def renumbered(folder: Path) -> None:
    """Thinned pictures counted 0, 1, 2, ... and not by the frames that they show."""
    for k, path in enumerate(sorted((folder / STILLS).iterdir())):
        path.rename(path.with_name(f"{k:05d}.jpg"))


def redrawn(name: str, change: Callable[[Image.Image], Image.Image], **options: Any) -> Breaker:
    def breaker(folder: Path) -> None:
        with Image.open(folder / name) as opened:
            opened.load()
            new = change(opened)
        new.save(folder / name, **options)

    return breaker


def filmed(change: Callable[[list[Any]], list[Any]], **options: Any) -> Breaker:
    def breaker(folder: Path) -> None:
        path = folder / "game-1.mp4"
        frames = change(list(decode(path)))
        high, wide, _ = frames[0].shape
        settings = {"width": wide, "height": high, "rate": 30, **options}
        with VideoWriter(path, **settings) as writer:
            for frame in frames:
                writer.write(frame)

    return breaker


def by_rows(folder: Path) -> None:
    """Run lengths counted along the rows, under the right size."""

    def change(said: Any) -> None:
        for row in said["masklet"]:
            mask = rle.decode(rle.from_coco(row[0]))
            turned = rle.encode(mask.ravel().reshape(SIZE[::-1]).T)
            row[0] = rle.to_coco(turned)

    content(change)(folder)


def from_row(first: int) -> Callable[[Any], None]:
    """Hide every masklet before a row."""

    def change(said: Any) -> None:
        for row in said["masklet"][:first]:
            row[:] = [EMPTY] * len(row)

    return change


EMPTY = rle.to_coco(rle.empty(SIZE))
SWAPPED = rle.to_coco(rle.encode(np.ones(SIZE[::-1], bool)))
SHORT = {"size": [*SIZE], "counts": "`0"}
SAV: dict[str, tuple[Breaker, str]] = {
    "a null in a masklet": (cell(None), f"{MANUAL}: masklet row 2, object 1: expected"),
    "a mask of swapped size": (cell(SWAPPED), rf"{MANUAL}: masklet row 2, object 1: size \(96, 64\)"),
    "runs that do not fill the picture": (cell(SHORT), f"{MANUAL}: masklet row 2.* cover 16 pixels"),
    "runs as a list of numbers": (cell({"size": [*SIZE], "counts": [6144]}), f"{MANUAL}: masklet row 2"),
    "a size of text": (cell({**EMPTY, "size": ["64", "96"]}), f"{MANUAL}: masklet row 2"),
    "runs counted along the rows": (by_rows, f"{MANUAL}: masklet 0 is counted along the rows"),
    "a row with fewer objects": (content(lambda c: c["masklet"][3].pop()), f"{MANUAL}: masklet row 3"),
    "a row that is none": (content(lambda c: c["masklet"].__setitem__(3, 7)), f"{MANUAL}: masklet row 3"),
    "a missing row": (content(lambda c: c["masklet"].pop()), f"{MANUAL}: .* 11 rows for 12 frames"),
    "a row too many": (content(lambda c: c["masklet"].append(c["masklet"][0])), f"{MANUAL}: .* 13 rows"),
    "an fps key": (put("fps", 30), rf"{MANUAL}: keys .*\['fps'\]"),
    "a missing key": (content(lambda c: c.pop("masklet_type")), f"{MANUAL}: keys .*masklet_type"),
    "a number of text": (put("video_height", "64"), f"{MANUAL}: video_height is '64', expected a number"),
    "a truth for a number": (put("masklet_num", True), f"{MANUAL}: masklet_num .* expected a number"),
    "an environment in a list": (put("video_environment", ["Indoor"]), f"{MANUAL}: video_environment"),
    "a value that is no number": (put("video_duration", float("nan")), f"{MANUAL}: .*NaN is no value"),
    "an infinite value": (text(MANUAL, lambda t: t.replace('"video_height":64.0', '"video_height":Infinity')), f"{MANUAL}: .*Infinity is no value"),
    "a value beyond numbers": (text(MANUAL, lambda t: t.replace('"video_height":64.0', '"video_height":1e999')), f"{MANUAL}: .*1e999"),
    "a duration of another rate": (put("video_duration", 12 / 25), f"{MANUAL}: video_duration is 0.48, 12 frames at 30/s"),
    "a duration of nothing": (put("video_duration", 0.0), f"{MANUAL}: video_duration is 0.0"),
    "a wrong number of frames": (put("video_frame_count", 13.0), f"{MANUAL}: video_frame_count is 13.0"),
    "height and width exchanged": (content(lambda c: c.update(video_height=96.0, video_width=64.0)), f"{MANUAL}: video_width is 64.0"),
    "a wrong resolution": (put("video_resolution", 1.0), f"{MANUAL}: video_resolution"),
    "a wrong name inside": (put("video_id", "game-2"), f"{MANUAL}: video_id is 'game-2'"),
    "masklets counted from 1": (put("masklet_id", [1, 2, 3]), f"{MANUAL}: masklet_id"),
    "a wrong number of masklets": (put("masklet_num", 4), f"{MANUAL}: masklet_num is 4"),
    "a wrong area": (put("masklet_size_abs", [1.0, 2.0, 3.0]), f"{MANUAL}: masklet_size_abs"),
    "a share of another picture": (put("masklet_size_rel", [0.1, 0.1, 0.1]), f"{MANUAL}: masklet_size_rel"),
    "a wrong bucket": (put("masklet_size_bucket", ["large"] * 3), f"{MANUAL}: masklet_size_bucket"),
    "wrong changes of visibility": (put("masklet_visibility_changes", [0, 1, 2]), f"{MANUAL}: masklet_visibility_changes"),
    "a wrong first frame": (put("masklet_first_appeared_frame", [0.0] * 3), f"{MANUAL}: masklet_first_appeared"),
    "a count of visible frames only": (put("masklet_frame_count", [12, 9, 9]), f"{MANUAL}: masklet_frame_count"),
    "a list of fields too short": (put("masklet_size_abs", [1.0]), f"{MANUAL}: masklet_size_abs"),
    "texts in a list of numbers": (put("masklet_id", ["0", "1", "2"]), f"{MANUAL}: masklet_id"),
    "a wrong type": (put("masklet_type", ["auto"] * 3), f"{MANUAL}: masklet_type"),
    "more edited frames than frames": (put("masklet_edited_frame_count", [99, 0, 0]), f"{MANUAL}: masklet_edited"),
    "a score in the manual file": (put("masklet_stability_score", [1.0] * 3), f"{MANUAL}: .* times null"),
    "a row of scores too few": (content(lambda c: c["masklet_stability_score"].pop(), AUTO), f"{AUTO}: .*12 rows of 3"),
    "a score above 1": (content(lambda c: c["masklet_stability_score"][0].__setitem__(0, 2), AUTO), f"{AUTO}: .*0..1"),
    "no masklet": (content(lambda c: c.update(masklet=[[] for _ in c["masklet"]])), f"{MANUAL}: no masklet at all"),
    "a masklet that is nowhere": (content(lambda c: [r.__setitem__(1, EMPTY) for r in c["masklet"]]), f"{MANUAL}: masklet 1 is visible nowhere"),
    "nothing where a sample can begin": (content(from_row(5)), f"{MANUAL}: nothing is visible before the last 7"),
    "no JSON": (written(AUTO, "{"), f"{AUTO}: not readable as JSON"),
    "no text": (written(MANUAL, b"\xff\xfe\xfa"), f"{MANUAL}: not readable as JSON"),
    "a missing picture": (removed(f"{STILLS}/00004.jpg"), f"{STILLS}: frames are not 0, 1, 2, ...: 00005 stands"),
    "pictures counted from 1": (renamed(f"{STILLS}/00000.jpg", f"{STILLS}/00012.jpg"), f"{STILLS}: frames are not 0, 1, 2"),
    "the last picture missing": (removed(f"{STILLS}/00011.jpg"), "game-1.mp4: 12 frames, 11 pictures"),
    "six digits": (renamed(f"{STILLS}/00011.jpg", f"{STILLS}/000011.jpg"), "000011.jpg: expected five digits"),
    "another ending": (renamed(f"{STILLS}/00011.jpg", f"{STILLS}/00011.jpeg"), "00011.jpeg: expected five digits and .jpg"),
    "digits of another script": (renamed(f"{STILLS}/00011.jpg", f"{STILLS}/0001\u0661.jpg"), "expected five digits"),
    "a stray file among the pictures": (written(f"{STILLS}/.DS_Store", "x"), ".DS_Store: expected five digits"),
    "pictures of no clip": (lambda folder: shutil.copytree(folder / STILLS, folder / "JPEGImages/game-2"), "JPEGImages/game-2: no clip"),
    "a stray file among the clips": (written("JPEGImages/.DS_Store", "x"), "JPEGImages/.DS_Store: no clip"),
    "no pictures": (lambda folder: shutil.rmtree(folder / STILLS), f"{STILLS}: no frames"),
    "a picture that is none": (written(f"{STILLS}/00003.jpg", "x"), "00003.jpg: does not open as a picture"),
    "a picture cut short": (cut(f"{STILLS}/00003.jpg", 0.6), "00003.jpg: does not open as a picture"),
    "a PNG under the name of a JPEG": (redrawn(f"{STILLS}/00003.jpg", lambda i: i, format="PNG"), "00003.jpg: holds a PNG"),
    "a picture in printers' colours": (redrawn(f"{STILLS}/00003.jpg", lambda i: i.convert("CMYK")), "00003.jpg: a JPEG of mode CMYK"),
    "a picture of another size": (redrawn(f"{STILLS}/00003.jpg", lambda i: i.resize((48, 32))), rf"{STILLS}: pictures of different sizes.*00003.jpg is \(32, 48\)"),
    "a picture upside down": (redrawn(f"{STILLS}/00003.jpg", lambda i: i.transpose(Image.Transpose.FLIP_TOP_BOTTOM), quality=95), "00003.jpg: differs from frame 3"),
    "pictures in another order": (swapped(f"{STILLS}/00000.jpg", f"{STILLS}/00011.jpg"), "00000.jpg: differs from frame 0"),
    "pictures shifted by one frame": (shifted, "0000[0-9].jpg: (shows frame 4 of game-1.mp4, not 3|differs)"),
    "no video": (removed("game-1.mp4"), "game-1.mp4: there is no such file"),
    "an empty video": (written("game-1.mp4", ""), "game-1.mp4: the file is empty"),
    "a video cut short": (cut("game-1.mp4", 0.5), "game-1.mp4: cannot be read"),
    "a video with a frame more": (filmed(lambda f: [*f, f[-1]]), "game-1.mp4: 13 frames, 12 pictures"),
    "a video of another size": (filmed(lambda f: [x[:32, :48] for x in f]), r"game-1.mp4: frames of \(32, 48\)|size of game-1.mp4"),
    "a video of another rate": (filmed(lambda f: f, rate=25), f"{MANUAL}: video_duration .* at 25/s"),
    "a foreign video": (filmed(lambda f: [255 - x for x in f]), "00000.jpg: differs from frame 0 of game-1.mp4"),
    "a blank line in the list": (written("train.txt", "game-1\n\n"), "train.txt: '' is no clip"),
    "a foreign line in the list": (written("train.txt", "game-1\ngame-7\n"), "train.txt: 'game-7' is no clip"),
    "a file's name in the list": (written("train.txt", "game-1.mp4\n"), "train.txt: 'game-1.mp4' has a dot"),
    "a line twice": (written("train.txt", "game-1\ngame-1\n"), "train.txt: game-1 is also in train.txt"),
    "a space in the list": (written("train.txt", "game-1 \n"), "train.txt: 'game-1 ' is no clip"),
    "lines of Windows": (written("train.txt", "game-1\r\n"), "train.txt: lines end with CR LF"),
    "a clip in no list": (written("train.txt", ""), "clip game-1 is in no list"),
    "a clip in two lists": (written("val.txt", "game-1\n"), "val.txt: game-1 is also in train.txt"),
    "no list": (removed("train.txt"), "no list of clips"),
    "a list that is no text": (written("train.txt", b"\xff\xfe"), "train.txt: not readable as a list"),
    "a side file of another clip": (text("engine.json", lambda t: t.replace('"game-1": {', '"game-9": {')), "engine.json: clip game-9 is not there"),
    "a side file without an object": (content(lambda c: c["clips"]["game-1"]["masklets"].pop("2"), "engine.json"), "engine.json: objects of game-1"),
    "a side file of another size": (content(lambda c: c["clips"]["game-1"].update(size=[96, 64]), "engine.json"), "engine.json: size of game-1"),
    "a side file that is none": (written("engine.json", "{}"), "engine.json: not readable"),
}  # fmt: skip


def indices(change: Callable[[Any], Any], frame: int = 0, palette: bytes = b"") -> Breaker:
    def breaker(folder: Path) -> None:
        path = folder / PNGS / f"{frame:05d}.png"
        with Image.open(path) as opened:
            old = np.asarray(opened)
        new = Image.fromarray(change(old.copy()), mode="P")
        new.putpalette(palette or voc_palette())
        new.save(path)

    return breaker


def at(old: int, new: int) -> Callable[[Any], Any]:
    return lambda plane: np.where(plane == old, np.uint8(new), plane)


def everywhere(change: Callable[[Any], Any]) -> Breaker:
    def breaker(folder: Path) -> None:
        for k in range(FRAMES):
            indices(change, k)(folder)

    return breaker


def few_frames(folder: Path) -> None:
    for path in [*(folder / PNGS).iterdir(), *(folder / SHOWN).iterdir()]:
        if int(path.stem) >= 2:
            path.unlink()


def called_480p(folder: Path) -> None:
    big = Image.new("RGB", (854, 482))
    for kind in ("JPEGImages", "Annotations"):
        (folder / kind / LEVEL).rename(folder / kind / "480p")
    for k in range(FRAMES):
        big.save(folder / f"JPEGImages/480p/game-1/{k:05d}.jpg")


def folder_of(name: str) -> Breaker:
    return lambda folder: (folder / name).mkdir()


GREY = bytes(value for k in range(256) for value in (k, k, k))
DAVIS: dict[str, tuple[Breaker, str]] = {
    "a void pixel": (indices(at(3, 255)), f"{PNGS}/00000.png: number 255 is void"),
    "number 255 in a late frame": (indices(at(3, 255), 9), f"{PNGS}/00009.png: number 255 is void"),
    "a gap in the numbers": (everywhere(at(1, 9)), rf"{PNGS}: numbers \[2, 3, 9\] are not 1 to 3"),
    "a number that comes late": (indices(at(1, 9), 8), f"{PNGS}: number 9 is not on the first frame"),
    "an empty first frame": (indices(lambda plane: plane * 0), f"{PNGS}/00000.png: no ball on the first frame"),
    "no ball at all": (everywhere(lambda plane: plane * 0), f"{PNGS}/00000.png: no ball"),
    "a grey annotation": (redrawn(f"{PNGS}/00004.png", lambda i: Image.fromarray(np.asarray(i))), "00004.png: mode L"),
    "an annotation in colours": (redrawn(f"{PNGS}/00004.png", lambda i: i.convert("RGB")), "00004.png: mode RGB"),
    "an annotation of 16 bits": (redrawn(f"{PNGS}/00004.png", lambda i: Image.fromarray(np.asarray(i).astype(np.uint16))), "00004.png: mode I;16"),
    "an annotation of one bit": (redrawn(f"{PNGS}/00004.png", lambda i: i.convert("1")), "00004.png: mode 1"),
    "another palette": (indices(lambda plane: plane, 4, GREY), "00004.png: mode P with 768 bytes .* VOC palette"),
    "a short palette of few bits": (indices(lambda plane: plane, 4, voc_palette()[:12]), "00004.png: mode P with 12 bytes|bits a pixel"),
    "few bits a pixel": (redrawn(f"{PNGS}/00004.png", lambda i: i, bits=4), "00004.png: .*(4 bits|48 bytes)"),
    "an annotation of another size": (indices(lambda plane: plane[:-1], 5), r"00005.png: \(63, 96\), its picture is \(64, 96\)"),
    "an annotation cut short": (cut(f"{PNGS}/00005.png", 0.7), "00005.png: does not open as a picture"),
    "a JPEG under the name of a PNG": (redrawn(f"{PNGS}/00005.png", lambda i: i.convert("L"), format="JPEG"), "00005.png: holds a JPEG"),
    "the last annotation missing": (removed(f"{PNGS}/00011.png"), f"{PNGS}: 11 annotations for 12 pictures"),
    "an annotation missing between": (removed(f"{PNGS}/00004.png"), f"{PNGS}: frames are not 0, 1, 2"),
    "the last picture missing": (removed(f"{SHOWN}/00011.jpg"), f"{PNGS}: 12 annotations for 11 pictures"),
    "a picture cut short": (cut(f"{SHOWN}/00005.jpg", 0.6), "00005.jpg: does not open as a picture"),
    "a PNG among the pictures": (redrawn(f"{SHOWN}/00005.jpg", lambda i: i, format="PNG"), "00005.jpg: holds a PNG"),
    "a stray file among the annotations": (written(f"{PNGS}/Thumbs.db", "x"), "Thumbs.db: expected five digits and .png"),
    "a stray file among the clips": (written(f"Annotations/{LEVEL}/notes.txt", "x"), "notes.txt: a file, expected a folder for each clip"),
    "a file for a resolution": (written("Annotations/480p", "x"), "Annotations/480p: a file, expected a folder for each resolution"),
    "a clip without pictures": (folder_of(f"Annotations/{LEVEL}/game-2"), f"Annotations/{LEVEL}: clip game-2 has no pictures"),
    "a clip without annotations": (folder_of(f"JPEGImages/{LEVEL}/game-2"), "clip game-2 has no annotations"),
    "too few frames": (few_frames, f"{PNGS}: 2 annotations for 2 pictures, at least 3"),
    "482 lines in 480p": (called_480p, "JPEGImages/480p/game-1: 482 lines"),
    "a list with a foreign clip": (written("ImageSets/2017/train.txt", "game-1\ngame-9\n"), "train.txt: 'game-9' is no clip"),
    "a blank line in the list": (written("ImageSets/2017/train.txt", "game-1\n\n"), "train.txt: '' is no clip"),
    "no list": (removed("ImageSets/2017/train.txt"), "ImageSets/2017: no list"),
    "a dot in a name": (renamed(PNGS, f"Annotations/{LEVEL}/game.1"), "name 'game.1'"),
    "semantics of a foreign clip": (text("davis_semantics.json", lambda t: t.replace("game-1", "game-2")), "davis_semantics.json: clip game-2 is not there"),
    "semantics without a number": (content(lambda c: c["game-1"].pop("3"), "davis_semantics.json"), "davis_semantics.json: game-1 is"),
    "a class that is not there": (content(lambda c: c["game-1"].update({"3": "cat"}), "davis_semantics.json"), "davis_semantics.json: game-1: 3 is 'cat'"),
    "semantics that are no JSON": (written("davis_semantics.json", "{"), "davis_semantics.json: not readable"),
    "categories that are a list": (written("categories.json", "[]"), "categories.json: not readable"),
    "a side file without an object": (content(lambda c: c["clips"]["game-1"]["objects"].pop("2"), "engine.json"), "engine.json: objects of game-1"),
}  # fmt: skip

OTHERS: dict[str, tuple[str, Breaker, str]] = {
    "thinned pictures counted on": ("sparse", renumbered, "game-1.mp4: 24 frames, 8 pictures"),
    "a thinned picture missing": ("sparse", removed(f"{STILLS}/00009.jpg"), f"{STILLS}: frames are not 0, 3, 6"),
    "a row that no frame has": ("sparse", content(lambda c: c["masklet"].append(c["masklet"][0])), f"{MANUAL}: masklet has 9 rows for 24 frames annotated every 3"),
    "another step in the side file": ("sparse", content(lambda c: c["clips"]["game-1"].update(ann_every=5), "engine.json"), f"{MANUAL}: masklet has 8 rows for 24 frames annotated every 5"),
    "training on drafts": ("drafts", written("train.txt", "game-1\ngame-2\n"), "train.txt: game-1 has no game-1_manual.json"),
    "work of people that nobody trains on": ("drafts", lambda f: (written("auto.txt", "game-1\ngame-2\n")(f), written("train.txt", "")(f)), "auto.txt: game-2 has manual masklets"),
    "a void pixel in the unsupervised layout": ("unsupervised", lambda f: ((f / "Annotations_unsupervised").rename(f / "Annotations"), indices(at(3, 255))(f), (f / "Annotations").rename(f / "Annotations_unsupervised")), "Annotations_unsupervised/.*/00000.png: number 255 is void"),
}  # fmt: skip

TABLE = {
    **{f"sav: {name}": ("sav", *row) for name, row in SAV.items()},
    **{f"davis: {name}": ("davis", *row) for name, row in DAVIS.items()},
    **{f"{row[0]}: {name}": row for name, row in OTHERS.items()},
}


@pytest.mark.parametrize("base", ["sav", "sparse", "drafts", "davis", "unsupervised"])
def test_a_good_dataset_has_no_failure(base: str, copy_of: Callable[[str], Path]) -> None:
    assert verify(copy_of(base)).failures == ()


@pytest.mark.parametrize("name", TABLE)
def test_a_dataset_is_broken_by(name: str, copy_of: Callable[[str], Path]) -> None:
    base, breaker, reason = TABLE[name]
    folder = copy_of(base)
    breaker(folder)
    failures = verify(folder).failures
    assert any(re.search(reason, line) for line in failures), failures


def test_the_table_has_more_rows_than_the_forty_that_were_promised() -> None:
    assert len(TABLE) >= 100
