"""What the left column shows: which clips there are to do, and how far the dataset is. Reads; changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape

from engine.ports import ClipStatus
from engine.ports.desk import Claim
from engine.stages import Stage
from engine.workflows.status import StatusReport


class Wanted(StrEnum):
    """Which clips are listed."""

    OPEN = "to correct"
    REVIEW = "to review"
    DONE = "accepted"
    ALL = "all"


STAGES: Mapping[Wanted, Sequence[Stage]] = {
    Wanted.OPEN: (Stage.REJECTED, Stage.IN_CORRECTION, Stage.PREANNOTATED),
    Wanted.REVIEW: (Stage.SUBMITTED,),
    Wanted.DONE: (Stage.ACCEPTED,),
    Wanted.ALL: tuple(Stage),
}
EMPTY: Mapping[Wanted, str] = {
    Wanted.OPEN: "Nothing to correct. New clips come from <code>engine preannotate</code>.",
    Wanted.REVIEW: "Nothing waits for a verdict. Clips come here when somebody submits them.",
    Wanted.DONE: "No clip is accepted yet. Open one, correct it, and submit it with Ctrl-Enter.",
    Wanted.ALL: "No clips yet. Add recordings with <code>engine ingest VIDEO...</code>",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One clip of the list: its id, and the text that stands for it."""

    clip: str
    text: str


def listed(
    clips: Sequence[ClipStatus], wanted: Wanted, *, claims: Mapping[str, Claim]
) -> tuple[Line, ...]:
    """Return the lines of the clips that are wanted: by stage as ``STAGES`` has them, then as they were added."""
    stages = STAGES[wanted]
    chosen = sorted(
        (status for status in clips if status.stage in stages),
        key=lambda status: stages.index(status.stage),
    )
    return tuple(_line(status, claims.get(status.clip.id)) for status in chosen)


def progress(report: StatusReport, *, wanted: Wanted, shown: int) -> str:
    """Return how far the dataset is as HTML: a bar toward the target, counts, and what to do where nothing is listed."""
    target = max(report.target_seconds, 1e-9)
    parts = [
        ("done", report.accepted_seconds, "accepted"),
        ("drawn", report.preannotated_seconds, "waiting for people"),
    ]
    bars = "".join(
        f'<i class="{name}" style="width:{min(100.0, 100 * seconds / target):.2f}%"></i>'
        for name, seconds, _ in parts
    )
    words = " · ".join(f"{seconds:,.0f} s {what}" for _, seconds, what in parts)
    empty = "" if shown else f'<p class="empty">{EMPTY[wanted]}</p>'
    return (
        f'<div class="progress" role="img" aria-label="{words} of {target:,.0f} s">{bars}</div>'
        f"<p><b>{report.accepted_seconds:,.0f}</b> of {target:,.0f} s accepted"
        f"<br>{report.preannotated_seconds:,.0f} s waiting for people</p>"
        f"{_failed(report)}{empty}"
    )


def _line(status: ClipStatus, claim: Claim | None) -> Line:
    """Return one clip's line."""
    taken = f" · {claim.user} works on it" if claim else ""
    drawn = "" if status.head else " · no masks yet"
    return Line(
        status.clip.id,
        f"{status.clip.id} · {status.clip.seconds:.0f} s · {status.stage}{drawn}{taken}",
    )


def _failed(report: StatusReport) -> str:
    """Return a line about clips that the model could not draw."""
    if not report.jobs.failed:
        return ""
    names = escape(", ".join(report.jobs.errors))
    return (
        f'<p class="failed" title="{names}">{report.jobs.failed} clips could not be drawn: '
        "<code>engine preannotate --retry</code></p>"
    )
