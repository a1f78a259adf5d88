"""A bend is two straight pieces and the moment between them; trembling, gaps and hands make none."""

from math import hypot

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.billiards.bends import Bend, bend
from engine.billiards.spots import Spot

speeds = st.floats(-8, 8)


def spots(places, *, wide: float = 18.0, frames=None) -> list[Spot]:
    """Return spots of a whole ball, whose box goes with it."""
    numbers = frames or range(len(places))
    half = wide / 2
    return [
        Spot(k, float(x), float(y), wide, True, False, (x - half, y - half, x + half, y + half))
        for k, (x, y) in zip(numbers, places, strict=True)
    ]


def kinked(before, after, *, moment: float = 5.4, frames: int = 12):
    """Return places of a ball that goes ``before`` until ``moment`` and ``after`` from then on."""
    return [
        (
            200 + before[0] * min(k, moment) + after[0] * max(0.0, k - moment),
            100 + before[1] * min(k, moment) + after[1] * max(0.0, k - moment),
        )
        for k in range(frames)
    ]


def found(places, place: int = 6, **more) -> Bend:
    got = bend(spots(places, **more), place)
    assert got is not None
    return got


@given(speeds, speeds, speeds, speeds)
def test_speeds_place_and_moment_of_a_bend_come_out(u, v, p, q):
    one = found(kinked((u, v), (p, q)))
    assert (one.before.u, one.before.v) == (pytest.approx(u), pytest.approx(v))
    assert (one.after.u, one.after.v) == (pytest.approx(p), pytest.approx(q))
    if hypot(p - u, q - v) > 0.5:
        assert one.frame == pytest.approx(5.4, abs=0.01)
        assert one.place == (pytest.approx(200 + 5.4 * u), pytest.approx(100 + 5.4 * v))


@given(speeds, speeds)
def test_a_straight_way_is_not_clearly_bent(u, v):
    assert found(kinked((u, v), (u, v))).clear < 1e-6


def test_trembling_by_a_part_of_a_pixel_is_not_clearly_bent():
    rng = np.random.default_rng(4)
    places = [(200 + rng.normal(0, 0.25), 100 + rng.normal(0, 0.25)) for _ in range(200)]
    held = spots(places)
    assert max(one.clear for k in range(5, 195) if (one := bend(held, k))) < 5


def test_a_bend_is_clearest_where_it_is():
    held = spots(kinked((6, 0), (-4, 2), frames=12))
    clear = {k: one.clear for k in range(1, 12) if (one := bend(held, k))}
    assert max(clear, key=lambda k: clear[k]) == 6


def test_pieces_that_do_not_meet_are_less_clear():
    jump = [(x + (60 if k > 5 else 0), y) for k, (x, y) in enumerate(kinked((3, 0), (3, 0)))]
    turn = kinked((3, 0), (-3, 0))
    assert found(jump).clear < found(turn).clear


def test_beyond_a_long_gap_nobody_knows_the_way():
    places = kinked((6, 0), (-6, 0))
    frames = [k if k < 6 else k + 6 for k in range(12)]
    assert bend(spots(places, frames=frames), 6) is None


def test_a_short_gap_is_bridged():
    places = kinked((6, 0), (-6, 0), frames=14)
    kept = [k for k in range(14) if k not in (6, 7)]
    one = bend(spots([places[k] for k in kept], frames=kept), 6)
    assert one is not None
    assert one.frame == pytest.approx(5.4, abs=0.01)


def test_one_spot_on_a_side_is_too_little():
    held = spots(kinked((6, 0), (-6, 0), frames=7))
    assert bend(held, 6) is None
    assert bend(held, 1) is None


def test_a_piece_is_no_longer_than_the_way_is_straight():
    one = found(kinked((6, 0), (-6, 0), moment=2.5), place=6)
    assert one.before.many == 3
    assert one.after.many == 5


def test_a_middle_that_goes_while_one_side_stays_is_not_firm():
    rolling = spots([(200 + 4.0 * k, 100) for k in range(12)])
    uncovered = [
        Spot(k, 200 + 1.0 * k, 100, 18, True, False, (191, 91, 195 + 2.0 * k, 109))
        for k in range(12)
    ]
    for held, firm in ((rolling, True), (uncovered, False)):
        one = bend(held, 6)
        assert one is not None
        assert one.firm is firm
