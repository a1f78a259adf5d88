"""Our labelling configurations show all that we send; whatever another one lacks is named."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from label_studio_sdk.label_interface.interface import LabelInterface

from engine.billiards.classes import KINDS
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.ports import TaskKind
from engine.types import Track
from ml_backend import names
from ml_backend.shown import labelling
from ml_backend.shown.prediction import parse, prediction
from ml_backend.shown.timeline import EVENTS

SCENE = Scene(
    [Disc((200, 20, 20), "cue", rolls(20, 20, dx=2)), Disc((20, 20, 200), "solid", rests(120, 60))],
    40,
)
TRACKS = (Track(1, "cue"), Track(2, "solid"))
BOTH = pytest.mark.parametrize("kind", list(TaskKind))


def predicted(kind: TaskKind) -> list[Any]:
    """Return what we send of a scene."""
    rows = [SCENE.truth(frame) for frame in range(SCENE.frames)]
    found = parse(prediction(kind, SCENE.clip, 1, TRACKS, rows, ()))
    assert found is not None
    assert found.result
    return list(found.result)


@BOTH
def test_label_studios_own_rules_accept_our_configurations(kind: TaskKind) -> None:
    LabelInterface(labelling.config(kind)).validate()


@BOTH
def test_our_predictions_fit_our_configurations(kind: TaskKind) -> None:
    assert labelling.check(labelling.config(kind), predicted(kind), kind=kind) == []
    assert labelling.problems(labelling.config(kind), kind=kind) == []


@BOTH
def test_every_class_is_offered_with_a_colour_and_a_key_of_its_own(kind: TaskKind) -> None:
    control = names.BALL if kind is TaskKind.CLIP else names.BRUSH
    holder = ET.fromstring(labelling.config(kind)).find(f".//*[@name='{control}']")  # noqa: S314 - our own
    assert holder is not None
    labels = [dict(each.attrib) for each in holder]
    assert [each["value"] for each in labels] == [*KINDS, "ball"]
    assert len({each["background"] for each in labels}) == len(labels)
    assert len({each["hotkey"] for each in labels}) == len(labels)


def test_no_colour_vanishes_on_a_white_page() -> None:
    for colour in re.findall(r'background="#(\w{6})"', labelling.clip_config()):
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
        assert 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.75


def test_no_key_means_two_things() -> None:
    keys = re.findall(r'hotkey="([^"]+)"', labelling.clip_config())
    assert len(keys) == len(set(keys)) > 3


@BOTH
def test_what_is_decided_stands_above_the_picture_and_no_letter_alone_decides(
    kind: TaskKind,
) -> None:
    config = labelling.config(kind)
    picture = "<Video " if kind is TaskKind.CLIP else "<Image "
    for control in (names.VERDICT, names.NOTE):
        assert config.index(f'name="{control}"') < config.index(picture)
    keys = re.findall(r'<Choice [^>]*hotkey="([^"]+)"', config)
    assert len(keys) == 3, "Label Studio gives a letter to what has no key"
    assert all(key.startswith("alt+") for key in keys)


def test_the_true_rate_comes_from_the_task() -> None:
    assert 'framerate="$fps"' in labelling.clip_config()
    wrong = labelling.clip_config().replace("$fps", "30")
    (said,) = labelling.problems(wrong, kind=TaskKind.CLIP)
    assert 'framerate="$fps"' in said


def test_all_events_and_verdicts_can_be_chosen() -> None:
    known = LabelInterface(labelling.clip_config())
    assert set(known.get_control(names.EVENT).labels) == set(EVENTS)
    assert set(known.get_control(names.VERDICT).labels) == {
        names.ACCEPTED,
        names.NEEDS_WORK,
        names.EXCLUDED,
    }


@BOTH
@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ('name="verdict"', 'no <Choices name="verdict"'),
        ('value="accepted"', 'lacks <Choice value="accepted">'),
        ('value="solid"', 'lacks <Label value="solid">'),
    ],
)
def test_what_a_configuration_lacks_is_named(kind: TaskKind, lost: str, told: str) -> None:
    theirs = labelling.config(kind).replace(lost, lost[:-1] + '-of-theirs"')
    assert any(told in each for each in labelling.problems(theirs, kind=kind))


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ('name="box"', 'no <VideoRectangle name="box" toName="video">'),
        ('name="event"', 'no <TimelineLabels name="event" toName="video">'),
        ('value="look"', '<TimelineLabels name="event"> lacks <Label value="look">'),
        ('<Video name="video"', 'no <Video name="video">'),
        ('value="$video"', "must show $video"),
    ],
)
def test_what_tracks_and_events_need_is_named(lost: str, told: str) -> None:
    theirs = labelling.clip_config().replace(lost, lost[:-1] + '-of-theirs"')
    found = labelling.problems(theirs, kind=TaskKind.CLIP)
    assert any(told in each for each in found), found


def test_classes_that_no_ball_has_may_be_missing() -> None:
    theirs = labelling.clip_config(("cue", "solid"))
    assert labelling.problems(theirs, kind=TaskKind.CLIP, labels=("cue", "solid")) == []
    (said,) = labelling.problems(theirs, kind=TaskKind.CLIP, labels=("cue", "eight"))
    assert said == '<Labels name="ball"> lacks <Label value="eight">'


def test_events_that_only_people_set_may_be_missing() -> None:
    theirs = labelling.clip_config().replace('value="pot"', 'value="potted"')
    assert labelling.problems(theirs, kind=TaskKind.CLIP) == []


@BOTH
def test_what_others_add_is_no_problem(kind: TaskKind) -> None:
    ours = labelling.config(kind)
    more = '<Choices name="light" toName="video"><Choice value="dark"/></Choices></View>'
    shown = names.VIDEO if kind is TaskKind.CLIP else names.IMAGES
    theirs = ours[: ours.rindex("</View>")] + more.replace('"video"', f'"{shown}"')
    assert labelling.problems(theirs, kind=kind) == []


@BOTH
@pytest.mark.parametrize("text", ["", "no xml", "<View>", "<View/>", "<a/>", "\x00"])
def test_what_is_no_configuration_is_told_and_raises_nothing(kind: TaskKind, text: str) -> None:
    assert labelling.problems(text, kind=kind)


@pytest.mark.parametrize(
    "broken",
    [
        {"from_name": "nope"},
        {"to_name": "nope"},
        {"type": "rectanglelabels"},
        {"value": {}},
        {"value": {"sequence": "no", "framesCount": 1, "duration": 1, "labels": ["cue"]}},
        {"value": None},
    ],
)
def test_a_region_that_would_not_be_shown_is_told(broken: dict[str, Any]) -> None:
    result = predicted(TaskKind.CLIP)
    theirs = [{**result[0], **broken}, *result[1:]]
    assert labelling.check(labelling.clip_config(), theirs, kind=TaskKind.CLIP)


def test_the_same_lack_is_told_once_and_a_long_list_is_cut() -> None:
    found = labelling.problems(labelling.clip_config(("x",)), kind=TaskKind.CLIP)
    assert len(found) == len(set(found))
    said = labelling.explained("Table 3", [f"lack {n}" for n in range(20)])
    assert "'Table 3'" in said
    assert "and 8 more" in said
    assert "--replace-config" in said


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=9).map(str.strip).filter(bool), min_size=1, unique=True))  # fmt: skip
def test_a_class_may_be_called_anything(labels: list[str]) -> None:
    for kind in TaskKind:
        ours = labelling.config(kind, labels)
        assert labelling.problems(ours, kind=kind, labels=labels) == []


@BOTH
def test_instructions_say_how_to_correct_and_what_verdicts_mean(kind: TaskKind) -> None:
    said = labelling.instructions(kind)
    ET.fromstring(f"<div>{said}</div>")  # noqa: S314 - our own
    assert "erdict" in said
    assert "Submit" in said
    assert "Duplicate Annotation" in said
