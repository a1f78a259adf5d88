"""Which clips show the same pictures, told from vectors of single frames. Pure numpy; knows no picture, no network and no file.

A clip is a row of looks: the vectors of some of its frames, a moment apart. Two clips are near-duplicates where half of the looks
of the shorter one, or more, are found again in the other, all later, or all earlier, by the same time, and what moves there
moves in the same way.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

TICK: Final = 0.5
"""Seconds from one look to the next. A picture found again may be off by less than that."""

SAME: Final = 0.85
"""The products of the looks of two stretches that show the same are larger in the mean; benchmarks/likeness.py says what that tells apart."""

NEAR: Final = 0.8
"""Clips of which hardly a look has such a product with one of the other are not compared closely."""

LEAST: Final = 0.5
"""The share of the shorter clip that must be found again."""

WHOLE: Final = 0.9
"""The share of the shorter clip that must be found again where nothing moves: clips cut from one recording often end and begin at rest."""

CALM: Final = 0.95
"""What ``SAME`` is where nothing moves: one ball of fifteen elsewhere is another picture."""

STIR: Final = 0.01
"""Vectors vary more than that around their mean where anything moves; by so much they do where a video is compressed hard."""

AGREE, CHANCE = 0.3, 0.8
"""How far what moves must agree, as a correlation: more than the first and, since few looks agree by chance, the second over their number."""

ROWS: Final = 512
"""So many looks are compared with all others at a time: what bounds the memory."""

_TINY: Final = 1e-6

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looks:
    """Frames of one clip as vectors: ``vectors`` float32 (N, D) of length 1, row k that of ``frames[k]``, in order."""

    frames: tuple[int, ...]
    rate: Fraction
    vectors: NDArray[np.float32]

    def __post_init__(self) -> None:
        """Refuse vectors that do not belong to the frames."""
        if self.vectors.ndim != 2 or len(self.vectors) != len(self.frames) or not self.frames:
            raise InputError(
                f"{len(self.frames)} frames with vectors {self.vectors.shape}; expected (N, D) for N frames, at least one"
            )

    def ticks(self) -> NDArray[np.float64]:
        """Return when each look is, in ticks from the clip's beginning."""
        return np.array(self.frames, np.float64) / float(self.rate * Fraction(TICK))


