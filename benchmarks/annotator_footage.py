"""What correcting a real clip costs a simulated person who works through the page's own code; prints and, with --json, writes.

    python benchmarks/annotator_footage.py [--clips game1_clip1] [--model nano|PATH] [--looks 6] [--json FILE]

The clips carry truth on their first and last frame. Which ball of the last frame is which of the first nobody wrote down: the
model follows the true boxes, and a ball of the last frame is the one of its class whose mask lies on it; others count as new.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evaluate_footage import box_prompts, followed
from real_clips import FOOTAGE, Ball, Game, read_game

from annotator_ui.simulated import page_tool
from engine import rle, wiring
from engine.config import read_settings
from engine.datasets import LabelledClip
from engine.evaluation.annotator import Person, correct
from engine.evaluation.labour import labour
from engine.evaluation.modes import Mode
from engine.evaluation.running import Models, draw
from engine.media import decode
from engine.ports import Segmenter
from engine.types import FrameMasks, TrackMask

SAME = 0.3


def labelled(game: Game, segmenter: Segmenter) -> LabelledClip:
    """Return the clip with the truth of its two frames."""
    last = game.clip.frames - 1
    end = followed(game.clip, segmenter, box_prompts(game.first))[-1]
    numbers = identities(game, end)
    labels = {number: ball.label for number, ball in enumerate(game.first, 1)}
    labels |= {number: ball.label for number, ball in zip(numbers, game.last, strict=True)}
    rows = (row_of(0, range(1, len(game.first) + 1), game.first), row_of(last, numbers, game.last))
    media = Path(game.clip.media)
    return LabelledClip(
        game.clip,
        labels,
        (0, last),
        lambda: decode(media),
        lambda: iter(rows),
        lambda start, stop: (
            decode(media, start=start, stop=stop),
            (row for row in rows if start <= row.frame < stop),
        ),
    )


def identities(game: Game, end: FrameMasks) -> list[int]:
    """Return the number of each ball of the last frame."""
    free, numbers, fresh = end.by_track(), [], len(game.first)
    for ball in game.last:
        values = {
            track: rle.iou(mask.rle, ball.mask)
            for track, mask in free.items()
            if game.first[track - 1].label == ball.label
        }
        best = max(values, key=values.__getitem__, default=0)
        if values.get(best, 0.0) > SAME:
            del free[best]
        else:
            best = fresh = fresh + 1
        numbers.append(best)
    return numbers


def row_of(frame: int, numbers: range | list[int], balls: tuple[Ball, ...]) -> FrameMasks:
    """Return the truth of a frame."""
    found = zip(numbers, balls, strict=True)
    return FrameMasks(frame, tuple(TrackMask(number, ball.mask) for number, ball in found))


def measured(name: str, models: Models, person: Person) -> dict[str, Any]:
    """Correct one clip, as Det-SAM2 draws it; return what it took."""
    clip = labelled(read_game(FOOTAGE / name), models.segmenter)
    rows = draw(clip, models, mode=Mode.AUTO, progress=lambda *_: None)
    done = correct(clip, rows, page_tool(models.segmenter), person=person)
    return asdict(labour([done])) | {"looks": [asdict(look) for look in done.looks]}


def main() -> None:
    """Measure the clips that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", nargs="*", default=["game1_clip1"])
    parser.add_argument("--model", default="nano")
    parser.add_argument("--looks", type=int, default=6)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    made = wiring.preannotation(read_settings(model=options.model))
    models = Models(made["detector"], made["segmenter"], made["keep_only"], made["settings"])
    found = {name: measured(name, models, Person(looks=options.looks)) for name in options.clips}
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
