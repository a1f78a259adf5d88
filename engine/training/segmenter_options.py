"""What a person may choose about a training of the segmenter, and what came of it; knows no network and imports none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from engine.errors import SettingsError

Views: TypeAlias = Literal["windows", "frame", "both"]
Precision: TypeAlias = Literal["fp32", "bf16"]
CONTEXT, MINUTES = 3.5, 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """One training run: where from, where to, how long, how.

    None means: as the weights that it begins with were trained, else the usual. ``steps`` counts instead of
    ``minutes`` where it is given. ``held_out`` are datasets to measure on, beside the clips of a split "val";
    ``check`` the minutes between two such measurements.
    """

    data: tuple[Path, ...]
    out: Path
    minutes: float | None = None
    seed: int = 0
    batch: int = 24
    frames: int = 4
    long: float = 0.33
    context: float | None = None
    rate: float | None = None
    threads: int = 2
    workers: int = 1
    device: str = "cpu"
    resume: bool = False
    steps: int | None = None
    init: str | None = None
    model: str = "nano"
    side: int | None = None
    views: Views | None = None
    precision: Precision = "fp32"
    teacher: str | None = None
    teacher_side: int | None = None
    held_out: tuple[Path, ...] = ()
    check: float = 10.0

    def __post_init__(self) -> None:
        """Check ranges.

        Raises:
            SettingsError: a value is outside its range.
        """
        for name, least in (("batch", 1), ("frames", 2), ("threads", 1), ("workers", 0)):
            if getattr(self, name) < least:
                raise SettingsError(f"{name} = {getattr(self, name)}: expected at least {least}")
        for name in ("minutes", "steps", "context", "rate", "check"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise SettingsError(f"{name} = {value}: expected more than 0")
        for name in ("side", "teacher_side"):
            value = getattr(self, name)
            if value is not None and (value < 64 or value % 32):
                raise SettingsError(f"{name} = {value}: expected a multiple of 32 from 64 up")

    def progress(self, step: int, seconds: float) -> float:
        """Return how much of the run is done, 0..1 and beyond."""
        if self.steps is not None:
            return step / self.steps
        return seconds / (60 * (self.minutes or MINUTES))


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run: its files, how far it came, how it does on held-out clips, whether it was stopped.

    ``leads`` tells the process that speaks from the others of a team.
    """

    weights: Path
    checkpoint: Path
    steps: int
    minutes: float
    interrupted: bool = False
    held_out: Mapping[str, float] = field(default_factory=dict)
    leads: bool = True
