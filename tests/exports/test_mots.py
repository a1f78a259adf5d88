"""MOTS as TrackEval reads it: truth against itself is perfect."""

import json
from collections.abc import Callable
from configparser import ConfigParser
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine import rle
from engine.errors import ExportError
from engine.ports import ExportItem
from engine.types import RLE, TrackMask
from exports.registry import exporter

Silent = Callable[[str, int, int], None]
Make = Callable[..., ExportItem]
DOT = np.ones((1, 1), bool)


@pytest.fixture
def items(make_item: Make) -> list[ExportItem]:
    return [make_item("one"), make_item("two", frames=9, video="cafe", rate=Fraction(30000, 1001))]


@pytest.fixture
def mots(items: list[ExportItem], tmp_path: Path, silent: Silent) -> Path:
    return exporter("mots")(items, tmp_path / "mots", progress=silent).out


def lines(folder: Path, clip: str = "one") -> list[list[str]]:
    text = (folder / f"train/{clip}/gt/gt.txt").read_text()
    return [line.split(" ") for line in text.splitlines()]


def test_frames_and_pictures_count_from_1(mots: Path) -> None:
    assert {int(line[0]) for line in lines(mots)} == set(range(1, 13))
    names = sorted(path.name for path in (mots / "train/one/img1").iterdir())
    assert names == [f"{number:06d}.jpg" for number in range(1, 13)]


def test_every_ball_is_of_class_2_and_the_side_file_knows_what_it_is(mots: Path) -> None:
    assert {(line[1], line[2]) for line in lines(mots)} == {(f"200{n}", "2") for n in (1, 2, 3)}
    said = json.loads((mots / "engine.json").read_text())["clips"]["one"]["objects"]
    assert said["2003"] == {"track": 3, "label": "stripe"}


def test_no_pixel_is_in_two_masks_and_the_loss_is_noted(
    items: list[ExportItem], tmp_path: Path, silent: Silent
) -> None:
    report = exporter("mots")(items, tmp_path / "m", progress=silent)
    masks = [RLE((64, 96), line[5].encode()) for line in lines(report.out) if line[0] == "1"]
    assert sum(rle.area(mask) for mask in masks) == rle.area(rle.merge(masks))
    assert any(note.startswith("one: track 3 loses") for note in report.notes)


def test_what_nothing_hides_is_there_to_the_pixel(mots: Path, items: list[ExportItem]) -> None:
    rows = [row.by_track() for row in items[0].frames()]
    for frame, thing, _, high, wide, counts in lines(mots):
        if thing == "2001":
            found = RLE((int(high), int(wide)), counts.encode())
            assert found == rows[int(frame) - 1][1].rle


def test_seqinfo_and_the_list_say_what_the_evaluation_asks_for(mots: Path) -> None:
    parser = ConfigParser()
    parser.read(mots / "train/two/seqinfo.ini")
    said = dict(parser["Sequence"])
    assert said == {
        "name": "two",
        "imdir": "img1",
        "framerate": "29.97",
        "seqlength": "9",
        "imwidth": "96",
        "imheight": "64",
        "imext": ".jpg",
    }
    assert (mots / "seqmaps/MOTS-train.txt").read_text() == "name\none\ntwo\n"


@pytest.mark.slow
def test_999_balls_fit_and_1000_do_not(make_item: Make, tmp_path: Path, silent: Silent) -> None:
    def dots(count: int) -> tuple[TrackMask, ...]:
        return tuple(
            TrackMask(n + 1, rle.encode(DOT, origin=(n % 48 * 2, n // 48 * 2), size=(64, 96)))
            for n in range(count)
        )

    few = exporter("mots", min_area=1)
    report = few([make_item(frames=2, masks=lambda _: dots(999))], tmp_path / "m", progress=silent)
    assert lines(report.out, "game-1")[-1][1] == "2999"
    with pytest.raises(ExportError, match="1000 balls"):
        few([make_item(frames=2, masks=lambda _: dots(1000))], tmp_path / "n", progress=silent)


def test_trackeval_scores_the_truth_against_itself_as_perfect(mots: Path, tmp_path: Path) -> None:
    trackeval = pytest.importorskip("trackeval")
    data = tmp_path / "trackers/self/data"
    data.mkdir(parents=True)
    for clip in ("one", "two"):
        (data / f"{clip}.txt").write_bytes((mots / f"train/{clip}/gt/gt.txt").read_bytes())
    quiet = {"PRINT_CONFIG": False}
    dataset = trackeval.datasets.MOTSChallenge(
        {
            "GT_FOLDER": str(mots / "train"),
            "TRACKERS_FOLDER": str(tmp_path / "trackers"),
            "SEQMAP_FILE": str(mots / "seqmaps/MOTS-train.txt"),
            "SKIP_SPLIT_FOL": True,
            **quiet,
        }
    )
    judge = trackeval.Evaluator(
        {"PRINT_RESULTS": False, "TIME_PROGRESS": False, "PLOT_CURVES": False}
        | {"OUTPUT_SUMMARY": False, "OUTPUT_DETAILED": False, **quiet}
    )
    metrics = [trackeval.metrics.HOTA(quiet), trackeval.metrics.CLEAR(quiet)]
    results, _ = judge.evaluate([dataset], metrics)
    of_all = results["MOTSChallenge"]["self"]["COMBINED_SEQ"]["pedestrian"]
    assert of_all["HOTA"]["HOTA"].min() == pytest.approx(1)
    assert of_all["CLEAR"]["MOTA"] == 1.0  # for masks this is MOTSA
    assert of_all["CLEAR"]["sMOTA"] == pytest.approx(1)
