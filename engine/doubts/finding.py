"""Runs all signs over a clip, four frames at a time. Knows which there are and what each of them needs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import ceil

from engine.billiards.classes import profile
from engine.doubts.forms import misshapen, missized, unsure
from engine.doubts.gathering import Spaced, gathered
from engine.doubts.kinds import Ballots, crowded
from engine.doubts.motion import Steps, in_diameters, leaps, steps
from engine.doubts.presence import Presence
from engine.doubts.rivals import disputed, matched, passes
from engine.doubts.scene import Frame, Scene, frames, scene_of
from engine.doubts.sharing import shared
from engine.doubts.signs import Doubt
from engine.types import Box, Detection, FrameMasks, Track

NEIGHBOURS = 0.1  # seconds between doubts that are one

_Window = tuple[Frame | None, Frame, Frame | None, Frame | None]


def doubts(
    rows: Iterable[FrameMasks],
    tracks: Sequence[Track],
    *,
    size: tuple[int, int],
    rate: Fraction | float,
    pockets: Sequence[Box] = (),
    detections: Iterable[tuple[int, Sequence[Detection]]] | None = None,
    backward: Iterable[FrameMasks] | None = None,
    game: str = "any",
) -> tuple[Doubt, ...]:
    """Return the places of a clip where a person should look, in the order of time; none for a clip without any.

    Memory is bounded by the number of tracks and of the doubts found, not by the length of the clip.

    Args:
        rows: masks of every frame, in the order of frames; a frame without masks is a row without masks.
        tracks: identity and class of the balls.
        size: (height, width) of the picture in pixels.
        rate: frames in a second.
        pockets: openings of the pockets, xyxy in pixels; without them a rolling ball that goes is doubted little.
        detections: frames in order with what a detector found there; frames that are not among them say nothing.
        backward: masks of another pass over the same tracks, in the order of frames.
        game: name of the profile that says how many balls of each class there are.

    Raises:
        InputError: rows are not in order, or of another size than the picture.
        SettingsError: there is no such game.
    """
    scene = scene_of(tracks, size=size, rate=float(rate), pockets=pockets, most=profile(game).most)
    looks = Spaced(detections or ())
    stream = frames(rows, scene=scene, detections=looks, backward=backward or ())
    return gathered(_found(stream, scene), within=ceil(NEIGHBOURS * scene.rate), looks=looks)


def _found(stream: Iterable[Frame], scene: Scene) -> Iterator[Doubt]:
    """Yield the doubts of frame after frame, and in the end those about what never came."""
    presence, ballots = Presence(scene), Ballots(scene)
    end = 0
    ways: tuple[Steps, Steps, Steps] = ({}, {}, {})
    for window in _windows(stream):
        before, now, after, beyond = window
        ways = (ways[1], ways[2], steps(after, beyond)) if before else (
            {}, steps(now, after), steps(after, beyond)
        )  # fmt: skip
        moved = _moved(now, ways)
        yield from _of_frame(before, now, moved, scene)
        yield from presence.look(before, now, ways[0], moved)
        if after is not None:
            yield from leaps((before, now, after, beyond), ways, scene=scene)
        pairs = matched(now)
        ballots.count(now, pairs)
        yield from disputed(now, pairs)
        end = now.number + 1
    yield from presence.close(end)
    yield from ballots.close()


def _moved(now: Frame, ways: tuple[Steps, Steps, Steps]) -> Mapping[int, float]:
    """Return how far each ball moves in the step before a frame or the one after it, the longer, in diameters."""
    came, went = (in_diameters(now, way) for way in ways[:2])
    return {track: max(came.get(track, 0.0), went.get(track, 0.0)) for track in now.balls}


def _of_frame(
    before: Frame | None, now: Frame, moved: Mapping[int, float], scene: Scene
) -> Iterator[Doubt]:
    """Yield what a frame shows against the one before it."""
    yield from unsure(now)
    yield from misshapen(now, moved)
    yield from missized(before, now, moved)
    yield from shared(now, scene=scene)
    yield from passes(now, scene=scene)
    yield from crowded(now, scene=scene)


def _windows(stream: Iterable[Frame]) -> Iterator[_Window]:
    """Yield every frame with the one before and the two after it."""
    before: Frame | None = None
    held: list[Frame] = []
    for one in stream:
        held.append(one)
        if len(held) == 3:
            yield before, held[0], held[1], held[2]
            before = held.pop(0)
    while held:
        after = held[1] if len(held) > 1 else None
        yield before, held[0], after, None
        before = held.pop(0)
