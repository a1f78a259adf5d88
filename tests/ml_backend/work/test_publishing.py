"""What Label Studio shows is in step: predictions are kept and sent once, acceptance is told once, and what lags behind is found."""

import json
from dataclasses import replace

import pytest

from engine.errors import ServerError
from engine.ports import TaskKind
from engine.ports.desk import State
from engine.stages import Move
from ml_backend.boxes.changes import note as read_note
from ml_backend.shown.labelling import check, clip_config, frames_config
from ml_backend.work.publishing import behind, finding, kept, publish

CLIP_TASK, FRAMES_TASK = 11, 21
SERVER = "http://127.0.0.1:8080"


def _behind(world, server=SERVER):
    return list(behind(world.bench, server, known=set()))


def test_both_tasks_get_the_prediction_of_the_newest_revision_and_their_links_say_so(world):
    assert publish(world.bench, "scene", world.studio)
    boxes, masks = (world.studio.predictions[task] for task in (CLIP_TASK, FRAMES_TASK))
    assert {one["type"] for one in boxes} == {"videorectangle", "timelinelabels"}
    assert {one["type"] for one in masks} == {"brushlabels"}
    links = world.books.bridge.links(clip="scene")
    assert {(link.revision, link.stage) for link in links} == {(world.head.id, "pre-annotated")}


def test_what_was_sent_is_valid_in_the_projects_configuration(world):
    publish(world.bench, "scene", world.studio)
    labels = ["cue", "solid", "stripe"]
    assert not check(clip_config(labels), world.studio.predictions[CLIP_TASK], kind=TaskKind.CLIP)
    assert not check(frames_config(labels), world.studio.predictions[FRAMES_TASK], kind=TaskKind.FRAMES)  # fmt: skip


def test_what_was_sent_is_not_sent_again(world):
    publish(world.bench, "scene", world.studio)
    asked = len(world.studio.asked)
    assert not publish(world.bench, "scene", world.studio)
    assert len(world.studio.asked) == asked


def test_without_a_server_predictions_are_kept_for_whoever_asks(world):
    assert not publish(world.bench, "scene", None)
    text = world.books.desk.findings.get(world.head.id, finding(TaskKind.CLIP))
    assert text.startswith('{"version":2,')
    assert all(link.revision is None for link in world.books.bridge.links())


def test_a_prediction_that_was_kept_is_not_made_again(world):
    first = kept(world.bench, world.bench.catalog.clip("scene").clip, world.head, TaskKind.CLIP)
    said = {"version": 2, "result": [dict(first.result[0])], "score": 0.25}
    world.books.desk.findings.put(world.head.id, finding(TaskKind.CLIP), json.dumps(said))
    publish(world.bench, "scene", world.studio)
    assert len(world.studio.predictions[CLIP_TASK]) == 1


def test_an_acceptance_is_told_to_the_clips_task_and_taken_back_when_it_is_reopened(world):
    publish(world.bench, "scene", world.studio)
    world.books.catalog.move("scene", Move.ACCEPT, actor="rae")
    publish(world.bench, "scene", world.studio)
    assert list(world.studio.verdicts) == [CLIP_TASK]
    verdict, note = world.studio.verdicts[CLIP_TASK]
    assert verdict["value"] == {"choices": ["accepted"]}
    assert note["value"]["text"][0].startswith("accepted by rae, 20")
    assert read_note(world.studio.verdicts[CLIP_TASK]) == "", "it is no word of a person"
    world.books.catalog.move("scene", Move.REOPEN, actor="rae")
    publish(world.bench, "scene", world.studio)
    assert not world.studio.verdicts


def test_a_task_is_told_how_its_clip_stands_and_only_when_that_is_news(world):
    publish(world.bench, "scene", world.studio)
    assert world.studio.words[CLIP_TASK]["state"] == "pre-annotated"
    world.books.catalog.move("scene", Move.REJECT, actor="rae", note="too <dark>")
    publish(world.bench, "scene", world.studio)
    assert world.studio.words[FRAMES_TASK]["state"] == "rejected by rae: too <dark>"
    assert "rejected by rae: too &lt;dark&gt;" in world.studio.words[CLIP_TASK]["links"]
    asked = len(world.studio.asked)
    publish(world.bench, "scene", world.studio)
    assert len(world.studio.asked) == asked


def test_a_task_is_told_where_to_look_in_what_a_correction_made(world):
    publish(world.bench, "scene", world.studio)
    before = world.studio.words[CLIP_TASK]["links"]
    assert "track 1 (cue)" in before
    for frame in range(20, 40):
        world.brush_on_page(1, frame)
    publish(world.bench, "scene", world.studio)
    assert world.studio.words[CLIP_TASK]["links"] != before


