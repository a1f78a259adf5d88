"""Results go to the output stream, everything else to the error stream; JSON holds whatever a result holds."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.progress import Progress

from engine.cli.console import Bars, Clock, Rate, answer, bars, plain, say
from engine.stages import Stage

Streams = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Inner:
    path: Path


@dataclass(frozen=True)
class Outer:
    inner: Inner
    many: tuple[Inner, ...]
    rate: Fraction
    stage: Stage


def test_values_of_every_kind_become_what_json_knows() -> None:
    inner = Inner(Path("/a"))
    assert plain(Outer(inner, (inner, inner), Fraction(30000, 1001), Stage.ACCEPTED)) == {
        "inner": {"path": "/a"},
        "many": [{"path": "/a"}, {"path": "/a"}],
        "rate": "30000/1001",
        "stage": "accepted",
    }


def test_keys_that_are_no_text_become_text() -> None:
    assert plain({1: {Path("a"): None}}) == {"1": {"a": None}}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_what_json_knows_already_stays_as_it_is(value: Any) -> None:
    assert json.loads(json.dumps(plain(value))) == value


def test_an_answer_is_text_or_json_and_alone_on_the_output_stream(capsys: Streams) -> None:
    say("loading")
    answer({"a": 1}, as_json=True, text="one")
    answer({"a": 1}, as_json=False, text="one")
    said = capsys.readouterr()
    assert said.out == '{\n  "a": 1\n}\none\n'
    assert said.err == "loading\n"


def test_brackets_in_a_message_are_no_markup_and_long_lines_are_not_broken(
    capsys: Streams,
) -> None:
    message = "[bold]/a/path[/0].mp4: " + "word " * 60
    say(message)
    assert capsys.readouterr().err.rstrip("\n") == message


def test_a_bar_for_each_name_shows_how_far_it_is(capsys: Streams) -> None:
    with bars("draw") as progress:
        progress("folder/a.mp4", 0, 30)
        progress("folder/a.mp4", 30, 30)
        progress("b", 5, 10)
    said = capsys.readouterr().err
    assert "draw a.mp4" in said
    assert "30/30" in said
    assert "5/10" in said
    assert "folder" not in said


class Moments:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bar_says_what_is_left_and_in_the_end_what_it_took_each_time_anew() -> None:
    clock = Moments()
    progress = Progress(get_time=clock, disable=True)
    shown = Bars("sync", progress)
    for begin in (0.0, 100.0):
        clock.now = begin
        shown("cards", 0, 4)
        for done in (1, 2, 3):
            clock.now += 10
            shown("cards", done, 4)
        assert Clock().render(progress.tasks[0]).plain == "0:10 left"
        clock.now += 10
        shown("cards", 4, 4)
        assert Clock().render(progress.tasks[0]).plain == "took 0:40"
        clock.now += 3600
        assert Clock().render(progress.tasks[0]).plain == "took 0:40"


def test_what_was_there_at_once_has_no_rate() -> None:
    clock = Moments()
    progress = Progress(get_time=clock, disable=True)
    shown = Bars("look at", progress)
    for done in range(811):
        clock.now += 0.0001
        shown("clips", done, 810)
    assert Rate().render(progress.tasks[0]).plain == ""
    assert Clock().render(progress.tasks[0]).plain == "took 0:00"
