"""What the commands for weights do, and their answers as text. Knows the catalogue, refuses to know formats."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from engine.cli.console import console, say
from engine.config import Settings, remember
from engine.errors import DiskFull, InputError, WeightsError
from engine.models.catalogue import (
    BUNDLED_DETECTORS,
    CATALOGUE,
    Kind,
    State,
    cache_folder,
    entry,
    expected_sha256,
    locate,
    sha256_of,
    state,
)
from engine.models.download import fetch

if TYPE_CHECKING:
    from engine.models.verifying import Finding

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list; ``size`` in bytes, ``sha256`` as expected, "" where none is known."""

    name: str
    kind: Kind
    size: int
    licence: str
    state: str
    in_use: bool
    sha256: str
    path: Path


@dataclass(frozen=True, slots=True)
class PullReport:
    """What was fetched, by name and path, and what was not, by name and reason."""

    fetched: dict[str, Path] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


class Chosen(NamedTuple):
    """What a workspace uses from now on, and the file that says so."""

    kind: Kind
    name: str
    file: Path


def rows(settings: Settings) -> tuple[Row, ...]:
    """Return every model of the catalogue, and those of one's own that the workspace uses."""
    detector = settings.detector_weights or BUNDLED_DETECTORS.get(settings.detector, "")
    used = {Kind.SEGMENTER: settings.model, Kind.DETECTOR: detector}
    listed = tuple(_row(name, in_use=used[CATALOGUE[name].kind] == name) for name in CATALOGUE)
    own = ((kind, name) for kind, name in used.items() if name and name not in CATALOGUE)
    return listed + tuple(_own_row(kind, Path(name)) for kind, name in own)


def _row(name: str, *, in_use: bool) -> Row:
    """Return the line of a model of the catalogue."""
    found = entry(name)
    path = locate(found)
    size = found.size or (path.stat().st_size if path.is_file() else 0)
    return Row(
        name, found.kind, size, found.licence, state(found), in_use, expected_sha256(found), path
    )


def _own_row(kind: Kind, path: Path) -> Row:
    """Return the line of a file of one's own that is in use."""
    there = path.is_file()
    size = path.stat().st_size if there else 0
    return Row(str(path), kind, size, "yours", "file" if there else State.MISSING, True, "", path)


def table(listed: Sequence[Row]) -> str:
    """Return the list as text."""
    width = max(len(row.name) for row in listed) + 2
    lines = [f"  {'name':<{width}}{'kind':<11}{'size':>9}  {'state':<9}{'licence'}"]
    for row in listed:
        mark = "*" if row.in_use else " "
        size = f"{row.size / 1e6:,.1f} MB"
        lines.append(
            f"{mark} {row.name:<{width}}{row.kind:<11}{size:>9}  {row.state:<9}{row.licence}"
        )
    hints = ["", f"* in use; cache: {cache_folder()}"]
    if any(row.state in {State.DAMAGED, State.PARTIAL} for row in listed):
        hints.append("damaged or partial: `engine models pull NAME` fetches it whole")
    return "\n".join([*lines, *hints])


def pull(names: Sequence[str]) -> PullReport:
    """Fetch every name or address; what fails does not keep the others from coming."""
    report = PullReport()
    for name in names:
        try:
            with _bar(name) as tell:
                report.fetched[name] = _pull(name, tell)
        except (WeightsError, DiskFull) as error:
            report.failed[name] = str(error)
    return report


def _pull(name: str, tell: Tell) -> Path:
    """Fetch one name or address and return its file."""
    if "://" in name:
        return fetch(name, cache_folder(), progress=tell, waiting=_waiting(name))
    found = entry(name)
    path = locate(found)
    if found.bundled:
        return path
    if path.is_file() and sha256_of(path) != found.sha256:
        say(f"{path} is damaged: fetching it again")
        path.unlink()
    return fetch(
        found.url,
        path.parent,
        sha256=found.sha256,
        size=found.size,
        progress=tell,
        waiting=_waiting(name),
    )


def _waiting(name: str) -> Callable[[], None]:
    """Return what tells a person that another process is at it."""
    return lambda: say(f"another process fetches {name}: waiting for it")


@contextmanager
def _bar(name: str) -> Iterator[Tell]:
    """Show bytes, rate and remaining time of one file on the error stream."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    with Progress(*columns, console=console, refresh_per_second=5) as progress:
        task = progress.add_task(f"pull {name.rpartition('/')[2]}", total=None, visible=False)
        yield lambda here, whole: progress.update(
            task, completed=here, total=whole or None, visible=True
        )


def pulled(report: PullReport) -> str:
    """Return what became of each name."""
    lines = [f"here    {name}: {path}" for name, path in report.fetched.items()]
    lines += [f"failed  {name}: {reason}" for name, reason in report.failed.items()]
    usable = [str(path) if "://" in name else name for name, path in report.fetched.items()]
    return "\n".join([*lines, *([f"next: engine models use {usable[0]}"] if usable else [])])


def verify(names: Sequence[str], *, detector: bool = False) -> tuple["Finding", ...]:
    """Check what is named, or everything that is bundled or fetched."""
    from engine.models import verifying  # noqa: PLC0415 - torch, which the list does without

    there = [n for n, e in CATALOGUE.items() if state(e) not in {State.MISSING, State.PARTIAL}]
    kind = Kind.DETECTOR if detector else None
    return tuple(verifying.verify(name, kind=kind) for name in names or there)


def verified(findings: Sequence["Finding"]) -> str:
    """Return what was found out, and every problem."""
    return "\n".join(_verified(found) for found in findings)


def _verified(found: "Finding") -> str:
    """Return what was found out about one file."""
    if not found.good:
        return f"broken  {found.name}: {found.problem}"
    compared = "as expected" if found.expected else "nothing to compare it with"
    lines = [
        f"good    {found.name}: {found.kind}, {found.model}, {found.parameters / 1e6:.1f} M parameters",
        f"        sha256 {found.sha256} ({compared})",
    ]
    return "\n".join([*lines, *([f"        trained: {found.about}"] if found.about else [])])


def use(workspace: Path, name: str, *, detector: bool = False) -> Chosen:
    """Make weights the default of a workspace, if they load.

    Raises:
        WeightsError: they do not.
        SettingsError: there is no workspace.
        InputError: the name is of a model of the other kind.
    """
    from engine.models import verifying  # noqa: PLC0415 - torch, which the list does without

    if name not in CATALOGUE and not Path(name).suffix and not Path(name).exists():
        entry(name)  # says which names there are
    wanted = Kind.DETECTOR if detector else Kind.SEGMENTER
    kind = CATALOGUE[name].kind if name in CATALOGUE else wanted
    if detector and kind is not Kind.DETECTOR:
        raise InputError(f"{name} is a {kind}: leave out --detector")
    found = verifying.verify(name, kind=kind)
    if not found.good:
        raise WeightsError(found.problem)
    value = name if name in CATALOGUE else os.fspath(found.path)
    setting = "model" if kind is Kind.SEGMENTER else "detector_weights"
    default = value in {"nano", *BUNDLED_DETECTORS.values()}
    return Chosen(kind, value, remember(workspace, **{setting: "" if default else value}))


def used(chosen: Chosen) -> str:
    """Say what holds from now on."""
    return f"{chosen.kind}: {chosen.name} (in {chosen.file})\nnext: engine preannotate"
