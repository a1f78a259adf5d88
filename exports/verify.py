"""Is what lies on disk what its format promises? Finds the format by itself; changes nothing and repairs nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import SelectionError
from exports.verify_davis import CHECKS as DAVIS_CHECKS
from exports.verify_davis import check_davis
from exports.verify_sav import CHECKS as SAV_CHECKS
from exports.verify_sav import check_sav


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked, in words, and what is broken: each failure names the file and the value."""

    format: str
    checks: tuple[str, ...]
    failures: tuple[str, ...]


def verify(path: Path) -> Report:
    """Check a dataset.

    Raises:
        SelectionError: there is no dataset of a known format at ``path``.
    """
    if (path / "Annotations").is_dir():
        return Report("davis", DAVIS_CHECKS, _found(check_davis(path)))
    if list(path.glob("*_manual.json")):
        return Report("sav", SAV_CHECKS, _found(check_sav(path)))
    raise SelectionError(
        f"{path}: neither SA-V (*_manual.json) nor DAVIS (Annotations/) lies there"
    )


def _found(failures: Iterator[str]) -> tuple[str, ...]:
    """Collect failures; a hundred of them tell enough."""
    return tuple(line for line, _ in zip(failures, range(100), strict=False))
