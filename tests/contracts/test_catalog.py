"""What every Catalog promises: content known once, stages by the table, every move in the log."""

from dataclasses import replace
from typing import TypeAlias

import pytest

from db.connect import Database
from engine.errors import InputError, SelectionError, StageError, StaleParent
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import ClipStatus, Event
from engine.stages import MOVES, Move, Stage
from engine.types import Clip, Kind, Revision, Video

Stores: TypeAlias = Database | MemoryDatabase

WAYS: dict[Stage, tuple[Move, ...]] = {
    Stage.INGESTED: (),
    Stage.PREANNOTATED: (Move.PREANNOTATE,),
    Stage.IN_CORRECTION: (Move.CORRECT,),
    Stage.SUBMITTED: (Move.CORRECT, Move.SUBMIT),
    Stage.ACCEPTED: (Move.PREANNOTATE, Move.ACCEPT),
    Stage.REJECTED: (Move.PREANNOTATE, Move.REJECT),
    Stage.EXCLUDED: (Move.EXCLUDE,),
}
"""Moves that lead from a fresh clip to each stage."""


def annotated(stores: Stores, parent: int | None = None, *, clip: str = "table-0") -> int:
    return stores.revisions.append(Revision(clip, parent, Kind.AUTO, "ada", ()), []).id


def walk(stores: Stores, *moves: Move, clip: str = "table-0") -> None:
    for move in moves:
        stores.catalog.move(clip, move, actor="ada")


def test_a_video_comes_back_as_it_was_given(stocked: Stores, video: Video) -> None:
    assert stocked.catalog.video(video.sha256) == video


def test_an_unknown_video_is_none(stores: Stores) -> None:
    assert stores.catalog.video("b" * 64) is None


def test_the_same_content_is_added_once(stocked: Stores, video: Video, clips: list[Clip]) -> None:
    renamed = replace(video, source="/films/copy.mp4")
    assert not stocked.catalog.add_video(renamed, [replace(clips[0], id="other")])
    assert stocked.catalog.video(video.sha256) == video
    assert len(stocked.catalog.clips()) == 3


def test_what_is_said_of_a_video_comes_back_and_may_change(stores: Stores, video: Video) -> None:
    stores.catalog.add_video(replace(video, camera="overhead", licence="CC-BY-4.0"), [])
    known = stores.catalog.video(video.sha256)
    assert known == replace(video, camera="overhead", licence="CC-BY-4.0")
    assert stores.catalog.describe(video.sha256, camera="side") == replace(known, camera="side")
    assert stores.catalog.describe(video.sha256, licence="") == replace(
        video, camera="side", licence=""
    )
    assert stores.catalog.describe(video.sha256) == stores.catalog.video(video.sha256)


def test_nothing_is_said_of_a_video_that_is_not_there(stocked: Stores, video: Video) -> None:
    with pytest.raises(SelectionError, match="b" * 64):
        stocked.catalog.describe("b" * 64, camera="overhead")
    assert stocked.catalog.video(video.sha256) == video


def test_a_new_clip_is_ingested_and_has_no_revision(stocked: Stores, clips: list[Clip]) -> None:
    assert stocked.catalog.clip("table-1") == ClipStatus(clips[1], Stage.INGESTED)


def test_clips_come_in_the_order_they_were_added(
    stores: Stores, video: Video, clips: list[Clip]
) -> None:
    stores.catalog.add_video(video, list(reversed(clips)))
    assert [s.clip.id for s in stores.catalog.clips()] == ["table-2", "table-1", "table-0"]


def test_a_clip_of_another_video_is_refused(
    stores: Stores, video: Video, clips: list[Clip]
) -> None:
    with pytest.raises(InputError, match="table-0"):
        stores.catalog.add_video(replace(video, sha256="b" * 64), clips)
    assert stores.catalog.clips() == ()


def test_a_clip_id_that_is_taken_is_refused_and_the_video_with_it(
    stocked: Stores, video: Video, clips: list[Clip]
) -> None:
    other = replace(video, sha256="b" * 64)
    mine = [replace(clips[0], video=other.sha256, id=name) for name in ("new", "table-1")]
    with pytest.raises(InputError, match="table-1"):
        stocked.catalog.add_video(other, mine)
    assert stocked.catalog.video(other.sha256) is None
    assert len(stocked.catalog.clips()) == 3


