"""Which figures a table shows, in which words, for the terminal and the page alike. Knows no layout."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.evaluation.judging import Figures


@dataclass(frozen=True, slots=True)
class Column:
    """One figure: its name, what it means in a few words, and its text for given figures."""

    name: str
    meaning: str
    text: Callable[[Figures], str]


def share(value: float) -> str:
    """Return a share as text, a dash for what is no number."""
    return "-" if value != value else f"{value:.3f}"  # noqa: PLR0124 - nan differs from itself


def pixels(value: float) -> str:
    """Return a length in pixels as text."""
    return "-" if value != value else f"{value:.2f}"  # noqa: PLR0124 - as above


COLUMNS = (
    Column("frames", "frames that carry truth", lambda of: str(of.frames)),
    Column("balls", "true objects", lambda of: str(of.objects)),
    Column("J", "overlap of regions (IoU), mean over balls", lambda of: share(of.j.mean)),
    Column("J rec", "share of frames with J > 0.5", lambda of: share(of.j.recall)),
    Column("J dec", "J of the first quarter less that of the last", lambda of: share(of.j.decay)),
    Column("F", "contour accuracy of DAVIS", lambda of: share(of.f.mean)),
    Column("J&F", "mean of J and F", lambda of: share(of.j_and_f)),
    Column("F 1px", "contour accuracy within one pixel", lambda of: share(of.sharp)),
    Column("AP", "average precision of boxes, IoU 0.50 to 0.95", lambda of: share(of.boxes.ap)),
    Column("AP50", "… at IoU 0.50", lambda of: share(of.boxes.ap50)),
    Column("AP75", "… at IoU 0.75", lambda of: share(of.boxes.ap75)),
    Column("mask AP", "average precision of masks", lambda of: share(of.masks.ap)),
    Column("HOTA", "detection and association together", lambda of: share(of.identity.hota)),
    Column("DetA", "its detection part", lambda of: share(of.identity.det_a)),
    Column("AssA", "its association part", lambda of: share(of.identity.ass_a)),
    Column("MOTA", "misses, false masks and switches", lambda of: share(of.identity.mota)),
    Column("IDF1", "masks of the right identity", lambda of: share(of.identity.idf1)),
    Column("switches", "identity switches", lambda of: str(of.identity.switches)),
    Column("px", "mean distance of centres, pixels", lambda of: pixels(of.centre_mean)),
    Column("px p95", "its 95th percentile", lambda of: pixels(of.centre_p95)),
    Column(
        "ends",
        "tracks that end within five frames of their ball (met / found / true)",
        lambda of: f"{of.ends.met}/{of.ends.found}/{of.ends.true}",
    ),
    Column("strays", "found tracks on no ball", lambda of: str(of.strays)),
)
SHORT = (
    "balls",
    "J",
    "F",
    "J&F",
    "F 1px",
    "AP",
    "HOTA",
    "IDF1",
    "switches",
    "px",
    "ends",
    "strays",
)


def short() -> tuple[Column, ...]:
    """Return the columns that fit a terminal."""
    return tuple(column for column in COLUMNS if column.name in SHORT)
