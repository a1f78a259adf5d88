"""What may not change the doubts about a clip: the numbers of the balls, their place in the picture, the rate, the split of work."""

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import rle
from engine.doubts import Doubt, Sign, doubts
from engine.types import FrameMasks, Track, TrackMask

pytestmark = pytest.mark.slow

WIDE, HIGH, SECONDS, BALLS = 460, 320, 1.0, 6
SPOTS = [(120 + 100 * (i % 3), 110 + 90 * (i // 3)) for i in range(BALLS)]


@dataclass(frozen=True, slots=True)
class World:
    """Six balls, the first of which rolls, as functions of time; one of them is damaged for a while.

    ``damage`` is what happens to the ball ``victim`` from ``since`` to ``until``, in seconds.
    """

    radius: float
    pace: float
    damage: str
    victim: int
    since: float
    until: float

    def place(self, track: int, time: float) -> tuple[float, float] | None:
        """Return where a mask is, in pixels; None where there is none."""
        x, y = SPOTS[track - 1]
        if track == 1:
            x, y = x - 40 + self.pace * time, y - 45
        if track == self.victim and self.since <= time < self.until:
            if self.damage == "drop":
                return None
            if self.damage == "shift":
                return x + 1.4 * self.radius, y
        return x, y

    def size(self, track: int, time: float) -> float:
        """Return the radius of a mask in pixels."""
        hurt = track == self.victim and self.since <= time < self.until
        return self.radius * (1.6 if hurt and self.damage == "grow" else 1)

    def rows(self, rate: int, *, dx: int = 0, dy: int = 0) -> Iterator[FrameMasks]:
        """Yield the masks at a rate, moved in the picture by whole pixels."""
        for frame in range(round(rate * SECONDS)):
            masks = []
            for track in range(1, BALLS + 1):
                place = self.place(track, frame / rate)
                if place is not None:
                    x, y = place[0] + dx, place[1] + dy
                    masks.append(TrackMask(track, disc(x, y, self.size(track, frame / rate))))
            yield FrameMasks(frame, tuple(masks))


@cache
def disc(x: float, y: float, radius: float) -> rle.RLE:
    left, top = int(x - radius) - 1, int(y - radius) - 1
    side = int(2 * radius) + 4
    rows, columns = np.ogrid[top : top + side, left : left + side]
    grid = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= radius**2
    return rle.encode(grid, origin=(left, top), size=(HIGH, WIDE))


TRACKS = tuple(Track(i, "solid") for i in range(1, BALLS + 1))


def found(rows: Sequence[FrameMasks] | Iterator[FrameMasks], rate: float = 30) -> tuple[Doubt, ...]:
    return doubts(rows, TRACKS, size=(HIGH, WIDE), rate=rate)


worlds = st.builds(
    World,
    radius=st.sampled_from([8.0, 10.0]),
    pace=st.sampled_from([0.0, 60.0, 150.0]),
    damage=st.sampled_from(["none", "drop", "shift", "grow"]),
    victim=st.integers(2, BALLS),
    since=st.sampled_from([0.2, 0.3]),
    until=st.sampled_from([0.4, 0.5, 0.7]),
)
several = settings(max_examples=12)


@given(worlds)
@several
def test_a_damage_is_found_on_its_ball_and_without_damage_nothing_is(world: World) -> None:
    here = found(world.rows(30))
    assert {doubt.track for doubt in here} == (set() if world.damage == "none" else {world.victim})


@given(worlds, st.permutations(range(1, BALLS + 1)))
@several
def test_the_numbers_of_the_balls_change_nothing_but_the_numbers(
    world: World, order: Sequence[int]
) -> None:
    names = dict(zip(range(1, BALLS + 1), order, strict=True))
    renamed = [
        FrameMasks(row.frame, tuple(replace(m, track=names[m.track]) for m in row.masks))
        for row in world.rows(30)
    ]
    here = {(d.start, d.stop, names[d.track], d.sign, d.severity) for d in found(world.rows(30))}
    there = {(d.start, d.stop, d.track, d.sign, d.severity) for d in found(renamed)}
    assert here == there


@given(worlds, st.integers(-30, 30), st.integers(-30, 30))
@several
def test_moving_the_whole_picture_changes_nothing(world: World, dx: int, dy: int) -> None:
    def key(doubt: Doubt) -> tuple[int, int, int, Sign, float]:
        return doubt.start, doubt.stop, doubt.track, doubt.sign, round(doubt.severity, 1)

    here, there = found(world.rows(30)), found(world.rows(30, dx=dx, dy=dy))
    assert [key(doubt) for doubt in here] == [key(doubt) for doubt in there]


@given(worlds)
@several
def test_twice_the_rate_finds_the_same_at_the_same_time(world: World) -> None:
    here, there = found(world.rows(30)), found(world.rows(60), rate=60)
    assert {(d.sign, d.track) for d in here} == {(d.sign, d.track) for d in there}
    for sign, track in {(d.sign, d.track) for d in here}:
        first, second = (
            min(d.start for d in every if (d.sign, d.track) == (sign, track)) / rate
            for every, rate in ((here, 30), (there, 60))
        )
        assert abs(first - second) <= 1.5 / 30


@given(worlds.map(lambda world: replace(world, damage="none", pace=0.0)))
@several
def test_a_perfect_rest_has_no_doubt(world: World) -> None:
    assert found(world.rows(30)) == ()


@given(worlds)
@several
def test_the_same_masks_give_the_same_doubts(world: World) -> None:
    assert found(world.rows(30)) == found(list(world.rows(30)))


def _peak(work: Callable[[], object]) -> int:
    """Return the most bytes that were held at once."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _long(frames: int) -> Iterator[FrameMasks]:
    """Yield balls at rest for many frames."""
    masks = tuple(TrackMask(i, disc(*spot, 8.0)) for i, spot in enumerate(SPOTS, 1))
    return (FrameMasks(frame, masks) for frame in range(frames))


def test_memory_does_not_grow_with_the_length_of_the_clip() -> None:
    found(_long(20))
    short, long = _peak(lambda: found(_long(100))), _peak(lambda: found(_long(800)))
    assert long < short + 200_000  # of one row for each frame it would be two million
