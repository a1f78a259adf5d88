"""The report: worst frames, their pictures, plots, the page, JSON."""

import base64
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Pillow

from annotator_ui.simulated import page_tool
from engine.cli.evaluated import text
from engine.errors import VideoError
from engine.evaluation import plots
from engine.evaluation.annotator import correct
from engine.evaluation.columns import COLUMNS, short
from engine.evaluation.interactive import click_clip, click_figures
from engine.evaluation.judging import judge
from engine.evaluation.page import page
from engine.evaluation.pictures import FOUND, STRAY, TRUE, jpeg, render, scenes
from engine.evaluation.report import report, to_json
from engine.evaluation.worst import worst_frames
from engine.fakes.segmenter import ColourSegmenter
from engine.types import FrameMasks, TrackMask


@pytest.fixture
def judged(world):
    """Return the exact world with the potted ball's mask lost from frame 5 on."""
    found = [
        row if row.frame < 5 else FrameMasks(row.frame, row.masks[:1]) for row in world.frames()
    ]
    return judge("scene", true=world.frames(), found=found, labels=world.labels)


@pytest.fixture
def whole(judged):
    return report([judged], about={"truth": "a <folder>"}, failed={"bad": "no & file"})


def opened(uri: str) -> np.ndarray:
    assert uri.startswith("data:image/jpeg;base64,")
    return np.asarray(Pillow.open(BytesIO(base64.b64decode(uri.partition(",")[2]))))


