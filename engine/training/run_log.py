"""The log of a training: a line on the terminal, a row of a table on disk, TensorBoard where it is installed. Knows numbers only."""

import csv
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CURVE, HELD_OUT, BOARD = "curve.csv", "held_out.csv", "tensorboard"
EVERY = 25


def to_stderr(line: str) -> None:
    """Write a line to the error stream at once."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@dataclass(slots=True)
class RunLog:
    """Means of what a run reports, written every 25 steps: to ``say``, to curve.csv and to TensorBoard.

    The columns of a curve are those of its first row; a run that goes on adds to it, after rows of steps that it
    takes anew were dropped.
    """

    folder: Path
    say: Callable[[str], None] = to_stderr
    _sums: dict[str, float] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)
    _board: Any = None

    def begin(self, step: int) -> None:
        """Open the files of a run that begins at ``step``."""
        for name in (CURVE, HELD_OUT):
            _cut_back(self.folder / name, step)
        self._board = _board(self.folder / BOARD, purge=step + 1)

    def note(self, parts: Mapping[str, float]) -> None:
        """Take in the numbers of one step."""
        for name, value in parts.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
            self._counts[name] = self._counts.get(name, 0) + 1

    def tell(self, step: int, *, seconds: float, rate: float, left: float) -> None:
        """Write the means since the last time; ``seconds`` spent and ``left``, ``rate`` of learning."""
        means = {name: self._sums[name] / self._counts[name] for name in sorted(self._sums)}
        shown = "  ".join(f"{name} {value:.4f}" for name, value in means.items())
        self.say(
            f"step {step}  {shown}  rate {rate:.1e}  {seconds / max(1, step):.2f} s/step  {duration(left)} left"
        )
        self._row(CURVE, {"step": step, "seconds": round(seconds, 1), "rate": rate, **means})
        if self._board is not None:
            for name, value in {**means, "rate": rate}.items():
                self._board.add_scalar(name, value, step)
        self._sums.clear()
        self._counts.clear()

    @property
    def pending(self) -> bool:
        """Whether anything was noted since the last time."""
        return bool(self._counts)

    def measured(self, step: int, figures: Mapping[str, float]) -> None:
        """Write figures of clips held out, to ``say``, to held_out.csv and to TensorBoard."""
        shown = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
        self.say(f"step {step}  held out: {shown}")
        self._row(HELD_OUT, {"step": step, **figures})
        if self._board is not None:
            for name, value in figures.items():
                self._board.add_scalar(f"held_out/{name}", value, step)

    def close(self) -> None:
        """Close the files."""
        if self._board is not None:
            self._board.close()

    def _row(self, name: str, row: Mapping[str, Any]) -> None:
        """Add a row; a part that the first row lacks is on TensorBoard and the terminal alone."""
        path = self.folder / name
        if not path.is_file():
            _write(path, [list(row)], mode="w")
        with path.open(newline="") as file:
            columns = next(csv.reader(file))
        _write(path, [[_short(row.get(column, "")) for column in columns]], mode="a")


def _cut_back(path: Path, step: int) -> None:
    """Drop the rows behind ``step``, and the file where none is left."""
    rows = list(csv.reader(path.open(newline=""))) if path.is_file() else []
    kept = [row for row in rows[1:] if row and row[0].isdigit() and int(row[0]) <= step]
    if kept:
        _write(path, [rows[0], *kept], mode="w")
    else:
        path.unlink(missing_ok=True)


def duration(seconds: float) -> str:
    """Return a time in words: "1 h 05 min", "12 min", "40 s"."""
    whole = max(0, round(seconds))
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 60} min" if whole >= 120 else f"{whole} s"


def _short(value: object) -> str:
    """Return a number with as many digits as matter."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _write(path: Path, rows: list[list[str]], *, mode: str) -> None:
    """Write rows of a table."""
    with path.open(mode, newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _board(folder: Path, *, purge: int) -> Any:
    """Return TensorBoard's writer, None where it is not installed (`pip install 'billiards-engine[train]'`)."""
    try:
        from torch.utils.tensorboard import SummaryWriter  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=purge)
