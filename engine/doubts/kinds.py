"""Whether the classes can be right: no more balls of one than the game has, none that the detector calls another.

Knows names and counts, no masks.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.doubts.rivals import Pairs
from engine.doubts.scene import Frame, Scene
from engine.doubts.signs import PICTURE, Doubt, Sign, graded, of_frame

LOOKS = 3
"""Frames on which a detector must call a ball something else before that counts."""


def crowded(now: Frame, *, scene: Scene) -> Iterator[Doubt]:
    """Doubt the picture where more balls of one class are visible than the game has."""
    count = Counter(scene.labels.get(track, "") for track in now.balls)
    over = {
        label: n - scene.most[label] for label, n in count.items() if n > scene.most.get(label, n)
    }
    if over:
        label = max(over, key=lambda name: (over[name], name))
        why = f"{count[label]} balls are {label}, the game has {scene.most[label]}"
        yield of_frame(now.number, PICTURE, Sign.CLASS, 0.9, why)


@dataclass(slots=True)
class _Votes:
    """What a detector called one track: summed scores by label, and where another name was surest."""

    scores: dict[str, float] = field(default_factory=dict)
    looks: int = 0
    first: int = 0
    last: int = 0
    surest: int = 0
    best: float = 0.0


@dataclass(slots=True)
class Ballots:
    """What a detector called each track so far; memory is bounded by tracks and classes."""

    scene: Scene
    _votes: dict[int, _Votes] = field(default_factory=dict)

    def count(self, now: Frame, pairs: Pairs) -> None:
        """Count the names that detections of one frame give to the tracks on which they lie."""
        for track, found in pairs.items():
            votes = self._votes.setdefault(track, _Votes())
            votes.scores[found.label] = votes.scores.get(found.label, 0.0) + found.score
            if found.label != self.scene.labels.get(track):
                votes.first = votes.first if votes.looks else now.number
                votes.looks, votes.last = votes.looks + 1, now.number
                if found.score > votes.best:
                    votes.best, votes.surest = found.score, now.number

    def close(self) -> Iterator[Doubt]:
        """Doubt the tracks that the detector calls mostly something else than their class."""
        for track, votes in sorted(self._votes.items()):
            own = self.scene.labels.get(track, "")
            name, most = max(votes.scores.items(), key=lambda vote: (vote[1], vote[0]))
            share = most / sum(votes.scores.values())
            if name != own and votes.looks >= LOOKS and most > votes.scores.get(own, 0.0):
                why = f"called {own}, by the detector {name} with {share:.0%} of its votes"
                yield Doubt(votes.first, votes.last + 1, votes.surest, track, Sign.CLASS, round(graded(share, 0.5, 1, least=0.4, most=0.8), 3), why)  # fmt: skip
