"""Time stamps to slots: exact arithmetic, proven for whatever a clock may do."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.media.timing import (
    STANDARD_RATES,
    constant_rate,
    deviation,
    frame_map,
    nearest_slot,
    nearest_standard,
    typical_rate,
)

MS = Fraction(1, 1000)
NTSC = Fraction(30000, 1001)
rates = st.sampled_from(STANDARD_RATES)
increasing = st.lists(st.integers(1, 400), min_size=1, max_size=80).map(
    lambda gaps: [sum(gaps[: k + 1]) for k in range(len(gaps))]
)


@given(slot=st.integers(0, 10**7), rate=rates, ticks=st.sampled_from([1000, 15360, 90000]))
def test_a_slot_written_in_rounded_ticks_is_read_back(
    slot: int, rate: Fraction, ticks: int
) -> None:
    base = Fraction(1, ticks)
    assert nearest_slot(round(slot / (rate * base)), rate * base) == slot


@given(stamps=increasing, rate=rates)
def test_a_frame_map_is_monotone_and_starts_and_ends_with_the_source(
    stamps: list[int], rate: Fraction
) -> None:
    shown = frame_map(stamps, rate * MS)
    assert list(shown) == sorted(shown)
    assert shown[-1] == len(stamps) - 1
    assert len(shown) == nearest_slot(stamps[-1] - stamps[0], rate * MS) + 1


@given(stamps=increasing, rate=rates)
def test_no_picture_is_shown_more_than_half_a_period_early_or_late(
    stamps: list[int], rate: Fraction
) -> None:
    times = [(stamp - stamps[0]) * rate * MS for stamp in stamps]
    for slot, picture in enumerate(frame_map(stamps, rate * MS)):
        assert times[picture] <= slot + Fraction(1, 2)
        if picture + 1 < len(times):
            assert times[picture + 1] >= slot + Fraction(1, 2)


@given(stamps=increasing, rate=rates)
def test_every_picture_is_shown_unless_another_takes_its_slot(
    stamps: list[int], rate: Fraction
) -> None:
    slots = [nearest_slot(stamp - stamps[0], rate * MS) for stamp in stamps]
    shown = frame_map(stamps, rate * MS)
    for picture, slot in enumerate(slots):
        assert shown[slot] == picture or slots[picture + 1] == slot


@given(count=st.integers(2, 300), rate=rates, start=st.integers(0, 10**6))
def test_a_constant_rate_maps_every_frame_to_itself(count: int, rate: Fraction, start: int) -> None:
    base = Fraction(1, 90000)
    stamps = [start + round(k / (rate * base)) for k in range(count)]
    assert frame_map(stamps, rate * base) == tuple(range(count))


def test_a_gap_holds_the_picture_before_it_and_a_burst_drops_all_but_the_last() -> None:
    assert frame_map([0, 100, 400, 410, 420, 500], 10 * MS) == (0, 1, 1, 1, 4, 5)


@given(count=st.integers(600, 900), rate=rates)
def test_a_long_file_tells_its_standard_rate_whatever_its_clock_rounds_to(
    count: int, rate: Fraction
) -> None:
    stamps = [round(k / (rate * MS)) for k in range(count)]
    assert constant_rate(stamps, MS) == rate


@pytest.mark.parametrize("declared", [Fraction(30), NTSC, Fraction(2997, 100)])
def test_a_rate_that_drifts_away_is_not_taken_on_the_word_of_the_header(declared: Fraction) -> None:
    stamps = [round(k / (NTSC / 90000)) for k in range(1000)]
    assert constant_rate(stamps, Fraction(1, 90000), declared=declared) == NTSC


def test_a_constant_rate_that_is_not_standard_is_kept_when_the_header_says_it() -> None:
    stamps = [round(k * 1000 / 17) for k in range(400)]
    assert constant_rate(stamps, MS, declared=Fraction(17)) == 17
    assert constant_rate(stamps, MS) is None


def test_a_single_frame_late_by_half_a_period_makes_a_rate_not_constant() -> None:
    stamps = [k * 3000 for k in range(200)]
    stamps[50] += 1400
    assert deviation(stamps, Fraction(30, 90000)) == Fraction(1400, 3000)
    assert constant_rate(stamps, Fraction(1, 90000)) is None


def test_gaps_do_not_lower_the_typical_rate() -> None:
    stamps = [33 * k + k // 3 + (5000 if k > 50 else 0) for k in range(100)]
    assert nearest_standard(typical_rate(stamps, MS)) in (Fraction(30), NTSC)


def test_one_picture_has_no_rate() -> None:
    assert typical_rate([7], MS) == 0.0
    assert typical_rate([7, 7, 7], MS) == 0.0


@given(rate=st.floats(1, 500))
def test_no_other_standard_rate_is_nearer(rate: float) -> None:
    def off(other: Fraction) -> float:
        return max(rate / other, other / rate)

    assert off(nearest_standard(rate)) == min(map(off, STANDARD_RATES))
