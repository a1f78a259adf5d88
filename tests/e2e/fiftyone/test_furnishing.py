"""Saved views, looks and the workspace in a real dataset: put once, put right, and never in the way of what leads made."""

from datetime import datetime

import pytest

from engine.ports.board import Tag
from exports.board.furnishing import furnish
from exports.board.looks import put_looks
from exports.board.plugin.deciding import DECISIONS, decide
from exports.board.questions import QUESTIONS
from exports.board.views import put_views
from exports.board.workspace import NAME, PANEL, pictures_workspace, put_workspace, workspace

CLIPS = (
    {"clip": "taken", "stage": "accepted", "annotator": "ada", "camera": "north", "j": 0.9, "severity": 2.0},
    {"clip": "older", "stage": "accepted", "annotator": "bo", "camera": "north", "j": 0.7, "pots": 1},
    {"clip": "judged", "stage": "rejected", "annotator": "ada", "rejections": 2, "revision": 4},
    {"clip": "alike", "stage": "ingested", "alike": ["taken"], "priority": True, "split": "val"},
    {"clip": "untouched", "stage": "pre-annotated", "j": 0.9996},
    {"clip": "asked", "stage": "submitted", "tags": ["redo"], "pots": 3, "severity": 0.5},
)  # fmt: skip
ANSWERS = {
    "accepted": ["taken", "older"],
    "waiting for review": ["asked"],
    "rejected and why": ["judged"],
    "rejected more than once": ["judged"],
    "without masks yet": ["alike"],
    "priority": ["alike"],
    "asked for by tags": ["asked"],
    "most doubtful first": ["taken", "asked"],
    "accepted with doubts": ["taken"],
    "models and people disagree": ["older", "taken"],
    "potted balls": ["asked", "older"],
    "almost alike": ["alike"],
    "val": ["alike"],
    "in correction the longest": [],
}


@pytest.fixture
def dataset(fiftyone, board):
    """Return the dataset of a board with five clips."""
    known = board.dataset
    for n, facts in enumerate(CLIPS):
        given = {"revision": 1, "split": "train"} | facts
        given["since"] = datetime(2026, 11, 20 - n)  # noqa: DTZ001 - FiftyOne keeps UTC without saying so
        if facts["stage"] == "ingested":
            given["revision"] = None
        known.add_sample(fiftyone.Sample(filepath=f"/films/{facts['clip']}.mp4", **given))
    known.reload()
    return known


def test_each_view_shows_the_clips_that_answer_it_in_its_order(dataset):
    assert put_views(dataset)
    for name, clips in ANSWERS.items():
        assert dataset.load_saved_view(name).values("clip") == clips, name


def test_views_stand_in_the_order_of_the_questions_and_those_of_leads_after_them(dataset):
    dataset.save_view("mine", dataset.limit(2))
    put_views(dataset)
    names = dataset.list_saved_views()
    assert names[: len(QUESTIONS)] == [one.name for one in QUESTIONS]
    assert names[-1] == "mine"
    assert len(dataset.load_saved_view("mine")) == 2


def test_what_is_right_is_not_written_again(dataset):
    assert furnish(dataset)
    before = dataset._doc.saved_views, dataset.app_config.to_dict(), dataset.list_workspaces()
    assert not furnish(dataset)
    assert (dataset._doc.saved_views, dataset.app_config.to_dict(), dataset.list_workspaces()) == before  # fmt: skip


def test_views_of_people_and_cameras_come_and_go_with_them(dataset):
    put_views(dataset)
    assert dataset.load_saved_view("annotator: ada").values("clip") == ["taken", "judged"]
    assert dataset.load_saved_view("camera: north").values("clip") == ["taken", "older"]
    dataset.match({"annotator": "bo"}).set_field("annotator", "zoe").save()
    assert put_views(dataset)
    assert dataset.has_saved_view("annotator: zoe")
    assert not dataset.has_saved_view("annotator: bo")