def test_two_clips_of_one_id_are_refused(stores: Stores, video: Video, clips: list[Clip]) -> None:
    with pytest.raises(InputError, match="table-0"):
        stores.catalog.add_video(video, [clips[0], clips[0]])
    assert stores.catalog.video(video.sha256) is None


def test_a_video_without_clips_is_kept(stores: Stores, video: Video) -> None:
    assert stores.catalog.add_video(video, [])
    assert stores.catalog.video(video.sha256) == video


def test_an_unknown_clip_is_refused_with_the_nearest_name(stocked: Stores) -> None:
    with pytest.raises(SelectionError, match="table-1"):
        stocked.catalog.clip("tabel-1")
    with pytest.raises(SelectionError, match="table-1"):
        stocked.catalog.move("tabel-1", Move.EXCLUDE, actor="ada")


def test_clips_are_chosen_by_stage(stocked: Stores) -> None:
    walk(stocked, Move.EXCLUDE, clip="table-1")
    assert [s.clip.id for s in stocked.catalog.clips(stages=[Stage.INGESTED])] == [
        "table-0",
        "table-2",
    ]
    assert [s.clip.id for s in stocked.catalog.clips(stages=[Stage.EXCLUDED, Stage.ACCEPTED])] == [
        "table-1"
    ]
    assert len(stocked.catalog.clips()) == 3


@pytest.mark.parametrize("move", list(Move))
@pytest.mark.parametrize("stage", list(Stage))
def test_a_move_leads_where_the_table_says_or_nowhere(
    stocked: Stores, stage: Stage, move: Move
) -> None:
    annotated(stocked)
    walk(stocked, *([Move.PRIORITISE] if move is Move.DEFER else []), *WAYS[stage])
    before = stocked.catalog.events("table-0")
    if (stage, move) in MOVES:
        assert stocked.catalog.move("table-0", move, actor="bo") is MOVES[stage, move]
        assert stocked.catalog.clip("table-0").stage is MOVES[stage, move]
        assert len(stocked.catalog.events("table-0")) == len(before) + 1
    else:
        with pytest.raises(StageError, match=stage.value):
            stocked.catalog.move("table-0", move, actor="bo")
        assert stocked.catalog.clip("table-0").stage is stage
        assert stocked.catalog.events("table-0") == before


def test_the_log_says_who_moved_what_when_and_from_which_revision(
    stocked: Stores, clock: ManualClock
) -> None:
    head = annotated(stocked)
    begun = clock.now
    stocked.catalog.move("table-0", Move.PREANNOTATE, actor="worker-1")
    clock.advance(60)
    stocked.catalog.move("table-0", Move.ACCEPT, actor="ada", revision=head, note="good")
    assert stocked.catalog.events("table-0") == (
        Event("table-0", Move.PREANNOTATE, Stage.PREANNOTATED, "worker-1", head, begun),
        Event("table-0", Move.ACCEPT, Stage.ACCEPTED, "ada", head, clock.now, "good"),
    )
    assert stocked.catalog.events("table-1") == ()


def test_a_verdict_on_a_revision_that_is_not_the_newest_is_refused(stocked: Stores) -> None:
    shown = annotated(stocked)
    walk(stocked, Move.PREANNOTATE)
    annotated(stocked, shown)
    with pytest.raises(StaleParent, match="newest"):
        stocked.catalog.move("table-0", Move.ACCEPT, actor="ada", revision=shown)
    assert stocked.catalog.clip("table-0").stage is Stage.PREANNOTATED


def test_a_clip_without_masks_cannot_be_accepted(stocked: Stores) -> None:
    walk(stocked, Move.PREANNOTATE)
    with pytest.raises(StageError, match="no masks"):
        stocked.catalog.move("table-0", Move.ACCEPT, actor="ada")


