"""What a delivery may not do: change what is accepted, what was drawn anew, what nobody saw; and what becomes of it then."""

from datetime import UTC, datetime

import pytest

from engine import rle
from engine.errors import SettingsError, StaleParent, VideoError, WeightsError
from engine.ports import State, TaskKind
from engine.stages import Move, Stage
from engine.types import Kind, Revision
from ml_backend.work.step import TRIES, step


def _track(rows, track):
    """Return a track's masks by frame."""
    return {row.frame: row.by_track()[track].rle for row in rows if track in row.by_track()}


def test_changes_to_tracks_that_were_drawn_anew_since_are_refused(world, hands):
    old = hands.without(world.shown(), 2)
    anew = Revision("scene", world.head.id, Kind.AUTO, "model", world.head.tracks)
    stored = world.books.revisions.append(anew, world.rows())
    delivery = world.save(old)
    assert world.step().failed == 1
    assert world.head == stored
    assert "its tracks are others: open the task again" in world.settled(delivery).note


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ([{"id": "r77t1", "type": "videorectangle", "value": {}}], "revision 77"),
        (["nothing"], "expected an object"),
        ("nothing", "expected an annotation with a list of regions"),
        ([{"id": "x", "type": "videorectangle", "value": {"sequence": 3}}], "region x"),
    ],
)
def test_what_is_no_annotation_of_the_clip_is_refused_and_stops_no_other(world, result, says):
    link = world.books.bridge.links(clip="scene")[0]
    bad = world.books.bridge.receive(
        link, number=5, author="ann", at=datetime.now(UTC), body={"result": result}, digest="d"
    )
    world.save(world.shown())
    stepped = world.step()
    assert (stepped.failed, stepped.done) == (1, 1)
    assert says in world.settled(bad).note
    assert world.settled(bad).state is State.FAILED


def test_changes_to_an_accepted_clip_are_refused_and_the_note_says_how_to_go_on(world, hands):
    world.save(world.shown(), verdict="accepted")
    world.step()
    late = world.save(hands.without(world.shown(), 2), number=2)
    assert "1 refused; clip scene is accepted" in str(world.step())
    assert world.stage is Stage.ACCEPTED
    assert _track(world.rows(), 2)
    assert "engine accept --reopen scene" in world.settled(late).note


def test_changes_to_a_clip_that_was_handed_in_take_it_back_first(world, hands):
    world.save(world.shown())
    world.step()
    world.save(hands.without(world.shown(), 2), number=2)
    world.step()
    moves = [str(event.move) for event in world.books.catalog.events("scene")]
    assert moves == ["preannotate", "submit", "reopen", "correct", "submit"]
    assert world.stage is Stage.SUBMITTED


def test_masks_changed_on_key_frames_leave_a_clip_that_was_handed_in_handed_in(world):
    world.save(world.shown())
    world.step()
    pages = world.shown(TaskKind.FRAMES)
    world.save(pages[1:], kind=TaskKind.FRAMES, number=2)
    world.step()
    assert world.head.provenance["delivery"] == "2/0"
    assert world.stage is Stage.SUBMITTED


def test_changes_to_an_accepted_clip_that_needs_work_after_all_are_made_once_it_is_reopened(
    world, hands
):
    world.save(world.shown(), verdict="accepted")
    world.step()
    late = hands.without(world.shown(), 2)
    world.save(late, verdict="needs work", note="one ball is missing", number=2)
    world.step()
    events = world.books.catalog.events("scene")[-4:]
    assert [str(event.move) for event in events] == ["reopen", "correct", "submit", "reject"]
    assert events[-1].note == "one ball is missing (Label Studio, delivery 2)"
    assert world.stage is Stage.REJECTED
    assert _track(world.rows(), 2) == {}


def test_what_the_refusal_of_a_change_says_can_be_followed_as_it_stands(world, hands):
    world.save(world.shown(), verdict="accepted")
    world.step()
    late = hands.without(world.shown(), 2)
    refused = world.save(late, number=2)
    world.step()
    assert "choose 'needs work' beside your changes and press Update" in world.settled(refused).note
    world.save(late, verdict="needs work", number=2)
    world.step()
    assert world.stage is Stage.REJECTED
    assert _track(world.rows(), 2) == {}


