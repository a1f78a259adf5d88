"""Prepares clip after clip, so that each opens at once: browser copy, detector, doubts. Knows ports; what is there is not made again.

It may be stopped anywhere: every piece is kept when it is done, and the next call goes on with what is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Protocol

from engine.billiards.guess import AUTO
from engine.doubts import Doubt, worst
from engine.errors import DiskFull, EngineError
from engine.ports import (
    Catalog,
    ClipStatus,
    Detector,
    Findings,
    FrameSource,
    RevisionStore,
    Segmenter,
)
from engine.stages import Stage
from engine.types import Clip, FrameMasks
from engine.workflows.findings import kept_doubts, of_two_passes
from engine.workflows.prepare import EVERY, Told, doubts_of, keep_witnesses, seen_by, witnesses_of
from engine.workflows.prepare_backward import followed_back

OPEN = (
    Stage.PREANNOTATED,
    Stage.IN_CORRECTION,
    Stage.SUBMITTED,
    Stage.REJECTED,
    Stage.INGESTED,
)
"""Stages of clips that somebody may open, in the order in which they are prepared."""


class Copier(Protocol):
    """What makes browser copies."""

    def __call__(self, clip: Clip, *, stop: Callable[[], bool], progress: Told) -> bool:
        """Make a copy that is not there yet; return whether one was made."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What clips are prepared with; without ``detector`` no witness is asked, without ``segmenter`` there is no second pass.

    ``detector_name`` says which detector it is: what another one saw is not enough. ``game`` is the profile chosen, or "auto".
    """

    catalog: Catalog
    revisions: RevisionStore
    findings: Findings
    source: FrameSource
    copy: Copier
    detector: Detector | None = None
    detector_name: str = ""
    every: int = EVERY
    segmenter: Segmenter | None = None
    game: str = AUTO


@dataclass(frozen=True, slots=True)
class Prepared:
    """What became of a clip: what was made now, and how many doubts and visits there are (None: it has no masks)."""

    clip: str
    made: tuple[str, ...] = ()
    doubts: int | None = None
    visits: int | None = None


@dataclass(frozen=True, slots=True)
class PrepareReport:
    """The clips that are ready, those that failed with the reason, and whether somebody stopped the work."""

    ready: tuple[Prepared, ...] = ()
    failed: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False


class _Stopped(Exception):  # noqa: N818 - no fault: somebody asked for it
    """The work is to end here."""


@dataclass(slots=True)
class _Meter:
    """Counts frames of work over all clips; each has ``pieces`` of work."""

    tell: Told
    pieces: int
    total: int
    before: int = 0
    size: int = 0

    def at(self, frames: int) -> None:
        """Count all the work on so many frames as done."""
        self.before, self.size = self.pieces * frames, 0
        self.tell(self.before, self.total)

    def begin(self, size: int) -> None:
        """Count the piece in hand as done, and go on with one of ``size`` frames."""
        self.before, self.size = self.before + self.size, size
        self.tell(self.before, self.total)

    def __call__(self, done: int, of: int) -> None:
        """Say how far the piece in hand is."""
        self.tell(self.before + self.size * done // max(1, of), self.total)


def prepare(
    tools: Tools,
    clips: Sequence[str] = (),
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Told = lambda *_: None,
) -> PrepareReport:
    """Prepare the clips named, or all that are neither accepted nor excluded.

    ``progress`` counts frames of work, of all clips together. One clip that fails stops no other.

    Raises:
        SelectionError: no such clip.
        DiskFull: no room; what was made stays.
    """
    chosen = _chosen(tools.catalog, clips)
    pieces = 2 + (tools.detector is not None) + (tools.segmenter is not None)
    frames = list(accumulate((one.clip.frames for one in chosen), initial=0))
    meter = _Meter(progress, pieces, pieces * frames[-1])
    ready: list[Prepared] = []
    failed: dict[str, str] = {}
    for status, so_far in zip(chosen, frames, strict=False):
        meter.at(so_far)
        try:
            ready.append(_prepared(tools, status, stop, meter))
        except DiskFull:
            raise
        except _Stopped:
            return PrepareReport(tuple(ready), failed, interrupted=True)
        except EngineError as error:
            failed[status.clip.id] = str(error)
    meter.at(frames[-1])
    return PrepareReport(tuple(ready), failed)


def _chosen(catalog: Catalog, clips: Sequence[str]) -> tuple[ClipStatus, ...]:
    """Return the clips in the order in which they are prepared."""
    if clips:
        return tuple(catalog.clip(clip) for clip in dict.fromkeys(clips))
    return tuple(sorted(catalog.clips(stages=OPEN), key=lambda one: OPEN.index(one.stage)))


def _prepared(
    tools: Tools, status: ClipStatus, stop: Callable[[], bool], meter: _Meter
) -> Prepared:
    """Make what a clip lacks, piece by piece."""
    clip, made = status.clip, list[str]()
    _go_on(stop, meter, clip)
    if tools.copy(clip, stop=stop, progress=meter):
        made.append("copy")
    if status.head is None:
        _go_on(stop, meter, clip)
        return Prepared(clip.id, tuple(made))
    if tools.detector is not None:
        _go_on(stop, meter, clip)
        made += _looked(tools, tools.detector, clip, stop, meter)
    found = None if "detections" in made else _kept(tools, status.head)
    if found is None:
        backward = _second_pass(tools, clip, status.head, stop, meter)
        _go_on(stop, meter, clip)
        revision = tools.revisions.revision(status.head)
        found = doubts_of(tools.revisions, tools.findings, clip, revision, game=tools.game, backward=backward)  # fmt: skip
        made.append("doubts")
    return Prepared(clip.id, tuple(made), len(found), len(worst(found)))


def _kept(tools: Tools, revision: int) -> tuple[Doubt, ...] | None:
    """Return the doubts that are kept of a revision, if all the witnesses that are asked now were asked then."""
    if tools.segmenter is not None and not of_two_passes(tools.findings, revision):
        return None
    return kept_doubts(tools.findings, revision)


def _go_on(stop: Callable[[], bool], meter: _Meter, clip: Clip) -> None:
    """Begin the next piece of a clip, unless somebody stops the work."""
    if stop():
        raise _Stopped
    meter.begin(clip.frames)


def _looked(
    tools: Tools, detector: Detector, clip: Clip, stop: Callable[[], bool], meter: _Meter
) -> list[str]:
    """Have the detector look at a clip, unless it has done so; return what was made."""
    known = witnesses_of(tools.revisions, tools.findings, clip.id)
    if known and (known.detector, known.every) == (tools.detector_name, tools.every):
        return []
    seen = seen_by(detector, clip, source=tools.source, name=tools.detector_name, every=tools.every, stop=stop, progress=meter)  # fmt: skip
    if seen is None:
        raise _Stopped
    keep_witnesses(tools.revisions, tools.findings, clip.id, seen)
    return ["detections"]


def _second_pass(
    tools: Tools, clip: Clip, revision: int, stop: Callable[[], bool], meter: _Meter
) -> tuple[FrameMasks, ...] | None:
    """Return what a pass backwards draws, where one was asked for."""
    if tools.segmenter is None:
        return None
    _go_on(stop, meter, clip)
    drawn = followed_back(
        clip,
        revision,
        revisions=tools.revisions,
        source=tools.source,
        segmenter=tools.segmenter,
        stop=stop,
        progress=meter,
    )
    if drawn is None:
        raise _Stopped
    return drawn
