"""Links open the clip in the correction page at the frame they name; nothing that stands in them is HTML of somebody else."""

import re
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.doubts import Doubt, Sign, Visit, worst
from engine.types import Clip
from ml_backend.shown.links import address, links_html

PAGE = "http://127.0.0.1:7860"


def clip(frames: int = 300, rate: Fraction = Fraction(30)) -> Clip:
    return Clip("game-1", "v", "game.mp4", 0, frames, 64, 48, rate)


def doubt(frame: int, severity: float = 0.5, *, track: int = 3, why: str = "torn") -> Doubt:
    return Doubt(frame, frame + 1, frame, track, Sign.SHAPE, severity, why)


class Page(HTMLParser):
    """What a browser makes of HTML: its links with their texts, and all its tags."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._open.append(tag)
        if tag == "a":
            self.links.append({**dict(attrs), "text": ""})

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if "a" in self._open:
            self.links[-1]["text"] += data

    def frames(self) -> list[int]:
        return [int(parse_qs(urlsplit(link["href"]).query)["frame"][0]) for link in self.links]


def page(*visits: Visit, of: Clip | None = None, page_url: str = PAGE) -> Page:
    return Page(links_html(of or clip(), page_url=page_url, visits=visits))


def test_the_clip_opens_at_each_of_its_seconds():
    found = page()
    assert found.frames() == [0, *range(0, 300, 30)]
    assert [link["text"] for link in found.links[1:]] == [f"{second} s" for second in range(10)]


def test_the_seconds_of_an_odd_rate_are_the_first_frames_at_or_after_them():
    found = page(of=clip(150, Fraction(30000, 1001)))
    assert found.frames() == [0, 0, 30, 60, 90, 120]


def test_each_link_opens_a_tab_of_its_own():
    assert {(link["target"], link["rel"]) for link in page().links} == {("_blank", "noopener")}


def test_an_address_names_the_clip_and_the_frame_from_zero():
    assert address(clip(), page_url=PAGE, frame=7) == f"{PAGE}/ui/?clip=game-1&frame=7"
    assert address(clip(), page_url=PAGE + "/", frame=7) == address(clip(), page_url=PAGE, frame=7)


def test_doubtful_frames_stand_gravest_first_with_why_and_the_number_that_label_studio_gives():
    found = page(*worst([doubt(20, 0.4), doubt(200, 0.9, why="no disc"), doubt(205, 0.3)]))
    assert found.frames()[-2:] == [200, 20]
    assert [link["text"] for link in found.links[-2:]] == ["frame 201", "frame 21"]
    assert "track 3: no disc, and 1 more" in found.text


def test_what_a_doubt_says_is_of_tracks_and_frames_as_label_studio_has_them_without_places():
    whys = {
        20: "together with ball 5 (stripe) it covers one disc",
        60: "first seen on frame 60, away from the rim",
        100: "1 found without a mask, surest (0.93) a solid at 120, 44",
    }
    visits = worst([doubt(frame, 0.5 + frame / 1000, track=7, why=why) for frame, why in whys.items()])  # fmt: skip
    text = Page(links_html(clip(), page_url=PAGE, visits=visits, labels={7: "stripe"})).text
    assert "frame 21 track 7 (stripe): together with track 5 (stripe) it covers" in text
    assert "frame 61 track 7 (stripe): first seen on frame 61, away" in text
    assert "surest (0.93) a solid" in text
    assert "120, 44" not in text
    assert text.count("the page counts from 0") == 1


def test_how_the_clip_stands_comes_first_then_what_was_not_done():
    found = Page(links_html(clip(), page_url=PAGE, state="submitted <x>", undone="it is & was"))
    assert found.text.startswith("submitted <x>Not done: it is & wasOpen game-1")
    assert "x" not in found.tags


def test_a_doubt_about_the_whole_picture_names_no_track():
    text = page(*worst([doubt(20, track=0, why="17 balls are red")])).text
    assert re.search(r"frame 21 17 balls", text)


def test_at_most_ten_doubtful_frames_are_listed():
    found = page(*worst([doubt(20 * k) for k in range(14)]))
    assert len(found.frames()) == 1 + 10 + 10


def test_a_doubt_beyond_the_end_of_the_clip_is_not_listed():
    assert page(*worst([doubt(300)])).tags == page().tags


def test_a_clip_without_doubts_says_nothing_of_them():
    assert "Look here" not in page().text


def test_an_hour_has_no_more_links_than_a_minute():
    assert len(page(of=clip(30 * 3600)).links) <= 61


def test_a_single_frame_has_its_link():
    assert page(of=clip(1)).frames() == [0, 0]


def test_ten_seconds_with_ten_doubts_are_a_few_kilobytes():
    html = links_html(clip(), page_url=PAGE, visits=worst([doubt(20 * k) for k in range(14)]))
    assert len(html) < 5000


@given(st.text(), st.text(alphabet="<>&\"' /;=xa", max_size=20))
def test_whatever_a_doubt_or_an_address_says_adds_no_tag_and_is_shown_as_it_is(why, tail):
    plain = page(*worst([doubt(20, why="x")]))
    found = page(*worst([doubt(20, why=why)]), page_url=PAGE + "/" + tail)
    assert found.tags == plain.tags
    shown = links_html(clip(), page_url=PAGE, visits=worst([doubt(20, why=why)]))
    assert unescape(shown).count(why) >= 1


@pytest.mark.parametrize("scheme", ["http://10.0.0.1:7860/page", "https://team.example"])
def test_the_page_may_lie_anywhere(scheme):
    assert all(link["href"].startswith(f"{scheme}/ui/?") for link in page(page_url=scheme).links)
