"""Stills of clips in FiftyOne: a dataset of pictures beside that of clips, in which a lead sorts by likeness. Knows vectors and pictures; refuses to know how they are made.

Each still is a sample with its vector in the field ``LIKENESS``. FiftyOne Brain's index of the same name reads it from there, so
that stills come and go without the index being made anew. The chart of all stills is drawn anew when there are a quarter more, and
whenever ``settled`` is called.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.errors import SettingsError
from engine.ports.board import Still
from exports.board import names as n
from exports.board.faults import translated

LIKENESS: Final = "likeness"
"""The field of vectors, and the brain key of the index."""

CHART: Final = "chart"
"""The brain key of the picture of all stills, near to each other where they are alike."""

FRAME: Final = "frame"
FACTS: Final = (n.STAGE, n.CAMERA, n.SPLIT, n.PAGE)
"""What is said of a still besides its clip and frame: the clip's own."""

SCHEMA: Final = 1
"""Raised when fields change: the dataset is made anew, and filled by the next sync."""

_CHARTED: Final = "charted"
_DIM: Final = "dim"
"""Vectors of another embedder cannot be compared with these: its first ones begin the dataset anew."""
_AGAIN: Final = 1.25


def put_stills(
    fiftyone: Any,
    name: str,
    workspace: str,
    clip: str,
    stills: Sequence[Still],
    *,
    facts: Mapping[str, Any],
) -> None:
    """Replace the stills of a clip of the dataset ``name``; ``facts`` are the clip's values of ``FACTS``.

    Killed in the middle it leaves some of the stills: put them again.

    Raises:
        SettingsError: a dataset is in the way that is not ours.
        ServerError: the database does not answer, or has no room.
    """
    if not stills:
        drop_stills(fiftyone, name, [clip])
        return
    with translated():
        dataset = _opened(fiftyone, name, workspace, dim=len(stills[0].vector))
        _remove(dataset, [clip])
        dataset.add_samples([_sample(fiftyone, clip, one, facts) for one in stills], progress=False)
        _index(dataset)
        if len(dataset) >= _AGAIN * dataset.info[n.INFO].get(_CHARTED, 0):
            _draw(dataset)


def describe_stills(fiftyone: Any, name: str, facts: Mapping[str, Mapping[str, Any]]) -> None:
    """Replace what is said of clips' stills, where there are any: ``facts`` are values of ``FACTS``, by clip."""
    from pymongo import UpdateMany  # noqa: PLC0415 - an extra

    with translated():
        dataset = _found(fiftyone, name)
        if dataset is None:
            return
        shown = set(dataset.distinct(n.CLIP))
        updates = [
            UpdateMany({n.CLIP: clip}, {"$set": {key: said.get(key) for key in FACTS}})
            for clip, said in facts.items()
            if clip in shown
        ]
        if updates:
            dataset._sample_collection.bulk_write(updates, ordered=False)  # noqa: SLF001 - one call for all clips


def drop_stills(fiftyone: Any, name: str, clips: Sequence[str]) -> None:
    """Take the stills of clips away; clips without any are ignored."""
    with translated():
        dataset = _found(fiftyone, name)
        if dataset is not None:
            _remove(dataset, clips)


def settled(fiftyone: Any, name: str) -> None:
    """Draw the chart of all stills where it lacks some; quick where it does not."""
    with translated():
        dataset = _found(fiftyone, name)
        if dataset is not None and len(dataset) != dataset.info[n.INFO].get(_CHARTED, 0):
            _draw(dataset)


