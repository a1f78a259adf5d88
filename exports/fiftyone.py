"""The board that FiftyOne shows, the one adapter of ``Board``: what is written in which order. Refuses to know stages and stores.

How things are written is known to the parts in ``exports/board``. FiftyOne itself is an extra, slow to import, and is loaded
when a board is opened. Whatever is put survives a kill at any moment: a clip's masks are first unmarked, then replaced, then
marked again.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from engine.errors import SelectionError, ServerError
from engine.ports.board import Card, Held, Layer, Progress, Still, Tag
from engine.ports.board_rules import REQUESTS, meant
from engine.types import Clip
from exports.board import names as n
from exports.board.cards import update
from exports.board.documents import Stamp, classes, documents
from exports.board.environment import load
from exports.board.faults import translated
from exports.board.inside import Inside, database
from exports.board.opening import Opened, exists, mark_of, opened
from exports.board.progress_json import to_json
from exports.board.stills import SCHEMA as STILLS_SCHEMA
from exports.board.stills import describe_stills, drop_stills, put_stills, settled

_FRAMES: Final = 500
"""Documents of frames that are written at once: some megabytes."""
_TAGS: Final = "tags"
_NO_MASKS: Final = {n.HELD_MASKS: None, n.HELD_DRAWN: None}
_OURS: Final = frozenset(str(tag) for tag in Tag)


@contextmanager
def open_board(
    uri: str, *, home: Path, dataset: str, workspace: str, rebuild: bool = False
) -> Iterator["FiftyOneBoard"]:
    """Yield the board in the database at ``uri``, which must run; what FiftyOne writes itself goes into the folder ``home``.

    ``workspace`` is told from others by this text; ``rebuild`` makes the ``dataset`` anew.

    Raises:
        SettingsError: FiftyOne is not installed, or the dataset of that name is not this workspace's.
        ServerError: the database does not answer, or the dataset was made by a newer program.
    """
    fiftyone = load(uri, home)
    with translated():
        board = FiftyOneBoard(fiftyone, dataset, workspace, rebuild=rebuild)
    yield board


class FiftyOneBoard:
    """``engine.ports.Board`` in FiftyOne."""

    def __init__(self, fiftyone: Any, name: str, workspace: str, *, rebuild: bool = False) -> None:
        """Open the dataset ``name``, or make it."""
        self._fiftyone, self._name, self._workspace = fiftyone, name, workspace
        self._opened: Opened = opened(fiftyone, name, workspace, rebuild=rebuild)

    @property
    def dataset(self) -> Any:
        """The dataset of clips, as FiftyOne's object, for what the app shows of it."""
        return self._opened.dataset

    def held(self) -> Mapping[str, Held]:
        """Return what is held, by clip; a dataset that was deleted by hand is made again, and holds nothing."""
        with translated():
            if not exists(self._fiftyone, self._opened.place):
                self._opened = opened(self._fiftyone, self._name, self._workspace)
            samples = self._opened.place.samples
            if not self._pictured():
                samples.update_many({n.HELD_STILLS: {"$ne": None}}, {"$set": {n.HELD_STILLS: None}})
            _put_right(samples)
            keys = dict.fromkeys((n.CLIP, _TAGS, *n.HIDDEN), 1)
            found = samples.find({n.CLIP: {"$type": "string"}}, keys).sort("_id", 1)
            return {one[n.CLIP]: _held(one) for one in found}

    def put_cards(self, cards: Sequence[Card]) -> None:
        """Add clips, or replace what is said of them, in one go."""
        from pymongo import UpdateOne  # noqa: PLC0415 - an extra

        last = {card.clip.id: card for card in cards}
        if not last:
            return
        with self._writing() as (place, now):
            told = self._told(list(last), place)
            updates = {
                id_: update(card, self._opened.kinds, dataset=place.id, told=told[id_], now=now)
                for id_, card in last.items()
            }
            place.samples.bulk_write(
                [UpdateOne({n.CLIP: id_}, one, upsert=True) for id_, one in updates.items()],
                ordered=False,
            )
            facts = {id_: one["$set"] for id_, one in updates.items()}
            describe_stills(self._fiftyone, self._name, facts)

    def put_masks(self, clip: Clip, masks: Layer, drawn: Layer | None = None) -> None:
        """Replace all masks of a clip; until the last of them is there it counts as without."""
        with self._writing() as (place, now):
            sample = self._unmarked(clip.id, place, now)
            place.frames.delete_many({"_sample_id": sample})
            stamp = Stamp(place.id, sample, now)
            rows = documents(masks, drawn, self._opened.kinds, stamp)
            while some := list(islice(rows, _FRAMES)):
                place.frames.insert_many(some, ordered=False)
            marks = {
                n.HELD_MASKS: masks.revision,
                n.HELD_DRAWN: None if drawn is None else drawn.revision,
                n.CLASSES: classes(masks),
            }
            if not place.samples.update_one({"_id": sample}, _setting(now, **marks)).matched_count:
                place.frames.delete_many({"_sample_id": sample})
                raise ServerError(f"clip {clip.id} was deleted meanwhile in FiftyOne: sync again")

    def drop_masks(self, clip: str) -> None:
        """Take a clip's masks away."""
        with self._writing() as (place, now), suppress(SelectionError):
            place.frames.delete_many({"_sample_id": self._unmarked(clip, place, now)})

    def drop(self, clips: Sequence[str]) -> None:
        """Take clips away with all that is said of them."""
        with self._writing() as (place, now):
            asked = {n.CLIP: {"$in": list(clips)}}
            place.samples.update_many(asked, _setting(now, **_NO_MASKS))
            found = [one["_id"] for one in place.samples.find(asked, {"_id": 1})]
            place.frames.delete_many({"_sample_id": {"$in": found}})
            place.samples.delete_many({"_id": {"$in": found}})
            self._note(place, last_deletion_at=now)
            drop_stills(self._fiftyone, self._name, clips)

    def untag(self, clip: str, tags: Sequence[Tag]) -> None:
        """Take tags off a clip; once it asks for nothing more, what was said with them is forgotten."""
        with self._writing() as (place, now):
            off = {_TAGS: [str(tag) for tag in tags]}
            place.samples.update_one({n.CLIP: clip}, {"$pullAll": off, **_setting(now)})
            quiet = {n.CLIP: clip, _TAGS: {"$nin": sorted(REQUESTS)}}
            place.samples.update_one(quiet, _setting(now, **{n.BY: None, n.NOTE: None}))

    def put_progress(self, progress: Progress) -> None:
        """Replace what is said of the dataset as a whole, which the panel reads."""
        with self._writing() as (place, now):
            path = f"info.{n.INFO}.{n.PROGRESS_KEY}"
            self._note(place, **{path: to_json(progress)}, last_modified_at=now)
            settled(self._fiftyone, self._name)

    def put_stills(self, clip: str, stills: Sequence[Still], *, made: str) -> None:
        """Replace a clip's pictures, which lie in a dataset of their own."""
        with self._writing() as (place, now):
            about = {n.CLIP: clip}
            facts = place.samples.find_one_and_update(about, _setting(now, **{n.HELD_STILLS: None}))
            if facts is None:
                raise _unknown(clip)
            put_stills(self._fiftyone, self._name, self._workspace, clip, stills, facts=facts)
            place.samples.update_one(about, _setting(now, **{n.HELD_STILLS: made}))

    @contextmanager
    def _writing(self) -> Iterator[tuple[Inside, datetime]]:
        """Yield where the dataset lies, and the time, to write to it.

        Raises:
            ServerError: somebody deleted it; what would be written now, nobody would find.
        """
        with translated():
            if not exists(self._fiftyone, self._opened.place):
                raise ServerError(
                    f"FiftyOne's dataset {self._name!r} was deleted meanwhile: sync again to have it made anew"
                )
            yield self._opened.place, datetime.now(UTC)

    def _pictured(self) -> bool:
        """Say whether the dataset of pictures is there and of today's schema: else it will be made anew, with nothing in it."""
        mark = mark_of(self._fiftyone, self._name + n.STILLS) or {}
        return (
            mark.get(n.SCHEMA_KEY) == STILLS_SCHEMA and mark.get(n.WORKSPACE_KEY) == self._workspace
        )

    def _note(self, place: Inside, **fields: Any) -> None:
        """Set fields of what FiftyOne keeps of the dataset itself, of which nobody else writes these."""
        database(self._fiftyone).datasets.update_one({"_id": place.id}, {"$set": fields})

    def _told(self, clips: Sequence[str], place: Inside) -> Mapping[str, bool]:
        """Return the priority that each clip had when its card was put last; none where there is no card."""
        known = place.samples.find({n.CLIP: {"$in": clips}}, {n.CLIP: 1, n.TOLD_PRIORITY: 1})
        found = {one[n.CLIP]: bool(one.get(n.TOLD_PRIORITY)) for one in known}
        return {clip: found.get(clip, False) for clip in clips}

    def _unmarked(self, clip: str, place: Inside, now: datetime) -> Any:
        """Mark a clip as one without masks, and return the id of its document."""
        found = place.samples.find_one_and_update(
            {n.CLIP: clip}, _setting(now, **_NO_MASKS), {"_id": 1}
        )
        if found is None:
            raise _unknown(clip)
        return found["_id"]


