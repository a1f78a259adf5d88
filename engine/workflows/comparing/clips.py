"""Compares two revisions of each of many clips: J by clip, ball and class, and the worst frames. Knows ports; shows nothing itself."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import ceil
from statistics import fmean
from typing import Final

from engine.errors import DamagedChunk, SelectionError, VideoError
from engine.ports import Findings, RevisionStore
from engine.ports.board import Agreement
from engine.types import Clip
from engine.workflows.board.cards import page_of
from engine.workflows.comparing.agreeing import Judge, judged, kept_agreement
from engine.workflows.comparing.choice import Choice, Pair

EACH: Final = 3
"""Frames of one clip among the worst at most, or its share where more are told: a clip that is bad throughout must not hide the others."""

Told = Callable[[str, int, int], None]
How = Callable[[Pair], Agreement]


@dataclass(frozen=True, slots=True)
class Ball:
    """How one ball agrees: its track in the true revision, its class, its J, and the track that serves it (None: none does)."""

    track: int
    label: str
    j: float
    served: int | None


@dataclass(frozen=True, slots=True)
class ClipLine:
    """How one clip agrees; ``missed`` are balls that no track serves, ``extra`` are drawn tracks that serve no ball."""

    clip: str
    seconds: float
    true: int
    drawn: int
    model: str
    j: float
    balls: tuple[Ball, ...]
    missed: int
    extra: int
    page: str


@dataclass(frozen=True, slots=True)
class BadFrame:
    """A frame on which the two agree badly, and the address of the correction page that shows it."""

    clip: str
    frame: int
    j: float
    page: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found: clips and frames, the worst first; ``j`` is the mean over clips, ``by_label`` over balls.

    ``left_out`` says of clips why they were not compared, ``failed`` what could not be compared or shown, ``dataset`` where it can be seen.
    ``evaluation`` are the figures of who shows it, where it was asked to evaluate, too.
    """

    what: str
    j: float | None = None
    by_label: Mapping[str, float] = field(default_factory=dict)
    clips: tuple[ClipLine, ...] = ()
    worst: tuple[BadFrame, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False
    dataset: str = ""
    evaluation: Mapping[str, float] = field(default_factory=dict)


def compare(
    choice: Choice,
    revisions: RevisionStore,
    *,
    how: How,
    page_url: str,
    most: int = 20,
    then: Callable[[Pair], object] = lambda _pair: None,
    stop: Callable[[], bool] = lambda: False,
    progress: Told = lambda *_: None,
) -> Comparison:
    """Compare the revisions that were chosen, clip by clip; one whose masks are damaged, or whose video is gone, does not stop the others.

    Args:
        choice: what to compare.
        revisions: where the classes of balls are.
        how: tells how two revisions agree.
        page_url: where people's browsers find the correction page.
        most: how many of the worst frames are told.
        then: hears of every clip that was compared.
        stop: asked between clips.
        progress: hears (clip, done, of).
    """
    lines: list[ClipLine] = []
    bad: list[BadFrame] = []
    failed: dict[str, str] = {}
    each = max(EACH, ceil(most / max(1, len(choice.pairs))))
    for place, pair in enumerate(choice.pairs):
        if stop():
            break
        progress("clips", place, len(choice.pairs))
        with _noted(failed, pair):
            agreement = how(pair)
            lines.append(_line(pair, agreement, revisions, page_url))
            bad += worst_frames(agreement, pair.clip, page_url=page_url, each=each)
            then(pair)
    else:
        progress("clips", len(choice.pairs), len(choice.pairs))
        return replace(_summed(choice, lines, bad, most=most), failed=failed)
    return replace(_summed(choice, lines, bad, most=most), failed=failed, interrupted=True)


def known_or_judged(revisions: RevisionStore, findings: Findings, judge: Judge) -> How:
    """Return what tells how two revisions agree by what is kept of them, or else by their masks; it keeps nothing itself."""

    def how(pair: Pair) -> Agreement:
        kept = kept_agreement(findings, true=pair.true, drawn=pair.drawn)
        if kept is not None:
            return kept
        return judged(revisions, true=pair.true, drawn=pair.drawn, judge=judge).agreement

    return how


@contextmanager
def _noted(failed: dict[str, str], pair: Pair) -> Iterator[None]:
    """Note what is wrong with a clip, and go on."""
    try:
        yield
    except (DamagedChunk, SelectionError, VideoError) as error:
        failed[pair.clip.id] = str(error)


def worst_frames(
    agreement: Agreement, clip: Clip, *, page_url: str, each: int = EACH
) -> tuple[BadFrame, ...]:
    """Return the frames that agree worst, at most ``each`` and a second from each other; none that agrees entirely."""
    apart = max(1, round(clip.rate))
    chosen: list[int] = []
    for frame, j in sorted(agreement.frames.items(), key=lambda one: (one[1], one[0])):
        if j == 1 or len(chosen) == each:
            break
        if all(abs(frame - other) >= apart for other in chosen):
            chosen.append(frame)
    return tuple(
        BadFrame(clip.id, frame, agreement.frames[frame], page_at(clip.id, frame, page_url))
        for frame in chosen
    )


def page_at(clip: str, frame: int, page_url: str) -> str:
    """Return where a browser opens a clip in the correction page at a frame."""
    return f"{page_of(clip, page_url)}&frame={frame}"


def _line(pair: Pair, agreement: Agreement, revisions: RevisionStore, page_url: str) -> ClipLine:
    """Return how one clip agrees."""
    labels = {track.id: track.label for track in revisions.revision(pair.true).tracks}
    balls = tuple(
        Ball(track, labels.get(track, "ball"), j, agreement.served.get(track))
        for track, j in agreement.by_track.items()
    )
    return ClipLine(
        clip=pair.clip.id,
        seconds=pair.clip.seconds,
        true=pair.true,
        drawn=pair.drawn,
        model=pair.model,
        j=agreement.j,
        balls=balls,
        missed=sum(ball.served is None for ball in balls),
        extra=len(agreement.extra),
        page=page_of(pair.clip.id, page_url),
    )


def _summed(
    choice: Choice, lines: Sequence[ClipLine], bad: Sequence[BadFrame], *, most: int
) -> Comparison:
    """Put the worst first, and add up."""
    labels: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        for ball in line.balls:
            labels[ball.label].append(ball.j)
    return Comparison(
        choice.what,
        fmean(line.j for line in lines) if lines else None,
        {label: fmean(values) for label, values in sorted(labels.items())},
        tuple(sorted(lines, key=lambda line: (line.j, line.clip))),
        tuple(sorted(bad, key=lambda one: (one.j, one.clip, one.frame))[:most]),
        choice.left_out,
    )
