"""What every Pins, Looks and Findings promises: comments on frames, what was looked at, what was computed."""

from itertools import pairwise
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.connect import Database
from engine.errors import InputError, SelectionError
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Pin
from engine.ports.desk_rules import Look, joined
from engine.types import Clip, Kind, Revision

Stores: TypeAlias = Database | MemoryDatabase

LENGTH = 80


def pin(stores: Stores, frame: int = 7, text: str = "cue ball?", **more: Any) -> Pin:
    given = {"clip": "table-0", "track": 5, "author": "maria"} | more
    return stores.desk.pins.put(frame=frame, text=text, **given)


def test_a_comment_stands_open_where_it_was_put(stocked: Stores, clock: ManualClock) -> None:
    put = pin(stocked)
    assert put == Pin(put.id, "table-0", 7, 5, "maria", "cue ball?", clock.now)
    assert stocked.desk.pins.of("table-0") == (put,)
    assert stocked.desk.pins.of("table-1") == ()


def test_comments_come_oldest_first(stocked: Stores) -> None:
    put = [pin(stocked, frame, f"no. {frame}") for frame in (9, 0, LENGTH - 1)]
    assert stocked.desk.pins.of("table-0") == tuple(put)


def test_resolving_twice_is_fine_and_the_first_name_stands(stocked: Stores) -> None:
    put, other = pin(stocked), pin(stocked)
    done = stocked.desk.pins.resolve(put.id, by="bo")
    assert (done.resolved_by, done.text) == ("bo", put.text)
    assert stocked.desk.pins.resolve(put.id, by="lea") == done
    assert stocked.desk.pins.of("table-0") == (done, other)


@pytest.mark.parametrize("frame", [-1, LENGTH, 10**6])
def test_a_comment_outside_the_clip_is_refused(stocked: Stores, frame: int) -> None:
    with pytest.raises(InputError, match=f"frame {frame}"):
        pin(stocked, frame)
    assert stocked.desk.pins.of("table-0") == ()


@pytest.mark.parametrize("text", ["", "  \n", "x" * 2001, "a\0b", "a\udfffb"])
def test_a_comment_that_says_nothing_or_cannot_be_kept_is_refused(
    stocked: Stores, text: str
) -> None:
    with pytest.raises(InputError, match="comment of"):
        pin(stocked, text=text)


def test_the_longest_comment_is_kept_whole(stocked: Stores) -> None:
    text = "ä\n" * 1000
    pin(stocked, text=text)
    assert stocked.desk.pins.of("table-0")[0].text == text


def test_what_is_not_there_has_no_comments_and_none_to_resolve(stocked: Stores) -> None:
    with pytest.raises(SelectionError, match="table-9"):
        pin(stocked, clip="table-9")
    with pytest.raises(SelectionError, match="no comment 44"):
        stocked.desk.pins.resolve(44, by="bo")


def look(stores: Stores, start: int, stop: int, track: int = 0, *, author: str = "maria") -> None:
    stores.desk.looks.put("table-0", author=author, start=start, stop=stop, track=track)


def test_at_first_nothing_was_looked_at(stocked: Stores) -> None:
    assert stocked.desk.looks.of("table-0") == ()


def test_looks_that_overlap_or_touch_are_joined_whoever_looked(stocked: Stores) -> None:
    for start, stop in ((20, 30), (0, 10), (5, 12), (30, 31), (40, 41)):
        look(stocked, start, stop, author=f"p{start}")
    assert stocked.desk.looks.of("table-0") == ((0, 12, 0), (20, 31, 0), (40, 41, 0))


def test_looks_at_different_tracks_stay_apart(stocked: Stores) -> None:
    look(stocked, 0, 10, 2)
    look(stocked, 5, 15)
    look(stocked, 5, 15, 1)
    look(stocked, 10, 20, 2)
    assert stocked.desk.looks.of("table-0") == ((0, 20, 2), (5, 15, 0), (5, 15, 1))
    assert stocked.desk.looks.of("table-1") == ()


@pytest.mark.parametrize(
    ("start", "stop", "track"),
    [(-1, 4, 0), (4, 4, 0), (5, 4, 0), (0, LENGTH + 1, 0), (0, 4, -1)],
)
def test_nobody_looks_at_what_is_not_there(
    stocked: Stores, start: int, stop: int, track: int
) -> None:
    with pytest.raises(InputError, match="a look at"):
        look(stocked, start, stop, track)
    with pytest.raises(SelectionError, match="table-9"):
        stocked.desk.looks.put("table-9", author="maria", start=0, stop=1)
    assert stocked.desk.looks.of("table-0") == ()


ranges = st.tuples(st.integers(0, LENGTH - 1), st.integers(1, 12)).map(
    lambda pair: (pair[0], min(LENGTH, sum(pair)))
)
looks = st.lists(st.builds(lambda span, track: (*span, track), ranges, st.integers(0, 2)))


def covered(found: tuple[Look, ...] | list[Look]) -> set[tuple[int, int]]:
    return {(frame, track) for start, stop, track in found for frame in range(start, stop)}


@given(given_looks=looks)
def test_joining_keeps_every_frame_adds_none_and_leaves_gaps_between(
    given_looks: list[Look],
) -> None:
    whole = joined(given_looks)
    assert covered(whole) == covered(given_looks)
    assert list(whole) == sorted(whole)
    assert joined(whole) == whole
    for track in range(3):
        mine = [look for look in whole if look[2] == track]
        assert all(one[1] < two[0] for one, two in pairwise(mine))


@given(given_looks=looks)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stores_join_as_the_rule_says(
    stores: Stores, video: Any, clips: list[Clip], given_looks: list[Look]
) -> None:
    stores.catalog.add_video(video, clips)
    before = stores.desk.looks.of("table-0")
    for start, stop, track in given_looks:
        look(stores, start, stop, track)
    assert stores.desk.looks.of("table-0") == joined([*before, *given_looks])


@pytest.fixture
def drawn(stocked: Stores) -> int:
    """Return the id of a revision of table-0."""
    return stocked.revisions.append(Revision("table-0", None, Kind.AUTO, "nano", ()), ()).id


def test_a_finding_is_kept_by_revision_and_kind(stocked: Stores, drawn: int) -> None:
    findings = stocked.desk.findings
    assert findings.get(drawn, "doubts") is None
    findings.put(drawn, "doubts", '{"visits": []}')
    findings.put(drawn, "other", "ü" * 100_000)
    assert findings.get(drawn, "doubts") == '{"visits": []}'
    assert findings.get(drawn, "other") == "ü" * 100_000
    assert findings.get(drawn + 1, "doubts") is None


def test_a_newer_finding_of_the_same_kind_takes_the_place_of_the_older(
    stocked: Stores, drawn: int
) -> None:
    for text in ("old", "new"):
        stocked.desk.findings.put(drawn, "doubts", text)
    assert stocked.desk.findings.get(drawn, "doubts") == "new"


def test_there_is_nothing_to_find_in_a_revision_that_is_not_there(
    stocked: Stores, drawn: int
) -> None:
    with pytest.raises(SelectionError, match="no revision"):
        stocked.desk.findings.put(drawn + 1, "doubts", "x")
