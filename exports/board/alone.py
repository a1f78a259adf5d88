"""Which masks of a comparison stand alone, as an attribute of theirs that the app draws and filters by. Knows their J, judges nothing."""

from collections.abc import Sequence
from typing import Any, Final

from exports.board import names as n

MATCH: Final = "match"
"""Attribute of masks: "both" where the other side shows the ball there, too, and otherwise what is said of those that stand alone."""

ALONE: Final = {n.MASKS: "missed", n.DRAWN: "extra"}
"""What is said of masks of which the other side has nothing in common: true ones, and drawn ones."""


def declare_match(fiftyone: Any, dataset: Any) -> None:
    """Declare the attribute, where it is not."""
    for layer in ALONE:
        path = f"{layer}.detections.{MATCH}"
        if dataset.get_field(f"frames.{path}") is None:
            about = "whether the other side shows the ball there, too"
            dataset.add_frame_field(path, fiftyone.StringField, description=about)


def put_match(dataset: Any, clips: Sequence[str]) -> None:
    """Say of every mask of these clips that has a J whether it stands alone. The database does it by itself: no mask travels."""
    samples = dataset._sample_collection.distinct("_id", {n.CLIP: {"$in": list(clips)}})  # noqa: SLF001 - FiftyOne's own calls bring every mask here and back
    frames = dataset._frame_collection  # noqa: SLF001 - as above
    for layer, alone in ALONE.items():
        masks = f"{layer}.detections"
        whose = {"_sample_id": {"$in": samples}, masks: {"$exists": True}}
        frames.update_many(whose, [{"$set": {masks: _each(masks, alone)}}])


def _each(masks: str, alone: str) -> dict[str, Any]:
    """Return the masks with what is said of each."""
    said = {
        "$switch": {
            "branches": [
                {"case": {"$gt": ["$$one.j", 0]}, "then": "both"},
                {"case": {"$eq": ["$$one.j", 0]}, "then": alone},
            ],
            "default": "$$REMOVE",
        }
    }
    return {
        "$map": {
            "input": f"${masks}",
            "as": "one",
            "in": {"$mergeObjects": ["$$one", {MATCH: said}]},
        }
    }