def test_a_view_of_ours_that_was_changed_or_deleted_is_put_right(dataset):
    put_views(dataset)
    dataset.save_view("accepted", dataset.limit(1), overwrite=True)
    dataset.delete_saved_view("priority")
    assert put_views(dataset)
    assert dataset.load_saved_view("accepted").values("clip") == ["taken", "older"]
    assert dataset.load_saved_view("priority").values("clip") == ["alike"]


def test_a_view_that_a_lead_made_at_the_address_of_ours_stays_theirs(dataset):
    dataset.save_view("Accepted!", dataset.limit(1))
    dataset.save_view("annotator: all of us", dataset.limit(3))
    put_views(dataset)
    put_views(dataset)
    assert not dataset.has_saved_view("accepted")
    assert len(dataset.load_saved_view("Accepted!")) == 1
    assert len(dataset.load_saved_view("annotator: all of us")) == 3


def test_people_of_any_name_have_views(fiftyone, dataset):
    names = ["O'Neil <b>", "李", "李 ", "Ada", "$where", "a.b", "x" * 300]
    for name in names:
        dataset.add_sample(fiftyone.Sample(filepath=f"/films/{hash(name)}.mp4", annotator=name))
    put_views(dataset)
    found = [one for one in dataset.list_saved_views() if one.startswith("annotator: ")]
    asked = {tuple(dataset.load_saved_view(one).values("annotator")) for one in found}
    assert asked >= {(name,) for name in names}


def test_looks_are_set_once_and_what_leads_change_stays(fiftyone, dataset):
    assert put_looks(dataset)
    dataset.app_config.color_scheme = fiftyone.ColorScheme(color_by="field")
    dataset.save()
    assert not put_looks(dataset)
    assert dataset.app_config.color_scheme.color_by == "field"


def test_the_workspace_shows_the_panel_beside_the_clips(dataset):
    assert put_workspace(dataset)
    assert not put_workspace(dataset)
    kinds = [space.children[0].type for space in dataset.load_workspace(NAME).children]
    assert kinds == ["Samples", PANEL]
    assert workspace() == workspace()
    assert [space.children[0].type for space in pictures_workspace().children] == ["Samples", "Embeddings"]  # fmt: skip


def told(dataset, clip):
    """Return the tags of a clip, who set them and why."""
    sample = dataset.match({"clip": clip}).first()
    return sorted(sample.tags), sample.engine_by, sample.engine_note


def test_a_decision_says_what_is_asked_for_by_whom_and_why(board, dataset):
    picked = dataset.match({"clip": {"$in": ["taken", "judged"]}}).values("id")
    decide(dataset, picked, "exclude", by="ada", note="two tables")
    assert told(dataset, "taken") == told(dataset, "judged") == (["exclude"], "ada", "two tables")
    assert told(dataset, "older") == ([], None, None)
    held = board.held()["taken"]
    assert (held.tags, held.by, held.note) == ({"exclude"}, "ada", "two tables")


def test_a_clip_has_one_verdict_and_priority_besides(dataset):
    (clip,) = dataset.match({"clip": "taken"}).values("id")
    for decision, tags in (
        ("redo", ["redo"]), ("priority", ["priority", "redo"]), ("exclude", ["exclude", "priority"]),
        ("defer", ["exclude"]), ("nothing", []),
    ):  # fmt: skip
        assert decision in DECISIONS
        decide(dataset, [clip], decision, by="ada", note="")
        assert told(dataset, "taken")[0] == tags
    assert told(dataset, "taken") == ([], "", "")


def test_what_somebody_else_asked_for_is_left_alone_until_the_sync_took_it(board, dataset):
    picked = dataset.match({"clip": {"$in": ["taken", "judged"]}}).values("id")
    assert decide(dataset, picked[:1], "priority", by="ada", note="for Friday") == {}
    assert decide(dataset, picked, "redo", by="bo", note="second look") == {"taken": "ada"}
    assert told(dataset, "taken") == (["priority"], "ada", "for Friday")
    assert told(dataset, "judged") == (["redo"], "bo", "second look")
    board.untag("taken", [Tag.PRIORITY])
    assert decide(dataset, picked[:1], "redo", by="bo", note="second look") == {}
