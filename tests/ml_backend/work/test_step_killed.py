"""Work that dies anywhere and is gone over again comes to the same as work that did not die."""

import pytest

from engine.ports import TaskKind
from engine.stages import Move
from ml_backend.work.publishing import finding, publish


def _story(world):
    """Return everything that counts of what became of a clip."""
    books = world.books
    return {
        "rows": world.rows(),
        "tracks": world.head.tracks,
        "steps": [one.provenance.get("delivery") for one in books.revisions.history("scene")],
        "prompts": [one.provenance.get("prompts") for one in books.revisions.history("scene")],
        "stage": world.stage,
        "verdicts": [e.note for e in books.catalog.events("scene") if str(e.move) != "correct"],
        "deliveries": [
            (one.state, one.after, one.note) for one in books.bridge.deliveries("scene")
        ],
    }


def _everything(world, hands, box_of):
    """Let two people do one of each."""
    result = hands.relabelled(hands.without(world.shown(), 2), 3, "solid")
    result = hands.moved(hands.ended(result, 1, 33), 1, 28, box_of(1, 28))
    result = hands.drawn(result, "abc", "stripe", 12, box_of(4, 12))
    world.save(result, verdict="needs work", note="one ball is missing")
    world.save(world.shown(), verdict="accepted", number=2)


def _on_pages(world, hands, _box_of):
    """Let somebody paint and hide on pages of a clip that was handed in, and delete a track on the whole."""
    world.save(world.shown(), number=3)
    pages = world.shown(TaskKind.FRAMES)
    frame = max(int(one["id"].partition("f")[2]) for one in pages)
    truth = world.bench.revisions.frames(world.head.id, start=3, stop=4)
    painted = hands.painted(pages, 2, frame, next(truth).by_track()[3])
    gone = hands.region(painted, 3, frame)
    world.save([one for one in painted if one is not gone], kind=TaskKind.FRAMES, number=4)
    world.save(hands.without(world.shown(), 3), number=5)


def _on_accepted(world, hands, _box_of):
    """Let somebody accept a clip, and say with changes that it needs work after all."""
    world.save(world.shown(), verdict="accepted", number=6)
    result = hands.relabelled(hands.without(world.shown(), 2), 3, "solid")
    world.save(result, verdict="needs work", note="one ball is missing", number=7)
    world.save(hands.without(result, 3), number=7)


@pytest.mark.parametrize("told", [_everything, _on_pages, _on_accepted])
@pytest.mark.slow
def test_wherever_it_dies_the_next_worker_comes_to_the_same(make_world, hands, box_of, dying, told):
    whole = make_world()
    told(whole, hands, box_of)
    whole.step()
    calls = 0
    while True:
        world = make_world()
        told(world, hands, box_of)
        try:
            dying(world, calls).step()
        except KeyboardInterrupt:
            world.step()
            assert _story(world) == _story(whole), f"died at the store's call {calls}"
        else:
            break
        calls += 1
    assert calls > 20  # it did die, before and after each thing that is stored


@pytest.mark.slow
def test_work_that_dies_again_and_again_comes_to_the_same_too(make_world, hands, box_of, dying):
    whole, world = make_world(), make_world()
    for one in (whole, world):
        _everything(one, hands, box_of)
    whole.step()
    for calls in range(2, 30, 3):
        try:
            dying(world, calls).step()
        except KeyboardInterrupt:
            continue
    world.step()
    assert _story(world) == _story(whole)


def _shown(world):
    """Return what Label Studio and the stores hold of a clip's predictions and acceptance."""
    find = world.books.desk.findings
    kept = [find.get(one.id, finding(kind)) for one in world.books.revisions.history("scene") for kind in TaskKind]  # fmt: skip
    links = world.books.bridge.links()
    words = {task: said["state"].split(",")[0] for task, said in world.studio.words.items()}
    return kept, links, world.studio.predictions, words, sorted(world.studio.verdicts)


@pytest.mark.slow
def test_wherever_telling_label_studio_dies_it_comes_to_the_same_when_it_is_told_again(
    make_world, dying
):
    whole, calls = make_world(), 0
    whole.books.catalog.move("scene", Move.ACCEPT, actor="rae")
    publish(whole.bench, "scene", whole.studio)
    while True:
        world = make_world()
        world.books.catalog.move("scene", Move.ACCEPT, actor="rae")
        try:
            publish(dying(world, calls).bench, "scene", world.studio)
        except KeyboardInterrupt:
            publish(world.bench, "scene", world.studio)
            assert _shown(world) == _shown(whole)
        else:
            break
        calls += 1
    assert calls > 10
