"""Somebody paints on the key frames of a clip in Label Studio; what was painted is the mask there, and the ball follows it."""

import pytest

from engine import rle
from engine.ports import TaskKind

FRAMES = TaskKind.FRAMES


@pytest.fixture(scope="module")
def stack(connect):
    """Return three clips that are in Label Studio, as films and as key frames."""
    found = connect()
    found.set_up("--key-frames")
    found.until(lambda: all(found.link(clip, FRAMES).revision for clip in found.clips()))
    return found


def first_page(stack, clip):
    """Return which frame the first page shows."""
    with stack.client() as client:
        return client.task(stack.link(clip, FRAMES).task)["data"]["frame_numbers"][0]


def area(stack, clip, revision, track, frame):
    """Return how many pixels a ball has on a frame."""
    mask = stack.tracks(clip, revision).get(track, {}).get(frame)
    return rle.area(mask) if mask else 0


def test_a_stroke_of_the_brush_comes_back_as_the_mask_on_its_frame(stack, editor, lonely):
    clip = stack.clips()[0]
    before, frame = stack.head(clip), first_page(stack, clip)
    here = stack.boxes(clip, frame)
    track = lonely(here)
    x, y, w, h = here[track]
    hand = editor().open_frames(stack, clip)
    hand.select(f"r{before}t{track}f{frame}")
    hand.press("b")
    hand.drag((x + w / 2, y + h / 2), (x + w + 6, y + h / 2))
    hand.submit()
    after = stack.followed(clip, before, FRAMES)
    assert track in stack.changed(clip, before, after)
    painted = stack.tracks(clip, after)[track][frame]
    assert rle.area(painted) > area(stack, clip, before, track, frame) + 20
    assert rle.decode(painted)[round(y + h / 2), round(x + w + 4)]
    untouched = set(here) - {track}
    assert not untouched & stack.changed(clip, before, after)


def test_both_tasks_of_the_clip_show_the_new_masks_and_no_old_ones(stack):
    clip = stack.clips()[0]
    head = stack.head(clip)
    for kind in TaskKind:
        stack.until(lambda kind=kind: stack.link(clip, kind).revision == head)
        (prediction,) = stack.predictions(clip, kind)
        revisions = {
            str(region["id"]).partition("t")[0].partition("e")[0] for region in prediction["result"]
        }
        assert revisions == {f"r{head}"}


def test_a_ball_that_was_missed_is_painted(stack, editor):
    clip = stack.clips()[1]
    before, frame = stack.head(clip), first_page(stack, clip)
    known = set(stack.tracks(clip, before))
    hand = editor().open_frames(stack, clip)
    hand.press("5")
    hand.drag((300, 430), (312, 436))
    hand.submit()
    after = stack.followed(clip, before, FRAMES)
    (new,) = set(stack.tracks(clip, after)) - known
    assert rle.decode(stack.tracks(clip, after)[new][frame])[433, 306]
    with stack.database() as database:
        labels = {track.id: track.label for track in database.revisions.revision(after).tracks}
    assert labels[new] == "red"