def has(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool((np.abs(picture.astype(int) - colour).max(axis=-1) < 60).any())


def test_the_worst_frames_are_those_of_least_j_apart_from_each_other(judged) -> None:
    bad = worst_frames([judged])
    assert [one.frame for one in bad] == [5, 8]
    assert bad[0].mean == 0.5
    assert [(one.label, value) for one, value in bad[0].balls] == [("solid", 0)]


def test_a_perfect_clip_has_no_worst_frames(world) -> None:
    perfect = judge("scene", true=world.frames(), found=world.frames(), labels={})
    assert worst_frames([perfect]) == ()


def test_the_worst_frames_of_many_clips_come_worst_first_and_not_all(judged, film) -> None:
    lost = judge("lost", true=film({1: [10] * 8}), found=[], labels={})
    bad = worst_frames([judged, lost], most=3)
    assert [one.clip for one in bad] == ["lost", "lost", "scene"]


def test_a_bad_frame_shows_truth_and_what_was_found(judged, world) -> None:
    (first, _) = scenes(worst_frames([judged]), [(world, judged.compared)])
    assert has(opened(first.uri), TRUE)
    assert has(opened(first.uri), FOUND)
    (look,) = first.looks
    assert (look.label, look.track, look.j, look.note) == ("solid", 2, 0, "")
    assert has(opened(look.uri), TRUE)
    assert not has(opened(look.uri), FOUND)


def test_a_frame_whose_picture_cannot_be_read_is_left_out(judged, world) -> None:
    def broken():
        raise VideoError("scene.mp4: ends too early")

    gone = replace(world, pictures=broken)
    assert scenes(worst_frames([judged]), [(gone, judged.compared)]) == ()


def test_a_ball_under_a_wrong_name_is_told_from_a_ball_that_is_lost(world) -> None:
    def swapped(row: FrameMasks) -> FrameMasks:
        late = 9 if row.frame < 6 else 2
        return FrameMasks(
            row.frame, tuple(TrackMask(late, m.rle) if m.track == 2 else m for m in row.masks)
        )

    clip = judge(
        "scene", true=world.frames(), found=map(swapped, world.frames()), labels=world.labels
    )
    (scene,) = scenes(worst_frames([clip], most=1), [(world, clip.compared)])
    assert scene.looks[0].note in {"drawn as track 2", "drawn as track 9"}


def test_a_mask_on_no_ball_stands_out(world) -> None:
    (cue,) = next(world.frames()).masks
    astray = TrackMask(1, next(row for row in world.frames() if row.frame == 8).masks[0].rle)
    clip = judge("scene", true=[FrameMasks(0, (cue,))], found=[FrameMasks(0, (astray,))], labels={})
    (scene,) = scenes(worst_frames([clip]), [(world, clip.compared)])
    assert has(opened(scene.uri), STRAY)
    assert not has(opened(scene.uri), FOUND)


def test_a_view_beyond_the_picture_shows_black_and_outlines_stay_in_place(square) -> None:
    white = np.full((60, 200, 3), 255, np.uint8)
    drawn = render(white, [(square(0, 0, 10), TRUE, 1)], view=(-10, -10, 20, 20), size=(30, 30))
    assert (drawn[:10] == 0).all()
    assert tuple(drawn[10, 10]) == TRUE
    assert tuple(drawn[19, 19]) == TRUE
    assert tuple(drawn[15, 15]) == (255, 255, 255)
    assert tuple(drawn[20, 20]) == (255, 255, 255)


def test_a_jpeg_is_held_by_its_own_address() -> None:
    grey = np.full((20, 30, 3), 99, np.uint8)
    assert np.abs(opened(jpeg(grey)).astype(int) - 99).max() <= 2


def test_every_plot_is_one_whole_svg(judged, film) -> None:
    other = judge("other", true=film({1: [10] * 8}), found=[], labels={})
    clips = [judged, other]
    drawn = [
        plots.distribution(clips),
        plots.over_time(clips),
        plots.over_time([judged]),
        plots.by_size(clips),
        plots.by_label({"cue": 1.0, "solid": 0.5}),
        plots.curve([0.5, 0.9], xlabel="clicks", ylabel="IoU", marks=[0.85]),
    ]
    for svg in drawn:
        assert ET.fromstring(svg).tag.endswith("svg")  # noqa: S314 - as above
        assert len(svg) < 120_000


def test_the_page_holds_everything_itself_and_escapes_what_it_is_told(whole, judged, world) -> None:
    html = page(whole, scenes(worst_frames([judged]), [(world, judged.compared)]))
    outside = [link for link in re.findall(r'(?:src|href)="([^"]*)"', html) if link[:1] != "#"]
    assert outside
    assert all(link.startswith("data:") for link in outside)
    assert "<script" not in html
    assert "a &lt;folder&gt;" in html
    assert "no &amp; file" in html
    assert html.count("<article>") == 2
    assert html.count("<svg") == 4


@pytest.fixture
def worked(whole, world):
    """Return the report with clicks counted and a person at work."""
    person = correct(
        world, [FrameMasks(frame) for frame in range(12)], page_tool(ColourSegmenter())
    )
    clicked = click_figures(click_clip(world, page_tool(ColourSegmenter())))
    return replace(whole, clicks=clicked, corrected=(person,))


def test_clicks_and_labour_stand_in_page_json_and_words(worked) -> None:
    html = page(worked, ())
    assert "NoC@85" in html
    assert "What correction costs" in html
    assert html.count("<svg") == 6
    said = json.loads(to_json(worked))
    assert said["clicks"]["noc"] == {"85": 1.0, "90": 1.0}
    assert said["labour"]["effort"] == {"looked": 24, "finds": 2, "clicks": 2, "keys": 4}
    assert [look["wrong"] for look in said["corrected"]["scene"]] == [19, 0, 0]
    words = text(worked, [])
    assert "NoC@85  1.00 clicks, 0.0% never get there" in words
    assert "2 clicks, 4 keys, 2 objects found, 24 frames looked through: 9 s of a person" in words
    assert "masks below the threshold 100.0% -> 0.0%" in words


def test_without_clicks_and_labour_nothing_is_said_of_them(whole) -> None:
    assert "NoC" not in page(whole, ())
    assert "annotator" not in text(whole)
    assert json.loads(to_json(whole))["labour"] is None


def test_a_page_without_bad_frames_says_so(whole) -> None:
    assert "None: every ball has a J of 0.9 or more" in page(whole, ())


def test_the_json_has_the_total_each_clip_and_each_object_and_no_nan(whole) -> None:
    said = json.loads(to_json(whole), parse_constant=lambda name: pytest.fail(f"found {name}"))
    assert said["about"] == {"truth": "a <folder>"}
    assert said["failed"] == {"bad": "no & file"}
    assert said["total"]["j"]["mean"] == pytest.approx((1 + 8 / 12) / 2, abs=1e-5)
    first, second = said["clips"]["scene"]["by_object"]
    assert (first["label"], second["label"]) == ("cue", "solid")
    assert second["j_by_frame"]["5"] == 0
    assert said["clips"]["scene"]["centre_mean"] == 0


def test_every_column_has_a_text_for_figures_and_for_no_figures(whole, film) -> None:
    lost = report([judge("lost", true=film({1: [10]}), found=[], labels={})], about={}, failed={})
    for figures in (whole.total, lost.total):
        assert all(column.text(figures) for column in COLUMNS)
    assert len(short()) == 12
