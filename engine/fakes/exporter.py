"""An exporter that writes every mask as one line of JSON. Knows no format that anybody else reads."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import rle
from engine.errors import ExportError
from engine.ports import ExportItem, ExportReport

NAME = "masks.jsonl"


class LinesExporter:
    """``engine.ports.Exporter`` with one file: ``{"clip", "frame", "track", "size", "counts"}`` on each line.

    Frames between two annotated ones have no lines.
    """

    def __call__(
        self, items: Sequence[ExportItem], out: Path, *, progress: Callable[[str, int, int], None]
    ) -> ExportReport:
        """Write beside ``out``, then rename.

        Raises:
            ExportError: nothing was chosen, or ``out`` is no dataset of this exporter.
        """
        if not items:
            raise ExportError("no clip to export; choose at least one")
        if out.exists() and not (out / NAME).is_file():
            raise ExportError(f"{out}: exists and is no dataset of ours; name another folder")
        partial = out.with_name(f".{out.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            lines = [line for item in items for line in _lines(item, progress)]
            (partial / NAME).write_text("".join(lines))
            shutil.rmtree(out, ignore_errors=True)
            partial.rename(out)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        notes = tuple(note for item in items for note in item.notes)
        return ExportReport(out, len(items), sum(item.clip.frames for item in items), notes)


def _lines(item: ExportItem, progress: Callable[[str, int, int], None]) -> list[str]:
    """Return the lines of one clip, after a pass through its pictures."""
    for batch in item.pictures():
        progress(item.clip.id, batch.first + len(batch), item.clip.frames)
    return [
        json.dumps(
            {
                "clip": item.clip.id,
                "frame": row.frame,
                "track": mask.track,
                **rle.to_coco(mask.rle),
            }
        )
        + "\n"
        for row in item.frames()
        if row.frame % item.step == 0
        for mask in row.masks
    ]
