"""Corrections as child revisions: stored whole or not at all, repeatable, undoable, never on what was accepted."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.connect import Database
from engine.errors import InputError, SelectionError, StageError, StaleParent, VideoError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.queue import MemoryDatabase
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.propagate_edits import Deed, Edit
from engine.stages import Move, Stage
from engine.types import (
    RLE,
    FrameMasks,
    Kind,
    Origin,
    Point,
    Prompt,
    Revision,
    Track,
    TrackMask,
    Video,
)
from engine.workflows.correct import (
    Asked,
    Desk,
    Model,
    correct_clip,
    edit_clip,
    restore,
    rows_of,
)
from engine.workflows.edits import edited
from engine.workflows.repeat import repeat

SCENE = Scene(
    [Disc((200, 20, 20), "cue", rolls(20, 20, dx=1)), Disc((20, 20, 200), "solid", rests(120, 60))],
    70,
)
CLIP = SCENE.clip
TRACKS = (Track(1, "cue"), Track(2, "solid"))
MODEL = Model(
    FakeFrameSource(SCENE.paint),
    ColourSegmenter(),
    {"segmenter": "colours", "segmenter_sha256": "c0"},
)
TRUTH = [SCENE.truth(frame) for frame in range(SCENE.frames)]
Books = Database | MemoryDatabase


@pytest.fixture(params=["memory", "sqlite"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Return stores that know the clip."""
    video = Video(CLIP.video, "a.mp4", "", CLIP.width, CLIP.height, CLIP.rate, CLIP.frames)
    if request.param == "memory":
        made = MemoryDatabase()
        made.catalog.add_video(video, [CLIP])
        yield made
        return
    with Database(f"sqlite:///{tmp_path / 'engine.db'}") as database:
        database.upgrade()
        database.catalog.add_video(video, [CLIP])
        yield database


@pytest.fixture
def desk(books: Books) -> Desk:
    """Return a clip that a model has drawn: the cue ball's track jumps onto the other ball on frame 30."""
    drawn(books, [_jumped(row) for row in TRUTH])
    return Desk(books.catalog, books.revisions, "ada")


def _jumped(row: FrameMasks) -> FrameMasks:
    masks = row.by_track()
    if row.frame >= 30:
        masks[1] = replace(masks[2], track=1)
    return FrameMasks(row.frame, tuple(masks.values()))


def drawn(books: Books, rows: Iterable[FrameMasks]) -> None:
    revision = Revision(CLIP.id, None, Kind.AUTO, "det-sam2", TRACKS)
    books.revisions.append(revision, rows)
    books.catalog.move(CLIP.id, Move.PREANNOTATE, actor="det-sam2")


def on_red(frame: int, *, track: int = 1) -> Prompt:
    return Prompt(frame, track, points=(Point(20 + frame, 20),), origin=Origin.PERSON)


def asked(*prompts: Prompt, parent: int | None = 1, **options) -> Asked:
    return Asked(CLIP.id, parent, prompts, **options)


def stored(desk: Desk, revision: int) -> list[FrameMasks]:
    return list(desk.revisions.frames(revision))


def pixels(rows: Iterable[FrameMasks]) -> list[list[tuple[int, RLE]]]:
    return [[(mask.track, mask.rle) for mask in row.masks] for row in rows]


def test_a_click_becomes_a_child_that_a_person_made(desk: Desk) -> None:
    child = correct_clip(desk, asked(on_red(40)), MODEL)
    assert (child.parent, child.kind, child.author) == (1, Kind.MANUAL, "ada")
    assert child.tracks == TRACKS
    assert pixels(stored(desk, child.id)) == pixels(TRUTH)
    assert desk.catalog.clip(CLIP.id).stage is Stage.IN_CORRECTION
    assert desk.catalog.events(CLIP.id)[-1].actor == "ada"


def test_only_the_frames_that_changed_are_stored(desk: Desk) -> None:
    parent = stored(desk, 1)
    given: list[int] = []

    class Watched:
        def __init__(self) -> None:
            self.append = lambda revision, rows: inner.append(
                revision, (given.append(row.frame) or row for row in rows)
            )

        def __getattr__(self, name: str) -> object:
            return getattr(inner, name)

    inner = desk.revisions
    child = correct_clip(replace(desk, revisions=Watched()), asked(on_red(40)), MODEL)
    assert given == list(range(30, 70))
    assert stored(desk, child.id)[:30] == parent[:30]
    assert edited(inner, inner.history(CLIP.id), range(70)) == {1: 40}


def test_other_tracks_keep_their_masks_to_the_byte(desk: Desk) -> None:
    child = correct_clip(desk, asked(on_red(40)), MODEL)
    for old, new in zip(stored(desk, 1), stored(desk, child.id), strict=True):
        assert new.by_track()[2] == old.by_track()[2]


