"""A dataset's clips are found again in the revisions it names, cut and thinned as they were when it was written."""

import dataclasses
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from engine import rle
from engine.errors import SettingsError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.queue import MemoryDatabase
from engine.ports import ExportItem
from engine.stages import Move, Stage
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.choosing import Choice, choose
from engine.workflows.recorded import recorded
from engine.workflows.selection import Selection

FRAMES = 12
MASK = rle.encode(np.ones((8, 8), bool))
TRACKS = (Track(1, "cue"), Track(2, "solid"))


@pytest.fixture
def stores() -> MemoryDatabase:
    """Return two accepted clips; the second has a newer draft that nobody accepted."""
    made = MemoryDatabase()
    video = Video("a" * 64, "v.mp4", "v.mp4", 8, 8, Fraction(30), 40, (), "overhead", "CC0")
    clips = [
        Clip(f"game-{k}", video.sha256, "v.mp4", 20 * k, FRAMES, 8, 8, Fraction(30)) for k in (0, 1)
    ]
    made.catalog.add_video(video, clips)
    for clip in clips:
        append(made, clip.id, Kind.AUTO)
        made.catalog.move(clip.id, Move.PREANNOTATE, actor="det-sam2")
        made.catalog.move(clip.id, Move.ACCEPT, actor="maria")
    append(made, "game-1", Kind.MANUAL)
    return made


def append(stores: MemoryDatabase, clip: str, kind: Kind) -> None:
    head = stores.revisions.head(clip)
    both = (TrackMask(1, MASK), TrackMask(2, MASK))
    rows = (FrameMasks(k, both if k < 6 else both[:1]) for k in range(FRAMES))
    stores.revisions.append(Revision(clip, head.id if head else None, kind, "x", TRACKS), rows)


def chosen(stores: MemoryDatabase, **asked: Any) -> tuple[ExportItem, ...]:
    source = FakeFrameSource()
    return choose(stores.catalog, stores.revisions, source, Selection(**asked)).items


def again(stores: MemoryDatabase, held: Mapping[str, Mapping[str, Any]], **settings: Any) -> Choice:
    source = FakeFrameSource()
    return recorded(stores.catalog, stores.revisions, source, held, settings=settings)


def facts(items: tuple[ExportItem, ...]) -> dict[str, dict[str, Any]]:
    """Return what an exporter writes down of clips."""
    return {item.clip.id: {"revision": item.revision.id} for item in items}


def content(item: ExportItem) -> dict[str, Any]:
    """Return everything about an item, with what its functions give."""
    said = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    auto = list(item.auto()) if item.auto else None
    pictures = [len(batch) for batch in item.pictures()]
    read = {"frames": list(item.frames()), "auto": auto, "edited": dict(item.edited())}
    return said | read | {"pictures": pictures}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"clips": ("game-1:2:8", "game-0")},
        {"frames": "3:"},
        {"labels": ("solid",)},
        {"fps": Fraction(15), "max_objects": 1},
        {"auto": False},
    ],
)
def test_every_item_is_what_the_exporter_got(asked: dict[str, Any], stores: MemoryDatabase) -> None:
    items = chosen(stores, **asked)
    settings = Selection(**asked).as_json()
    found = again(stores, facts(items), **settings)
    assert found.notes == ()
    assert [content(item) for item in found.items] == [content(item) for item in items]


def test_what_was_accepted_since_does_not_change_what_is_compared(stores: MemoryDatabase) -> None:
    items = chosen(stores)
    stores.catalog.move("game-1", Move.REOPEN, actor="bo")
    stores.catalog.move("game-1", Move.SUBMIT, actor="bo")
    stores.catalog.move("game-1", Move.ACCEPT, actor="bo")
    found = again(stores, facts(items))
    assert [content(item) for item in found.items] == [content(item) for item in items]
    assert found.notes == ("game-1: is in revision 2, the workspace would write 3 today",)


def test_a_draft_stays_unreviewed(stores: MemoryDatabase) -> None:
    stores.catalog.move("game-1", Move.REOPEN, actor="bo")
    items = chosen(stores, stages=(Stage.IN_CORRECTION,))
    (item,) = again(stores, facts(items)).items
    assert (item.revision.id, item.reviewed) == (3, False)


@pytest.mark.parametrize(
    ("clips", "said"),
    [
        ({"gone-1": {"revision": 1}}, "gone-1: no clip 'gone-1'"),
        ({"gone-f00000-00004": {"revision": 1}}, "no clip 'gone'"),
        ({"game-0": {"revision": 99}}, "game-0: no revision 99"),
        ({"game-0": {"revision": "newest"}}, "game-0: no revision 0"),
        ({"game-0": {}}, "game-0: no revision 0"),
        ({"game-0": {"revision": 2}}, "revision 2 is of clip game-1: another workspace wrote it"),
    ],
)
def test_clips_that_the_workspace_does_not_have_are_named(
    clips: dict[str, dict[str, Any]], said: str, stores: MemoryDatabase
) -> None:
    found = again(stores, clips | {"game-1": {"revision": 2}})
    assert [item.clip.id for item in found.items] == ["game-1"]
    assert any(said in note for note in found.notes)


def test_settings_that_do_not_fit_the_clip_are_named(stores: MemoryDatabase) -> None:
    (note,) = again(stores, {"game-0": {"revision": 1}}, labels=["stripe"]).notes
    assert note == "game-0: is not what the dataset's settings chose: has cue, solid"
    (note,) = again(stores, {"game-0": {"revision": 1}}, fps="11").notes
    assert "every k-th can be annotated" in note


@pytest.mark.parametrize(
    "settings",
    [{"fps": "fast"}, {"fps": 0}, {"labels": 7}, {"max_objects": "many"}, {"fps": None}],
)
def test_settings_of_nobody_are_refused(settings: dict[str, Any], stores: MemoryDatabase) -> None:
    with pytest.raises(SettingsError):
        again(stores, {}, **settings)
