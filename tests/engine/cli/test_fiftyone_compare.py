"""`engine fiftyone compare`: what it says, and that it compares without FiftyOne where it is told to."""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from db.connect import Database
from engine import rle
from engine.cli.fiftyone.compare import MOST_CLIPS, compared, table
from engine.stages import Move
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.comparing.choice import Model
from engine.workflows.comparing.clips import BadFrame, Ball, ClipLine, Comparison

SIZE = (16, 64)


def line(clip: str, j: float, *balls: Ball, missed: int = 0, extra: int = 0) -> ClipLine:
    return ClipLine(clip, 10.0, 2, 1, "nano aaaa1111", j, balls, missed, extra, "http://page")


def test_models_are_listed_with_how_many_clips_they_drew() -> None:
    assert table([Model("big bbbb", 12, 3), Model("nano aaaa", 1, 0)]).splitlines() == [
        "  clips  accepted  drawn with",
        "     12         3  big bbbb",
        "      1         0  nano aaaa",
    ]
    assert "engine preannotate" in table([])


def test_a_comparison_is_told_worst_first_with_where_to_look() -> None:
    report = Comparison(
        "accepted and drawn",
        j=0.75,
        by_label={"cue": 1.0, "solid": 0.5},
        clips=(line("game-1", 0.5, Ball(1, "solid", 0.5, 1), missed=1, extra=2), line("game-0", 1.0)),
        worst=(BadFrame("game-1", 7, 0.25, "http://page/?frame=7"),),
        left_out={"a": "is rejected, not accepted", "b": "is rejected, not accepted", "c": "other"},
        failed={"game-2": "damaged"},
        dataset="billiards-accepted-and-drawn",
        evaluation={"precision": 0.5},
    )  # fmt: skip
    assert compared(report).splitlines() == [
        "accepted and drawn: 2 clips, J 0.750",
        "by class: solid 0.500, cue 1.000",
        "      J  balls  missed  extra  clip",
        "  0.500      1       1      2  game-1 (nano aaaa1111)",
        "  1.000      0       0      0  game-0 (nano aaaa1111)",
        "worst frames, those of a clip a second apart:",
        "  0.250  game-1 frame 7: http://page/?frame=7",
        "failed   game-2: damaged",
        "left out: 2 clips (is rejected, not accepted)",
        "left out: 1 clip (other)",
        "FiftyOne's evaluation of 2 clips: precision 0.500",
        "in FiftyOne: dataset billiards-accepted-and-drawn (`engine fiftyone`, then choose it at the top)",
    ]


def test_what_there_is_not_is_not_mentioned() -> None:
    assert compared(Comparison("a and b")) == "a and b: 0 clips, J -"
    assert compared(Comparison("a", interrupted=True)).endswith("the same command goes on")


def test_of_many_clips_those_that_agree_best_are_counted_only() -> None:
    clips = tuple(line(f"game-{n}", 0.5) for n in range(MOST_CLIPS + 2))
    text = compared(Comparison("a", j=0.5, clips=clips))
    assert "... and 2 clips that agree better" in text
    assert f"game-{MOST_CLIPS} " not in text


def rows(cue: int) -> Iterator[FrameMasks]:
    """Yield four frames with a ball in this column."""
    for frame in range(4):
        mask = rle.encode(np.ones((8, 8), bool), origin=(cue, 4), size=SIZE)
        yield FrameMasks(frame, (TrackMask(1, mask),))


@pytest.fixture
def workspace(run, tmp_path: Path) -> None:
    """Make a workspace with two clips: both drawn by "big" and then "nano", one of them corrected and accepted."""
    run("init")
    clips = [Clip(f"game-{n}", "f00d", "a.mp4", 4 * n, 4, 64, 16, Fraction(2)) for n in range(2)]
    with Database(f"sqlite:///{tmp_path / 'workspace' / 'engine.db'}") as database:
        database.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 64, 16, Fraction(2), 8), clips)
        for clip in clips:
            for model, cue in (("big", 0), ("nano", 4)):
                head = database.revisions.head(clip.id)
                made = Revision(clip.id, head and head.id, Kind.AUTO, "x", (Track(1, "cue"),), {"segmenter": model})  # fmt: skip
                database.revisions.append(made, rows(cue))
                database.catalog.move(clip.id, Move.PREANNOTATE, actor="x")
        head = database.revisions.head("game-0")
        made = Revision("game-0", head.id, Kind.MANUAL, "ada", head.tracks)
        database.revisions.append(made, rows(0))
        for move in (Move.SUBMIT, Move.ACCEPT):
            database.catalog.move("game-0", move, actor="ada")


@pytest.mark.usefixtures("workspace")
def test_the_list_shows_what_drew(run) -> None:
    done = run("fiftyone", "compare", "--list", "--json")
    assert json.loads(done.stdout) == [
        {"name": "big", "clips": 2, "accepted": 1},
        {"name": "nano", "clips": 2, "accepted": 1},
    ]
    assert "drawn with" in run("fiftyone", "compare", "--list").stdout


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("words", "clips", "j"),
    [
        ((), ["game-0"], 1 / 3),
        (("big",), ["game-0"], 1.0),
        (("big", "nano"), ["game-0", "game-1"], 1 / 3),
        (("big", "nano", "--clip", "game-1"), ["game-1"], 1 / 3),
    ],
)
def test_models_are_compared_with_people_or_with_each_other(run, words, clips, j) -> None:
    done = run("fiftyone", "compare", *words, "--no-board", "--json", "--worst", "1")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert sorted(one["clip"] for one in report["clips"]) == clips
    assert report["j"] == pytest.approx(j)
    assert report["by_label"] == {"cue": pytest.approx(j)}
    assert len(report["worst"]) == (j < 1)
    assert report["dataset"] == ""


@pytest.mark.usefixtures("workspace")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("huge",), "no model 'huge'"),
        (("a", "b", "c"), "name two at most"),
        (("--clip", "gone"), "gone"),
        (("--evaluate",), "leave out --no-board"),
    ],
)
def test_what_cannot_be_compared_says_why(run, words, said) -> None:
    done = run("fiftyone", "compare", *words, "--no-board")
    assert done.returncode == 2
    assert said in done.stderr