def test_changes_to_an_excluded_clip_are_refused_and_the_note_says_how_to_go_on(world, hands):
    opened = world.shown()
    world.save(opened, verdict="exclude")
    world.step()
    late = world.save(hands.without(opened, 2), verdict="needs work", number=2)
    world.step()
    said = world.settled(late).note
    assert "is excluded: its masks were not changed" in said
    assert "needs work" not in said
    world.books.catalog.move("scene", Move.REOPEN, actor="rae")
    world.save(hands.without(world.shown(), 2), number=3)
    world.step()
    assert world.stage is Stage.SUBMITTED


def test_the_log_says_that_a_delivery_was_refused_and_why_on_one_line(world, caplog):
    world.save([{"id": "x\ny", "type": "videorectangle", "value": {"sequence": 3}}])
    with caplog.at_level("INFO", logger="ml_backend"):
        world.step()
    said = caplog.records[-1].getMessage()
    assert said.startswith("delivery refused: region x y")
    assert (caplog.records[-1].levelname, "\n" in said) == ("WARNING", False)


def test_a_correction_on_the_page_meanwhile_is_kept_beside_the_annotators(world, hands):
    shown = world.shown()
    world.brush_on_page(2, 7)
    world.save(hands.without(shown, 3))
    world.step()
    assert world.mask(7, 2) is None
    assert _track(world.rows(), 3) == {}


def test_who_has_the_clip_open_on_the_page_reads_where_the_change_came_from(world, hands):
    world.books.desk.claims.claim("scene", user="bob", tab="t")
    world.save(hands.without(world.shown(), 2))
    world.step()
    assert world.head.author == "ann@example.test (in Label Studio)"


def test_a_skipped_task_changes_nothing(world, hands):
    before = world.head
    delivery = world.save(hands.without(world.shown(), 2), was_cancelled=True)
    assert world.step().dropped == 1
    assert (world.head, world.stage) == (before, Stage.PREANNOTATED)
    assert world.settled(delivery).note == "the task was skipped"


def test_what_the_engine_itself_decided_is_not_news(world):
    region = {"id": "engine-verdict-0", "from_name": "verdict", "to_name": "video", "type": "choices", "value": {"choices": ["accepted"]}}  # fmt: skip
    world.save([region], ground_truth=True)
    assert world.step().dropped == 1
    assert world.stage is Stage.PREANNOTATED


@pytest.mark.parametrize(
    "trouble",
    [
        WeightsError("nano: checksum differs"),
        VideoError("/clips/a.mp4 is gone: mount it again"),
        SettingsError("no segmenter 'nanoo'; there are nano, tiny"),
    ],
)
def test_what_no_annotator_could_help_leaves_the_delivery_waiting(world, hands, box_of, trouble):
    delivery = world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))

    def broken():
        raise trouble

    with pytest.raises(type(trouble)):
        step(world.bench, "scene", model=broken)
    assert world.settled(delivery).state is State.ASKED
    assert world.step().done == 1


def test_no_model_is_loaded_for_edits(world, hands):
    world.save(hands.without(world.shown(), 2))

    def broken():
        raise WeightsError("nobody needs it")

    assert step(world.bench, "scene", model=broken).done == 1


def test_work_that_is_stopped_in_a_spread_stores_nothing_of_it(world, hands, box_of):
    world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))
    before, asked = world.head, iter(range(6))

    def go_on():
        if next(asked, None) is None:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        step(world.bench, "scene", model=lambda: world.model, go_on=go_on)
    assert world.head == before


def test_an_empty_mask_is_nowhere_in_what_is_stored(world, hands, box_of):
    world.save(hands.moved(hands.ended(world.shown(), 1, 33), 1, 28, box_of(1, 28)))
    world.step()
    assert all(rle.area(mask.rle) for row in world.rows() for mask in row.masks)


def test_a_clip_that_others_change_all_the_time_waits_for_a_calmer_moment(world, hands, box_of):
    delivery = world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))
    frames = iter(range(2, 20))

    def model():
        world.brush_on_page(2, next(frames))
        return world.model

    with pytest.raises(StaleParent, match="tried again later"):
        step(world.bench, "scene", model=model)
    assert next(frames) == 2 + TRIES
    assert world.settled(delivery).state is State.ASKED
    assert world.step().done == 1
