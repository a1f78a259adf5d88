"""How fast a dataset grows, and when it will be big enough at that pace. Pure; knows days and seconds, no clips.

People work on some days of the week and not on others. So the rate is one of days at work, and a day to come counts with the
share of its weekdays that were days at work: a forecast made on a Friday knows the weekend, also in the first week, and who works
on some days only is foretold to. Only the last four weeks count, of which the latest days at work make the rate:
teams grow, and footage gets harder. Today is not over, and is no day of the rate; what was accepted today is taken off what is
left to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from engine.workflows.progress.curve import DAY

LOOKED_BACK: Final = 28
"""Days on which days at work are looked for: whole weeks, each weekday as often as the others."""

WINDOW: Final = 10
"""Days at work that make the rate, two weeks of five: fewer follow a growing team sooner, more err less where days differ."""

FAR: Final = timedelta(days=3650)
"""Ends that are later than this are no forecast: nobody can tell."""

_WEEK = range(7)
_WEEKEND = (5, 6)

Curve = Sequence[tuple[date, Fraction]]
Ends = tuple[date | None, date | None, date | None]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a day at work over the last ``window`` of them, in the worse and the better half of these, and their weekdays.

    ``week`` is the share of Mondays, Tuesdays, ... that are days at work, 0..1. ``halves`` is empty where there was one day.
    """

    window: int = 0
    rate: Fraction = Fraction()
    halves: tuple[Fraction, ...] = ()
    week: tuple[Fraction, ...] = (Fraction(),) * 7


def pace_of(curve: Curve, worked: frozenset[date], *, today: date) -> Pace:
    """Return the pace of the days at work since the first acceptance, of the last four weeks at most.

    ``worked`` are the days on which anything happened, whether or not anything was accepted.
    """
    if not curve:
        return Pace()
    first = max(curve[0][0], today - LOOKED_BACK * DAY)
    last = today - DAY if first < today else today
    span = [first + number * DAY for number in range((last - first).days + 1)]
    days = [day for day in span if day in worked]
    chosen = days[-WINDOW:]
    if not chosen:
        return Pace()
    gained = _gained(curve)
    each = [gained[day] for day in chosen]
    half = len(each) // 2
    parts = (each[:half], each[half:]) if half else ()
    return Pace(len(each), _mean(each), tuple(sorted(map(_mean, parts))), _week(span, set(days)))


def forecast(pace: Pace, curve: Curve, *, target: float, today: date) -> Ends:
    """Return the day on which the target is reached: at the best half's rate, at the rate, at the worst half's.

    Where it is reached already, all three are the day since which it has been; never is None, and so is what is too far off
    to tell.
    """
    reached = _reached(curve, Fraction(target))
    if reached:
        return reached, reached, reached
    if not curve:
        return None, None, None
    worst, best = (pace.halves[0], pace.halves[-1]) if pace.halves else (pace.rate, pace.rate)
    left = Fraction(target) - curve[-1][1]
    done = _gained(curve)[today]
    early, by, late = (_end(left, done, rate, pace, today) for rate in (best, pace.rate, worst))
    return early, by, late


def _end(left: Fraction, done: Fraction, rate: Fraction, pace: Pace, today: date) -> date | None:
    """Return the day on which ``left`` seconds are done, of which ``done`` are a part of today's work already."""
    daily = [rate * share for share in pace.week]
    weekly = sum(daily, Fraction())
    if weekly <= 0:
        return None
    left -= max(Fraction(), daily[today.weekday()] - done)
    weeks = max(0, left // weekly - 1)
    if weeks > FAR.days // 7:
        return None
    left, day = left - weeks * weekly, today + 7 * weeks * DAY
    while left > 0:
        day += DAY
        left -= daily[day.weekday()]
    return day


def _reached(curve: Curve, target: Fraction) -> date | None:
    """Return the day since which the target has been reached, None while it is not."""
    since = None
    for day, seconds in reversed(curve):
        if seconds < target:
            break
        since = day
    return since


def _week(span: Sequence[date], worked: set[date]) -> tuple[Fraction, ...]:
    """Return the share of each weekday that people worked.

    A weekday that was not seen yet is like the other ones of its kind, working days or the weekend; a weekend of which nothing
    was seen is free where people work on working days.
    """
    seen = [[day in worked for day in span if day.weekday() == number] for number in _WEEK]
    shares = [_share(days) for days in seen]
    rest = _share([one for number in _WEEKEND for one in seen[number]])
    usual = _share([one for number in _WEEK if number not in _WEEKEND for one in seen[number]])
    free, busy = rest if rest is not None else Fraction(), usual if usual is not None else rest
    unseen = [free if number in _WEEKEND else busy for number in _WEEK]
    return tuple(
        share if share is not None else (other or Fraction())
        for share, other in zip(shares, unseen, strict=True)
    )


def _share(days: Sequence[bool]) -> Fraction | None:
    """Return the share of days that are true, None of no days."""
    return Fraction(sum(days), len(days)) if days else None


def _gained(curve: Curve) -> dict[date, Fraction]:
    """Return what each day added."""
    totals = [Fraction(), *(seconds for _, seconds in curve)]
    return {day: after - before for (day, after), before in zip(curve, totals, strict=False)}


def _mean(values: Sequence[Fraction]) -> Fraction:
    """Return the mean of at least one value."""
    return sum(values, Fraction()) / len(values)
