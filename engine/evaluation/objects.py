"""J and F of each true object through a clip. Knows masks over time, not who drew them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.evaluation.boundary import contour_accuracy
from engine.evaluation.matching import Compared
from engine.evaluation.overlap import jaccard
from engine.evaluation.series import Statistics, statistics
from engine.types import RLE, TrackMask

SHARP = 1  # pixels


@dataclass(frozen=True, slots=True)
class ObjectScore:
    """One true object's values by judged frame; ``found`` is the track that serves it, None where none does.

    ``sharp`` is F with a tolerance of one pixel instead of DAVIS's share of the diagonal, which is as
    wide as a small ball.
    """

    track: int
    label: str
    found: int | None
    frames: tuple[int, ...]
    j: tuple[float, ...]
    f: tuple[float, ...]
    sharp: tuple[float, ...]

    @property
    def region(self) -> Statistics:
        """Mean, recall and decay of J."""
        return statistics(self.j)

    @property
    def contour(self) -> Statistics:
        """Mean, recall and decay of F."""
        return statistics(self.f)

    @property
    def j_and_f(self) -> float:
        """Mean of J and F, the figure that DAVIS ranks by."""
        return (self.region.mean + self.contour.mean) / 2


def score_objects(
    compared: Sequence[Compared], matches: Mapping[int, int], *, labels: Mapping[int, str]
) -> tuple[ObjectScore, ...]:
    """Return the scores of every object that has a true mask anywhere, by track number.

    Args:
        compared: the frames to judge, in order. DAVIS leaves out the first and last frame of a clip since its task gives
            the first; an automatic annotation was given nothing and is judged on all of them.
        matches: the found track of each true one.
        labels: class of each true track.
    """
    tracks = sorted({mask.track for one in compared for mask in one.true.masks})
    return tuple(
        _score(compared, track, matches.get(track), labels.get(track, "ball")) for track in tracks
    )


def _score(compared: Sequence[Compared], track: int, served: int | None, label: str) -> ObjectScore:
    """Return one object's scores."""
    pairs = [(_of(one.true.masks, track), _of(one.found.masks, served)) for one in compared]
    return ObjectScore(
        track,
        label,
        served,
        tuple(one.frame for one in compared),
        tuple(jaccard(*pair) for pair in pairs),
        tuple(contour_accuracy(*pair) for pair in pairs),
        tuple(contour_accuracy(*pair, within=SHARP) for pair in pairs),
    )


def _of(masks: Sequence[TrackMask], track: int | None) -> RLE | None:
    """Return a track's mask, None where it is not visible."""
    return next((mask.rle for mask in masks if mask.track == track), None)
