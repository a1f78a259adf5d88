"""Which dataset is ours, which is refused, and that one is never taken for ours before it is whole, whenever its making was killed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import rle
from engine.errors import ServerError, SettingsError
from engine.ports.board import Card, Held, Layer, Tag
from engine.ports.board_rules import digest
from engine.stages import Stage
from engine.types import Clip, FrameMasks, Track, TrackMask
from exports.board import names as n
from exports.board import opening
from exports.board.inside import inside
from exports.fiftyone import FiftyOneBoard, open_board

MASK = TrackMask(1, rle.encode(np.ones((4, 4), bool)))
LAYER = Layer(7, (Track(1, "cue"),), (FrameMasks(0, (MASK,)),))


def clip(id_: str = "table-0") -> Clip:
    return Clip(id_, "a" * 64, "/films/a.mp4", 0, 3, 4, 4, Fraction(30))


def card(id_: str = "table-0", *, priority: bool = False) -> Card:
    return Card(clip(id_), f"/copies/{id_}.mp4", Stage.INGESTED, priority=priority)


Open = Callable[..., AbstractContextManager[FiftyOneBoard]]


@pytest.fixture
def opened(fiftyone: Any, mongod: str, home: Path, name: str) -> Iterator[Open]:
    """Return what opens the dataset of the test; all that it leaves is taken away."""

    def opened(workspace: str = "w", *, rebuild: bool = False) -> AbstractContextManager[Any]:
        return open_board(mongod, home=home, dataset=name, workspace=workspace, rebuild=rebuild)

    yield opened
    for left in fiftyone.list_datasets(f"{name}*"):
        fiftyone.delete_dataset(left)


def marked(fiftyone: Any, name: str, schema: object, workspace: str = "w") -> Any:
    """Change the mark of a dataset."""
    dataset = fiftyone.load_dataset(name)
    dataset.info[n.INFO] = {n.SCHEMA_KEY: schema, n.WORKSPACE_KEY: workspace}
    dataset.save()
    return dataset


def test_what_was_put_is_there_when_the_board_is_opened_again(opened: Open) -> None:
    with opened() as board:
        board.put_cards([card()])
    with opened() as board:
        assert board.held() == {"table-0": Held(digest(card()))}
        assert board.dataset.persistent


def test_a_dataset_that_the_engine_did_not_make_is_left_alone(
    fiftyone: Any, opened: Open, name: str
) -> None:
    theirs = fiftyone.Dataset(name)
    theirs.add_sample(fiftyone.Sample(filepath="/a.jpg"))
    with pytest.raises(SettingsError, match="ENGINE_FIFTYONE_DATASET"), opened():
        pass
    with pytest.raises(SettingsError, match="did not make"), opened(rebuild=True):
        pass
    assert len(fiftyone.load_dataset(name, reload=True)) == 1


def test_the_dataset_of_another_workspace_is_left_alone(opened: Open) -> None:
    with opened() as board:
        board.put_cards([card()])
    with pytest.raises(SettingsError, match=r"another workspace.*ENGINE_FIFTYONE_DATASET"), opened("other", rebuild=True):  # fmt: skip
        pass
    with opened() as board:
        assert list(board.held()) == ["table-0"]


def test_a_newer_schema_is_refused_and_nothing_is_changed(
    fiftyone: Any, opened: Open, name: str
) -> None:
    with opened() as board:
        board.put_cards([card()])
    marked(fiftyone, name, n.SCHEMA + 1)
    with pytest.raises(ServerError, match=f"schema {n.SCHEMA + 1}.*update this program"), opened():
        pass
    assert len(fiftyone.load_dataset(name, reload=True)) == 1


@pytest.mark.parametrize("mark", ["1", None, {}, 1.5])
def test_a_mark_that_is_none_of_ours_is_no_mark(
    fiftyone: Any, opened: Open, name: str, mark: object
) -> None:
    with opened():
        pass
    marked(fiftyone, name, mark)
    with pytest.raises(SettingsError, match="did not make"), opened():
        pass


@pytest.mark.parametrize("bad", ["", "  ", "???", "x" * 5000])
def test_names_that_fiftyone_gives_to_nothing_are_refused(
    fiftyone: Any, mongod: str, home: Path, bad: str
) -> None:
    before = fiftyone.list_datasets()
    with (
        pytest.raises(SettingsError, match="ENGINE_FIFTYONE_DATASET"),
        open_board(mongod, home=home, dataset=bad, workspace="w"),
    ):
        pass
    assert fiftyone.list_datasets() == before


def test_a_name_that_differs_from_another_one_only_in_capitals_is_refused(
    fiftyone: Any, opened: Open, name: str
) -> None:
    fiftyone.Dataset(name.upper())
    for _ in range(2):
        with pytest.raises(SettingsError, match="ENGINE_FIFTYONE_DATASET"), opened():
            pass
    fiftyone.delete_dataset(name.upper())
    with opened() as board:
        assert board.held() == {}


def older(fiftyone: Any, opened: Open, name: str) -> None:
    """Leave a dataset of an older schema, on which a lead has set tags."""
    with opened() as board:
        board.put_cards([card("a"), card("b"), card("c", priority=True), card("d", priority=True)])
        board.put_masks(clip("a"), LAYER)
        sample = board.dataset.one({"clip": "b"})
        sample.tags, sample[n.BY], sample[n.NOTE] = ["redo", "mine"], "ada", "the 8 is the 9"
        sample.save()
        board.dataset.match({"clip": "c"}).untag_samples("priority")
    marked(fiftyone, name, n.SCHEMA - 1)


def test_an_older_schema_is_made_anew_and_tags_that_wait_are_carried_over(
    fiftyone: Any, opened: Open, name: str
) -> None:
    older(fiftyone, opened, name)
    with opened() as board:
        assert board.held() == {
            "b": Held(
                "", tags=frozenset({Tag.REDO}), by="ada", note="the 8 is the 9", others=("mine",)
            ),
            "c": Held("", priority=True),
            "d": Held("", tags=frozenset({Tag.PRIORITY}), priority=True),
        }
        assert board.dataset.one({"clip": "b"}).tags == ["redo", "mine"]
        assert board.dataset.info[n.INFO][n.SCHEMA_KEY] == n.SCHEMA
        board.put_cards([card("a"), card("b")])
        board.put_masks(clip("b"), LAYER)
        held = board.held()
        assert (held["b"].digest, held["b"].masks) == (digest(card("b")), 7)
        assert (held["b"].tags, held["b"].by) == ({Tag.REDO}, "ada")
        assert board.dataset.one({"clip": "b"}).filepath == "/copies/b.mp4"
    assert fiftyone.list_datasets(f"{name}*") == [name]


def test_a_rebuild_makes_everything_anew_but_the_tags_that_wait(opened: Open) -> None:
    with opened() as board:
        board.put_cards([card("a"), card("b")])
        board.dataset.match({"clip": "b"}).tag_samples("exclude")
    with opened(rebuild=True) as board:
        assert board.held() == {"b": Held("", tags=frozenset({Tag.EXCLUDE}))}


class Killed(BaseException):
    """A kill: nothing that follows is done, and nobody cleans up."""


STEPS = ("_put_mark", "declare", "_index")


def dies_while_making(opened: Open, step: str, *, after: bool) -> None:
    """Open a board whose dataset must be made, and die before or after a step of that."""
    there = getattr(opening, step)

    def dies(*arguments: Any) -> None:
        if after:
            there(*arguments)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, step, dies)
        with pytest.raises(Killed), opened():
            pass


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_dataset_whose_making_was_killed_is_made_anew(
    fiftyone: Any, opened: Open, name: str, step: str, *, after: bool
) -> None:
    dies_while_making(opened, step, after=after)
    assert not fiftyone.dataset_exists(name)
    with opened() as board:
        board.put_cards([card()])
        board.put_masks(clip(), LAYER)
        assert board.held()["table-0"].masks == 7
    assert fiftyone.list_datasets(f"{name}*") == [name]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_rebuild_loses_no_tag(
    fiftyone: Any, opened: Open, name: str, step: str, *, after: bool
) -> None:
    older(fiftyone, opened, name)
    dies_while_making(opened, step, after=after)
    with opened() as board:
        assert board.held()["b"].tags == {Tag.REDO}
    assert fiftyone.list_datasets(f"{name}*") == [name]


@pytest.mark.parametrize("deleted", [False, True])
def test_a_rebuild_that_was_killed_before_the_new_one_got_its_name_loses_no_tag(
    fiftyone: Any, opened: Open, name: str, *, deleted: bool
) -> None:
    older(fiftyone, opened, name)
    there = fiftyone.delete_dataset

    def dies(dataset: str) -> None:
        if deleted:
            there(dataset)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fiftyone, "delete_dataset", dies)
        with pytest.raises(Killed), opened():
            pass
    with opened() as board:
        assert board.held()["b"].tags == {Tag.REDO}
        assert board.dataset.name == name
    assert fiftyone.list_datasets(f"{name}*") == [name]


def test_somebody_s_own_dataset_in_the_way_of_a_new_one_is_left_alone(
    fiftyone: Any, opened: Open, name: str
) -> None:
    theirs = fiftyone.Dataset(name + n.MAKING)
    theirs.add_sample(fiftyone.Sample(filepath="/a.jpg"))
    with pytest.raises(SettingsError, match=r"-making.*did not make"), opened():
        pass
    assert len(theirs) == 1


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_dataset_that_was_deleted_by_hand_is_refused_to_writers_and_made_again_for_a_sync(
    fiftyone: Any, opened: Open, name: str, *, elsewhere: bool
) -> None:
    with opened() as board:
        board.put_cards([card()])
        place = inside(fiftyone, board.dataset)
        if elsewhere:  # by another process, of which ours hears nothing
            place.samples.database.datasets.delete_one({"_id": place.id})
        else:
            fiftyone.delete_dataset(name)
        for write in (
            lambda: board.put_cards([card()]),
            lambda: board.put_masks(clip(), LAYER),
            lambda: board.drop(["table-0"]),
            lambda: board.untag("table-0", [Tag.REDO]),
        ):
            with pytest.raises(ServerError, match="deleted meanwhile: sync again"):
                write()
        assert board.held() == {}
        board.put_cards([card()])
        board.put_masks(clip(), LAYER)
        assert board.held()["table-0"].masks == 7
        assert len(fiftyone.load_dataset(name, reload=True)) == 1


def test_a_clip_that_was_deleted_by_hand_comes_back_without_masks(
    fiftyone: Any, opened: Open
) -> None:
    with opened() as board:
        board.put_cards([card("a"), card("b")])
        board.put_masks(clip("a"), LAYER)
        board.dataset.delete_samples(board.dataset.match({"clip": "a"}))
        assert list(board.held()) == ["b"]
        board.put_cards([card("a")])
        assert board.held()["a"] == Held(digest(card("a")))
        assert inside(fiftyone, board.dataset).frames.count_documents({}) == 0


def test_a_clip_that_is_deleted_by_hand_while_its_masks_are_put_leaves_no_frames(
    fiftyone: Any, opened: Open
) -> None:
    with opened() as board:
        board.put_cards([card()])

        def rows() -> Iterator[FrameMasks]:
            yield FrameMasks(0, (MASK,))
            board.dataset.delete_samples(board.dataset.match({"clip": "table-0"}))

        with pytest.raises(ServerError, match="deleted meanwhile"):
            board.put_masks(clip(), Layer(7, (), rows()))
        assert inside(fiftyone, board.dataset).frames.count_documents({}) == 0


def test_what_people_add_by_hand_is_no_clip_and_stays(fiftyone: Any, opened: Open) -> None:
    with opened() as board:
        board.put_cards([card()])
        board.dataset.add_samples(
            [fiftyone.Sample(filepath=f"/mine-{k}.mp4", tags=["redo"]) for k in range(2)],
            progress=False,
        )
        assert list(board.held()) == ["table-0"]
        board.drop(["table-0"])
        assert len(board.dataset) == 2


def test_tags_that_people_made_up_stay_and_are_not_told(opened: Open) -> None:
    with opened() as board:
        board.put_cards([card()])
        board.dataset.tag_samples("mine")
        board.put_cards([card(priority=True)])
        board.untag("table-0", list(Tag))
        assert board.held()["table-0"].tags == set()
        assert board.dataset.distinct("tags") == ["mine"]