def _refused(world):
    """Let somebody change a clip that is accepted."""
    world.books.catalog.move("scene", Move.ACCEPT, actor="rae")
    publish(world.bench, "scene", world.studio)
    given = world.save([one for one in world.shown() if not one["id"].endswith("t2")])
    world.step()
    assert world.settled(given).state is State.FAILED


def test_what_was_refused_is_said_in_its_task_until_something_newer_was_done(world):
    _refused(world)
    publish(world.bench, "scene", world.studio)
    said = world.studio.words[CLIP_TASK]
    assert "not done: clip scene is accepted" in said["state"]
    assert "<b>Not done:</b> clip scene is accepted" in said["links"]
    assert "not done" not in world.studio.words[FRAMES_TASK]["state"], "nothing was tried there"
    world.save(world.shown(), verdict="accepted")
    world.step()
    publish(world.bench, "scene", world.studio)
    assert "not done" not in world.studio.words[CLIP_TASK]["state"]


def test_a_refusal_that_label_studio_did_not_hear_is_told_later(world):
    _refused(world)
    world.studio.silent = True
    with pytest.raises(ServerError):
        publish(world.bench, "scene", world.studio)
    assert _behind(world) == ["scene"]
    world.studio.silent = False
    publish(world.bench, "scene", world.studio)
    assert "not done" in world.studio.words[CLIP_TASK]["state"]
    assert _behind(world) == []


def test_an_acceptance_by_somebody_in_the_task_itself_is_left_to_their_annotation(world):
    world.save(world.shown(), verdict="accepted")
    world.step()
    publish(world.bench, "scene", world.studio)
    assert not world.studio.verdicts
    assert {link.stage for link in world.books.bridge.links()} == {"accepted"}


def test_an_acceptance_on_the_key_frames_is_told_to_the_clips_task(world):
    world.save(world.shown(TaskKind.FRAMES), kind=TaskKind.FRAMES, verdict="accepted")
    world.step()
    publish(world.bench, "scene", world.studio)
    assert list(world.studio.verdicts) == [CLIP_TASK]


def test_a_server_that_does_not_answer_leaves_the_predictions_kept_and_the_links_as_they_were(
    world,
):
    world.studio.silent = True
    with pytest.raises(ServerError):
        publish(world.bench, "scene", world.studio)
    assert world.books.desk.findings.get(world.head.id, finding(TaskKind.FRAMES))
    assert all(link.revision is None for link in world.books.bridge.links())
    world.studio.silent = False
    assert publish(world.bench, "scene", world.studio)


def test_tasks_of_another_server_are_told_nothing(world):
    other = replace(world.studio, server="http://elsewhere.test")
    assert not publish(world.bench, "scene", other)
    assert not other.asked


def test_a_clip_is_behind_until_its_tasks_show_its_newest_revision_and_stage(world):
    assert _behind(world) == ["scene"]
    publish(world.bench, "scene", world.studio)
    assert _behind(world) == []
    world.brush_on_page(2, 7)
    assert _behind(world) == ["scene"]
    publish(world.bench, "scene", world.studio)
    world.books.catalog.move("scene", Move.SUBMIT, actor="ann")
    assert _behind(world) == ["scene"]


def test_without_a_server_a_clip_is_behind_while_its_predictions_are_not_made(world):
    assert _behind(world, None) == ["scene"]
    publish(world.bench, "scene", None)
    assert _behind(world, None) == []


def test_of_clips_that_nobody_linked_predictions_are_kept_when_somebody_asks_and_nothing_is_sent(
    world,
):
    for link in world.books.bridge.links():
        world.books.bridge.drop_link(link.project, link.task)
    assert _behind(world) == []
    assert not publish(world.bench, "scene", world.studio)
    assert all(world.books.desk.findings.get(world.head.id, finding(kind)) for kind in TaskKind)
    assert not world.studio.asked


def test_a_clip_without_masks_waits_for_them(make_world):
    bare = make_world()
    clip = replace(bare.bench.catalog.clip("scene").clip, id="bare", video="1" * 64)
    video = replace(bare.books.catalog.video("0" * 64), sha256="1" * 64)
    bare.books.catalog.add_video(video, [clip])
    bare.books.bridge.put_link(replace(bare.books.bridge.links()[0], clip="bare", task=77))
    publish(bare.bench, "scene", bare.studio)
    assert _behind(bare) == []
    assert not publish(bare.bench, "bare", bare.studio)


def test_pages_that_were_chosen_once_stay_whatever_is_doubted_later(world):
    publish(world.bench, "scene", world.studio)
    first = {one["item_index"]: one["id"].partition("f")[2] for one in world.studio.predictions[FRAMES_TASK]}  # fmt: skip
    world.brush_on_page(3, 9)
    publish(world.bench, "scene", world.studio)
    again = {one["item_index"]: one["id"].partition("f")[2] for one in world.studio.predictions[FRAMES_TASK]}  # fmt: skip
    assert again == first
