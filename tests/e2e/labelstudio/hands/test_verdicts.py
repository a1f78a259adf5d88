"""What is decided about a clip on one side is what the other side shows."""

import pytest

from engine.ports import TaskKind
from ml_backend import names
from ml_backend.asking.client import is_verdict

VERDICTS = "Htx.annotationStore.selected.results.filter((r) => r.from_name.name === 'verdict').map((r) => r.mainValue[0])"


@pytest.fixture(scope="module")
def stack(connect):
    """Return three clips that are in Label Studio, as films and as key frames."""
    found = connect()
    found.set_up("--key-frames")
    found.until(
        lambda: all(found.link(clip, kind).revision for clip in found.clips() for kind in TaskKind)
    )
    return found


def ours(stack, clip, kind=TaskKind.CLIP):
    """Return the annotations by which a task says what the engine decided."""
    with stack.client() as client:
        return [
            each for each in client.annotations(stack.link(clip, kind).task) if is_verdict(each)
        ]


def test_what_is_accepted_here_shows_there_and_what_is_reopened_shows_no_more(stack, editor):
    clip = stack.clips()[0]
    stack.engine("accept", clip, "--by", "lead")
    stack.engine("labelstudio", "sync")
    (verdict,) = ours(stack, clip)
    assert not verdict["ground_truth"]
    hand = editor().open(stack, clip)
    assert hand.page.evaluate(VERDICTS) == [names.ACCEPTED]
    assert hand.page.get_by_text(names.ELSEWHERE).first.is_visible()
    assert hand.page.get_by_text("accepted by lead").first.is_visible()
    assert stack.status()["summary"]["accepted_seconds"] == 2
    with stack.client() as client:  # somebody takes the verdict away, and leaves the note
        left = [one for one in verdict["result"] if one["from_name"] == names.NOTE]
        client.connection.patch(f"/api/annotations/{verdict['id']}/", {"result": left})
    stack.engine("labelstudio", "sync")
    assert stack.stage(clip) == "accepted", "what is left of it decides nothing"
    with stack.client() as client:
        client.connection.patch(f"/api/annotations/{verdict['id']}/", {"result": verdict["result"]})
    stack.engine("accept", clip, "--reopen", "--by", "lead")
    stack.engine("labelstudio", "sync")
    assert ours(stack, clip) == []
    assert stack.stage(clip) == "in correction", (
        "what the engine said there came back as somebody's verdict"
    )


def test_a_verdict_on_both_tasks_of_a_clip_counts_once(stack, editor):
    clip = stack.clips()[1]
    for page in (lambda: editor().open(stack, clip), lambda: editor().open_frames(stack, clip)):
        hand = page()
        hand.press("Alt+y")
        hand.submit()
        stack.until(lambda: stack.stage(clip) == "accepted")
        stack.until(lambda: not waiting(stack, clip))
    assert stack.status()["summary"]["accepted_seconds"] == 2


def waiting(stack, clip):
    """Return what was not acted on yet."""
    with stack.database() as database:
        return database.bridge.waiting(clip=clip)


def test_what_needs_work_is_rejected_and_what_is_of_no_use_excluded(stack, editor):
    clip = stack.clips()[2]
    for key, stage in (("Alt+n", "rejected"), ("Alt+x", "excluded")):
        hand = editor().open(stack, clip)
        hand.press(key)
        hand.submit()
        stack.until(lambda stage=stage: stack.stage(clip) == stage)
