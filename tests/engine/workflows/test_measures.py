"""A revision's masks are measured in one reading and kept; what cannot be read counts as absent."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.doubts import Doubt, Sign
from engine.fakes.queue import MemoryDatabase
from engine.ports.board import Happening, Measures, TableEvent
from engine.types import FrameMasks, Kind, Revision, Track, Video
from engine.workflows.findings import VERSION as DOUBTS_VERSION
from engine.workflows.findings import Witnesses
from engine.workflows.measures import (
    MEASURES,
    kept_measures,
    measured,
    measures_from_text,
    measures_to_text,
)
from engine.workflows.measuring import quality
from engine.workflows.prepare import keep_witnesses
from tests.engine.billiards.table import HIGH, POCKETS, WIDE, clip, corners, rests, rolls, rows

FRAMES = 40
GAME = clip(FRAMES)
MET = 200 + 6 * 19.5 + 18
HIT = (
    rolls((200, 180), (20, 6, 0), (20, 0.3, 0)),
    [(MET + (5.4 * (k - 19.5) if k > 19 else 0), 180) for k in range(FRAMES)],
)
DOUBTS = (
    Doubt(1, 3, 2, 1, Sign.SHAPE, 0.25, "torn"),
    Doubt(5, 6, 5, 2, Sign.VANISHED, 0.5, "gone"),
    Doubt(9, 12, 9, 2, Sign.SHAPE, 0.125, "torn"),
)

numbers = st.floats(0, 1e6)
events = st.builds(
    lambda kind, start, long, tracks, sure: TableEvent(kind, start, start + long, tracks, sure),
    st.sampled_from(Happening),
    st.integers(0, 10_000),
    st.integers(1, 50),
    st.lists(st.integers(1, 99), min_size=1, max_size=16).map(tuple),
    st.floats(0, 1),
)
measures = st.builds(
    Measures,
    st.floats(0, 1),
    st.integers(0, 30),
    st.integers(0, 30),
    numbers,
    st.integers(0, 1000),
    numbers,
    st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=5).map(tuple),
    st.lists(events, max_size=6).map(tuple),
)


@dataclass
class Counting:
    """A store of revisions that counts how often masks are read."""

    store: object
    readings: int = 0

    def frames(self, revision: int, **window: int) -> Iterator[FrameMasks]:
        self.readings += 1
        return self.store.frames(revision, **window)

    def __getattr__(self, name: str):
        return getattr(self.store, name)


def stored(frames, *, tracks: int = 2) -> tuple[MemoryDatabase, Revision]:
    """Return stores that know one clip with one revision of these masks."""
    made = MemoryDatabase()
    video = Video("v", "game.mp4", "", WIDE, HIGH, GAME.rate, FRAMES)
    made.catalog.add_video(video, [GAME])
    named = tuple(Track(k + 1, "solid") for k in range(tracks))
    draft = Revision(GAME.id, None, Kind.AUTO, "engine", named)
    return made, made.revisions.append(draft, frames)


def measure(books: MemoryDatabase, revision: Revision, doubts=()) -> Measures:
    return measured(books.revisions, books.desk.findings, GAME, revision, doubts=doubts)


def test_what_masks_come_to_is_told_and_kept() -> None:
    frames = rows(*HIT)
    frames[3] = FrameMasks(3, tuple(replace(mask, score=0.5) for mask in frames[3].masks))
    books, revision = stored(frames)
    found = measure(books, revision, DOUBTS)
    assert found.quality == pytest.approx(quality(frames))
    assert (found.balls, found.together) == (2, 2)
    assert found.moving == pytest.approx(FRAMES / 30, abs=0.2)
    assert (found.doubts, found.severity) == (3, 0.875)
    assert found.signs == (str(Sign.SHAPE), str(Sign.VANISHED))
    assert [(one.kind, one.tracks) for one in found.events] == [(Happening.COLLISION, (1, 2))]
    assert kept_measures(books.desk.findings, revision.id) == found


def test_masks_are_read_once() -> None:
    books, revision = stored(rows(*HIT))
    counting = Counting(books.revisions)
    measured(counting, books.desk.findings, GAME, revision, doubts=DOUBTS)
    assert counting.readings == 1


def test_a_clip_without_balls_comes_to_nothing() -> None:
    books, revision = stored([FrameMasks(k) for k in range(FRAMES)], tracks=0)
    assert measure(books, revision) == Measures(0.0, 0, 0, 0.0, 0, 0.0, (), ())


def test_balls_that_are_never_there_at_once_are_together_one() -> None:
    ways = [[*rests(200, 180, 20), *[None] * 20], [*[None] * 20, *rests(400, 180, 20)]]
    books, revision = stored(rows(*ways))
    found = measure(books, revision)
    assert (found.balls, found.together) == (2, 1)


def test_pots_are_surer_where_a_detector_saw_the_pockets() -> None:
    x0, y0, x1, y1 = POCKETS[4]
    end = (x0 + x1) / 2, (y0 + y1) / 2
    falls = [(end[0] - 5 * (15 - k), end[1] + 3 * (15 - k)) for k in range(16)] + [None] * 24
    books, revision = stored(rows(falls, *corners(FRAMES)), tracks=5)
    (guessed,) = measure(books, revision).events
    seen = Witnesses("yolo", 10, "any", POCKETS, ())
    keep_witnesses(books.revisions, books.desk.findings, GAME.id, seen)
    (known,) = measure(books, revision).events
    assert (guessed.kind, known.kind) == (Happening.POT, Happening.POT)
    assert guessed.certainty < known.certainty


def test_measures_taken_anew_replace_those_that_are_kept() -> None:
    books, revision = stored(rows(*HIT))
    measure(books, revision)
    again = measure(books, revision, DOUBTS)
    assert kept_measures(books.desk.findings, revision.id) == again


def test_nothing_is_kept_of_what_was_not_measured_or_is_not_there() -> None:
    books, revision = stored(rows(*HIT))
    assert kept_measures(books.desk.findings, revision.id) is None
    assert kept_measures(books.desk.findings, 99) is None


@given(measures)
def test_measures_come_back_as_they_were(found: Measures) -> None:
    assert measures_from_text(measures_to_text(found)) == found


@given(measures, st.integers(0, 400))
def test_a_text_that_was_cut_counts_as_absent(found: Measures, length: int) -> None:
    text = measures_to_text(found)
    assert measures_from_text(text[: min(length, len(text) - 1)]) is None


PLAIN = Measures(0.5, 2, 1, 1.5, 0, 0.0, (), (TableEvent(Happening.POT, 1, 3, (2,), 0.9),))


@pytest.mark.parametrize(
    "changed",
    [
        {"version": [0, DOUBTS_VERSION]},
        {"version": [1, DOUBTS_VERSION - 1]},
        {"quality": "good"},
        {"quality": float("nan")},
        {"balls": [1]},
        {"balls": None},
        {"doubts": [1, 2.0]},
        {"events": [["pot", 3, 1, [2], 0.9]]},
        {"events": [["pot", -1, 1, [2], 0.9]]},
        {"events": [["swim", 1, 3, [2], 0.9]]},
        {"events": [["pot", 1, 3, 2, 0.9]]},
        {"events": [["pot", "1", 3, [2], 0.9]]},
    ],
)
def test_a_text_of_another_version_or_a_damaged_one_counts_as_absent(changed) -> None:
    raw = json.loads(measures_to_text(PLAIN))
    assert measures_from_text(json.dumps(raw)) == PLAIN
    assert measures_from_text(json.dumps({**raw, **changed})) is None


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "null", "{}", "3", "[" * 100_000])
def test_what_is_no_text_of_measures_counts_as_absent(text: str) -> None:
    assert measures_from_text(text) is None


def test_a_text_is_plain_json_of_a_version() -> None:
    assert MEASURES == "measures"
    assert json.loads(measures_to_text(PLAIN)) == {
        "version": [1, DOUBTS_VERSION],
        "quality": 0.5,
        "balls": [2, 1],
        "moving": 1.5,
        "doubts": [0, 0.0, []],
        "events": [["pot", 1, 3, [2], 0.9]],
    }
