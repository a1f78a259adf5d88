"""Finds, makes and remakes the dataset of clips; refuses one that is not ours. Knows marks and names, refuses to know cards.

A dataset is made under another name, which it keeps until it is whole: killed at any moment, nothing half-made is ever taken
for ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import ServerError, SettingsError
from engine.ports.board import Tag
from exports.board import names as n
from exports.board.fields import declare
from exports.board.inside import Inside, Templates, database, inside, templates

_UNFINISHED: Final = 0
"""The schema of a dataset that is being made."""
_CARRIED: Final = ("filepath", "metadata", "tags", n.CLIP, n.BY, n.NOTE, n.TOLD_PRIORITY)
_ELSE: Final = "set fiftyone_dataset (ENGINE_FIFTYONE_DATASET) to another name"


@dataclass(frozen=True, slots=True)
class Opened:
    """A dataset that is ours: FiftyOne's object of it, where it lies and how its documents look."""

    dataset: Any
    place: Inside
    kinds: Templates


def opened(fiftyone: Any, name: str, workspace: str, *, rebuild: bool = False) -> Opened:
    """Return the dataset of a workspace's clips, made where it is not there, is of an older schema or shall be rebuilt.

    Tags that nobody acted on yet are carried over.

    Raises:
        SettingsError: a dataset of that name is not ours, or another workspace's, or nothing can be called that.
        ServerError: it is of a newer schema than we write.
    """
    kinds = templates(fiftyone)
    _finish(fiftyone, name)
    mark = mark_of(fiftyone, name)
    if mark is not None:
        _refuse(name, mark, workspace)
    if mark is None or rebuild or mark[n.SCHEMA_KEY] < n.SCHEMA:
        dataset = _made(fiftyone, name, workspace, kinds)
    else:
        dataset = _loaded(fiftyone, name)
        _index(dataset)
    return Opened(dataset, inside(fiftyone, dataset), kinds)


def exists(fiftyone: Any, place: Inside) -> bool:
    """Say whether the dataset that lies there is still one, whatever it is called; it can be deleted by hand while we hold it."""
    return database(fiftyone).datasets.find_one({"_id": place.id}, {"_id": 1}) is not None


def mark_of(fiftyone: Any, name: str) -> Mapping[str, Any] | None:
    """Return what the dataset of a name is marked with, empty where it has no mark of ours; None where there is no dataset."""
    found = database(fiftyone).datasets.find_one({"name": name}, {"info": 1})
    if found is None:
        return None
    mark = (found.get("info") or {}).get(n.INFO)
    whole = isinstance(mark, dict) and isinstance(mark.get(n.SCHEMA_KEY), int)
    return mark if whole else {}


def _refuse(name: str, mark: Mapping[str, Any], workspace: str) -> None:
    """Refuse a dataset that we must not write to."""
    if not mark:
        raise SettingsError(f"FiftyOne has a dataset {name!r} that the engine did not make: {_ELSE}")  # fmt: skip
    if mark.get(n.WORKSPACE_KEY) != workspace:
        raise SettingsError(
            f"FiftyOne's dataset {name!r} shows another workspace than this one: {_ELSE}"
        )
    if mark[n.SCHEMA_KEY] > n.SCHEMA:
        raise ServerError(
            f"FiftyOne's dataset {name!r} has schema {mark[n.SCHEMA_KEY]}, and this program writes {n.SCHEMA}: "
            f"update this program, or {_ELSE}"
        )


def _finish(fiftyone: Any, name: str) -> None:
    """Go on with what a process that was killed had begun: take a whole dataset, clear away a half one."""
    spare = name + n.MAKING
    mark = mark_of(fiftyone, spare)
    if mark is None:
        return
    whole = mark.get(n.SCHEMA_KEY) == n.SCHEMA
    if whole and mark_of(fiftyone, name) is None:
        with _named(name):
            _loaded(fiftyone, spare).name = name
        return
    dataset = _loaded(fiftyone, spare)
    if not mark and len(dataset):
        raise SettingsError(f"FiftyOne has a dataset {spare!r} that the engine did not make: {_ELSE}")  # fmt: skip
    dataset.delete()


def _made(fiftyone: Any, name: str, workspace: str, kinds: Templates) -> Any:
    """Make the dataset, in place of the one of this name where there is one."""
    wishes = _wishes(fiftyone, name)
    with _named(name):
        fiftyone.core.utils.to_slug(name)
        dataset = fiftyone.Dataset(name + n.MAKING, persistent=True)
    dataset.media_type = "video"
    _put_mark(dataset, workspace, _UNFINISHED)
    declare(fiftyone, dataset)
    _index(dataset)
    if wishes:
        place = inside(fiftyone, dataset)
        own = {**kinds.sample, "_dataset_id": place.id}
        place.samples.insert_many([{**own, **wish} for wish in wishes])
    _put_mark(dataset, workspace, n.SCHEMA)
    if fiftyone.dataset_exists(name):
        fiftyone.delete_dataset(name)
    with _named(name):
        dataset.name = name
    return dataset


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Give a dataset its name.

    Raises:
        SettingsError: FiftyOne calls none so, or another one almost so.
    """
    try:
        yield
    except ValueError as error:
        raise SettingsError(f"FiftyOne can call no dataset {name!r} ({error}): {_ELSE}") from error


def _loaded(fiftyone: Any, name: str) -> Any:
    """Return a dataset that is there, as it is there now."""
    try:
        return fiftyone.load_dataset(name, reload=True)
    except (ValueError, OSError) as error:
        raise ServerError(
            f"FiftyOne does not open its dataset {name!r} ({error}): install the version that wrote it, or {_ELSE}"
        ) from error


def _put_mark(dataset: Any, workspace: str, schema: int) -> None:
    dataset.info[n.INFO] = {n.SCHEMA_KEY: schema, n.WORKSPACE_KEY: workspace}
    dataset.save()


def _index(dataset: Any) -> None:
    """Let a clip have one document at most; what people add by hand is no clip."""
    text = {n.CLIP: {"$type": "string"}}
    dataset.create_index(n.CLIP, unique=True, partialFilterExpression=text)


def _wishes(fiftyone: Any, name: str) -> Sequence[Mapping[str, Any]]:
    """Return of the dataset of a name the clips whose tags ask for something, with nothing but that."""
    found = database(fiftyone).datasets.find_one({"name": name}, {"sample_collection_name": 1})
    if found is None:
        return ()
    documents = database(fiftyone)[found["sample_collection_name"]]
    keys = {"_media_type", "_rand", "created_at", "last_modified_at", *_CARRIED}
    asked = {n.CLIP: {"$type": "string"}, "$or": [{"tags": {"$in": [str(tag) for tag in Tag]}}, {n.TOLD_PRIORITY: True}]}  # fmt: skip
    return tuple(documents.find(asked, {"_id": 0, **dict.fromkeys(keys, 1)}))
