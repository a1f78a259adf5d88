"""Masks from outside: everything is checked before anything is written, and each clip becomes one revision."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from engine import rle
from engine.errors import SelectionError, SettingsError
from engine.fakes.queue import MemoryDatabase
from engine.ports import LabelledClip
from engine.stages import Move, Stage
from engine.types import RLE, Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.edits import EDITED, edited
from engine.workflows.importing import import_dataset
from engine.workflows.importing_values import Incoming, Wishes

HIGH, WIDE, FRAMES = 8, 12, 6
LABELS = {1: "cue", 2: "solid"}
WISHES = Wishes("maria", "davis", "their-set")
ALL = range(FRAMES)


def mask(track: int, pixels: int, score: float = 1.0) -> TrackMask:
    drawn = np.zeros((HIGH, WIDE), bool)
    drawn.flat[track : track + pixels] = True
    return TrackMask(track, rle.encode(drawn), score)


def row(frame: int, areas: Mapping[int, int], score: float = 1.0) -> FrameMasks:
    return FrameMasks(frame, tuple(mask(t, area, score) for t, area in areas.items() if area))


def rows(areas: Mapping[int, int], frames: Sequence[int] = ALL) -> list[FrameMasks]:
    return [row(frame, areas) for frame in frames]


def clip_of(name: str = "game-1", **more) -> Clip:
    return replace(Clip(name, name, "", 0, FRAMES, WIDE, HIGH, Fraction(30)), **more)


def source(
    given: Sequence[FrameMasks], labels=None, *, clip: Clip | None = None, **more
) -> Incoming:
    clip = clip or clip_of()
    labelled = LabelledClip(
        clip,
        LABELS if labels is None else labels,
        tuple(one.frame for one in given),
        lambda: iter(()),
        lambda: iter(given),
    )
    return Incoming(labelled, clip.id, **more)


@pytest.fixture
def stores() -> MemoryDatabase:
    """Two clips of one recording, of six frames each."""
    made = MemoryDatabase()
    video = Video("a" * 64, "a.mp4", "a.mp4", WIDE, HIGH, Fraction(30), 2 * FRAMES)
    clips = [
        clip_of(name, video=video.sha256, media="a.mp4", start=k * FRAMES)
        for k, name in enumerate(("game-1", "game-2"))
    ]
    made.catalog.add_video(video, clips)
    return made


def draw(
    stores: MemoryDatabase, areas: Mapping[int, int], clip: str = "game-1", score: float = 0.5
):
    """Let a model draw the same areas on every frame."""
    tracks = tuple(Track(t, LABELS.get(t, "ball")) for t in areas)
    made = stores.revisions.append(
        Revision(clip, None, Kind.AUTO, "det-sam2", tracks), [row(f, areas, score) for f in ALL]
    )
    stores.catalog.move(clip, Move.PREANNOTATE, actor="det-sam2")
    return made


def bring(stores: MemoryDatabase, *sources: Incoming, wishes: Wishes = WISHES, **more):
    return import_dataset(stores.catalog, stores.revisions, sources, wishes=wishes, **more)


def reason(stores: MemoryDatabase, *sources: Incoming, wishes: Wishes = WISHES) -> str:
    """Return why the only clip was refused; nothing may have been written."""
    before = len(stores.revisions._shelf.revisions)
    report = bring(stores, *sources, wishes=wishes)
    assert len(stores.revisions._shelf.revisions) == before
    (refused,) = report.refused
    return refused.reason


def test_masks_become_a_persons_revision_that_says_where_it_comes_from(
    stores: MemoryDatabase,
) -> None:
    parent = draw(stores, {1: 4})
    (one,) = bring(stores, source(rows({1: 5, 2: 9}), sha256="f" * 64)).outcomes
    made = stores.revisions.head("game-1")
    assert (one.what, one.revision, one.frames, one.new) == ("imported", made.id, FRAMES, False)
    assert (made.parent, made.kind, made.author) == (parent.id, Kind.MANUAL, "maria")
    assert made.tracks == (Track(1, "cue"), Track(2, "solid"))
    assert made.provenance == {
        "origin": "import",
        "format": "davis",
        "source": "their-set",
        "source_clip": "game-1",
        "annotation_sha256": "f" * 64,
        "author": "maria",
    }
    assert list(stores.revisions.frames(made.id)) == rows({1: 5, 2: 9})


def test_a_verdict_is_next_after_an_import(stores: MemoryDatabase) -> None:
    bring(stores, source(rows({1: 5})))
    assert stores.catalog.clip("game-1").stage is Stage.SUBMITTED
    moves = [(event.move, event.actor, event.note) for event in stores.catalog.events("game-1")]
    said = "imported from their-set"
    assert moves == [(Move.CORRECT, "maria", said), (Move.SUBMIT, "maria", said)]


def test_only_frames_that_differ_are_stored(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})
    given = [row(frame, {1: 4 + (frame == 3)}) for frame in ALL]
    (one,) = bring(stores, source(given)).outcomes
    assert list(stores.revisions._shelf.changed[one.revision]) == [3]
    assert one.frames == 1


def test_masks_of_the_same_pixels_keep_their_scores(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4, 2: 7}, score=0.5)
    (one,) = bring(stores, source(rows({1: 4, 2: 9}))).outcomes
    masks = stores.revisions._shelf.changed[one.revision][0].masks
    assert [(m.track, m.score) for m in masks] == [(1, 0.5), (2, 1.0)]


def test_equal_masks_are_no_new_revision(stores: MemoryDatabase) -> None:
    made = draw(stores, {1: 4})
    (one,) = bring(stores, source(rows({1: 4}))).outcomes
    assert (one.what, one.revision) == ("unchanged", made.id)
    assert stores.catalog.clip("game-1").stage is Stage.PREANNOTATED


def test_run_lengths_of_other_writers_may_hold_runs_of_no_pixels(stores: MemoryDatabase) -> None:
    draw(stores, {1: 1})
    split = RLE((HIGH, WIDE), rle._pack(np.array([8, 0, 0, 1, 87])))
    assert split != mask(1, 1).rle
    (one,) = bring(stores, source([FrameMasks(f, (TrackMask(1, split),)) for f in ALL])).outcomes
    assert one.what == "unchanged"


def test_another_class_of_the_same_masks_is_a_new_revision(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})
    (one,) = bring(stores, source(rows({1: 4}), {1: "eight"})).outcomes
    assert (one.what, one.frames) == ("imported", 0)
    assert stores.revisions.head("game-1").tracks == (Track(1, "eight"),)


def test_a_clip_on_which_nothing_is_visible_can_be_imported(stores: MemoryDatabase) -> None:
    (one,) = bring(stores, source(rows({}), {})).outcomes
    assert one.what == "imported"
    assert stores.revisions.head("game-1").tracks == ()


def test_importing_twice_changes_nothing_the_second_time(stores: MemoryDatabase) -> None:
    first = bring(stores, source(rows({1: 4}))).outcomes[0]
    (again,) = bring(stores, source(rows({1: 4}))).outcomes
    assert (again.what, again.revision) == ("unchanged", first.revision)
    assert len(stores.catalog.events("game-1")) == 2


def test_an_import_that_died_before_its_moves_is_finished_by_the_next(
    stores: MemoryDatabase,
) -> None:
    bring(stores, source(rows({1: 4})))
    stores.revisions._shelf.stages["game-1"] = Stage.IN_CORRECTION
    bring(stores, source(rows({1: 4})))
    assert stores.catalog.clip("game-1").stage is Stage.SUBMITTED


def test_numbers_that_no_track_can_have_are_told_and_given_anew(stores: MemoryDatabase) -> None:
    labels = {0: "cue", 2: "solid"}
    given = [FrameMasks(f, (replace(mask(1, 4), track=0), mask(2, 9))) for f in ALL]
    (one,) = bring(stores, source(given, labels)).outcomes
    assert stores.revisions.head("game-1").tracks == (Track(1, "cue"), Track(2, "solid"))
    assert one.notes == ("track 0 is kept as 1: tracks are numbered from 1",)


def test_classes_nobody_knows_are_all_named_at_once(stores: MemoryDatabase) -> None:
    first = source(rows({1: 4, 2: 5}), {1: "cueball", 2: "8ball"})
    second = source(rows({1: 4}), {1: "white"}, clip=clip_of("game-2"))
    report = bring(stores, first, second)
    assert report.unknown == ("8ball", "cueball", "white")
    assert "--class '8ball=...' --class 'cueball=...'" in report.outcomes[0].reason


def test_their_classes_are_mapped_to_ours(stores: MemoryDatabase) -> None:
    wishes = replace(WISHES, labels={"cueball": "cue"})
    bring(stores, source(rows({1: 4}), {1: "cueball"}), wishes=wishes)
    assert stores.revisions.head("game-1").tracks == (Track(1, "cue"),)


def test_a_class_that_the_clip_has_already_is_known(stores: MemoryDatabase) -> None:
    stores.revisions.append(
        Revision("game-1", None, Kind.AUTO, "yolo", (Track(1, "sports ball"),)), rows({1: 3})
    )
    (one,) = bring(stores, source(rows({1: 4}), {1: "sports ball"})).outcomes
    assert one.what == "imported"


def test_a_mapping_to_no_class_of_ours_is_refused() -> None:
    with pytest.raises(SettingsError, match="'whitish': expected one of cue, solid"):
        Wishes("maria", labels={"white": "whitish"})


@pytest.mark.parametrize(
    ("clip", "told"),
    [
        (clip_of(width=WIDE + 2), "masks of 14 x 8 pixels, clip game-1 has 12 x 8"),
        (clip_of(frames=FRAMES + 1), "7 frames, clip game-1 has 6"),
        (clip_of(frames=FRAMES - 1), "5 frames, clip game-1 has 6"),
    ],
)
def test_a_clip_of_another_size_or_length_is_refused(
    stores: MemoryDatabase, clip: Clip, told: str
) -> None:
    assert told in reason(stores, source(rows({1: 4}, range(clip.frames)), clip=clip))


def test_a_mask_of_another_size_is_refused_with_its_frame(stores: MemoryDatabase) -> None:
    odd = TrackMask(1, rle.empty((HIGH, WIDE + 1)))
    given = [*rows({1: 4}, range(5)), FrameMasks(5, (odd,))]
    assert "frame 5, track 1: a mask of (8, 13)" in reason(stores, source(given))


def test_fewer_frames_than_the_source_announces_are_damage(stores: MemoryDatabase) -> None:
    whole = source(rows({1: 4}))
    short = replace(whole, labelled=replace(whole.labelled, frames=lambda: iter(rows({1: 4})[:4])))
    assert "4 frames with masks, 6 were announced" in reason(stores, short)


def test_frames_out_of_order_are_refused(stores: MemoryDatabase) -> None:
    whole = source(rows({1: 4}))
    turned = replace(
        whole, labelled=replace(whole.labelled, frames=lambda: iter(rows({1: 4})[::-1]))
    )
    assert "not in order" in reason(stores, turned)


def test_one_bad_clip_stops_all_before_anything_is_written(stores: MemoryDatabase) -> None:
    good, bad = source(rows({1: 4})), source(rows({1: 4}), {1: "?"}, clip=clip_of("game-2"))
    report = bring(stores, good, bad)
    assert [one.what for one in report.outcomes] == ["refused", "refused"]
    assert "--keep-going" in report.outcomes[0].reason
    assert not stores.revisions._shelf.revisions
    assert stores.catalog.clip("game-1").stage is Stage.INGESTED


def test_what_can_be_imported_is_where_that_is_wanted(stores: MemoryDatabase) -> None:
    good, bad = source(rows({1: 4})), source(rows({1: 4}), {1: "?"}, clip=clip_of("game-2"))
    report = bring(stores, bad, good, wishes=replace(WISHES, keep_going=True))
    assert [one.what for one in report.outcomes] == ["refused", "imported"]
    assert stores.revisions.head("game-1")
    assert not stores.revisions.head("game-2")


def test_clips_that_could_not_be_read_stop_the_others_too(stores: MemoryDatabase) -> None:
    report = bring(stores, source(rows({1: 4})), damaged={"game-2": "00003.png: not readable"})
    assert [one.reason for one in report.refused][1] == "00003.png: not readable"
    assert not stores.revisions._shelf.revisions


def test_a_dry_run_tells_and_writes_nothing(stores: MemoryDatabase) -> None:
    report = bring(stores, source(rows({1: 4})), wishes=replace(WISHES, dry_run=True))
    assert [(one.what, one.frames) for one in report.outcomes] == [("imported", FRAMES)]
    assert report.dry_run
    assert not stores.revisions._shelf.revisions
    assert not stores.revisions._shelf.events


def test_gaps_are_refused_with_the_first_frame(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})
    told = reason(stores, source(rows({1: 9}, [0, 3])))
    assert "2 of 6 frames are annotated, the first without is 1; say --sparse" in told


def test_frames_between_keep_their_masks_where_that_is_wanted(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4, 2: 2})
    given = source(rows({1: 9}, [0, 3]))
    (one,) = bring(stores, given, wishes=replace(WISHES, sparse=True)).outcomes
    assert one.notes == ("frames without annotation keep their masks",)
    assert list(stores.revisions._shelf.changed[one.revision]) == [0, 3]
    now = list(stores.revisions.frames(one.revision))
    assert [len(frame.masks) for frame in now] == [1, 2, 2, 1, 2, 2]
    assert stores.revisions.head("game-1").tracks == (Track(1, "cue"), Track(2, "solid"))


def test_without_masks_of_its_own_a_clip_cannot_have_gaps(stores: MemoryDatabase) -> None:
    told = reason(stores, source(rows({1: 9}, [0, 3])), wishes=replace(WISHES, sparse=True))
    assert "no masks that they could keep: run `engine preannotate game-1`" in told


def test_gaps_do_not_let_two_balls_share_a_number(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})
    given = source(rows({1: 9}, [0, 3]), {1: "eight"})
    told = reason(stores, given, wishes=replace(WISHES, sparse=True))
    assert "track 1 is 'eight', the clip's own is 'cue'" in told


@pytest.mark.parametrize("stage", [Stage.ACCEPTED, Stage.EXCLUDED])
def test_what_was_decided_has_to_be_taken_back_first(stores: MemoryDatabase, stage: Stage) -> None:
    draw(stores, {1: 4})
    stores.revisions._shelf.stages["game-1"] = stage
    stores.revisions._shelf.log("game-1", Move.ACCEPT, stage, "maria", 1)
    assert "engine accept --reopen game-1" in reason(stores, source(rows({1: 9})))
    assert bring(stores, source(rows({1: 4}))).outcomes[0].what == "unchanged"


@pytest.mark.parametrize("stage", [Stage.IN_CORRECTION, Stage.SUBMITTED])
def test_a_models_masks_never_bury_a_persons(stores: MemoryDatabase, stage: Stage) -> None:
    stores.revisions._shelf.stages["game-1"] = stage
    told = reason(stores, source(rows({1: 9})), wishes=replace(WISHES, auto=True))
    assert "leave --auto away" in told


def test_a_models_masks_wait_for_correction(stores: MemoryDatabase) -> None:
    bring(stores, source(rows({1: 9})), wishes=replace(WISHES, auto=True))
    assert stores.revisions.head("game-1").kind is Kind.AUTO
    assert stores.catalog.clip("game-1").stage is Stage.PREANNOTATED


def test_a_submitted_clip_stays_submitted_with_the_new_masks(stores: MemoryDatabase) -> None:
    stores.revisions._shelf.stages["game-1"] = Stage.SUBMITTED
    (one,) = bring(stores, source(rows({1: 9}))).outcomes
    assert one.what == "imported"
    assert stores.catalog.clip("game-1").stage is Stage.SUBMITTED


def test_a_revision_that_came_in_between_is_told_and_not_buried(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})

    def somebody_else(_: str, done: int, total: int) -> None:
        if done == total:
            head = stores.revisions.head("game-1").id
            stores.revisions.append(Revision("game-1", head, Kind.MANUAL, "bob", ()), rows({1: 2}))

    (one,) = bring(stores, source(rows({1: 9})), progress=somebody_else).outcomes
    assert one.what == "refused"
    assert "newest" in one.reason
    assert stores.revisions.head("game-1").author == "bob"


def test_counts_of_edited_frames_come_along_under_our_numbers(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})
    given = [FrameMasks(f, (replace(mask(1, 4), track=0), mask(2, 9))) for f in ALL]
    bring(stores, source(given, {0: "cue", 2: "solid"}, edited={0: 5}))
    made = stores.revisions.head("game-1")
    assert json.loads(made.provenance[EDITED]) == {"1": 5}
    assert edited(stores.revisions, stores.revisions.history("game-1"), ALL) == {1: 5}


def test_a_source_that_counts_no_edits_is_an_edit_itself(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})
    bring(stores, source([row(f, {1: 4 + (f > 3)}) for f in ALL]))
    assert edited(stores.revisions, stores.revisions.history("game-1"), ALL) == {1: 2}


def test_a_single_clip_may_be_named_otherwise(stores: MemoryDatabase) -> None:
    given = source(rows({1: 4}), clip=clip_of("export-17"))
    (one,) = bring(stores, given, wishes=replace(WISHES, clip="game-2")).outcomes
    assert (one.source, one.clip, one.what) == ("export-17", "game-2", "imported")


def test_of_many_clips_the_one_of_the_name_is_taken(stores: MemoryDatabase) -> None:
    given = [source(rows({1: 4}), clip=clip_of(name)) for name in ("game-1", "game-2")]
    report = bring(stores, *given, wishes=replace(WISHES, clip="game-2"))
    assert [one.clip for one in report.outcomes] == ["game-2"]
    others = [source(rows({1: 4}), clip=clip_of(name)) for name in ("a", "b")]
    with pytest.raises(SelectionError, match="2 clips and none is called so: a, b"):
        bring(stores, *others, wishes=replace(WISHES, clip="game-2"))


def test_a_name_that_nobody_has_is_answered_with_the_nearest(stores: MemoryDatabase) -> None:
    with pytest.raises(SelectionError, match="game-1"):
        bring(stores, source(rows({1: 4})), wishes=replace(WISHES, clip="gane-1"))


def test_a_clip_of_no_name_of_ours_is_found_by_recording_and_start(stores: MemoryDatabase) -> None:
    given = source(rows({1: 4}), clip=clip_of("x"), recording="a" * 64, start=FRAMES)
    assert bring(stores, given).outcomes[0].clip == "game-2"


def test_a_part_of_a_clip_lands_on_its_own_frames(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4}, "game-2")
    part = clip_of("game-2-f00002-00005", frames=3)
    given = source(rows({1: 9}, range(3)), clip=part, recording="a" * 64, start=FRAMES + 2)
    (one,) = bring(stores, given, wishes=replace(WISHES, sparse=True)).outcomes
    assert one.clip == "game-2"
    assert list(stores.revisions._shelf.changed[one.revision]) == [2, 3, 4]


def test_a_thinned_clip_lands_on_every_second_frame(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})
    thin = clip_of(frames=3, rate=Fraction(15), media="x")
    (one,) = bring(stores, source(rows({1: 9}, range(3)), clip=thin), wishes=replace(WISHES, sparse=True)).outcomes  # fmt: skip
    assert list(stores.revisions._shelf.changed[one.revision]) == [0, 2, 4]


def test_annotations_without_pictures_may_end_before_the_clip(stores: MemoryDatabase) -> None:
    draw(stores, {1: 4})
    short = clip_of(frames=3)
    wishes = replace(WISHES, sparse=True)
    (one,) = bring(stores, source(rows({1: 9}, range(3)), clip=short, counted=False), wishes=wishes).outcomes  # fmt: skip
    assert list(stores.revisions._shelf.changed[one.revision]) == [0, 1, 2]
    late = source(rows({1: 9}, [0, 7]), clip=clip_of(frames=8), counted=False)
    assert "masks up to frame 7, clip game-1 has 6" in reason(stores, late, wishes=wishes)


def test_two_clips_of_a_source_cannot_be_one_of_ours(stores: MemoryDatabase) -> None:
    same = source(rows({1: 4}), clip=clip_of("x"), recording="a" * 64, start=0)
    report = bring(stores, source(rows({1: 9})), same)
    assert "is clip game-1 like game-1 of the same source" in report.outcomes[1].reason
    assert not stores.revisions._shelf.revisions


def test_a_clip_nobody_knows_is_refused_where_no_new_ones_are_made(stores: MemoryDatabase) -> None:
    told = reason(stores, source(rows({1: 4}), clip=clip_of("bear")))
    assert "no such clip; name the right one with --clip" in told
