"""What we use of FiftyOne that it does not promise: its collections and the form of its documents. Knows nothing of clips.

Through the public calls every mask costs a millisecond and more, so documents are written as FiftyOne 1.22.1 writes them. What
every document has is taken from objects that FiftyOne itself makes, so that a default that changes is ours too.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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

    with _known(fiftyone):
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


def database(fiftyone: Any) -> Any:
    """Return the database that FiftyOne is connected with."""
    with _known(fiftyone):
        return fiftyone.core.odm.get_db_conn()


@dataclass(frozen=True, slots=True)
class Inside:
    """Where a dataset of videos lies: the id that documents know it by, the collections of its clips and of their frames."""

    id: Any
    samples: Any
    frames: Any


def inside(fiftyone: Any, dataset: Any) -> Inside:
    """Return where a dataset lies."""
    with _known(fiftyone):
        return Inside(
            dataset._doc.id,  # noqa: SLF001 - this file is where that is done
            dataset._sample_collection,  # noqa: SLF001
            dataset._frame_collection,  # noqa: SLF001
        )


def new_field(fiftyone: Any, name: str, kind: Any, **about: Any) -> Any:
    """Return a field that can be added to a dataset."""
    with _known(fiftyone):
        return fiftyone.core.odm.create_field(name, kind, **about)


def add_sample_fields(fiftyone: Any, dataset: Any, fields: Mapping[str, Any]) -> None:
    """Add fields to what a dataset says of samples, by their paths, all at once."""
    with _known(fiftyone):
        dataset._merge_sample_field_schema(dict(fields))  # noqa: SLF001 - as above


def add_frame_fields(fiftyone: Any, dataset: Any, fields: Mapping[str, Any]) -> None:
    """Add fields to what a dataset says of frames, by their paths, all at once."""
    with _known(fiftyone):
        dataset._merge_frame_field_schema(dict(fields))  # noqa: SLF001 - as above


@contextmanager
def _known(fiftyone: Any) -> Iterator[None]:
    """Use what FiftyOne does not promise.

    Raises:
        SettingsError: it is not there, or other than we know it.
    """
    try:
        yield
    except (AttributeError, TypeError) as error:
        found = getattr(fiftyone, "__version__", "of an unknown version")
        raise SettingsError(
            f"FiftyOne {found} is inside other than FiftyOne {WRITTEN_FOR}, which this program is written for ({error}): "
            f"pip install fiftyone=={WRITTEN_FOR}"
        ) from error


def _without(document: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """Return a document without its id and some other fields."""
    return {key: value for key, value in document.items() if key not in (_ID, *keys)}
