"""Time stamps, rates and the grid that frames are numbered on: pure arithmetic, no file is opened here.

A *slot* is a number on the grid of a constant rate: slot k is at k / rate seconds after the first picture.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, median
from typing import Final

STANDARD_RATES: Final = tuple(
    sorted(
        [
            Fraction(rate)
            for rate in (10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 72, 90, 100, 120, 200, 240)
        ]
        + [Fraction(rate * 1000, 1001) for rate in (15, 24, 30, 48, 60, 120, 240)]
    )
)
TOLERANCE: Final = Fraction(
    2, 5
)  # of a period: what is nearer to the half cannot be numbered safely

CLOSE: Final = Fraction(1, 10)  # of a period: 2997/100 drifts so far from 30000/1001 in an hour


def nearest_slot(ticks: int, slots_per_tick: Fraction) -> int:
    """Return the slot nearest to ``ticks`` after the first picture; a half belongs to the later slot."""
    top, bottom = slots_per_tick.numerator, slots_per_tick.denominator
    return (2 * ticks * top + bottom) // (2 * bottom)


def deviation(stamps: Sequence[int], slots_per_tick: Fraction) -> Fraction:
    """Return how far, in periods, any picture k is from slot k; ``stamps`` increase, in ticks."""
    top, bottom = slots_per_tick.numerator, slots_per_tick.denominator
    first = stamps[0]
    worst = max(abs((stamp - first) * top - k * bottom) for k, stamp in enumerate(stamps))
    return Fraction(worst, bottom)


def typical_rate(stamps: Sequence[int], time_base: Fraction) -> float:
    """Return the rate in frames/s that most pictures keep: gaps and bursts are left out of the mean."""
    gaps = [after - before for before, after in pairwise(stamps) if after > before]
    if not gaps:
        return 0.0
    middle = median(gaps)
    usual = [gap for gap in gaps if 0.75 * middle <= gap <= 1.5 * middle]
    return 1.0 / (fmean(usual) * float(time_base))


def nearest_standard(rate: float) -> Fraction:
    """Return the standard rate next to ``rate`` frames/s, by ratio."""
    return min(
        STANDARD_RATES,
        key=lambda standard: abs(max(float(standard), rate) / min(float(standard), rate) - 1),
    )


def constant_rate(
    stamps: Sequence[int], time_base: Fraction, *, declared: Fraction | None = None
) -> Fraction | None:
    """Return the rate whose grid every picture keeps to, or None: the standard one that fits best, else ``declared``.

    Short files do not tell 30 from 30000/1001, and 2997/100 is how some tools write 30000/1001: a
    standard rate that fits closely is preferred to whatever was declared, unless that is standard too
    and fits as well.
    """
    fits = {rate: deviation(stamps, rate * time_base) for rate in STANDARD_RATES}
    best = min(fits, key=lambda rate: (fits[rate], rate != declared))
    if fits[best] <= CLOSE:
        return best
    if declared and declared > 0 and deviation(stamps, declared * time_base) <= TOLERANCE:
        return declared
    return best if fits[best] <= TOLERANCE else None


def frame_map(stamps: Sequence[int], slots_per_tick: Fraction) -> tuple[int, ...]:
    """Return for every slot the number of the source picture that a player shows there.

    A picture appears at the slot nearest to its time and stays until the next one's; of several in one
    slot the last is shown. ``stamps`` do not decrease, in ticks.
    """
    slots = [nearest_slot(stamp - stamps[0], slots_per_tick) for stamp in stamps]
    shown: list[int] = []
    for picture, slot in enumerate(slots):
        if slot < len(shown):
            shown[slot:] = [picture]
        else:
            shown.extend([picture - 1] * (slot - len(shown)))
            shown.append(picture)
    return tuple(shown)