def test_the_same_prompts_made_again_give_the_same_masks(desk: Desk) -> None:
    first = correct_clip(desk, asked(on_red(40), frames=range(35, 60)), MODEL)
    more = asked(on_red(62), parent=first.id, earlier=[on_red(40), on_red(45, track=2)])
    second = correct_clip(desk, more, MODEL)
    for child in (first, second):
        done = repeat(desk.revisions, CLIP, child.id, MODEL)
        parent = rows_of(desk.revisions, CLIP, desk.revisions.revision(child.parent))
        again = list(done.rows(parent))
        kept = {row.frame: row for row in stored(desk, child.id)}
        assert pixels(again) == pixels(kept[row.frame] for row in again)
        assert len(again) == sum(
            old != new for old, new in zip(stored(desk, child.parent), kept.values(), strict=True)
        )


@pytest.mark.parametrize("track", [1, 0], ids=["of the track", "of all tracks"])
def test_places_that_are_held_keep_their_masks_also_when_it_is_made_again(
    desk: Desk, track: int
) -> None:
    held = frozenset({(45, track), (46, track)})
    child = correct_clip(desk, replace(asked(on_red(40)), held=held), MODEL)
    old, new = stored(desk, 1), stored(desk, child.id)
    assert [f for f in range(70) if old[f] != new[f]] == [*range(30, 45), *range(47, 70)]
    assert {45, 46}.isdisjoint(repeat(desk.revisions, CLIP, child.id, MODEL).masks)


def test_a_correction_that_was_stopped_is_made_again_as_far_as_it_came(desk: Desk) -> None:
    left = iter([False] * 12)
    child = correct_clip(desk, asked(on_red(40)), MODEL, stop=lambda: next(left, True))
    changed = [
        new.frame
        for old, new in zip(stored(desk, 1), stored(desk, child.id), strict=True)
        if old != new
    ]
    assert changed == list(range(40, 52))
    again = repeat(desk.revisions, CLIP, child.id, MODEL)
    assert (sorted(again.masks), again.stopped) == (changed, True)


def test_the_record_names_the_model_and_only_what_was_said_of_the_tracks(desk: Desk) -> None:
    earlier = [on_red(10), Prompt(10, 2, points=(Point(120, 60),))]
    child = correct_clip(desk, asked(on_red(40), earlier=earlier), MODEL)
    assert child.provenance["segmenter"] == "colours"
    assert '"track": 2' not in child.provenance["earlier_prompts"]
    assert '"origin": "person"' in child.provenance["prompts"]


def test_a_click_that_changes_nothing_stores_nothing(desk: Desk) -> None:
    assert correct_clip(desk, asked(on_red(10), frames=range(5, 15)), MODEL) is None
    assert desk.catalog.clip(CLIP.id).head == 1
    assert desk.catalog.clip(CLIP.id).stage is Stage.PREANNOTATED


def test_a_new_ball_needs_a_class(desk: Desk) -> None:
    deleted = edit_clip(desk, CLIP.id, Edit(Deed.DELETE, 1, range(70)), parent=1)
    click = on_red(40, track=3)
    with pytest.raises(InputError, match="track 3 is new"):
        correct_clip(desk, asked(click, parent=deleted.id), MODEL)
    child = correct_clip(desk, asked(click, parent=deleted.id, labels={3: "cue"}), MODEL)
    assert child.tracks == (*TRACKS, Track(3, "cue"))
    assert [row.by_track()[3].rle for row in stored(desk, child.id)] == [
        row.by_track()[1].rle for row in TRUTH
    ]


def test_a_new_ball_that_was_never_drawn_leaves_no_track_behind(desk: Desk) -> None:
    new = asked(on_red(40, track=3), labels={3: "cue"})
    assert correct_clip(desk, new, MODEL, stop=lambda: True) is None
    assert desk.catalog.clip(CLIP.id).head == 1


def test_a_clip_without_masks_can_be_drawn_by_hand(books: Books) -> None:
    desk = Desk(books.catalog, books.revisions, "ada")
    new = asked(on_red(40), parent=None, labels={1: "cue"})
    child = correct_clip(desk, new, MODEL)
    assert (child.parent, child.tracks) == (None, (Track(1, "cue"),))
    assert all(set(row.by_track()) == {1} for row in stored(desk, child.id))


def _swap(desk: Desk, parent: int) -> object:
    return edit_clip(desk, CLIP.id, Edit(Deed.SWAP, 1, range(30, 70), other=2), parent=parent)


ACTIONS: list[Callable[[Desk, int], object]] = [
    lambda desk, parent: correct_clip(desk, asked(on_red(40), parent=parent), MODEL),
    _swap,
    lambda desk, parent: restore(desk, CLIP.id, parent=parent, to=parent),
]


@pytest.mark.parametrize("act", ACTIONS)
def test_what_was_shown_must_be_the_newest(desk: Desk, act) -> None:
    edit_clip(desk, CLIP.id, Edit(Deed.DELETE, 2, range(5)), parent=1)
    with pytest.raises(StaleParent, match="revision 1 was shown, the newest is 2"):
        act(desk, 1)
    assert desk.catalog.clip(CLIP.id).head == 2


