"""The parts of `engine evaluate` that need no process: choice, progress, order, words."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from engine import rle
from engine.cli.evaluated import table, text
from engine.cli.evaluating import _overall, chosen
from engine.datasets import LabelledClip
from engine.errors import SelectionError
from engine.evaluation.judging import judge
from engine.evaluation.report import report
from engine.types import Clip, FrameMasks, TrackMask


def labelled(name: str, frames: int) -> LabelledClip:
    clip = Clip(name, name, "", 0, frames, 40, 30, Fraction(30))
    return LabelledClip(clip, {1: "cue"}, tuple(range(frames)), lambda: iter(()), lambda: iter(()))


def rows(frames: int) -> list[FrameMasks]:
    mask = rle.encode(np.ones((9, 9), bool), origin=(5, 5), size=(30, 40))
    return [FrameMasks(frame, (TrackMask(1, mask),)) for frame in range(frames)]


CLIPS = labelled("a", 10), labelled("b", 5), labelled("c", 20)


def test_without_names_every_clip_is_chosen_and_names_choose_in_their_order() -> None:
    assert chosen(CLIPS, ()) == CLIPS
    assert [one.clip.id for one in chosen(CLIPS, ("c", "a"))] == ["c", "a"]


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SelectionError, match="no clip x; the dataset has a, b, c"):
        chosen(CLIPS, ("a", "x"))


def test_one_bar_counts_the_frames_of_all_clips() -> None:
    heard: list[tuple[str, int, int]] = []
    tell = _overall(lambda *said: heard.append(said), CLIPS)  # type: ignore[arg-type]  # a bar is called like this
    tell("a", 4, 10)
    tell("b", 5, 5)
    tell("c", 20, 20)
    assert heard == [("3 clips", 4, 35), ("3 clips", 15, 35), ("3 clips", 35, 35)]


def test_the_table_shows_the_worst_clip_first_and_the_total_last() -> None:
    good = judge("good", true=rows(4), found=rows(4), labels={1: "cue"})
    bad = judge("bad", true=rows(4), found=rows(1), labels={1: "cue"})
    said = report([good, bad], about={}, failed={})
    assert [line.split()[:3] for line in table(said).splitlines()] == [
        ["clip", "balls", "J"],
        ["bad", "1", "0.250"],
        ["good", "1", "1.000"],
        ["all", "2", "0.625"],
    ]


def test_a_single_clip_has_no_total_and_failures_and_files_are_named(tmp_path) -> None:
    one = judge("one", true=rows(2), found=rows(2), labels={})
    said = replace(report([one], about={}, failed={}), failed={"bad": "why"})
    lines = text(said, [tmp_path / "report.html"]).splitlines()
    assert len(table(said).splitlines()) == 2
    assert lines[-2:] == ["not evaluated: bad", f"report: {tmp_path / 'report.html'}"]
