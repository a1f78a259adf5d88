"""Counts how well boxes were found, whatever their class; knows neither pictures nor networks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.geometry import iou_matrix
from engine.types import Box, Detection

LEVELS = tuple(step / 50 for step in range(1, 46))


@dataclass(frozen=True, slots=True)
class Score:
    """Counts: boxes of the truth, detections, pairs of the two, and pairs of the same class."""

    truth: int = 0
    found: int = 0
    hits: int = 0
    classes: int = 0

    def __add__(self, other: "Score") -> "Score":
        """Return both counts together."""
        return Score(
            self.truth + other.truth,
            self.found + other.found,
            self.hits + other.hits,
            self.classes + other.classes,
        )

    @property
    def recall(self) -> float:
        """Share of the true boxes that were found, 1 when there was nothing to find."""
        return self.hits / self.truth if self.truth else 1.0

    @property
    def precision(self) -> float:
        """Share of the detections that are true, 1 when there were none."""
        return self.hits / self.found if self.found else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and precision."""
        both = self.recall + self.precision
        return 2 * self.recall * self.precision / both if both else 0.0

    @property
    def class_accuracy(self) -> float:
        """Share of the pairs whose class agrees, 1 when there are none."""
        return self.classes / self.hits if self.hits else 1.0


def pairs(
    found: Sequence[Box], truth: Sequence[Box], *, least: float = 0.5
) -> list[tuple[int, int]]:
    """Return pairs (detection, truth), each at most once, the largest intersection over union first."""
    overlap = iou_matrix(found, truth)
    matched: list[tuple[int, int]] = []
    while overlap.size and overlap.max() >= least:
        row, column = (
            int(index) for index in np.unravel_index(int(overlap.argmax()), overlap.shape)
        )
        matched.append((row, column))
        overlap[row] = -1
        overlap[:, column] = -1
    return matched


def score(
    found: Sequence[Detection], boxes: Sequence[Box], labels: Sequence[str], *, least: float = 0.5
) -> Score:
    """Compare the detections of one picture with its true boxes and their labels."""
    matched = pairs([item.box for item in found], boxes, least=least)
    same = sum(found[row].label == labels[column] for row, column in matched)
    return Score(len(boxes), len(found), len(matched), same)


def best_confidence(
    pictures: Iterable[tuple[Sequence[Detection], Sequence[Box], Sequence[str]]],
) -> tuple[float, Score]:
    """Return the confidence with the best F1 over these pictures (detections, boxes, labels), and its score.

    The detections must have been made with the lowest of ``LEVELS`` or less.
    """
    kept = list(pictures)
    return max(
        ((level, _at(level, kept)) for level in LEVELS), key=lambda pair: (pair[1].f1, pair[0])
    )


def _at(
    level: float, pictures: Sequence[tuple[Sequence[Detection], Sequence[Box], Sequence[str]]]
) -> Score:
    """Return the score at one confidence."""
    parts = (
        score([item for item in found if item.score >= level], boxes, labels)
        for found, boxes, labels in pictures
    )
    return sum(parts, Score())
