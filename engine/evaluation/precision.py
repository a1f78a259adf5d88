"""Average precision of boxes and of masks, by the COCO API's own code. Knows frames, not identities.

Lin et al., "Microsoft COCO", ECCV 2014; the figures are those of ``pycocotools.cocoeval``: area "all", at most
100 detections a frame, the score of a found mask as confidence. Every ball is of one class.
"""

from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any, Literal

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from engine import rle
from engine.evaluation.matching import Compared
from engine.types import TrackMask

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Precision:
    """AP over IoU 0.50 to 0.95, at 0.50 and at 0.75; nan where there is no truth."""

    ap: float
    ap50: float
    ap75: float


def average_precision(
    compared: Sequence[Compared], *, of: Literal["bbox", "segm"] = "bbox"
) -> Precision:
    """Return the average precision over frames, of one clip or of several put one after the other."""
    truth = _entries(compared, found=False)
    found = _entries(compared, found=True)
    if not truth:
        return Precision(float("nan"), float("nan"), float("nan"))
    if not found:
        return Precision(0.0, 0.0, 0.0)
    with redirect_stdout(StringIO()):  # the API reports on the output stream, which is ours
        known = COCO()
        known.dataset = {
            "info": {},
            "images": [_image(number, one) for number, one in enumerate(compared, 1)],
            "categories": [{"id": 1, "name": "ball"}],
            "annotations": truth,
        }
        known.createIndex()
        judged = COCOeval(known, known.loadRes(found), of)
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return Precision(*(float(judged.stats[place]) for place in (0, 1, 2)))


def _image(number: int, one: Compared) -> Entry:
    """Return a frame as the API knows it; a frame without masks may have any size."""
    high, wide = next((m.rle.size for row in (one.true, one.found) for m in row.masks), (1, 1))
    return {"id": number, "height": high, "width": wide}


def _entries(compared: Sequence[Compared], *, found: bool) -> list[Entry]:
    """Return every mask as an annotation; numbers begin at 1, since the API takes 0 for "unmatched"."""
    placed = [
        (number, mask)
        for number, one in enumerate(compared, 1)
        for mask in (one.found if found else one.true).masks
        if rle.area(mask.rle)
    ]
    return [_entry(index, image, mask) for index, (image, mask) in enumerate(placed, 1)]


def _entry(index: int, image: int, mask: TrackMask) -> Entry:
    """Return one annotation."""
    x0, y0, x1, y1 = rle.bbox(mask.rle) or (0.0, 0.0, 0.0, 0.0)
    return {
        "id": index,
        "image_id": image,
        "category_id": 1,
        "iscrowd": 0,
        "score": mask.score,
        "area": rle.area(mask.rle),
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "segmentation": rle.to_coco(mask.rle),
    }
