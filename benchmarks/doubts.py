"""How many of the doubts are false, and how many damaged places are found: on rendered clips with exact masks.

    engine synth --preset mixed --clips 24 --seconds 4 --seed 72 --out clips/
    python benchmarks/doubts.py clips/ [--rounds 4] [--no-pockets]

True masks first: every doubt about them is a false alarm. Then about one place in 300 masks is damaged, each in one
way, and a place counts as found if a doubt that was not there before is about one of its balls and frames (one more on
either side). The last table says how many of all doubts, false alarms included, were about a damaged place.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from damages import KINDS, Damage, damaged

from engine.datasets.rendered import entries
from engine.doubts import Doubt, doubts
from engine.types import Box, Clip, FrameMasks, Track

EVERY = 300
BINS = (0.0, 0.3, 0.5, 0.7, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Case:
    """One clip with its true masks."""

    clip: Clip
    rows: tuple[FrameMasks, ...]
    tracks: tuple[Track, ...]
    pockets: tuple[Box, ...]

    @property
    def masks(self) -> int:
        """Number of masks of all frames."""
        return sum(len(row.masks) for row in self.rows)

    def doubts(self, rows: tuple[FrameMasks, ...]) -> tuple[Doubt, ...]:
        """Return the doubts about some masks of this clip."""
        size = self.clip.height, self.clip.width
        return doubts(rows, self.tracks, size=size, rate=self.clip.rate, pockets=self.pockets)


def cases(folder: Path, *, pockets: bool) -> Iterator[Case]:
    """Yield the clips of a folder; a moving camera's pockets are those of the first frame."""
    for entry in entries(folder):
        found = entry.open(entry.name)
        raw = json.loads((folder / f"{entry.name}.json").read_text())
        first = raw["pockets"][0] if pockets and raw["pockets"] else []
        boxes = tuple((b[0], b[1], b[2], b[3]) for b in (pocket["box"] for pocket in first))
        named = tuple(Track(track, label) for track, label in found.labels.items())
        yield Case(found.clip, tuple(found.frames()), named, boxes)


def is_about(doubt: Doubt, damage: Damage) -> bool:
    """Tell whether a doubt is about the balls and frames of a damage."""
    near = doubt.start < damage.stop + 1 and damage.start - 1 < doubt.stop
    return near and doubt.track in damage.tracks


def judged(
    case: Case, before: tuple[Doubt, ...], rng: np.random.Generator
) -> Iterator[tuple[str, bool]]:
    """Damage a clip; yield for each damage its kind and whether it was found, for each doubt its bin and whether right."""
    rows, done = damaged(case.rows, rng, places=max(1, case.masks // EVERY))
    found = case.doubts(rows)
    new = [doubt for doubt in found if doubt not in before]
    for damage in done:
        yield damage.kind, any(is_about(doubt, damage) for doubt in new)
    for doubt in found:
        low = max(edge for edge in BINS if edge <= doubt.severity)
        right = doubt in new and any(is_about(doubt, damage) for damage in done)
        yield f"severity {low:.1f}", right
        yield f"sign {doubt.sign}", right


def main() -> None:
    """Print false alarms, recall and reliability as tables."""
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("folder", type=Path)
    ask.add_argument("--rounds", type=int, default=4)
    ask.add_argument("--no-pockets", action="store_true")
    args = ask.parse_args()
    masks, false, grave = 0, Counter[str](), Counter[str]()
    asked, hit = Counter[str](), Counter[str]()
    for number, case in enumerate(cases(args.folder, pockets=not args.no_pockets)):
        before = case.doubts(case.rows)
        masks += case.masks
        false.update(doubt.sign for doubt in before)
        grave.update(doubt.sign for doubt in before if doubt.severity >= 0.5)
        for turn in range(args.rounds):
            for name, right in judged(case, before, np.random.default_rng([turn, number])):
                asked[name] += 1
                hit[name] += right
    print(f"true masks: {masks}; false alarms per 1000 (of severity 0.5 and more):")
    for sign, count in [*sorted(false.items()), ("all", false.total())]:
        least = grave.total() if sign == "all" else grave[sign]
        print(f"  {sign:20} {1000 * count / masks:6.2f} ({1000 * least / masks:.2f})")
    print("found of the damaged places; right of the doubts, by severity and by sign:")
    for name in [*KINDS, *sorted(set(asked) - set(KINDS))]:
        print(
            f"  {name:24} {hit[name]:5} of {asked[name]:5} = {hit[name] / max(1, asked[name]):.0%}"
        )


if __name__ == "__main__":
    main()
