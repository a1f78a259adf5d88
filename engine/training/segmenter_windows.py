"""Short sequences of windows around one ball, cut from labelled clips; knows no network and no schedule.

A window follows its ball as it does when the engine runs (``segmenter_views``), and some windows are made
harder than the footage is (``segmenter_paste``).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine import geometry
from engine.models.windows import View, fit, window
from engine.training import segmenter_paste as paste
from engine.training.segmenter_films import Film
from engine.training.segmenter_look import Look
from engine.training.segmenter_paste import OWN, Canvas
from engine.training.segmenter_views import Fate, Mishap, draw_fate, draw_times, follow

BOX, CLICKS, MASK = range(3)
ROOMY = (
    0.5,
    0.04,
    0.11,
)  # share of labels that are drawn otherwise, by how much closer or wider at most, in sizes of a ball
FEWEST_PIXELS, FEWEST_SEEN = 24, 12  # of the picture and of the window, for a ball to begin with
_Step: TypeAlias = Callable[
    [Canvas, int, int], None
]  # canvas, index into the film, step of the sequence


@dataclass(frozen=True, slots=True)
class Sequence:
    """One ball for T frames, in time order or against it.

    ``pictures`` uint8 (T, 3, S, S); ``masks`` uint8 (T, S, S), 1 where the ball is seen, 2 where any other
    ball is; ``box`` float (4,) and ``click`` float (2,) in window pixels on the first frame; ``ages`` int (T,), frames
    since the first.
    """

    pictures: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    box: NDArray[np.float32]
    click: NDArray[np.float32]
    ages: NDArray[np.int64]


def sequence(
    film: Film,
    track: int,
    *,
    frames: int,
    kind: int,
    side: int,
    context: float,
    dice: random.Random,
) -> Sequence | None:
    """Cut the windows of one ball, or none where too little of it is seen to begin with.

    Args:
        film: at least ``frames`` labelled frames.
        track: the ball.
        frames: length of the sequence.
        kind: BOX, CLICKS or MASK, the prompt of the first frame, around which its window is laid.
        side: of the model's square in pixels.
        context: side of a window in sizes of the ball.
        dice: all randomness.
    """
    times = draw_times(len(film.pictures), frames, dice)
    first = film.balls[times[0]].get(track)
    if first is None or first.area < FEWEST_PIXELS:
        return None
    fate = draw_fate(frames, dice)
    start, x, y = _first_view(film, track, times[0], kind=kind, context=context, dice=dice)
    rest = follow(film.balls, track, times, context=context, fate=fate, dice=dice)
    hardened = _hardened(film, track, times, fate, dice)
    look = Look(dice)
    pictures, masks = [], []
    for step, (t, view) in enumerate(zip(times, [start, *rest], strict=True)):
        drawn = paste.canvas(film.pictures[t], film.balls[t], track, view)
        for harden in hardened:
            harden(drawn, t, step)
        pictures.append(look.at(fit(drawn.pixels, side).numpy()))
        masks.append(look.turn(_shrunk(drawn.labels, side)))
    if kind != CLICKS:
        room = _room(dice) * side / context
        masks = [paste.widened(labels, room) for labels in masks]
    if (masks[0] == OWN).sum() < FEWEST_SEEN:
        return None
    scale = side / (start[2] - start[0])
    click = look.place((x - start[0]) * scale, (y - start[1]) * scale, side)
    numbers = np.array([film.numbers[t] for t in times])
    return Sequence(
        np.stack(pictures),
        np.stack(masks),
        tight(masks[0] == OWN),
        np.array(click, np.float32),
        np.abs(numbers - numbers[0]),
    )


def _room(dice: random.Random) -> float:
    """Return how much wider than the ball this sequence's labels are, in sizes of a ball; below 0 is closer.

    People and datasets differ in where they draw the edge of a blurred ball; a box or a mask shows how they do, and
    the masks that follow have to do the same.
    """
    share, close, wide = ROOMY
    return dice.uniform(-close, wide) if dice.random() < share else 0.0


def _first_view(
    film: Film, track: int, t: int, *, kind: int, context: float, dice: random.Random
) -> tuple[View, float, float]:
    """Return the window that the prompt asks for, and the place of a first click in the picture.

    A click says where a ball is and not how big, so its window is of a guessed size.
    """
    ball = film.balls[t][track]
    size = max(geometry.width(ball.box), geometry.height(ball.box))
    x, y = _click(film, track, t, dice)
    if kind == CLICKS:
        guess = size * dice.choice([dice.uniform(0.9, 1.15), dice.uniform(0.6, 1.7)]) / 2
        return window((x - guess, y - guess, x + guess, y + guess), context=context), x, y
    noise = 0.05 if kind == BOX else 0.0
    x0, y0, x1, y1 = (edge + dice.gauss(0, noise) * size for edge in ball.box)
    return window((x0, y0, max(x0 + 1, x1), max(y0 + 1, y1)), context=context), x, y


def _click(film: Film, track: int, t: int, dice: random.Random) -> tuple[float, float]:
    """Return a place on the ball, near its middle as a rule."""
    ball = film.balls[t][track]
    x0, y0, x1, y1 = (int(edge) for edge in ball.box)
    rows, columns = np.nonzero(paste.sprite(film.pictures[t], ball).mask)
    wanted = (
        dice.gauss((x1 - x0) / 2, 0.17 * (x1 - x0)),
        dice.gauss((y1 - y0) / 2, 0.17 * (y1 - y0)),
    )
    nearest = int(np.argmin((columns + 0.5 - wanted[0]) ** 2 + (rows + 0.5 - wanted[1]) ** 2))
    return x0 + float(columns[nearest]) + 0.5, y0 + float(rows[nearest]) + 0.5


def _hardened(
    film: Film, track: int, times: list[int], fate: Fate, dice: random.Random
) -> list[_Step]:
    """Return what is done to every window: two colours, a double beside the ball, the mishap."""
    steps: list[_Step] = []
    if dice.random() < 0.18:
        steps.append(_painting(film, track, dice))
    if fate.mishap is Mishap.TAKEN:
        steps.append(_taking(film, track, fate, reach=dice.uniform(0.15, 0.45)))
    if dice.random() < 0.35:
        steps.append(_doubling(film, track, times, dice))
    if fate.mishap in (Mishap.COVERED, Mishap.BRUSHED):
        steps.append(_covering(film, track, fate, dice))
    return steps


def _painting(film: Film, track: int, dice: random.Random) -> _Step:
    """Return what gives the ball two colours."""
    paint = paste.Paint.draw(dice)

    def step(on: Canvas, t: int, number: int) -> None:
        if track in film.balls[t]:
            paste.repaint(on, film.balls[t][track].box, paint, step=number)

    return step


def _doubling(film: Film, track: int, times: list[int], dice: random.Random) -> _Step:
    """Return what puts a ball of the film, or the same once more, beside the ball: at rest or moving with it."""
    x, y = geometry.center(film.balls[times[0]][track].box)
    angle, far, over = dice.uniform(0, 6.3), dice.uniform(0.95, 1.5), dice.random() < 0.3
    rest, same, pick = dice.random() < 0.6, dice.random() < 0.5, dice.random()
    drift = dice.gauss(0, 0.15), dice.gauss(0, 0.15)

    def step(on: Canvas, t: int, number: int) -> None:
        balls = film.balls[t]
        keys = [track] if same and track in balls else sorted(set(balls) - {track})
        if not keys:
            return
        source = balls[keys[int(pick * len(keys))]]
        own = balls.get(track, source)
        size = max(geometry.width(own.box), geometry.height(own.box))
        if not 0.75 < max(geometry.width(source.box), geometry.height(source.box)) / size < 1.35:
            return
        at = (x, y) if rest or track not in balls else geometry.center(balls[track].box)
        offset = (far * np.cos(angle) + drift[0] * number, far * np.sin(angle) + drift[1] * number)
        double = paste.sprite(film.pictures[t], source)
        paste.add_double(on, double, at[0] + offset[0] * size, at[1] + offset[1] * size, over=over)

    return step


def _taking(film: Film, track: int, fate: Fate, *, reach: float) -> _Step:
    """Return what takes the ball off the table for a while."""

    def step(on: Canvas, t: int, number: int) -> None:
        if fate.at(number) is Mishap.TAKEN and track in film.balls[t]:
            paste.take_away(on, film.balls[t][track].box, reach=reach)

    return step


def _covering(film: Film, track: int, fate: Fate, dice: random.Random) -> _Step:
    """Return what holds something in front of the ball for a while."""
    thing = paste.Thing.draw(dice, hiding=fate.mishap is Mishap.COVERED)

    def step(on: Canvas, t: int, number: int) -> None:
        if fate.at(number) is not Mishap.NONE and track in film.balls[t]:
            spot = film.balls[t][track].box
            paste.cover(on, spot, thing, step=number - fate.begin, rgb=film.pictures[t])

    return step


def _shrunk(labels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Return labels at the model's size: each pixel says what lies at its middle."""
    places = ((np.arange(side) + 0.5) * len(labels) / side).astype(int)
    seen: NDArray[np.uint8] = labels[places[:, None], places]
    return seen


def tight(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the tight box of a mask as float32 (4,)."""
    rows, columns = np.nonzero(mask)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)
