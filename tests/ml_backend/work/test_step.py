"""Deliveries acted on: edits and a spread as child revisions, then the verdict; what nobody touched stays as it was."""

import json
from datetime import UTC, datetime, timedelta

from engine.ports import State, TaskKind
from engine.propagate_log import prompts_from_text
from engine.stages import Stage
from engine.types import Kind, Track
from engine.workflows.correct import EARLIER, SPREAD


def _track(rows, track):
    """Return a track's masks by frame."""
    return {row.frame: row.by_track()[track].rle for row in rows if track in row.by_track()}


def _same_but(before, after, *tracks):
    """Say whether all but some tracks have the very masks they had."""
    there = {m.track for row in (*before, *after) for m in row.masks} - set(tracks)
    return all(_track(before, track) == _track(after, track) for track in there)


def _truth(scene, track):
    return _track([scene.truth(frame) for frame in range(scene.frames)], track)


def test_an_annotation_without_changes_hands_the_clip_in_and_changes_no_mask(world):
    before = world.head
    delivery = world.save(world.shown())
    assert world.step().done == 1
    assert (world.head, world.stage) == (before, Stage.SUBMITTED)
    assert world.settled(delivery).state is State.DONE
    assert world.settled(delivery).after == before.id


def test_a_moved_box_is_spread_until_the_model_was_right(world, hands, box_of, scene):
    before = world.rows()
    world.save(hands.moved(world.shown(), 1, 30, box_of(1, 30)))
    world.step()
    assert _track(world.rows(), 1) == _truth(scene, 1)
    assert _same_but(before, world.rows(), 1)
    assert (world.head.kind, world.head.author) == (Kind.MANUAL, "ann@example.test")
    assert world.head.provenance["segmenter"] == "colours"


def test_a_deleted_track_is_nowhere_and_all_others_are_as_they_were(world, hands):
    before = world.rows()
    world.save(hands.without(world.shown(), 2))
    world.step()
    assert _track(world.rows(), 2) == {}
    assert _same_but(before, world.rows(), 2)


def test_another_class_changes_no_mask(world, hands):
    before = world.rows()
    world.save(hands.relabelled(world.shown(), 3, "solid"))
    world.step()
    assert world.head.tracks == (Track(1, "cue"), Track(2, "solid"), Track(3, "solid"))
    assert world.rows() == before


def test_a_track_that_somebody_ends_is_absent_from_there_on(world, hands):
    before = world.rows()
    world.save(hands.ended(world.shown(), 2, 24))
    world.step()
    assert _track(world.rows(), 2) == {f: m for f, m in _track(before, 2).items() if f <= 24}
    assert _same_but(before, world.rows(), 2)


def test_a_new_ball_is_followed_both_ways_on_the_frames_where_it_was_drawn(
    world, hands, box_of, scene
):
    before = world.rows()
    world.save(hands.drawn(world.shown(), "abc", "stripe", 12, box_of(4, 12)))
    world.step()
    found = _track(world.rows(), 4)
    assert world.head.tracks[-1] == Track(4, "stripe")
    assert {f: m for f, m in found.items() if f >= 12} == {
        f: m for f, m in _truth(scene, 4).items() if f >= 12
    }
    assert _same_but(before, world.rows(), 4)


def test_a_new_ball_that_is_moved_later_stays_the_same_track(world, hands, box_of):
    drawn = hands.drawn(world.shown(), "abc", "stripe", 12, box_of(4, 12))
    world.save(drawn)
    world.step()
    moved = drawn[:-1] + hands.drawn([], "abc", "stripe", 12, box_of(2, 12))
    world.save(moved)
    world.step()
    assert [track.id for track in world.head.tracks] == [1, 2, 3, 4]
    again = prompts_from_text(world.head.provenance["prompts"])
    assert {prompt.track for prompt in again} == {4}


def test_steps_are_stored_one_by_one_classes_first_and_the_spread_last(world, hands, box_of):
    result = hands.without(world.shown(), 2)
    result = hands.relabelled(result, 3, "solid")
    result = hands.moved(hands.ended(result, 1, 33), 1, 28, box_of(1, 28))
    delivery = world.save(result)
    world.step()
    made = [
        one.provenance
        for one in world.books.revisions.history("scene")
        if "delivery" in one.provenance
    ]
    assert [one["delivery"] for one in made] == [f"{delivery.id}/{n}" for n in range(4)]
    deeds = [json.loads(one["edit"])["deed"] if "edit" in one else "spread" for one in made]
    assert deeds == ["relabel", "delete", "delete", "spread"]


