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

_WANTED = '<b title="a lead wants this clip to be taken first">priority</b> · '


@dataclass(frozen=True, slots=True)
class Line:
    """One clip of the list: its id, where it stands, what else is said of it, and whether it is wanted first."""

    clip: str
    stage: Stage
    text: str
    priority: bool = False


def listed(
    clips: Sequence[ClipStatus], wanted: Wanted, *, claims: Mapping[str, Claim]
) -> tuple[Line, ...]:
    """Return the lines of the clips that are wanted, as they were added: no line moves because somebody works."""
    return tuple(
        _line(status, claims.get(status.clip.id))
        for status in clips
        if status.stage in STAGES[wanted]
    )


def lines_html(lines: Sequence[Line], wanted: Wanted, report: StatusReport) -> str:
    """Return the list as HTML: a button for each clip, or what to do where there is none; failures come last."""
    shown = "".join(
        f'<button type="button" class="clip-line" data-clip="{escape(line.clip)}">'
        f"<span>{escape(line.clip)}</span>"
        f'<small>{_WANTED if line.priority else ""}<i class="{str(line.stage).replace(" ", "-")}">{line.stage}</i>{escape(line.text)}</small>'
        "</button>"
        for line in lines
    )
    empty = "" if lines else f'<p class="empty">{EMPTY[wanted]}</p>'
    return f'<div class="clip-lines" role="group" aria-label="Clips">{shown}{empty}</div>{_failed(report)}'


def progress(report: StatusReport) -> str:
    """Return how far the dataset is as HTML, always of the same height: a bar toward the target, and counts."""
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
    return (
        f'<div class="progress" role="img" aria-label="{words} of {target:,.0f} s">{bars}</div>'
        f"<p><b>{report.accepted_seconds:,.0f}</b> of {target:,.0f} s accepted"
        f"<br>{report.preannotated_seconds:,.0f} s waiting for people</p>"
    )


def _line(status: ClipStatus, claim: Claim | None) -> Line:
    """Return one clip's line."""
    taken = f" · {claim.user} works on it" if claim else ""
    drawn = "" if status.head else " · no masks yet"
    text = f" · {status.clip.seconds:.0f} s{drawn}{taken}"
    return Line(status.clip.id, status.stage, text, status.priority)


def _failed(report: StatusReport) -> str:
    """Return a line about clips that the model could not draw."""
    if not report.jobs.failed:
        return ""
    names = escape(", ".join(report.jobs.errors))
    return (
        f'<p class="failed" title="{names}">{report.jobs.failed} clips could not be drawn: '
        "<code>engine preannotate --retry</code></p>"
    )