def _put_right(samples: Any) -> None:
    """Write tags of ours that were typed with capitals or spaces as they are, so that they are found and taken off as such."""
    for typed in samples.distinct(_TAGS):
        tag = meant(str(typed))
        if tag is not None and typed != tag:
            change = {_TAGS + ".$[one]": str(tag), "last_modified_at": datetime.now(UTC)}
            samples.update_many({_TAGS: typed}, {"$set": change}, array_filters=[{"one": typed}])


def _setting(now: datetime, **fields: Any) -> dict[str, Any]:
    """Return an update that sets fields, and the time of change by which the app sees that there is news."""
    return {"$set": {**fields, "last_modified_at": now}}


def _unknown(clip: str) -> SelectionError:
    return SelectionError(f"no card of clip {clip!r} on the board: put it first")


def _held(one: Mapping[str, Any]) -> Held:
    """Return what a clip's document says that the board holds."""
    typed = [str(tag) for tag in one.get(_TAGS) or ()]
    tags = frozenset(Tag(tag) for tag in typed if tag in _OURS)
    return Held(
        digest=one.get(n.DIGEST) or "",
        masks=one.get(n.HELD_MASKS),
        drawn=one.get(n.HELD_DRAWN),
        tags=tags,
        by=one.get(n.BY) or "",
        note=one.get(n.NOTE) or "",
        priority=bool(one.get(n.TOLD_PRIORITY)),
        stills=one.get(n.HELD_STILLS) or "",
        others=tuple(sorted(set(typed) - _OURS)),
    )