def spread(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return (N, 2): vectors (N, D) on the two directions in which they differ most, nothing where they do not differ."""
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, ways = np.linalg.eigh(centred.T @ centred)
    flat = centred @ ways[:, :-3:-1]
    return np.pad(flat, ((0, 0), (0, 2 - flat.shape[1])))


def _opened(fiftyone: Any, name: str, workspace: str, *, dim: int) -> Any:
    """Return the dataset of pictures with vectors of ``dim`` numbers, made where there is none, or only a half-made or an older one."""
    dataset, full = _found(fiftyone, name), name + n.STILLS
    mark = {} if dataset is None else dataset.info.get(n.INFO, {})
    if dataset is not None and not mark and len(dataset):
        raise SettingsError(
            f"FiftyOne has a dataset {full!r} that the engine did not make: set fiftyone_dataset "
            "(ENGINE_FIFTYONE_DATASET) to another name"
        )
    wanted = {n.SCHEMA_KEY: SCHEMA, n.WORKSPACE_KEY: workspace, _DIM: dim}
    if wanted.items() <= mark.items():
        return dataset
    if dataset is not None:
        dataset.delete()
    return _made(fiftyone, full, wanted)


def _found(fiftyone: Any, name: str) -> Any:
    """Return the dataset of pictures as it is now, or None."""
    full = name + n.STILLS
    return fiftyone.load_dataset(full) if fiftyone.dataset_exists(full) else None


def _made(fiftyone: Any, full: str, mark: Mapping[str, Any]) -> Any:
    """Make the dataset; the mark comes last, so that a half-made one is known."""
    dataset = fiftyone.Dataset(full, persistent=True)
    dataset.media_type = "image"
    dataset.add_sample_field(n.CLIP, fiftyone.StringField, description="the clip that it shows")
    dataset.add_sample_field(FRAME, fiftyone.IntField, description="the frame, from 0 on, as on the correction page")  # fmt: skip
    for key in FACTS:
        dataset.add_sample_field(key, fiftyone.StringField, description=f"{key} of the clip")
    dataset.add_sample_field(LIKENESS, fiftyone.VectorField, description="by which stills are alike")  # fmt: skip
    dataset.create_index(n.CLIP)
    dataset.app_config = _looks(fiftyone, dataset)
    dataset.info[n.INFO] = dict(mark)
    dataset.save()
    return dataset


def _looks(fiftyone: Any, dataset: Any) -> Any:
    """Return how the app shows stills at first: with the clip's name, and what is said of it beside them."""
    told = [n.CLIP, FRAME, *FACTS]
    rest = sorted(set(dataset.get_field_schema()) - {*told, "tags"})
    groups: Sequence[tuple[str, list[str], bool]] = (
        ("tags", [], True),
        ("still", told, True),
        ("metadata", rest, False),
    )
    return fiftyone.DatasetAppConfig(
        sidebar_groups=[
            fiftyone.SidebarGroupDocument(name=name, paths=paths, expanded=open_)
            for name, paths, open_ in groups
        ],
        active_fields=fiftyone.ActiveFields(paths=[n.CLIP], exclude=False),
    )


def _sample(fiftyone: Any, clip: str, still: Still, facts: Mapping[str, Any]) -> Any:
    """Return a still as FiftyOne knows it."""
    said = {key: facts.get(key) for key in FACTS}
    own = {n.CLIP: clip, FRAME: still.frame, LIKENESS: still.vector}
    return fiftyone.Sample(filepath=still.path, **own, **said)


def _remove(dataset: Any, clips: Sequence[str]) -> None:
    """Delete the samples of clips."""
    gone = dataset.match({n.CLIP: {"$in": list(clips)}})
    if len(gone):
        dataset.delete_samples(gone)


def _index(dataset: Any) -> None:
    """Register the index by which the app sorts; made once, it reads the vectors from the samples whenever it is loaded."""
    if not dataset.has_brain_run(LIKENESS):
        from fiftyone import brain  # noqa: PLC0415 - an extra, and slow

        brain.compute_similarity(
            dataset, embeddings=LIKENESS, brain_key=LIKENESS, backend="sklearn"
        )


def _draw(dataset: Any) -> None:
    """Draw the chart of all stills."""
    from fiftyone import brain  # noqa: PLC0415 - as above

    ids, vectors = dataset.values(["id", LIKENESS])
    if dataset.has_brain_run(CHART):
        dataset.delete_brain_run(CHART)
    if ids:
        points = dict(zip(ids, spread(np.stack(vectors)), strict=True))
        brain.compute_visualization(dataset, points=points, method="manual", brain_key=CHART)
    dataset.info[n.INFO] = {**dataset.info[n.INFO], _CHARTED: len(ids)}
    dataset.save()
