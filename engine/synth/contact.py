"""A contact sheet of the presets: a frame of each, and below it what the truth says of it. Writes one picture.

``python -m engine.synth.contact --out docs/footage.jpg`` draws the sheet of the documentation.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.synth.preset import PRESETS, Preset
from engine.synth.render import Frame, render_clip
from engine.synth.texture import hsv

Picture = NDArray[np.uint8]
NAMES = ("eight-ball", "nine-ball", "snooker", "carom", "overhead", "broadcast", "corner", "tele")
CELL = (320, 180)
SIZE = (960, 540)


def sheet(seed: int) -> Picture:
    """Return the sheet as uint8 (720, 1280, 3): rows of pictures, each with its truth below."""
    pairs = [_pair(PRESETS[name], seed + k) for k, name in enumerate(NAMES)]
    lines = [pairs[:4], pairs[4:]]
    rows = [np.hstack([pair[which] for pair in line]) for line in lines for which in range(2)]
    return np.vstack(rows)


def _pair(preset: Preset, seed: int) -> tuple[Picture, Picture]:
    """Return a picture with the name of its preset, and its truth, at the size of a cell."""
    clip = render_clip(seed, width=SIZE[0], height=SIZE[1], frames=12, preset=preset)
    frame = next(iter(clip))
    named = _small(frame.rgb)
    for colour, weight in (((0.0, 0.0, 0.0), 3), ((255.0, 255.0, 255.0), 1)):
        cv2.putText(
            named, preset.name, (8, 170), cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, weight, cv2.LINE_AA
        )  # fmt: skip
    return named, _small(_truth(frame))


def _truth(frame: Frame) -> Picture:
    """Return the picture darkened, balls in colours of their track, and boxes around open pockets."""
    out = (frame.rgb * 0.3).astype(np.uint8)
    for track in np.unique(frame.tracks)[1:]:
        out[frame.tracks == track] = hsv(float(track) * 137.5 % 360, 0.75, 1.0)
    for pocket in frame.pockets:
        if pocket.visible:
            x0, y0, x1, y1 = (round(k) for k in pocket.box)
            cv2.rectangle(out, (x0, y0), (x1, y1), (255, 220, 0), 2)
    return out


def _small(picture: Picture) -> Picture:
    return np.asarray(cv2.resize(picture, CELL, interpolation=cv2.INTER_AREA), np.uint8)


def main() -> None:
    """Draw the sheet."""
    parser = argparse.ArgumentParser(prog="python -m engine.synth.contact", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="a .jpg or .png to write")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    quality = [cv2.IMWRITE_JPEG_QUALITY, 82]
    cv2.imwrite(str(given.out), cv2.cvtColor(sheet(given.seed), cv2.COLOR_RGB2BGR), quality)


if __name__ == "__main__":
    main()
