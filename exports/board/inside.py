"""What we use of FiftyOne that it does not promise: its collections and the form of its documents. Knows nothing of clips.

Through the public calls every mask costs a millisecond and more, so documents are written as FiftyOne 1.22.1 writes them. What
every document has is taken from objects that FiftyOne itself makes, so that a default that changes is ours too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from engine.errors import SettingsError

WRITTEN_FOR: Final = "1.22.1"
_ID: Final = "_id"


@dataclass(frozen=True, slots=True)
class Templates:
    """A document of each kind with what all of its kind have, without what differs from one to the next; and new ids for them."""

    sample: Mapping[str, Any]
    metadata: Mapping[str, Any]
    event: Mapping[str, Any]
    events: Mapping[str, Any]
    detection: Mapping[str, Any]
    detections: Mapping[str, Any]
    new_id: Callable[[], Any]


def templates(fiftyone: Any) -> Templates:
    """Return the documents that FiftyOne makes.

    Raises:
        SettingsError: this FiftyOne makes them in another way than the one we know.
    """
    from bson import ObjectId  # noqa: PLC0415 - an extra

    try:
        sample = fiftyone.Sample(filepath="film.mp4").to_mongo_dict()
        return Templates(
            sample=_without(sample, "filepath", "_rand", *(k for k, v in sample.items() if v is None)),
            metadata=_without(fiftyone.VideoMetadata().to_dict()),
            event=_without(fiftyone.TemporalDetection(support=[1, 1]).to_dict(), "support"),
            events=_without(fiftyone.TemporalDetections().to_dict(), "detections"),
            detection=_without(fiftyone.Detection(mask=np.ones((1, 1), bool)).to_dict(), "mask"),
            detections=_without(fiftyone.Detections().to_dict(), "detections"),
            new_id=ObjectId,
        )  # fmt: skip
    except (AttributeError, TypeError) as error:
        raise _strange(fiftyone, error) from error


def database(fiftyone: Any) -> Any:
    """Return the database that FiftyOne is connected with."""
    try:
        return fiftyone.core.odm.get_db_conn()
    except AttributeError as error:
        raise _strange(fiftyone, error) from error


@dataclass(frozen=True, slots=True)
class Inside:
    """Where a dataset of videos lies: the id that documents know it by, the collections of its clips and of their frames."""

    id: Any
    samples: Any
    frames: Any


def inside(fiftyone: Any, dataset: Any) -> Inside:
    """Return where a dataset lies."""
    try:
        return Inside(
            dataset._doc.id,  # noqa: SLF001 - this file is where that is done
            dataset._sample_collection,  # noqa: SLF001
            dataset._frame_collection,  # noqa: SLF001
        )
    except AttributeError as error:
        raise _strange(fiftyone, error) from error


def _without(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a document without its id and some other fields."""
    return {key: value for key, value in document.items() if key not in (_ID, *keys)}


def _strange(fiftyone: Any, error: Exception) -> SettingsError:
    found = getattr(fiftyone, "__version__", "of an unknown version")
    return SettingsError(
        f"FiftyOne {found} is inside other than FiftyOne {WRITTEN_FOR}, which this program is written for ({error}): "
        f"pip install fiftyone=={WRITTEN_FOR}"
    )
