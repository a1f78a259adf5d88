"""Two drawings of the same models are told apart by the settings that differ, and by nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.workflows.comparing.recipes import names_it, settings, told_apart

SETTINGS = st.fixed_dictionaries(
    {"every": st.integers(1, 3), "buffer": st.just(30), "rules": st.fixed_dictionaries({"confidence": st.sampled_from([0.25, 0.5])})}
)  # fmt: skip


def made(**told: object) -> dict[str, str]:
    return {"segmenter": "nano", "det_sam2": json.dumps(told)}


def test_alike_settings_are_not_mentioned() -> None:
    assert told_apart([("nano", made(every=30)), ("nano", made(every=30))]) == ["nano", "nano"]


def test_settings_that_differ_are_those_of_the_same_models_only() -> None:
    drawn = [("nano", made(every=30)), ("big", made(every=10)), ("big", made(every=5, lost=3))]
    assert told_apart(drawn) == ["nano", "big (every 10)", "big (every 5)"]


def test_settings_within_others_go_by_their_own_name() -> None:
    drawn = [("nano", made(every=30, rules={"confidence": one})) for one in (0.25, 0.5)]
    assert told_apart(drawn) == ["nano (confidence 0.25)", "nano (confidence 0.5)"]


@pytest.mark.parametrize("text", ["", "{", "7", "[1]", "null", '"a"'])
def test_settings_that_cannot_be_read_are_none(text: str) -> None:
    assert settings({"det_sam2": text}) == {}
    assert told_apart([("nano", {"det_sam2": text}), ("nano", {})]) == ["nano", "nano"]


@pytest.mark.parametrize(
    ("name", "means"),
    [("nano", True), ("nano (every 30)", True), ("nano (every 30, lost 3)", True), ("nano (every 3", False), ("nano (every 10)", False), ("nano ()", False), ("big (every 30)", False)],
)  # fmt: skip
def test_a_drawing_goes_by_its_models_and_by_any_settings_of_its_own(name, means) -> None:
    assert names_it(name, "nano", made(every=30, lost=3)) is means


@given(st.lists(SETTINGS, min_size=1, max_size=5))
def test_names_differ_just_where_settings_do_and_each_means_its_drawing(drawn) -> None:
    names = told_apart([("nano", made(**one)) for one in drawn])
    for name, one in zip(names, drawn, strict=True):
        for other_name, other in zip(names, drawn, strict=True):
            assert (name == other_name) == (one == other)
            assert names_it(name, "nano", made(**other)) == (one == other)
