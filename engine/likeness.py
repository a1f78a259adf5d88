"""Which clips show the same pictures, told from vectors of single frames. Pure numpy; knows no picture, no network and no file.

A clip is a row of looks: the vectors of some of its frames, a moment apart. Two clips are near-duplicates where most looks of the
shorter one are found again in the other, all later, or all earlier, by the same time.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError

TICK: Final = 0.5
"""Seconds from one look to the next. A picture found again may be off by less than that."""

SAME: Final = 0.9
"""Two looks with a larger product show the same; see benchmarks/likeness.py for what it tells apart."""

LEAST: Final = 0.6
"""The share of the shorter clip that must be found again in a near-duplicate."""

CALM: Final = 0.97
"""Where all looks of a stretch have a larger product with its first one, nothing moves on it."""

ROWS: Final = 512
"""So many looks are compared with all others at a time: what bounds the memory."""

_TINY: Final = 1e-6

Numbers = NDArray[np.int64]


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
    """What two clips have in common: looks ``mine`` of one are found again as ``theirs`` of the other; ``like`` as in ``Alike``."""

    like: float
    mine: Numbers
    theirs: Numbers


def alike(
    looks: Mapping[str, Looks],
    *,
    only: Collection[str] | None = None,
    same: float = SAME,
    least: float = LEAST,
) -> dict[str, tuple[Alike, ...]]:
    """Return the near-duplicates of every clip that has any, the likest first.

    With ``only``, those clips are compared with all, and no others with each other. Memory is bounded by ``ROWS`` and the
    number of all looks, not by its square.

    Raises:
        InputError: the vectors were made by different embedders.
    """
    found: dict[str, list[Alike]] = {}
    for one, other in _candidates(looks, only, same=same, least=least):
        both = found_again(looks[one], looks[other], same=same)
        if both.like >= least:
            found.setdefault(one, []).append(_told(other, looks[one], looks[other], both))
            back = Found(both.like, both.theirs, both.mine)
            found.setdefault(other, []).append(_told(one, looks[other], looks[one], back))
    return {name: tuple(sorted(ones, key=_likest)) for name, ones in found.items()}


def found_again(one: Looks, other: Looks, *, same: float = SAME) -> Found:
    """Return the looks of ``one`` that ``other`` shows too, all earlier or later by the same time: the time that finds most."""
    mine, theirs = np.nonzero(one.vectors @ other.vectors.T >= same)
    if not len(mine):
        return Found(0.0, mine, theirs)
    late = one.ticks()[mine] - other.ticks()[theirs]
    shifts = np.unique(np.round(np.concatenate([np.floor(late + _TINY), np.ceil(late - _TINY)])))
    fits = np.abs(late[None] - shifts[:, None]) < 1 - _TINY
    share = np.maximum(
        _distinct(fits, mine, len(one.frames)), _distinct(fits, theirs, len(other.frames))
    )
    best = int(share.argmax())
    return Found(float(share[best]), np.unique(mine[fits[best]]), np.unique(theirs[fits[best]]))


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
    looks: Mapping[str, Looks], only: Collection[str] | None, *, same: float, least: float
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
        near = vectors[rows] @ vectors[first[begin] :].T >= same
        starts = first[begin:] - first[begin]
        for clip in group:
            fresh[clip] = False
            here, near = np.split(near, [first[clip + 1] - first[clip]])
            enough = _enough(here, starts, least) & fresh[begin:]
            yield from ((names[clip], names[begin + k]) for k in np.flatnonzero(enough))


def _enough(near: NDArray[np.bool_], first: Numbers, least: float) -> NDArray[np.bool_]:
    """Say of each clip whether it may have enough in common with the one whose looks ``near`` compares with all looks."""
    mine = np.logical_or.reduceat(near, first[:-1], axis=1).mean(axis=0)
    theirs = np.add.reduceat(near.any(axis=0), first[:-1], dtype=np.int64) / np.diff(first)
    return np.asarray(np.maximum(mine, theirs) >= least)


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


def _distinct(fits: NDArray[np.bool_], places: Numbers, size: int) -> NDArray[np.float64]:
    """Return for each row of ``fits`` which share of ``size`` looks it holds, each look counted once."""
    held = np.zeros((len(fits), size), np.bool_)
    rows, entries = np.nonzero(fits)
    held[rows, places[entries]] = True
    return np.asarray(held.mean(axis=1))


def _told(name: str, one: Looks, other: Looks, both: Found) -> Alike:
    """Say what ``one`` has in common with ``other``, which is called ``name``."""
    kept = one.vectors[both.mine]
    still = bool((kept @ kept[0] >= CALM).all())
    start, stop = (one.frames[int(both.mine[k])] for k in (0, -1))
    return Alike(name, both.like, start, stop + 1, other.frames[int(both.theirs[0])], still)


def _likest(one: Alike) -> tuple[float, str]:
    return -one.like, one.clip
