"""Every figure of one clip or of many, from true and found masks. Knows no file, no model and no page."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from engine.errors import InputError
from engine.evaluation.centres import centre_errors
from engine.evaluation.ends import Ends, judge_ends
from engine.evaluation.identity import Identity, judge_identity
from engine.evaluation.matching import Compared, compare, match, strays
from engine.evaluation.objects import ObjectScore, score_objects
from engine.evaluation.precision import Precision, average_precision
from engine.evaluation.series import Statistics, mean
from engine.types import FrameMasks

Matcher = Callable[[Sequence[Compared]], dict[int, int]]


@dataclass(frozen=True, slots=True)
class JudgedClip:
    """One clip compared with its truth: frame by frame, which track serves which, and each object's scores."""

    id: str
    compared: tuple[Compared, ...]
    matches: Mapping[int, int]
    objects: tuple[ObjectScore, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """What clips come to. ``j`` and ``f`` are means over objects, ``sharp`` is F within one pixel, centres in pixels.

    ``by_label`` is J by class; ``strays`` counts found tracks that serve no true ball; figures of
    what did not occur are nan.
    """

    frames: int
    objects: int
    j: Statistics
    f: Statistics
    j_and_f: float
    sharp: float
    by_label: Mapping[str, float]
    boxes: Precision
    masks: Precision
    identity: Identity
    centre_mean: float
    centre_p95: float
    ends: Ends
    strays: int


def judge(
    clip: str,
    *,
    true: Iterable[FrameMasks],
    found: Iterable[FrameMasks],
    labels: Mapping[int, str],
    matcher: Matcher = match,
) -> JudgedClip:
    """Compare a clip's masks with the truth, on the frames that carry truth.

    Raises:
        InputError: there is no true mask at all, or the pictures are of different size.
    """
    compared = compare(true, found)
    if not any(one.true.masks for one in compared):
        raise InputError(f"clip {clip}: its truth holds no mask in {len(compared)} labelled frames")
    matches = matcher(compared)
    return JudgedClip(clip, compared, matches, score_objects(compared, matches, labels=labels))


def figures(clips: Sequence[JudgedClip]) -> Figures:
    """Return the figures over one clip or several together.

    Raises:
        SettingsError: TrackEval is not installed.
    """
    objects = [one for clip in clips for one in clip.objects]
    every = [one for clip in clips for one in clip.compared]
    errors = [error for clip in clips for error in centre_errors(clip.compared, clip.matches)]
    region, contour = (_over([getattr(o, name) for o in objects]) for name in ("region", "contour"))
    return Figures(
        frames=len(every),
        objects=len(objects),
        j=region,
        f=contour,
        j_and_f=(region.mean + contour.mean) / 2,
        sharp=mean([mean(one.sharp) for one in objects]),
        by_label=_by_label(objects),
        boxes=average_precision(every, of="bbox"),
        masks=average_precision(every, of="segm"),
        identity=judge_identity({clip.id: clip.compared for clip in clips}),
        centre_mean=mean(errors),
        centre_p95=float(np.percentile(errors, 95)) if errors else float("nan"),
        ends=sum((judge_ends(clip.compared, clip.matches) for clip in clips), Ends(0, 0, 0)),
        strays=len(list(chain(*(strays(clip.compared, clip.matches) for clip in clips)))),
    )


def _over(series: Sequence[Statistics]) -> Statistics:
    """Return the mean over objects, each counted once however long it is, as DAVIS does."""
    return Statistics(
        mean([one.mean for one in series]),
        mean([one.recall for one in series]),
        mean([one.decay for one in series]),
    )


def _by_label(objects: Sequence[ObjectScore]) -> dict[str, float]:
    """Return the mean J of each class."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in objects:
        found[one.label].append(one.region.mean)
    return {label: mean(values) for label, values in sorted(found.items())}