def test_the_status_names_the_newest_revision_and_the_accepted_one(stocked: Stores) -> None:
    first = annotated(stocked)
    annotated(stocked, clip="table-1")
    walk(stocked, Move.PREANNOTATE, Move.ACCEPT)
    status = stocked.catalog.clip("table-0")
    assert (status.head, status.accepted) == (first, first)
    assert stocked.catalog.clips()[0] == status
    second = annotated(stocked, first)
    status = stocked.catalog.clip("table-0")
    assert (status.head, status.accepted) == (second, first)


def test_a_clip_that_is_opened_again_is_not_accepted_until_it_is_accepted_again(
    stocked: Stores,
) -> None:
    first = annotated(stocked)
    walk(stocked, Move.PREANNOTATE, Move.ACCEPT, Move.REOPEN)
    assert stocked.catalog.clip("table-0").accepted is None
    second = annotated(stocked, first)
    walk(stocked, Move.SUBMIT, Move.ACCEPT)
    assert stocked.catalog.clip("table-0").accepted == second


def test_a_clip_has_no_priority_until_somebody_gives_it_and_none_after_it_is_taken_back(
    stocked: Stores, clock: ManualClock
) -> None:
    head = annotated(stocked)
    assert not stocked.catalog.clip("table-0").priority
    moved = stocked.catalog.move("table-0", Move.PRIORITISE, actor="ada", note="for Friday")
    assert moved is Stage.INGESTED
    assert stocked.catalog.clip("table-0").priority
    assert [status.priority for status in stocked.catalog.clips()] == [True, False, False]
    walk(stocked, Move.DEFER)
    assert not any(status.priority for status in stocked.catalog.clips())
    assert stocked.catalog.events("table-0") == (
        Event("table-0", Move.PRIORITISE, moved, "ada", head, clock.now, "for Friday"),
        Event("table-0", Move.DEFER, moved, "ada", head, clock.now),
    )


@pytest.mark.parametrize("first", [(), (Move.PRIORITISE,)])
def test_what_a_clip_has_is_not_given_and_what_it_has_not_is_not_taken(
    stocked: Stores, first: tuple[Move, ...]
) -> None:
    walk(stocked, *first)
    before = stocked.catalog.clip("table-0"), stocked.catalog.events("table-0")
    again = first[0] if first else Move.DEFER
    with pytest.raises(StageError, match=r"cannot .* priority"):
        stocked.catalog.move("table-0", again, actor="bo")
    assert (stocked.catalog.clip("table-0"), stocked.catalog.events("table-0")) == before


def test_priority_outlasts_work_and_verdicts_until_it_is_taken_back(stocked: Stores) -> None:
    annotated(stocked)
    walk(stocked, Move.PRIORITISE, Move.PREANNOTATE, Move.CORRECT, Move.SUBMIT)
    walk(stocked, Move.REJECT, Move.CORRECT, Move.SUBMIT, Move.ACCEPT)
    status = stocked.catalog.clip("table-0")
    assert (status.priority, status.stage) == (True, Stage.ACCEPTED)
    assert status.accepted == status.head
    walk(stocked, Move.DEFER)
    done = stocked.catalog.clip("table-0")
    assert done == replace(status, priority=False)
    with pytest.raises(StageError, match="cannot prioritise a clip that is accepted"):
        walk(stocked, Move.PRIORITISE)


def test_a_wish_about_a_revision_that_is_not_the_newest_is_refused(stocked: Stores) -> None:
    shown = annotated(stocked)
    annotated(stocked, shown)
    with pytest.raises(StaleParent, match="newest"):
        stocked.catalog.move("table-0", Move.PRIORITISE, actor="ada", revision=shown)
    assert not stocked.catalog.clip("table-0").priority


def test_what_a_job_draws_leaves_the_priority(stocked: Stores) -> None:
    walk(stocked, Move.PRIORITISE)
    stocked.queue.put("preannotate", "table-0")
    job = stocked.queue.take("preannotate", worker="w")
    assert job is not None
    made = Revision("table-0", None, Kind.AUTO, "det-sam2", ())
    stocked.queue.finish(job, made, [], move=Move.PREANNOTATE)
    status = stocked.catalog.clip("table-0")
    assert (status.stage, status.priority) == (Stage.PREANNOTATED, True)
