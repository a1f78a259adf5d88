"""Whatever somebody changes: tracks that they did not touch keep every mask, and the touched ones change as asked and no further."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ports import State, TaskKind
from engine.rle import area

KNOWN = (1, 2, 3)
LAST = 39
LABELS = ("cue", "solid", "stripe", "black")

WISHES = st.fixed_dictionaries(
    {},
    optional={
        track: st.one_of(
            st.tuples(st.just("delete"), st.none()),
            st.tuples(st.just("label"), st.sampled_from(LABELS)),
            st.tuples(st.just("end"), st.integers(0, LAST - 1)),
            st.tuples(st.just("move"), st.integers(0, LAST)),
        )
        for track in KNOWN
    },
)


def _track(rows, track):
    return {row.frame: row.by_track()[track].rle for row in rows if track in row.by_track()}


def _wished(hands, box_of, result, wishes):
    for track, (wish, how) in wishes.items():
        match wish:
            case "delete":
                result = hands.without(result, track)
            case "label":
                result = hands.relabelled(result, track, how)
            case "end":
                result = hands.ended(result, track, how)
            case "move":
                result = hands.moved(result, track, how, box_of(track, how))
    return result


def _as_wished(wish, how, old, new, truth):
    """Say whether a track is as somebody wanted it."""
    match wish:
        case "delete":
            return not new
        case "end" if how in old:
            return new == {frame: mask for frame, mask in old.items() if frame <= how}
        case "move":
            return all(mask in (old.get(frame), truth.get(frame)) for frame, mask in new.items())
        case _:
            return new == old


@pytest.mark.slow
@given(saves=st.lists(WISHES, min_size=1, max_size=3), fresh=st.booleans())
@settings(max_examples=40, deadline=None)
def test_only_what_somebody_touches_changes_and_only_as_they_say(
    make_world, hands, box_of, scene, saves, fresh
):
    world = make_world()
    truth = [scene.truth(frame) for frame in range(scene.frames)]
    for wanted in saves:
        before, tracks = world.rows(), world.head.tracks
        shown = world.shown()
        there = {int(one["id"].partition("t")[2]) for one in shown if "t" in one["id"]}
        wishes = {track: wish for track, wish in wanted.items() if track in there}
        result = _wished(hands, box_of, shown, wishes)
        if fresh:
            result = hands.drawn(result, f"new{len(tracks)}", "stripe", 20, box_of(4, 20))
        delivery = world.save(result, number=len(tracks))
        world.step()
        assert world.settled(delivery).state is State.DONE
        after = world.rows()
        labels = {track.id: track.label for track in world.head.tracks}
        for track in KNOWN:
            wish, how = wishes.get(track, ("leave", None))
            old, new = _track(before, track), _track(after, track)
            assert _as_wished(wish, how, old, new, _track(truth, track)), (track, wish, how)
            if wish == "label":
                assert labels[track] == how
        touched = [one for one in tracks if one.id not in wishes or wishes[one.id][0] != "label"]
        assert all(labels[one.id] == one.label for one in touched)
        assert len(world.head.tracks) == len(tracks) + fresh


@pytest.mark.slow
@given(picks=st.sets(st.tuples(st.integers(0, 2), st.sampled_from(KNOWN)), min_size=1, max_size=4))
@settings(max_examples=20, deadline=None)
def test_only_painted_balls_change_on_pages_and_there_they_are_as_painted(
    make_world, hands, scene, picks
):
    world = make_world()
    pages = world.shown(TaskKind.FRAMES)
    frames = sorted({int(one["id"].partition("f")[2]) for one in pages})
    painted = {(frames[page % len(frames)], track) for page, track in picks}
    result, before = pages, world.rows()
    for frame, track in painted:
        result = hands.painted(result, track, frame, scene.truth(frame).by_track()[track])
    world.save(result, kind=TaskKind.FRAMES)
    world.step()
    after = world.rows()
    for frame, track in painted:
        assert after[frame].by_track()[track].rle == scene.truth(frame).by_track()[track].rle
    for track in set(KNOWN) - {track for _, track in painted}:
        assert _track(before, track) == _track(after, track)
    assert all(area(mask) for track in KNOWN for mask in _track(after, track).values())
