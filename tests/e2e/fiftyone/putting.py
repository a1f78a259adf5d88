"""Puts the masks of a clip again and again, until it is killed: python putting.py URI HOME DATASET."""

import sys
from fractions import Fraction
from itertools import count
from pathlib import Path

import numpy as np

from engine import rle
from engine.ports.board import Card, Layer
from engine.stages import Stage
from engine.types import Clip, FrameMasks, Track, TrackMask
from exports.fiftyone import open_board

FRAMES, BALLS = 1500, 4
CLIP = Clip("table-0", "a" * 64, "/films/a.mp4", 0, FRAMES, 64, 48, Fraction(30))


def layer(revision: int) -> Layer:
    """Return masks of which each is another one than on the frame before."""
    shapes = [
        rle.encode(np.ones((4, 4), bool), origin=(k % 60, k % 44), size=(48, 64))
        for k in range(FRAMES + BALLS)
    ]
    rows = (
        FrameMasks(frame, tuple(TrackMask(ball + 1, shapes[frame + ball]) for ball in range(BALLS)))
        for frame in range(FRAMES)
    )
    return Layer(revision, tuple(Track(ball + 1, str(ball)) for ball in range(BALLS)), rows)


def main(uri: str, home: str, dataset: str) -> None:
    """Put one revision after another, and say when it begins."""
    with open_board(uri, home=Path(home), dataset=dataset, workspace="w") as board:
        board.put_cards([Card(CLIP, "/copies/a.mp4", Stage.PREANNOTATED)])
        for revision in count(1):
            sys.stdout.write(f"{revision}\n")
            sys.stdout.flush()
            board.put_masks(CLIP, layer(revision), layer(revision))


if __name__ == "__main__":
    main(*sys.argv[1:])
