"""Formats by name: each is what it says, and a wrong name or option is answered with the right ones."""

import pickle
from dataclasses import replace
from fractions import Fraction

import pytest

from engine.errors import SettingsError
from engine.types import Clip
from exports.format import Pictures
from exports.publish import Publisher
from exports.registry import FORMATS, LAYOUTS, exporter

PAIRS = [(name, layout) for name in FORMATS for layout in LAYOUTS[name]]


def test_every_format_has_layouts_and_no_layout_is_of_none() -> None:
    assert FORMATS.keys() == LAYOUTS.keys()
    assert all(LAYOUTS.values())


@pytest.mark.parametrize(("name", "layout"), PAIRS)
def test_a_format_knows_its_name_and_layout(name: str, layout: str) -> None:
    made = exporter(name, layout=layout)
    assert isinstance(made, Publisher)
    assert (made.format.name, made.format.layout) == (name, layout)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_first_layout_is_the_default(name: str) -> None:
    assert exporter(name).format.layout == LAYOUTS[name][0]


@pytest.mark.parametrize(("name", "layout"), PAIRS)
def test_a_format_travels_to_another_process_and_shows_its_settings(name: str, layout: str) -> None:
    made = exporter(name, layout=layout).format
    assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own
    assert layout in repr(made)


@pytest.mark.parametrize(("name", "layout"), PAIRS)
def test_pictures_of_two_clips_and_of_two_frames_never_share_a_place(
    name: str, layout: str
) -> None:
    clip = Clip("a", "cafe", "x.mp4", 0, 12, 96, 64, Fraction(30))
    made = exporter(name, layout=layout).format
    places = [made.pictures(replace(clip, id=each), step=1) for each in ("a", "a-1")]
    assert all(isinstance(place, Pictures) for place in places)
    names = [place.name(frame) for place in places for frame in (0, 1, 10, 99999)]
    videos = [place.video for place in places if place.video]
    assert len({*names, *videos}) == len(names) + len(videos)
    assert not any(path.startswith("/") or ".." in path for path in [*names, *videos])


def test_options_reach_the_publisher_and_the_format() -> None:
    made = exporter(
        "davis", resolution="480p", min_area=7, workers=3, fresh=True, settings={"fps": 6}
    )
    assert (made.min_area, made.workers, made.fresh) == (7, 3, True)
    assert made.settings == {"fps": 6}
    assert "480p" in repr(made.format)


def test_an_unknown_format_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"no format 'davids'; known: coco, .*did you mean 'davis'"):  # fmt: skip
        exporter("davids")


def test_an_unknown_layout_is_answered_with_those_of_the_format() -> None:
    with pytest.raises(SettingsError, match="davis has no layout 'val'; it has semi-supervised"):
        exporter("davis", layout="val")


def test_an_unknown_resolution_is_answered_with_those_of_the_format() -> None:
    with pytest.raises(SettingsError, match="no resolution '8k'; it has full, 480p"):
        exporter("davis", resolution="8k")


def test_an_option_that_the_format_does_not_know_is_named() -> None:
    with pytest.raises(SettingsError, match="davis does not know trust_auto"):
        exporter("davis", trust_auto=True)
