"""Parts of clips with true masks; knows no format."""

from itertools import islice

from engine.ports import LabelledClip
from engine.ports.labelled import Part

__all__ = ["LabelledClip", "Part", "stretch"]


def stretch(labelled: LabelledClip, start: int, stop: int) -> Part:
    """Return the pictures of frames ``start`` up to ``stop``, and the truth of those among them that carry any."""
    if labelled.seek is not None:
        return labelled.seek(start, stop)
    rows = (row for row in labelled.frames() if start <= row.frame < stop)
    return islice(labelled.pictures(), start, stop), rows
