"""Short sequences of whole pictures with many balls in each, as a model on whole frames sees them; knows no network."""

import random
from collections.abc import Sequence as Many

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine import rle
from engine.training.segmenter_films import Ball, Film
from engine.training.segmenter_look import Look
from engine.training.segmenter_paste import OTHER, OWN
from engine.training.segmenter_views import draw_times
from engine.training.segmenter_windows import FEWEST_SEEN, Sequence, tight
from engine.types import Image


def frame_sequences(
    film: Film, *, frames: int, side: int, most: int, dice: random.Random
) -> list[Sequence]:
    """Return one sequence for each of up to ``most`` balls of a film, all with the same pictures.

    The picture is squashed to ``side`` x ``side``, as SAM 2 does with whole frames. Balls of fewer than 12 pixels there
    are left out.
    """
    times = draw_times(len(film.pictures), frames, dice)
    look = Look(dice, upright=True)
    masks = {
        track: np.stack([look.turn(_seen(film, t, track, side)) for t in times])
        for track in sorted(film.balls[times[0]])
    }
    fitting = [track for track, seen in masks.items() if (seen[0] == OWN).sum() >= FEWEST_SEEN]
    chosen = dice.sample(fitting, min(most, len(fitting)))
    if not chosen:
        return []
    pictures = np.stack([look.at(squashed(film.pictures[t], side).numpy()) for t in times])
    numbers = np.array([film.numbers[t] for t in times])
    ages = np.abs(numbers - numbers[0])
    return [
        Sequence(
            pictures,
            masks[track],
            tight(masks[track][0] == OWN),
            _click(masks[track][0], dice),
            ages,
        )
        for track in chosen
    ]


def squashed(rgb: Image, side: int) -> Tensor:
    """Return a picture as uint8 (3, side, side), bicubic and smoothed, as it is squashed in use."""
    whole = torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].float()
    small = functional.interpolate(whole, (side, side), mode="bicubic", antialias=True)
    return small[0].round().clamp(0, 255).to(torch.uint8)


def _seen(film: Film, t: int, track: int, side: int) -> NDArray[np.uint8]:
    """Return the labels of one ball, uint8 (side, side): 1 the ball, 2 others."""
    labels = np.zeros((side, side), np.uint8)
    for key, ball in film.balls[t].items():
        if key != track:
            _sample(ball, labels, OTHER)
    if track in film.balls[t]:
        _sample(film.balls[t][track], labels, OWN)
    return labels


def _sample(ball: Ball, labels: NDArray[np.uint8], value: int) -> None:
    """Write ``value`` where the middle of a squashed pixel lies on the ball."""
    side, (high, wide) = len(labels), ball.mask.size
    x0, y0, x1, y1 = (int(edge) for edge in ball.box)
    rows, columns = _middles(side, high, y0, y1), _middles(side, wide, x0, x1)
    part = rle.decode_crop(ball.mask, (x0, y0, x1, y1))
    ys = ((rows + 0.5) * high / side).astype(int) - y0
    xs = ((columns + 0.5) * wide / side).astype(int) - x0
    region = labels[np.ix_(rows, columns)]
    region[part[np.ix_(ys, xs)]] = value
    labels[np.ix_(rows, columns)] = region


def _middles(side: int, size: int, first: int, last: int) -> NDArray[np.int64]:
    """Return the squashed pixels whose middles lie from ``first`` up to ``last`` of ``size``."""
    middles = ((np.arange(side) + 0.5) * size / side).astype(int)
    return np.flatnonzero((middles >= first) & (middles < last))


def _click(labels: NDArray[np.uint8], dice: random.Random) -> NDArray[np.float32]:
    """Return a place on the ball near its middle, float32 (2,)."""
    rows, columns = np.nonzero(labels == OWN)
    spread = 0.2 * (np.ptp(columns) + 1)
    x, y = dice.gauss(columns.mean(), spread), dice.gauss(rows.mean(), spread)
    nearest = int(np.argmin((columns - x) ** 2 + (rows - y) ** 2))
    return np.array([columns[nearest] + 0.5, rows[nearest] + 0.5], np.float32)


def share_pictures(items: Many[Sequence]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the different pictures of sequences, uint8 (P, T, 3, S, S), and which of them each has, (B,)."""
    different: list[NDArray[np.uint8]] = []
    owners = []
    for item in items:
        known = [i for i, pictures in enumerate(different) if pictures is item.pictures]
        if not known:
            different.append(item.pictures)
        owners.append(known[0] if known else len(different) - 1)
    return np.stack(different), np.array(owners)
