"""Writes chosen clips as a dataset. Knows no format, and no rule of choosing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.ports import Catalog, Exporter, ExportReport, FrameSource, RevisionStore
from engine.workflows.choosing import choose
from engine.workflows.selection import Selection


def export(
    catalog: Catalog,
    revisions: RevisionStore,
    source: FrameSource,
    exporter: Exporter,
    *,
    out: Path,
    selection: Selection,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> ExportReport:
    """Write what ``selection`` takes to ``out``; the report also says what it left out.

    Raises:
        SelectionError: nothing is left to write, or a clip that was named does not exist.
        ExportError, VerificationError, DiskFull: see ``engine.ports.Exporter``.
    """
    choice = choose(catalog, revisions, source, selection)
    report = exporter(choice.items, out, progress=progress)
    return replace(report, notes=(*choice.notes, *report.notes))
