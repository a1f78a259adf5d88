"""What every Overview promises: about all clips at once it says what the other stores say clip by clip."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.connect import Database
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import State
from engine.ports.overview import PAUSE, Line, Work
from engine.ports.overview_rules import worked
from engine.stages import Move
from engine.types import Clip, Kind, Revision, Track, Video

Stores: TypeAlias = Database | MemoryDatabase

NANO = {"segmenter": "nano", "detector": "ball_yolo_nano"}


def append(
    stores: Stores, clip: str, kind: Kind, *, author: str = "det-sam2", made: str = "nano"
) -> int:
    head = stores.revisions.head(clip)
    tracks = (Track(1, "cue"), Track(2, "8"))
    given = Revision(clip, head.id if head else None, kind, author, tracks, NANO | {"made": made})
    return stores.revisions.append(given, []).id


def act(stores: Stores, clip: str, author: str) -> int:
    stores.desk.claims.claim(clip, user=author, tab=author, force=True)
    return stores.desk.actions.put(clip, author, {"kind": "undo"}, before=None, tab=author).seq


def said_of_clips(stores: Stores) -> list[str]:
    """Return the names of the answers that say anything."""
    asked = stores.overview
    answers = {
        "events": asked.events(),
        "lines": asked.lines(),
        "work": asked.work(),
        "findings": asked.findings("doubts"),
    }
    return [name for name, answer in answers.items() if answer]


def test_of_an_empty_workspace_there_is_nothing_to_say(stores: Stores) -> None:
    assert stores.overview.videos() == {}
    assert said_of_clips(stores) == []


def test_clips_that_nothing_has_happened_to_are_absent(stocked: Stores) -> None:
    assert said_of_clips(stocked) == []


def test_every_video_comes_back_with_what_was_said_of_it(
    stocked: Stores, video: Video, clips: list[Clip]
) -> None:
    other = replace(video, sha256="b" * 64, camera="side", frame_map=())
    stocked.catalog.add_video(other, [replace(clips[0], id="other", video=other.sha256)])
    described = stocked.catalog.describe(video.sha256, licence="CC-BY-4.0")
    assert stocked.overview.videos() == {video.sha256: described, other.sha256: other}


def test_histories_are_those_of_the_catalog(stocked: Stores, clock: ManualClock) -> None:
    for clip, move in (
        ("table-1", Move.CORRECT),
        ("table-0", Move.EXCLUDE),
        ("table-1", Move.SUBMIT),
        ("table-0", Move.REOPEN),
    ):
        stocked.catalog.move(clip, move, actor="ada", note=f"so {move}")
        clock.advance(60)
    found = stocked.overview.events()
    assert found == {clip: stocked.catalog.events(clip) for clip in ("table-0", "table-1")}
    assert [event.move for event in found["table-1"]] == [Move.CORRECT, Move.SUBMIT]


def test_a_line_names_the_newest_revision_and_the_newest_that_models_drew(stocked: Stores) -> None:
    append(stocked, "table-0", Kind.AUTO, made="nano")
    drawn = append(stocked, "table-0", Kind.AUTO, made="large")
    append(stocked, "table-1", Kind.AUTO)
    append(stocked, "table-0", Kind.MANUAL, author="bo")
    head = append(stocked, "table-0", Kind.MANUAL, author="ada", made="by hand")
    lines = stocked.overview.lines()
    assert lines["table-0"] == Line(head, "ada", drawn, NANO | {"made": "large"}, 2)
    assert lines.keys() == {"table-0", "table-1"}


def test_where_models_drew_last_they_are_the_head_and_hands_still_count(stocked: Stores) -> None:
    append(stocked, "table-0", Kind.MANUAL, author="ada")
    drawn = append(stocked, "table-0", Kind.AUTO)
    assert stocked.overview.lines() == {
        "table-0": Line(drawn, "det-sam2", drawn, NANO | {"made": "nano"}, 1)
    }


def test_what_no_model_drew_has_no_drawn_revision_and_no_provenance(stocked: Stores) -> None:
    head = append(stocked, "table-0", Kind.MANUAL, author="ada")
    assert stocked.overview.lines() == {"table-0": Line(head, "ada", None, {}, 1)}


def test_work_is_told_by_clip_and_person_whatever_became_of_the_actions(
    stocked: Stores, clock: ManualClock
) -> None:
    begun = clock.now
    act(stocked, "table-0", "maria")
    clock.advance(10)
    failed = act(stocked, "table-0", "ada")
    stocked.desk.actions.settle(failed, State.FAILED, note="no ball there")
    clock.advance(20)
    act(stocked, "table-0", "maria")
    act(stocked, "table-2", "maria")
    assert stocked.overview.work() == {
        "table-0": (
            Work("ada", 1, 0.0, begun + timedelta(seconds=10), begun + timedelta(seconds=10)),
            Work("maria", 2, 30.0, begun, clock.now),
        ),
        "table-2": (Work("maria", 1, 0.0, clock.now, clock.now),),
    }


@pytest.mark.parametrize(
    ("pause", "busy"), [(PAUSE, PAUSE), (PAUSE + 0.001, 0.0), (0.25, 0.25), (7200.0, 0.0)]
)
def test_a_pause_longer_than_the_limit_is_no_work(
    stocked: Stores, clock: ManualClock, pause: float, busy: float
) -> None:
    act(stocked, "table-0", "ada")
    clock.advance(pause)
    act(stocked, "table-0", "ada")
    clock.advance(5)
    act(stocked, "table-0", "ada")
    ((work,),) = stocked.overview.work().values()
    assert work.actions == 3
    assert work.seconds == pytest.approx(busy + 5)


def test_work_on_another_clip_in_between_counts_on_neither_but_by_its_own_pauses(
    stocked: Stores, clock: ManualClock
) -> None:
    for clip in ("table-0", "table-1", "table-0"):
        act(stocked, clip, "ada")
        clock.advance(30)
    works = stocked.overview.work()
    assert (works["table-0"][0].seconds, works["table-1"][0].seconds) == (60.0, 0.0)


def test_findings_are_told_of_the_newest_revisions_and_the_newest_drawn_ones(
    stocked: Stores,
) -> None:
    first = append(stocked, "table-0", Kind.AUTO)
    drawn = append(stocked, "table-0", Kind.AUTO)
    between = append(stocked, "table-0", Kind.MANUAL, author="ada")
    head = append(stocked, "table-0", Kind.MANUAL, author="ada")
    other = append(stocked, "table-1", Kind.AUTO)
    for number in (first, drawn, between, head, other):
        stocked.desk.findings.put(number, "measures", f"of {number}")
    stocked.desk.findings.put(head, "doubts", "[]")
    found = stocked.overview.findings("measures")
    assert found == {number: f"of {number}" for number in (drawn, head, other)}
    assert stocked.overview.findings("doubts") == {head: "[]"}
    assert stocked.overview.findings("nothing") == {}


moments = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]), st.sampled_from(["ada", "bo"]), st.integers(0, 3 * int(PAUSE))
    )
)


@given(deeds=moments)
def test_nobody_is_busy_for_longer_than_from_first_to_last_nor_longer_than_pauses_allow(
    deeds: list[tuple[str, str, int]],
) -> None:
    begun = ManualClock().now
    given_ = [(clip, author, begun + timedelta(seconds=at)) for clip, author, at in deeds]
    works = worked(given_)
    assert sum(one.actions for found in works.values() for one in found) == len(deeds)
    for found in works.values():
        assert [one.author for one in found] == sorted({one.author for one in found})
        for one in found:
            assert 0 <= one.seconds <= (one.last - one.first).total_seconds()
            assert one.seconds <= PAUSE * (one.actions - 1)
    assert works == worked(reversed(given_))


@given(steps=st.lists(st.floats(0, PAUSE), min_size=1, max_size=20))
def test_who_never_pauses_is_busy_from_first_to_last(steps: list[float]) -> None:
    times: list[datetime] = [ManualClock().now]
    for step in steps:
        times.append(times[-1] + timedelta(seconds=step))
    assert all((b - a).total_seconds() <= PAUSE for a, b in pairwise(times))
    ((work,),) = worked(("a", "ada", at) for at in times).values()
    assert work.seconds == pytest.approx((times[-1] - times[0]).total_seconds())
