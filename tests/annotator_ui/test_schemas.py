"""What browsers send is checked to the last field before anything else sees it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from annotator_ui.schemas import Act, ClaimBody, ClipId, MoveBody, NewPin, Tab
from annotator_ui.session import parse, to_body

CLICK = {"kind": "prompt", "frame": 3, "track": 1, "point": [1.5, 2, True]}
ACTIONS = [
    CLICK,
    {"kind": "prompt", "frame": 0, "track": 9, "box": [0, 0, 5, 5.5], "label": "red"},
    {"kind": "prompt", "frame": 0, "track": 9, "mask": {"size": [2, 2], "counts": "13"}},
    {"kind": "hide", "frame": 3, "track": 1, "why": "occluded"},
    {"kind": "spread", "tracks": None, "frames": None},
    {"kind": "spread", "tracks": [1, 2], "frames": [3, 9]},
    {"kind": "spread"},
    {"kind": "edit", "deed": "swap", "track": 1, "frames": [3, 9], "other": 2},
    {"kind": "edit", "deed": "relabel", "track": 1, "frames": [3, 9], "label": "red"},
    {"kind": "confirm", "frames": [3, 9], "on": False},
    {"kind": "undo"},
    {"kind": "redo"},
]
WRONG = [
    {**CLICK, "frame": -1},
    {**CLICK, "frame": 1 << 31},
    {**CLICK, "frame": "3"},
    {**CLICK, "frame": True},
    {**CLICK, "track": 0},
    {**CLICK, "point": [1, 2]},
    {**CLICK, "point": [1, float("nan"), True]},
    {**CLICK, "point": [float("inf"), 2, True]},
    {**CLICK, "point": [1, 2, "yes"]},
    {**CLICK, "point": 5},
    {**CLICK, "more": 1},
    {**CLICK, "label": "a\0b"},
    {**CLICK, "label": "x" * 101},
    {**CLICK, "box": [0, 0, 1]},
    {**CLICK, "mask": {"size": [2, 2], "counts": "{}"}},
    {"kind": "edit", "deed": "replace", "track": 1, "frames": [3, 9]},
    {"kind": "hide", "frame": 3, "track": 1, "why": "bored"},
    {"kind": "spread", "tracks": [0]},
    {"kind": "dance"},
    {},
    [],
    None,
]


def _act(action: object) -> Act:
    return Act.model_validate({"tab": "t", "head": 1, "action": action})


@pytest.mark.parametrize("action", ACTIONS, ids=json.dumps)
def test_every_kind_of_action_passes_on_to_the_session_unchanged(action: dict[str, Any]) -> None:
    body = _act(action).body()
    assert body == action
    assert parse(to_body(parse(body))) == parse(body)


@pytest.mark.parametrize("action", WRONG, ids=lambda action: repr(action)[:60])
def test_what_is_not_understood_is_refused(action: object) -> None:
    with pytest.raises(ValidationError):
        _act(action)


@pytest.mark.parametrize("tab", ["", "a b", "x" * 65, "é", "../x", None, 5])
def test_a_tab_has_a_plain_name(tab: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Tab).validate_python(tab, strict=True)


@pytest.mark.parametrize("clip", ["../../etc/passwd", "a/b", "", "a\0", "a.b", "x" * 201])
def test_the_name_of_a_clip_leads_nowhere_else(clip: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(ClipId).validate_python(clip)


@pytest.mark.parametrize("move", ["exclude", "correct", "preannotate", ""])
def test_only_moves_of_the_page_are_understood(move: str) -> None:
    with pytest.raises(ValidationError):
        MoveBody.model_validate({"tab": "t", "move": move, "head": 1})


def test_a_comment_may_have_lines_and_no_control_characters() -> None:
    assert NewPin.model_validate({"frame": 1, "text": "two\nlines"}).track == 0
    for text in ("bell\x07", "half \ud800 a character", "x" * 2001):
        with pytest.raises(ValidationError):
            NewPin.model_validate({"frame": 1, "text": text})


def test_taking_a_clip_is_polite_unless_said_otherwise() -> None:
    assert ClaimBody.model_validate({"tab": "t"}).force is False


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.sampled_from(ACTIONS), st.data())
def test_an_action_with_a_wrong_value_is_refused_or_understood_and_never_fails_otherwise(
    action: dict[str, Any], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(action)))
    try:
        body = _act({**action, key: data.draw(_json)}).body()
    except ValidationError:
        return
    assert body["kind"] == action["kind"]
