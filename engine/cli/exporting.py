"""What `engine export` and `engine verify` do: choose, write, send, compare, check. Prints no result."""

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine import wiring
from engine.cli.console import Bars, bars
from engine.config import Settings
from engine.errors import InputError
from engine.ports import ExportReport
from engine.workflows.export import export as run_export
from engine.workflows.recorded import recorded
from engine.workflows.selection import Selection
from exports.checks.against import against
from exports.checks.base import said_of
from exports.manifest import MANIFEST, read_manifest
from exports.publish import Publisher
from exports.registry import exporter
from exports.remote.fetching import Downloaded, download
from exports.remote.sending import Checked, Uploaded, upload
from exports.remote.sending import check as check_version
from exports.verify import Report
from exports.verify import verify as verify_dataset

SAME = "masks and pictures are those of the workspace, pixel by pixel"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a dataset is written: the format with its options, smallest mask in pixels, processes, from scratch or not."""

    format: str
    layout: str = ""
    resolution: str = ""
    min_area: int = 20
    trust_auto: bool = False
    workers: int | None = None
    fresh: bool = False

    def exporter(self, selection: Selection) -> Publisher:
        """Return the exporter; what was chosen, and how, goes into the dataset's manifest.

        Raises:
            SettingsError: no such format, or it has no such option.
        """
        return exporter(
            self.format,
            layout=self.layout,
            resolution=self.resolution,
            trust_auto=self.trust_auto,
            min_area=self.min_area,
            workers=self.workers or cores(),
            fresh=self.fresh,
            settings=selection.as_json(),
        )


@dataclass(frozen=True, slots=True)
class Written:
    """A dataset that was written, and where it was sent, if anywhere."""

    report: ExportReport
    uploaded: Uploaded | None = None

    def as_json(self) -> dict[str, Any]:
        """Return both as one object."""
        sent = asdict(self.uploaded) if self.uploaded else None
        return asdict(self.report) | {"uploaded": sent}


def cores() -> int:
    """Return on how many cores this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def export(
    settings: Settings, shape: Shape, out: Path | None, selection: Selection, *, to: str = ""
) -> Written:
    """Write a dataset, with a bar for each clip, then send it to the address ``to``, if any.

    Without ``out`` it is written to the workspace, from where only a dataset that is sent away makes sense.

    Raises:
        InputError: neither ``out`` nor ``to`` is given.
    """
    if out is None and not to:
        raise InputError("no place to write to; name a folder, or an address with --to")
    made_by = shape.exporter(selection)
    name = "-".join(filter(None, (shape.format, shape.layout, shape.resolution)))
    folder = (out or settings.workspace / "exports" / name).absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with wiring.workbench(settings) as bench, bars(f"export {shape.format}") as progress:
        report = run_export(
            bench.catalog,
            bench.revisions,
            wiring.crowded_source(),
            made_by,
            out=folder,
            selection=selection,
            progress=progress,
        )
    return Written(report, _sent(folder, to) if to else None)


def _sent(folder: Path, url: str) -> Uploaded:
    """Send a dataset to an address, with a bar that counts bytes."""
    with bars("send", unit="bytes") as progress:
        return upload(folder, url, progress=_counting(progress, url))


def fetch(url: str, out: Path) -> Downloaded:
    """Bring a dataset from an address to this disk, with a bar that counts bytes."""
    with bars("fetch", unit="bytes") as progress:
        return download(url, out.absolute(), progress=_counting(progress, url))


def check(url: str, *, deep: bool) -> Checked:
    """Check a dataset at an address, with a bar that counts bytes where they are read."""
    with bars("check", unit="bytes") as progress:
        return check_version(url, deep=deep, progress=_counting(progress, url))


def verify(path: Path, *, workers: int | None = None) -> Report:
    """Check a dataset on disk, with a bar that counts clips."""
    with bars("verify", unit="clips") as progress:
        return verify_dataset(
            path, workers=workers or cores(), progress=_counting(progress, str(path))
        )


def compare(settings: Settings, path: Path) -> Report:
    """Compare a dataset of ours with a workspace, pixel by pixel, each clip in the revision that the dataset names.

    Raises:
        SelectionError: the dataset is none of ours, or there is no workspace.
    """
    clips = said_of(path).get("clips")
    held = clips.items() if isinstance(clips, dict) else ()
    settings_of = read_manifest(path).get("settings", {}) if (path / MANIFEST).exists() else {}
    with wiring.workbench(settings) as bench, bars("compare", unit="clips") as progress:
        found = recorded(
            bench.catalog,
            bench.revisions,
            bench.source,
            {name: facts for name, facts in held if isinstance(facts, dict)},
            settings=settings_of,
        )
        told = against(path, found.items, progress=_counting(progress, str(path)))
    return Report(str(said_of(path).get("format")), (SAME,), told, found.notes)


def both(first: Report, second: Report) -> Report:
    """Return what two reports say, as one."""
    return Report(
        first.format,
        (*first.checks, *second.checks),
        (*first.failures, *second.failures),
        (*first.remarks, *second.remarks),
    )


def _counting(progress: Bars, name: str) -> Callable[[str, int, int], None]:
    """Return a progress that counts everything on one bar."""
    return lambda _, done, total: progress(name.rstrip("/"), done, total)
