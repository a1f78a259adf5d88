"""What an annotation is compared with: itself as it was acted on last, else what it was made of, else nothing."""

import pytest

from engine.errors import InputError, SelectionError
from engine.ports import State
from engine.types import Kind, Revision
from ml_backend.work.base import base_of, result_of


def _base(world, delivery):
    shown = {"asked": []}

    def made(revision):
        shown["asked"].append(revision.id)
        return [{"id": f"r{revision.id}t1"}]

    found = base_of(world.books.bridge, world.books.revisions, delivery, shown=made)
    return found, shown["asked"]


def _boxes(revision):
    return [{"id": f"r{revision}t1", "type": "videorectangle", "value": {"sequence": []}}]


def test_a_first_save_is_compared_with_the_prediction_that_its_ids_name(world):
    first = world.head.id
    world.brush_on_page(2, 7)
    found, asked = _base(world, world.save(_boxes(first)))
    assert asked == [first]
    assert (found.result, found.revision) == ([{"id": f"r{first}t1"}], first)


def test_a_later_save_is_compared_with_what_was_acted_on_last(world):
    before = world.save(_boxes(world.head.id))
    world.books.bridge.settle(before.id, State.DONE, after=world.head.id)
    found, asked = _base(world, world.save([]))
    assert (found.result, asked) == (_boxes(world.head.id), [])
    assert found.revision == world.head.id


def test_what_was_refused_or_dropped_or_somebody_elses_is_no_base(world):
    for state, number in ((State.FAILED, 1), (State.DROPPED, 1), (State.DONE, 2)):
        one = world.save(_boxes(world.head.id), number=number)
        world.books.bridge.settle(one.id, state, note="no")
    _, asked = _base(world, world.save(_boxes(world.head.id)))
    assert asked == [world.head.id]


def test_what_names_no_revision_is_compared_with_nothing(world):
    found, asked = _base(world, world.save([{"id": "abc", "type": "videorectangle"}]))
    assert (found.result, found.revision, asked) == ((), None, [])


def test_tracks_that_regions_became_are_known_until_models_draw_the_clip_anew(world):
    head = world.head
    named = Revision("scene", head.id, Kind.MANUAL, "ann", head.tracks, {"regions": '{"abc": 4}'})
    world.books.revisions.append(named, [])
    assert _base(world, world.save([], number=5))[0].known == {"abc": 4}
    anew = Revision("scene", world.head.id, Kind.AUTO, "model", head.tracks)
    world.books.revisions.append(anew, [])
    assert _base(world, world.save([], number=6))[0].known == {}


def test_an_annotation_of_before_models_drew_the_clip_anew_is_refused(world):
    old = world.head
    world.books.revisions.append(Revision("scene", old.id, Kind.AUTO, "model", old.tracks), [])
    with pytest.raises(InputError, match="drawn anew"):
        _base(world, world.save(_boxes(old.id)))


def test_a_revision_that_is_not_the_clips_is_refused(world):
    with pytest.raises(SelectionError, match="revision 99, which clip scene does not have"):
        _base(world, world.save(_boxes(99)))


@pytest.mark.parametrize("body", [{}, {"result": None}, {"result": "x"}, {"result": {"a": 1}}])
def test_a_body_without_regions_is_refused_in_words(world, body):
    delivery = world.save([])
    object.__setattr__(delivery, "body", body)
    with pytest.raises(InputError, match="list of regions"):
        result_of(delivery)
