"""What may be asked for: every field checks itself, and reads as it was written."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SettingsError
from engine.stages import Stage
from engine.workflows.selection import OFF, Selection, bounds, day, named, rate, step_for


def test_nothing_asked_for_is_everything_accepted() -> None:
    assert Selection().stages == (Stage.ACCEPTED,)
    assert Selection().as_json() == {"stages": ["accepted"]}


def test_what_was_asked_for_is_plain_json() -> None:
    asked = Selection(
        stages=(Stage.PREANNOTATED, Stage.SUBMITTED),
        clips=("a:0:30", "b"),
        since=date(2026, 3, 1),
        labels=("cue",),
        min_quality=0.5,
        fps=Fraction("7.5"),
        max_objects=3,
        auto=False,
    )
    assert asked.as_json() == {
        "stages": ["pre-annotated", "submitted"],
        "clips": ["a:0:30", "b"],
        "since": "2026-03-01",
        "labels": ["cue"],
        "min_quality": 0.5,
        "fps": "15/2",
        "max_objects": 3,
        "auto": False,
    }


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"stages": ()}, "no stage"),
        ({"min_quality": 1.5}, "quality 1.5"),
        ({"min_quality": float("nan")}, "quality nan"),
        ({"fps": Fraction(0)}, "frames/s"),
        ({"max_objects": 0}, "0 objects"),
        ({"since": date(2026, 3, 1), "until": date(2026, 3, 1)}, "no time at all"),
        ({"clips": ("a:5",)}, "'5'"),
        ({"clips": ("a:5:5",)}, "hold none"),
        ({"frames": "30"}, "START:STOP"),
        ({"frames": "-1:5"}, "START:STOP"),
        ({"frames": "1:2:3"}, "START:STOP"),
        ({"frames": "9:3"}, "hold none"),
    ],
)
def test_what_nothing_could_meet_is_refused_with_its_value(
    asked: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        Selection(**asked)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("text", "meant"),
    [("", (0, None)), ("30:120", (30, 120)), ("30:", (30, None)), (":9", (0, 9)), (":", (0, None))],
)
def test_frames_are_half_open_and_may_be_open_at_an_end(
    text: str, meant: tuple[int, int | None]
) -> None:
    assert bounds(text) == meant


@given(start=st.integers(0, 10**6), length=st.integers(1, 10**6))
def test_every_range_reads_as_it_was_written(start: int, length: int) -> None:
    assert bounds(f"{start}:{start + length}") == (start, start + length)
    assert named(f"game-1:{start}:{start + length}") == ("game-1", f"{start}:{start + length}")


def test_a_clip_alone_stands_for_all_of_it() -> None:
    assert named("game-1") == ("game-1", "")


def test_days_are_iso_dates() -> None:
    assert day("2026-03-31") == date(2026, 3, 31)
    for text in ("31.3.2026", "2026-02-30", "yesterday", ""):
        with pytest.raises(SettingsError, match="2026-03-31"):
            day(text)


def test_rates_are_exact() -> None:
    assert rate("7.5") == Fraction(15, 2)
    assert rate("30000/1001") == Fraction(30000, 1001)
    for text in ("fast", "1/0", "nan", ""):
        with pytest.raises(SettingsError, match="expected a number"):
            rate(text)


@pytest.mark.parametrize(
    ("of", "asked", "step"),
    [
        (Fraction(30), None, 1),
        (Fraction(30), "6", 5),
        (Fraction(30), "30", 1),
        (Fraction(30000, 1001), "6", 5),
        (Fraction(30000, 1001), "29.97", 1),
        (Fraction(24), "6", 4),
        (Fraction(25), "6", None),
        (Fraction(30), "60", None),
        (Fraction(30), "0.1", 300),
    ],
)
def test_a_step_comes_within_two_percent_of_what_was_asked_for_or_there_is_none(
    of: Fraction, asked: str | None, step: int | None
) -> None:
    assert step_for(of, Fraction(asked) if asked else None) == step


@given(
    of=st.sampled_from([Fraction(24), Fraction(25), Fraction(30), Fraction(60000, 1001)]),
    k=st.integers(1, 100),
)
def test_every_rate_that_a_step_gives_leads_back_to_it(of: Fraction, k: int) -> None:
    assert step_for(of, of / k) == k


@given(of=st.fractions(1, 240), asked=st.fractions(Fraction(1, 100), 240))
def test_a_step_is_never_further_off_than_it_may_be(of: Fraction, asked: Fraction) -> None:
    step = step_for(of, asked)
    if step is not None:
        assert abs(of / step - asked) <= OFF * asked
    else:
        assert all(abs(of / k - asked) > OFF * asked for k in range(1, int(of / asked) + 3))
