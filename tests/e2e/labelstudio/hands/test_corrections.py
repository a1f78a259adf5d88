"""Somebody corrects a clip in Label Studio, by mouse and by keyboard alone; the masks follow, and the next prediction shows them."""

import pytest

from engine import rle
from ml_backend import names

FRAME = 20


@pytest.fixture(scope="module")
def stack(connect):
    """Return three clips that are in Label Studio, with their predictions."""
    found = connect()
    found.set_up()
    found.until(lambda: all(found.link(clip).revision for clip in found.clips()))
    return found


@pytest.fixture
def opened(stack, editor):
    """Return what opens a clip's task."""
    return lambda clip: editor().open(stack, clip)


def middle(box):
    """Return the middle of a box."""
    x, y, w, h = box
    return x + w / 2, y + h / 2


def test_a_task_shows_every_ball_as_a_track_on_its_place(stack, opened):
    clip = stack.clips()[0]
    editor = opened(clip)
    for frame in (0, FRAME, 59):
        editor.seek(frame)
        shown, drawn = editor.boxes(), stack.boxes(clip, frame)
        assert {f"r{stack.head(clip)}t{track}" for track in drawn} == set(shown)
        for track, box in drawn.items():
            assert shown[f"r{stack.head(clip)}t{track}"] == pytest.approx(box, abs=2.1)


def test_a_moved_box_draws_its_ball_anew_and_leaves_all_others_as_they_are(stack, opened, lonely):
    clip = stack.clips()[0]
    before = stack.head(clip)
    (old,) = stack.predictions(clip)
    here = stack.boxes(clip, FRAME)
    track = lonely(here)
    editor = opened(clip)
    editor.seek(FRAME)
    x, y = middle(here[track])
    editor.tap(x, y)
    editor.drag((x, y), (x + 4, y + 3))
    editor.submit()
    after = stack.followed(clip, before)
    assert stack.changed(clip, before, after) == {track}
    moved = middle(stack.boxes(clip, FRAME)[track])
    assert moved != middle(here[track])
    (new,) = stack.predictions(clip)
    assert new["id"] != old["id"]
    assert new["model_version"] == names.MODEL_VERSION
    assert all(
        str(region["id"]).startswith(f"r{after}")
        for region in new["result"]
        if region["type"] == "videorectangle"
    )


def test_a_ball_gets_another_class_and_another_one_is_deleted_by_keyboard(stack, opened, lonely):
    clip = stack.clips()[1]
    before = stack.head(clip)
    here = stack.boxes(clip, FRAME)
    renamed = lonely(here)
    rest = {track: box for track, box in here.items() if track != renamed}
    deleted = lonely(rest)
    editor = opened(clip)
    editor.seek(FRAME)
    editor.tap(*middle(here[renamed]))
    editor.press("0")
    editor.press("Escape")
    editor.tap(*middle(here[deleted]))
    editor.press("Backspace")
    editor.submit()
    after = stack.followed(clip, before)
    assert stack.changed(clip, before, after) == {deleted}
    assert not any(rle.area(mask) for mask in stack.tracks(clip, after).get(deleted, {}).values())
    with stack.database() as database:
        labels = {track.id: track.label for track in database.revisions.revision(after).tracks}
    assert labels[renamed] == "pink"


def test_a_ball_that_had_no_box_gets_one_by_mouse(stack, opened):
    clip = stack.clips()[2]
    before = stack.head(clip)
    known = set(stack.tracks(clip, before))
    editor = opened(clip)
    editor.seek(5)
    editor.press("5")
    editor.drag((300, 200), (330, 230))
    editor.submit()
    after = stack.followed(clip, before)
    now = stack.tracks(clip, after)
    (new,) = set(now) - known
    x, y = middle(stack.boxes(clip, 5)[new])
    assert 295 < x < 335
    assert 195 < y < 235


def test_the_next_prediction_is_corrected_through_its_copy(stack, opened, lonely):
    clip = stack.clips()[0]
    before = stack.head(clip)
    editor = opened(clip)
    editor.page.get_by_text("billiard...engine").first.click()
    editor.page.locator(".lsf-annotation-button__trigger").first.click()
    editor.page.get_by_text("Duplicate").first.click()
    editor.wait("Htx.annotationStore.selected.type === 'annotation'")
    editor.wait(f"Htx.annotationStore.selected.regions[0].id.startsWith('r{before}')")
    editor.seek(40)
    here = stack.boxes(clip, 40)
    track = lonely(here)
    x, y = middle(here[track])
    editor.tap(x, y)
    editor.drag((x, y), (x - 4, y - 3))
    editor.submit()
    assert stack.changed(clip, before, stack.followed(clip, before)) == {track}


def test_an_annotation_that_was_begun_empty_takes_nothing_away(stack, opened):
    clip = stack.clips()[2]
    before = stack.head(clip)
    editor = opened(clip)
    editor.page.get_by_label("Create an annotation").click()
    editor.wait("Htx.annotationStore.selected.regions.length === 0")
    editor.seek(3)
    editor.press("5")
    editor.drag((600, 200), (630, 230))
    editor.submit()
    after = stack.followed(clip, before)
    assert stack.changed(clip, before, after) == set(stack.tracks(clip, after)) - set(
        stack.tracks(clip, before)
    )


def test_a_task_that_lost_its_prediction_shows_it_as_soon_as_it_is_opened(stack, opened):
    clip = stack.clips()[1]
    for prediction in stack.predictions(clip):
        with stack.client() as client:
            client.connection.delete(f"/api/predictions/{prediction['id']}/")
    opened(clip)
    (again,) = stack.predictions(clip)
    assert str(again["result"][0]["id"]).startswith(f"r{stack.head(clip)}")


def test_what_was_accepted_there_is_accepted_here_and_counts_once(stack, opened):
    clip = stack.clips()[0]
    seconds = stack.status()["summary"]["accepted_seconds"]
    editor = opened(clip)
    editor.press("Alt+y")
    editor.submit()
    stack.until(lambda: stack.stage(clip) == "accepted")
    assert stack.status()["summary"]["accepted_seconds"] == seconds + 2
    stack.engine("labelstudio", "sync")
    assert stack.status()["summary"]["accepted_seconds"] == seconds + 2