@dataclass(frozen=True, slots=True)
class Alike:
    """Another clip that shows the same: ``like`` is the share of the shorter of both that is found again, 0..1.

    Frames ``start`` up to ``stop`` of this clip show what the other shows from its frame ``there`` on. With ``still`` nothing
    moves there: the balls lie where they lie in the other clip, which may be another recording of the same rest.
    """

    clip: str
    like: float
    start: int
    stop: int
    there: int
    still: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What two clips have in common: looks ``mine`` of one are shown again by looks ``theirs`` of the other, pair by pair.

    ``like`` and ``still`` are as in ``Alike``; ``like`` is 0 where nothing is.
    """

    like: float
    mine: Numbers
    theirs: Numbers
    still: bool = False


NOTHING: Final = Found(0.0, np.zeros(0, np.int64), np.zeros(0, np.int64))


def alike(
    looks: Mapping[str, Looks], *, only: Collection[str] | None = None
) -> dict[str, tuple[Alike, ...]]:
    """Return the near-duplicates of every clip that has any, the likest first.

    With ``only``, those clips are compared with all, and no others with each other. Memory is bounded by ``ROWS`` and the
    number of all looks, not by its square.

    Raises:
        InputError: the vectors were made by different embedders.
    """
    found: dict[str, list[Alike]] = {}
    for one, other in _candidates(looks, only):
        both = found_again(looks[one], looks[other])
        if both.like:
            back = replace(both, mine=both.theirs, theirs=both.mine)
            found.setdefault(one, []).append(_told(other, looks[one], looks[other], both))
            found.setdefault(other, []).append(_told(one, looks[other], looks[one], back))
    return {name: tuple(sorted(ones, key=likest)) for name, ones in found.items()}


def likest(one: Alike) -> tuple[float, str]:
    """Return by what near-duplicates are put in order."""
    return -one.like, one.clip


def found_again(one: Looks, other: Looks) -> Found:
    """Return what two clips have in common, the one always earlier or later by the same time: the time that fits best.

    Where anything moves, it must move the same way in both. Balls that lie where they lay one shot before are no duplicate,
    however many they are: what is left of the vectors without their mean must agree as well.
    """
    near = one.vectors @ other.vectors.T
    mine, theirs = one.vectors @ one.vectors.T, other.vectors @ other.vectors.T
    best, most = NOTHING, 0.0
    for i, j in _shifted(one.ticks(), other.ticks()):
        share = max(len(i) / len(one.frames), len(j) / len(other.frames))
        like = float(near[i, j].mean())
        if share < LEAST or like < SAME:
            continue
        stir = 1 - mine[np.ix_(i, i)].mean(), 1 - theirs[np.ix_(j, j)].mean()
        still = bool(max(stir) < STIR)
        together = like - near[np.ix_(i, j)].mean()
        agree = 1.0 if still else together / max(_TINY, stir[0] * stir[1]) ** 0.5
        enough = share >= WHOLE and like >= CALM if still else agree >= AGREE + CHANCE / len(i)
        fit = like + agree + share / 10  # the longer one of stretches that fit as well
        if enough and fit > most:
            best, most = Found(share, i, j, still), fit
    return best


def families(pairs: Mapping[str, Sequence[Alike]]) -> tuple[tuple[str, ...], ...]:
    """Return clips that are alike, directly or over others, together: the largest family first, names in the order given."""
    left, out = dict.fromkeys(pairs), list[tuple[str, ...]]()
    while left:
        family, todo = set[str](), [next(iter(left))]
        while todo:
            name = todo.pop()
            if name not in family:
                family.add(name)
                todo += [one.clip for one in pairs.get(name, ())]
        out.append(tuple(name for name in pairs if name in family))
        for name in family:
            left.pop(name, None)
    return tuple(sorted(out, key=len, reverse=True))


def _candidates(
    looks: Mapping[str, Looks], only: Collection[str] | None
) -> Iterator[tuple[str, str]]:
    """Yield pairs of clips that have enough looks in common, at whatever times; each pair once."""
    names = list(looks)
    if not names:
        return
    vectors = _stacked(list(looks.values()))
    first = np.concatenate([[0], np.cumsum([len(one.frames) for one in looks.values()])])
    fresh = np.ones(len(names), np.bool_)  # not yet compared with all others
    for group in _groups(names, looks, only):
        rows = np.concatenate([np.arange(first[k], first[k + 1]) for k in group])
        begin = group[0] if only is None else 0  # all before were compared with these already
        near = vectors[rows] @ vectors[first[begin] :].T >= NEAR
        starts = first[begin:] - first[begin]
        for clip in group:
            fresh[clip] = False
            here, near = np.split(near, [first[clip + 1] - first[clip]])
            enough = _enough(here, starts) & fresh[begin:]
            yield from ((names[clip], names[begin + k]) for k in np.flatnonzero(enough))


def _enough(near: NDArray[np.bool_], first: Numbers) -> NDArray[np.bool_]:
    """Say of each clip whether it may have enough in common with the one whose looks ``near`` compares with all looks."""
    mine = np.logical_or.reduceat(near, first[:-1], axis=1).mean(axis=0)
    theirs = np.add.reduceat(near.any(axis=0), first[:-1], dtype=np.int64) / np.diff(first)
    return np.asarray(np.maximum(mine, theirs) >= LEAST / 2)


def _groups(
    names: Sequence[str], looks: Mapping[str, Looks], only: Collection[str] | None
) -> Iterator[list[int]]:
    """Yield the numbers of clips that are compared with all others at a time: about ``ROWS`` looks, at least one clip."""
    group, rows = list[int](), 0
    for number, name in enumerate(names):
        if only is not None and name not in only:
            continue
        group.append(number)
        rows += len(looks[name].frames)
        if rows >= ROWS:
            yield group
            group, rows = [], 0
    if group:
        yield group


def _stacked(looks: Sequence[Looks]) -> NDArray[np.float32]:
    """Return all vectors under each other."""
    dims = sorted({one.vectors.shape[1] for one in looks})
    if len(dims) > 1:
        raise InputError(
            f"vectors of {dims} numbers cannot be compared; make all with one embedder"
        )
    return np.concatenate([one.vectors for one in looks])


def _shifted(one: Floats, other: Floats) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield which looks of two clips show the same moment, were the one later than the other by so many ticks."""
    for shift in range(math.floor(one[0] - other[-1]), math.ceil(one[-1] - other[0]) + 1):
        wanted = one - shift
        after = np.searchsorted(other, wanted).clip(1, max(1, len(other) - 1))
        before = after - 1
        after = np.minimum(after, len(other) - 1)
        j = np.where(wanted - other[before] <= other[after] - wanted, before, after)
        i = np.flatnonzero(np.abs(other[j] - wanted) <= 0.5 + _TINY)
        if len(i):
            yield i, j[i]


def _told(name: str, one: Looks, other: Looks, both: Found) -> Alike:
    """Say what ``one`` has in common with ``other``, which is called ``name``."""
    start, stop, there = (
        one.frames[int(both.mine.min())],
        one.frames[int(both.mine.max())],
        other.frames[int(both.theirs.min())],
    )
    return Alike(name, both.like, start, stop + 1, there, both.still)
