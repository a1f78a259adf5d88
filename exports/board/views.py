"""The saved views of a dataset in the app: puts those that answer daily questions, and leaves those that leads made themselves.

Through FiftyOne's own call each view costs some 40 ms; here all of them are written at once, as that call would write them.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from exports.board.questions import Question, address, made_for_a_name, questions

_COLLECTION: Final = "views"


def put_views(dataset: Any) -> bool:
    """Make the saved views of a dataset those of today's people and cameras; return whether any was not so.

    A view of ours that somebody changed is put right. Where a lead made one whose address would be that of ours, theirs stays.
    """
    there = _there(dataset)
    asked = questions(dataset.distinct("annotator"), dataset.distinct("camera"))
    names = {one.name for one in asked}
    theirs = {one["slug"] for name, one in there.items() if name not in names}
    wanted = {one.name: _document(dataset, one) for one in asked if address(one.name) not in theirs}
    gone = [
        name for name, one in there.items()
        if name not in wanted and made_for_a_name(name, one.get("description") or "")
    ]  # fmt: skip
    late = {name: one for name, one in wanted.items() if not _same(there.get(name), one)}
    if not gone and not late:
        return False
    _write(dataset, late, gone)
    _order(dataset, list(wanted))
    return True


def view_of(dataset: Any, question: Question) -> Any:
    """Return the clips that answer a question, in its order, as FiftyOne's view."""
    view = dataset.match(dict(question.match))
    if question.order is None:
        return view
    field, falling = question.order
    return view.sort_by(field, reverse=falling)


def _views(dataset: Any) -> Any:
    """Return where saved views are kept."""
    return dataset._sample_collection.database[_COLLECTION]  # noqa: SLF001 - FiftyOne has no call for many views


def _there(dataset: Any) -> dict[str, dict[str, Any]]:
    """Return what the dataset's views are, by name: one query, where FiftyOne would ask for each of them."""
    return {one["name"]: one for one in _views(dataset).find({"_dataset_id": _id(dataset)})}


def _id(dataset: Any) -> Any:
    """Return what views know their dataset by."""
    return dataset._doc.id  # noqa: SLF001 - as above


def _document(dataset: Any, question: Question) -> dict[str, Any]:
    """Return a view as it is kept, without what changes from one writing to the next."""
    stages = view_of(dataset, question)._serialize(include_uuids=False)  # noqa: SLF001 - the form in which views are kept
    return {
        "_dataset_id": _id(dataset),
        "name": question.name,
        "slug": address(question.name),
        "description": question.description,
        "color": question.colour,
        "view_stages": [json.dumps(stage) for stage in stages],
    }


def _same(there: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> bool:
    """Say whether a view is as it should be."""
    return there is not None and all(there.get(key) == value for key, value in wanted.items())


def _write(dataset: Any, late: Mapping[str, Mapping[str, Any]], gone: Sequence[str]) -> None:
    """Put views, and take others away."""
    from pymongo import DeleteOne, UpdateOne  # noqa: PLC0415 - part of an extra

    now = datetime.now(UTC)
    whose = {"_dataset_id": _id(dataset)}
    _views(dataset).bulk_write([
        *(DeleteOne(whose | {"name": name}) for name in gone),
        *(
            UpdateOne(
                whose | {"name": name},
                {"$set": dict(one) | {"last_modified_at": now}, "$setOnInsert": {"created_at": now}},
                upsert=True,
            )
            for name, one in late.items()
        ),
    ])  # fmt: skip


def _order(dataset: Any, ours: Sequence[str]) -> None:
    """Tell the dataset which views it has: ours in our order, then those of leads."""
    there = _there(dataset)
    names = [*ours, *(name for name in there if name not in set(ours))]
    listed = [there[name]["_id"] for name in names if name in there]
    datasets = dataset._sample_collection.database["datasets"]  # noqa: SLF001 - as above
    datasets.update_one(
        {"_id": _id(dataset)},
        {"$set": {"saved_views": listed, "last_modified_at": datetime.now(UTC)}},
    )
    dataset._doc.reload("saved_views")  # noqa: SLF001 - the whole dataset's reload asks for every clip in memory
