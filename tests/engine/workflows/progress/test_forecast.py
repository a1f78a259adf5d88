"""A forecast that knows weekends and what was done today, says how sure it is, and never promises the past."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.workflows.progress.curve import DAY, burn_up
from engine.workflows.progress.forecast import FAR, LOOKED_BACK, WINDOW, forecast, pace_of

MONDAY = date(2030, 1, 7)
Gains = dict[date, Fraction]
Ends = tuple[date | None, date | None, date | None]


def ends(gained: Gains, *, today: date, target: float, worked: set[date] | None = None) -> Ends:
    """Return the forecast after these days, on which people worked where nothing else is said."""
    curve = burn_up(gained, today=today)
    pace = pace_of(curve, frozenset(gained if worked is None else worked), today=today)
    return forecast(pace, curve, target=target, today=today)


def working_days(count: int, seconds: int = 100, *, first: date = MONDAY) -> Gains:
    """Return that many days from Monday to Friday on which so much was accepted."""
    days = [first + n * DAY for n in range(2 * count + 7)]
    return {day: Fraction(seconds) for day in [day for day in days if day.weekday() < 5][:count]}


def so_far(gained: Gains, today: date) -> Gains:
    return {day: seconds for day, seconds in gained.items() if day <= today}


@pytest.mark.parametrize("elapsed", range(1, 26))
def test_a_team_of_five_steady_days_a_week_is_foretold_exactly_from_its_second_day(
    elapsed: int,
) -> None:
    whole = working_days(20)
    known = so_far(whole, MONDAY + elapsed * DAY)
    expected = max(whole)
    assert ends(known, today=MONDAY + elapsed * DAY, target=2000) == (expected,) * 3


def test_a_forecast_made_on_a_friday_of_the_first_week_knows_the_weekend() -> None:
    friday = MONDAY + 4 * DAY
    assert ends(working_days(5), today=friday, target=600)[1] == MONDAY + 7 * DAY


def test_people_who_work_on_weekends_are_foretold_to_work_on_weekends() -> None:
    every = {MONDAY + n * DAY: Fraction(100) for n in range(14)}
    assert ends(every, today=MONDAY + 13 * DAY, target=2100)[1] == MONDAY + 20 * DAY


def test_what_was_accepted_today_is_taken_off_what_is_expected_of_today() -> None:
    gained = working_days(5)
    monday = MONDAY + 7 * DAY
    morning = ends(gained, today=monday, target=700)
    noon = ends(gained | {monday: Fraction(50)}, today=monday, target=700)
    evening = ends(gained | {monday: Fraction(100)}, today=monday, target=700)
    assert morning == noon == evening == (monday + DAY,) * 3


def test_a_morning_on_which_little_was_done_does_not_slow_the_rate() -> None:
    gained = working_days(5) | {MONDAY + 7 * DAY: Fraction(1)}
    pace = pace_of(burn_up(gained, today=MONDAY + 7 * DAY), frozenset(gained), today=MONDAY + 7 * DAY)  # fmt: skip
    assert (pace.window, pace.rate) == (5, 100)


def test_the_first_day_is_all_that_is_known_on_the_first_day() -> None:
    assert ends({MONDAY: Fraction(100)}, today=MONDAY, target=300) == (MONDAY + 2 * DAY,) * 3


def test_days_at_work_on_which_nothing_was_accepted_slow_the_rate() -> None:
    gained = {MONDAY: Fraction(100), MONDAY + 2 * DAY: Fraction(100)}
    worked = {MONDAY + n * DAY for n in range(4)}
    pace = pace_of(burn_up(gained, today=MONDAY + 4 * DAY), frozenset(worked), today=MONDAY + 4 * DAY)  # fmt: skip
    assert (pace.window, pace.rate) == (4, 50)


def test_a_team_that_gets_faster_has_an_early_and_a_late_end() -> None:
    gained = working_days(5, 50) | working_days(5, 150, first=MONDAY + 7 * DAY)
    today = MONDAY + 11 * DAY
    early, by, late = ends(gained, today=today, target=2500)
    assert early is not None
    assert by is not None
    assert late is not None
    assert today < early < by < late


def test_only_the_last_days_at_work_make_the_rate() -> None:
    gained = working_days(5, 10) | working_days(WINDOW, 100, first=MONDAY + 7 * DAY)
    today = MONDAY + 21 * DAY
    assert pace_of(burn_up(gained, today=today), frozenset(gained), today=today).rate == 100


def test_nobody_can_tell_when_a_project_that_rests_will_be_done() -> None:
    today = MONDAY + (4 + LOOKED_BACK + 1) * DAY
    assert ends(working_days(5), today=today, target=2000) == (None, None, None)


def test_nothing_accepted_yet_is_no_forecast() -> None:
    assert ends({}, today=MONDAY, target=2000) == (None, None, None)


def test_a_project_that_loses_as_much_as_it_gains_is_never_done() -> None:
    gained = {MONDAY: Fraction(100), MONDAY + DAY: Fraction(-100)}
    early, by, late = ends(gained, today=MONDAY + 2 * DAY, target=2000)
    assert (by, late) == (None, None)
    assert early is not None


def test_an_end_that_is_decades_away_is_no_forecast() -> None:
    gained = working_days(5, 1)
    assert ends(gained, today=MONDAY + 5 * DAY, target=1e9) == (None, None, None)


def test_a_target_that_is_reached_was_reached_on_the_day_since_which_it_holds() -> None:
    gained = {
        MONDAY: Fraction(100),
        MONDAY + DAY: Fraction(-50),
        MONDAY + 2 * DAY: Fraction(60),
        MONDAY + 5 * DAY: Fraction(10),
    }
    assert ends(gained, today=MONDAY + 9 * DAY, target=100) == (MONDAY + 2 * DAY,) * 3


DAYS = st.dictionaries(
    st.integers(0, 40), st.integers(-50, 200).map(Fraction), min_size=1, max_size=25
)


@given(days=DAYS, idle=st.sets(st.integers(0, 40)), later=st.integers(0, 10), target=st.integers(1, 5000))  # fmt: skip
def test_no_forecast_lies_in_the_past_and_the_early_one_is_never_the_late_one(
    days: dict[int, Fraction], idle: set[int], later: int, target: int
) -> None:
    gained = {MONDAY + n * DAY: seconds for n, seconds in days.items()}
    today = max(gained) + later * DAY
    worked = set(gained) | {MONDAY + n * DAY for n in idle if MONDAY + n * DAY <= today}
    accepted = sum(gained.values())
    early, by, late = ends(gained, today=today, target=target, worked=worked)
    if accepted >= target:
        assert early == by == late is not None
        assert by <= today
        return
    told = [day for day in (early, by, late) if day is not None]
    assert told == sorted(told)
    assert (early, by, late)[: len(told)] == tuple(told)
    assert all(today <= day <= today + 2 * FAR for day in told)


@given(days=DAYS, target=st.integers(1, 5000), more=st.integers(1, 1000))
def test_more_to_do_is_never_done_earlier(
    days: dict[int, Fraction], target: int, more: int
) -> None:
    gained = {MONDAY + n * DAY: seconds for n, seconds in days.items()}
    today = max(gained)
    _, sooner, _ = ends(gained, today=today, target=target)
    _, later, _ = ends(gained, today=today, target=target + more)
    assert later is None or (sooner is not None and sooner <= later)