def test_somebody_who_comes_in_while_the_model_works_is_not_overwritten(desk: Desk) -> None:
    def meanwhile(row: FrameMasks) -> None:
        if row.frame == 45:
            edit_clip(desk, CLIP.id, Edit(Deed.DELETE, 2, range(5)), parent=1)

    with pytest.raises(StaleParent):
        correct_clip(desk, asked(on_red(40)), MODEL, progress=meanwhile)
    assert desk.catalog.clip(CLIP.id).head == 2


@pytest.mark.parametrize("act", ACTIONS)
def test_an_accepted_clip_has_to_be_reopened_first(desk: Desk, act) -> None:
    desk.catalog.move(CLIP.id, Move.ACCEPT, actor="bea")
    with pytest.raises(StageError, match="accepted; possible now: reopen"):
        act(desk, 1)
    assert desk.catalog.clip(CLIP.id).accepted == 1
    desk.catalog.move(CLIP.id, Move.REOPEN, actor="bea")
    act(desk, 1)
    assert desk.catalog.clip(CLIP.id).stage is Stage.IN_CORRECTION


def test_nobody_corrects_what_was_accepted_while_the_model_worked(desk: Desk) -> None:
    def meanwhile(row: FrameMasks) -> None:
        if row.frame == 45:
            desk.catalog.move(CLIP.id, Move.ACCEPT, actor="bea")

    with pytest.raises(StageError):
        correct_clip(desk, asked(on_red(40)), MODEL, progress=meanwhile)
    assert desk.catalog.clip(CLIP.id).head == 1


def test_a_video_that_breaks_off_leaves_everything_as_it_was(desk: Desk) -> None:
    def paint(clip, frame):
        if frame > 50:
            raise VideoError("the media is gone")
        return SCENE.paint(clip, frame)

    with pytest.raises(VideoError):
        correct_clip(desk, asked(on_red(40)), replace(MODEL, source=FakeFrameSource(paint)))
    status = desk.catalog.clip(CLIP.id)
    assert (status.head, status.stage) == (1, Stage.PREANNOTATED)


def test_an_edit_becomes_a_child_that_says_what_it_was(desk: Desk) -> None:
    child = edit_clip(desk, CLIP.id, Edit(Deed.SPLIT, 1, range(30, 70), other=3), parent=1)
    assert child.tracks == (*TRACKS, Track(3, "cue"))
    assert (
        child.provenance["edit"] == '{"deed": "split", "frames": [30, 70], "other": 3, "track": 1}'
    )
    assert {track for row in stored(desk, child.id)[30:] for track in row.by_track()} == {2, 3}


def test_relabelling_stores_a_revision_without_masks(desk: Desk) -> None:
    child = edit_clip(desk, CLIP.id, Edit(Deed.RELABEL, 2, range(70), label="stripe"), parent=1)
    assert child.tracks == (Track(1, "cue"), Track(2, "stripe"))
    assert stored(desk, child.id) == stored(desk, 1)


def test_an_edit_of_nothing_stores_nothing(desk: Desk) -> None:
    edit_clip(desk, CLIP.id, Edit(Deed.DELETE, 2, range(5)), parent=1)
    assert edit_clip(desk, CLIP.id, Edit(Deed.DELETE, 2, range(5)), parent=2) is None


def test_undo_and_redo_are_revisions_too(desk: Desk) -> None:
    before, tracks = stored(desk, 1), desk.revisions.revision(1).tracks
    made = [
        correct_clip(desk, asked(on_red(40)), MODEL),
        edit_clip(desk, CLIP.id, Edit(Deed.SPLIT, 2, range(9), other=3), parent=2),
    ]
    after = stored(desk, made[-1].id)
    undone = restore(desk, CLIP.id, parent=made[-1].id, to=1)
    assert (stored(desk, undone.id), undone.tracks) == (before, tracks)
    redone = restore(desk, CLIP.id, parent=undone.id, to=made[-1].id)
    assert (stored(desk, redone.id), redone.tracks) == (after, made[-1].tracks)
    assert redone.provenance["restored"] == str(made[-1].id)


def test_going_back_to_what_is_shown_stores_nothing(desk: Desk) -> None:
    assert restore(desk, CLIP.id, parent=1, to=1) is None


def test_going_back_to_what_never_was_is_refused(desk: Desk) -> None:
    with pytest.raises(SelectionError):
        restore(desk, CLIP.id, parent=1, to=77)


def test_what_was_not_made_of_prompts_cannot_be_repeated(desk: Desk) -> None:
    with pytest.raises(SelectionError, match="revision 1 was not made of prompts"):
        repeat(desk.revisions, CLIP, 1, MODEL)


def test_a_mask_that_was_brushed_is_stored_as_it_is(desk: Desk) -> None:
    painted = TRUTH[3].by_track()[2].rle
    child = edit_clip(desk, CLIP.id, Edit(Deed.REPLACE, 1, range(3, 4), mask=painted), parent=1)
    assert stored(desk, child.id)[3].by_track()[1] == TrackMask(1, painted)