def test_a_spread_draws_nothing_where_somebody_said_that_the_ball_is_absent(world, hands, box_of):
    result = hands.ended(world.shown(), 1, 33)
    world.save(hands.moved(result, 1, 28, box_of(1, 28)))
    world.step()
    assert max(_track(world.rows(), 1)) == 33
    assert [34, 1] in json.loads(world.head.provenance[SPREAD])["held"]


def test_a_later_spread_leaves_such_frames_alone_too(world, hands, box_of):
    ended = hands.ended(world.shown(), 1, 33)
    world.save(ended)
    world.step()
    world.save(hands.moved(ended, 1, 28, box_of(1, 28)))
    world.step()
    assert max(_track(world.rows(), 1)) == 33


def test_a_ball_that_was_said_to_be_absent_is_drawn_again_where_its_box_is_back(
    world, hands, box_of, scene
):
    whole = world.shown()
    world.save(hands.ended(whole, 1, 30))
    world.step()
    back = hands.moved(whole, 1, 33, box_of(1, 33))
    world.save(back)
    world.step()
    assert _track(world.rows(), 1) == _truth(scene, 1)


def test_a_ball_that_somebody_took_off_on_the_page_meanwhile_stays_off_there(world, hands, box_of):
    shown = world.shown()
    world.brush_on_page(1, 33)
    world.save(hands.moved(shown, 1, 30, box_of(1, 30)))
    world.step()
    assert world.mask(33, 1) is None
    assert world.mask(34, 1) is not None


def test_what_was_said_before_of_a_track_is_told_again(world, hands, box_of):
    first = hands.moved(world.shown(), 1, 25, box_of(1, 25))
    world.save(first)
    world.step()
    world.save(hands.moved(first, 1, 35, (2, 2, 12, 12)))
    world.step()
    earlier = prompts_from_text(world.head.provenance[EARLIER])
    assert (25, 1) in {(prompt.frame, prompt.track) for prompt in earlier}


def test_only_what_changed_since_the_last_save_is_acted_on_again(world, hands, box_of):
    first = hands.moved(world.shown(), 1, 25, box_of(1, 25))
    world.save(hands.without(first, 2))
    world.step()
    after = world.head
    world.save(hands.without(first, 2))
    assert world.step().done == 1
    assert world.head == after


def test_two_saves_that_wait_are_acted_on_in_the_order_of_their_times(world, hands):
    now = datetime.now(UTC)
    world.save(hands.without(world.shown(), 2), at=now + timedelta(seconds=9))
    world.save(world.shown(), verdict="accepted", at=now, number=2)
    assert world.step().failed == 1  # the clip was accepted before
    assert world.stage is Stage.ACCEPTED
    assert _track(world.rows(), 2)


def test_painted_masks_stay_to_the_pixel_and_spread_from_there(world, hands, scene):
    pages = world.shown(TaskKind.FRAMES)
    frame = max(int(one["id"].partition("f")[2]) for one in pages)
    truth = scene.truth(frame).by_track()[1]
    before = world.rows()
    world.save(hands.painted(pages, 1, frame, truth), kind=TaskKind.FRAMES)
    world.step()
    assert world.mask(frame, 1).rle == truth.rle
    assert _track(world.rows(), 1) == _truth(scene, 1)
    assert _same_but(before, world.rows(), 1)


def test_a_mask_that_is_taken_off_a_page_is_gone_on_that_frame_alone(world, hands):
    pages = world.shown(TaskKind.FRAMES)
    frame = int(pages[0]["id"].partition("f")[2])
    before = _track(world.rows(), 2)
    gone = hands.region(pages, 2, frame)
    world.save([one for one in pages if one is not gone], kind=TaskKind.FRAMES)
    world.step()
    assert before.keys() - _track(world.rows(), 2).keys() == {frame}


def test_key_frames_say_nothing_of_the_whole_clip_unless_somebody_does(world):
    world.save(world.shown(TaskKind.FRAMES), kind=TaskKind.FRAMES)
    world.step()
    assert world.stage is Stage.PREANNOTATED
    world.save(world.shown(TaskKind.FRAMES), kind=TaskKind.FRAMES, verdict="accepted")
    world.step()
    assert world.stage is Stage.ACCEPTED


def test_an_annotation_drawn_from_nothing_deletes_nothing(world, hands, box_of):
    before = world.rows()
    world.save(hands.drawn([], "abc", "stripe", 12, box_of(4, 12)))
    world.step()
    assert _same_but(before, world.rows(), 4)
    assert _track(world.rows(), 4)


def test_a_prediction_that_was_lost_is_made_anew_to_compare_with(world, hands):
    result = hands.without(world.shown(), 2)
    world.books.desk.findings.put(world.head.id, "labelstudio:clip", "damaged")
    world.save(result)
    world.step()
    assert _track(world.rows(), 2) == {}
    assert len(_track(world.rows(), 3)) == 40
