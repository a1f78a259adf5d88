"""Which clips a selection takes, and that everything it leaves out is named with its reason."""

import dataclasses
import pickle
import re
from fractions import Fraction

import numpy as np
import pytest

from engine import rle
from engine.errors import SelectionError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.stages import Move, Stage
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.choosing import SHOWN, Choice, choose
from engine.workflows.selection import Selection

DAY = 24 * 3600.0
FRAMES = 12
FIRST = rle.encode(np.ones((8, 8), bool))
RECORDINGS = {
    "a": ("overhead", "CC-BY-4.0", "train", Fraction(30)),
    "b": ("side", "CC0", "val", Fraction(30)),
    "c": ("", "", "train", Fraction(25)),
}
"""Camera, licence, split and rate by recording; each has one clip, ``game-a``, and so on."""


class Desk:
    """A workspace with three clips of three recordings and a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.stores = MemoryDatabase(now=self.clock)
        for letter, (camera, licence, split, rate) in RECORDINGS.items():
            name = f"game-{letter}"
            video = Video(letter * 64, "v.mp4", "v.mp4", 8, 8, rate, 100, (), camera, licence)
            clip = Clip(name, video.sha256, "v.mp4", 40, FRAMES, 8, 8, rate, split)
            self.stores.catalog.add_video(video, [clip])

    def draw(self, letter: str, *, score: float = 1.0, label: str = "cue") -> None:
        """Store what models would: one ball on every frame, another on the first half of them."""
        self._append(letter, Kind.AUTO, "det-sam2", score=score, label=label)
        self.stores.catalog.move(f"game-{letter}", Move.PREANNOTATE, actor="det-sam2")

    def correct(self, letter: str, *, by: str = "maria") -> None:
        """Store a person's revision, of which nothing is different but who made it."""
        self._append(letter, Kind.MANUAL, by)

    def accept(self, letter: str, *, by: str = "maria") -> None:
        """Accept the newest revision."""
        self.stores.catalog.move(f"game-{letter}", Move.ACCEPT, actor=by)

    def ready(self) -> None:
        """Draw and accept all three."""
        for letter in RECORDINGS:
            self.draw(letter)
            self.accept(letter)

    def choose(self, **asked: object) -> Choice:
        """Choose with these fields of a selection."""
        selection = Selection(**asked)  # type: ignore[arg-type]  # fields pass through
        stores = self.stores
        return choose(stores.catalog, stores.revisions, FakeFrameSource(), selection)

    def names(self, **asked: object) -> list[str]:
        """Return the ids of the clips chosen."""
        return [item.clip.id for item in self.choose(**asked).items]

    def _append(
        self, letter: str, kind: Kind, author: str, *, score: float = 1.0, label: str = "cue"
    ) -> None:
        name = f"game-{letter}"
        head = self.stores.revisions.head(name)
        tracks = (Track(1, label), Track(2, "solid"))
        both = (TrackMask(1, FIRST, score), TrackMask(2, FIRST, score))
        rows = (FrameMasks(k, both if k < FRAMES // 2 else both[:1]) for k in range(FRAMES))
        self.stores.revisions.append(
            Revision(name, head.id if head else None, kind, author, tracks), rows
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_accepted_clip_is_taken_as_it_was_accepted(desk: Desk) -> None:
    desk.draw("a")
    desk.accept("a")
    desk.correct("a")
    (item,) = desk.choose().items
    assert (item.revision.author, item.reviewed, item.whole) == ("det-sam2", True, "")


def test_a_draft_is_taken_in_its_newest_revision_and_nobody_has_reviewed_it(desk: Desk) -> None:
    desk.draw("a")
    desk.correct("a")
    (item,) = desk.choose(stages=(Stage.PREANNOTATED,)).items
    assert (item.revision.author, item.reviewed) == ("maria", False)


def test_an_item_says_which_camera_and_licence_its_recording_has(desk: Desk) -> None:
    desk.ready()
    assert [(item.camera, item.licence) for item in desk.choose().items] == [
        said[:2] for said in RECORDINGS.values()
    ]


def test_what_models_drew_is_handed_over_beside_what_a_person_made_of_it(desk: Desk) -> None:
    desk.draw("a", score=0.5)
    desk.correct("a")
    (item,) = desk.choose(stages=(Stage.PREANNOTATED,)).items
    assert item.auto is not None
    assert [row.masks[0].score for row in item.auto()] == [0.5] * FRAMES
    assert [row.masks[0].score for row in item.frames()] == [1.0] * FRAMES


def test_who_does_not_want_the_models_masks_gets_none(desk: Desk) -> None:
    desk.ready()
    assert all(item.auto is None for item in desk.choose(auto=False).items)


def test_a_clip_that_people_drew_alone_has_no_masks_of_models(desk: Desk) -> None:
    desk.correct("a")
    desk.stores.catalog.move("game-a", Move.CORRECT, actor="maria")
    (item,) = desk.choose(stages=(Stage.IN_CORRECTION,)).items
    assert item.auto is None


@pytest.mark.parametrize(
    ("asked", "taken", "note"),
    [
        ({"splits": ("val",)}, "b", "split 'val': game-a (train), game-c (train)"),
        ({"cameras": ("side",)}, "b", "camera 'side': game-a (overhead), game-c (no camera known)"),
        ({"cameras": ("side", "overhead")}, "ab", "game-c (no camera known)"),
        ({"licences": ("CC0",)}, "b", "licence 'CC0': game-a (CC-BY-4.0), game-c (no licence"),
        ({"fps": Fraction(6)}, "ab", "6 frames/s: game-c (of 25 frames/s every k-th can be"),
        ({"clips": ("game-c", "game-a")}, "ca", ""),
        ({"frames": "4:8"}, "abc", ""),
    ],
)
def test_a_filter_takes_what_fits_and_names_the_rest_with_the_reason(
    asked: dict[str, object], taken: str, note: str, desk: Desk
) -> None:
    desk.ready()
    choice = desk.choose(**asked)
    assert [(item.whole or item.clip.id)[-1] for item in choice.items] == list(taken)
    assert note in "; ".join(choice.notes)
    assert bool(choice.notes) == bool(note)


def test_only_clips_that_a_person_worked_on_are_taken(desk: Desk) -> None:
    desk.ready()
    desk.stores.catalog.move("game-b", Move.REOPEN, actor="bo")
    desk.correct("b", by="bo")
    desk.stores.catalog.move("game-b", Move.SUBMIT, actor="bo")
    desk.accept("b", by="carla")
    assert desk.names(annotators=("bo",)) == ["game-b"]
    assert desk.names(annotators=("carla",)) == ["game-b"]
    assert desk.names(annotators=("maria",)) == ["game-a", "game-c"]
    assert desk.names(annotators=("bo", "maria")) == ["game-a", "game-b", "game-c"]
    assert desk.choose(annotators=("bo",)).notes == (
        "left out by annotator 'bo': game-a (det-sam2, maria), game-c (det-sam2, maria)",
    )


def test_days_are_half_open_and_of_the_acceptance(desk: Desk) -> None:
    first = desk.clock.now.date()
    for letter in RECORDINGS:
        desk.draw(letter)
    for letter in RECORDINGS:  # accepted at midnight of the first, second and third day
        desk.accept(letter)
        desk.clock.advance(DAY)
    second, third = first.replace(day=first.day + 1), first.replace(day=first.day + 2)
    assert desk.names(since=first, until=second) == ["game-a"]
    assert desk.names(since=second) == ["game-b", "game-c"]
    assert desk.names(until=third) == ["game-a", "game-b"]
    assert desk.choose(until=second).notes == (
        f"left out by until {second}: game-b ({second}), game-c ({third})",
    )


def test_of_a_draft_the_day_of_its_revision_counts(desk: Desk) -> None:
    desk.draw("a")
    made = desk.clock.now.date()
    desk.clock.advance(3 * DAY)
    asked = {"stages": (Stage.PREANNOTATED,), "until": made.replace(day=made.day + 1)}
    assert desk.names(**asked) == ["game-a"]


def test_quality_is_measured_on_what_would_be_written(desk: Desk) -> None:
    desk.draw("a", score=0.5)
    desk.draw("b", score=1.0)
    drafts = {"stages": (Stage.PREANNOTATED,)}
    assert desk.names(**drafts, min_quality=0.9) == ["game-b"]
    assert desk.names(**drafts, min_quality=0.5) == ["game-a", "game-b"]
    assert desk.choose(**drafts, min_quality=0.9).notes == (
        "left out by quality 0.9: game-a (0.500)",
    )


def test_only_wanted_classes_are_kept_in_masks_models_masks_and_tracks(desk: Desk) -> None:
    desk.draw("a")
    desk.accept("a")
    (item,) = desk.choose(labels=("solid",)).items
    assert item.auto is not None
    for rows in (item.frames(), item.auto()):
        assert [[m.track for m in row.masks] for row in rows] == [[2]] * 6 + [[]] * 6
    assert item.revision.tracks == (Track(2, "solid"),)
    assert item.notes == ("game-a: only class 'solid' is kept: left out tracks 1 (cue)",)


def test_a_clip_without_a_wanted_class_is_left_out_and_says_what_it_has(desk: Desk) -> None:
    desk.draw("a", label="cue")
    desk.draw("b", label="eight")
    choice = desk.choose(stages=(Stage.PREANNOTATED,), labels=("cue",))
    assert [item.clip.id for item in choice.items] == ["game-a"]
    assert choice.notes == ("left out by class 'cue': game-b (has eight, solid)",)


def test_of_many_objects_those_visible_longest_are_kept_and_the_others_named(desk: Desk) -> None:
    desk.draw("a")
    desk.accept("a")
    (item,) = desk.choose(max_objects=1).items
    assert [track.id for track in item.revision.tracks] == [1]
    assert {mask.track for row in item.frames() for mask in row.masks} == {1}
    assert item.notes == (
        "game-a: only the 1 tracks visible longest are kept: left out 2 (solid, 6 frames)",
    )
    assert desk.choose(max_objects=2).items[0].notes == ()


def test_objects_are_counted_on_the_frames_that_are_annotated(desk: Desk) -> None:
    desk.draw("a")
    desk.accept("a")
    (item,) = desk.choose(max_objects=1, fps=Fraction(3), frames="3:12").items
    assert item.step == 10
    assert item.notes[-1].endswith("left out 2 (solid, 1 frames)")


def test_frames_are_cut_out_of_a_clip_under_a_name_that_says_which(desk: Desk) -> None:
    desk.draw("a")
    desk.accept("a")
    (item,) = desk.choose(frames="4:8").items
    whole = desk.stores.catalog.clip("game-a").clip
    assert item.clip == dataclasses.replace(whole, id="game-a-f00004-00008", start=44, frames=4)
    assert item.whole == "game-a"
    assert item.auto is not None
    for rows in (item.frames, item.auto):
        assert [(row.frame, len(row.masks)) for row in rows()] == [(0, 2), (1, 2), (2, 1), (3, 1)]
    assert sum(len(batch) for batch in item.pictures()) == 4
    assert item.notes == ("game-a-f00004-00008: frames 4 to 8 of the 12 of game-a",)


def test_a_clip_may_be_taken_in_several_parts_each_once(desk: Desk) -> None:
    desk.ready()
    parts = ("game-a:0:4", "game-a:6:", "game-a:0:4", "game-b")
    assert desk.names(clips=parts) == ["game-a-f00000-00004", "game-a-f00006-00012", "game-b"]


def test_a_part_of_its_own_wins_over_the_part_for_all(desk: Desk) -> None:
    desk.ready()
    names = desk.names(clips=("game-a:0:4", "game-b"), frames="6:")
    assert names == ["game-a-f00000-00004", "game-b-f00006-00012"]


def test_all_frames_are_the_whole_clip_under_its_own_name(desk: Desk) -> None:
    desk.ready()
    (item,) = desk.choose(clips=("game-a:0:12",)).items
    assert (item.clip.id, item.whole, item.notes) == ("game-a", "", ())


def test_a_clip_that_ends_before_the_part_says_so(desk: Desk) -> None:
    desk.ready()
    (item,) = desk.choose(clips=("game-a:4:50",)).items
    assert item.clip.frames == 8
    assert item.notes[0].endswith("frames 4 to 12 of the 12 of game-a, which ends before 50")


def test_a_part_after_the_end_leaves_the_clip_out(desk: Desk) -> None:
    desk.ready()
    choice = desk.choose(clips=("game-a:12:20", "game-b"))
    assert [item.clip.id for item in choice.items] == ["game-b"]
    assert choice.notes == ("left out by frames: game-a-f00012-00012 (has 12)",)


def test_two_ways_to_say_the_same_part_are_refused_rather_than_written_over(desk: Desk) -> None:
    desk.ready()
    with pytest.raises(SelectionError, match="two of the chosen clips would be called game-a-f"):
        desk.choose(clips=("game-a:6:", "game-a:6:12"))


def test_edits_are_counted_only_when_they_are_asked_for(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.draw("a")
    desk.correct("a")
    reads: list[int] = []
    revisions, read = desk.stores.revisions, desk.stores.revisions.frames

    def counted(revision: int, **span: int) -> object:
        reads.append(revision)
        return read(revision, **span)  # type: ignore[arg-type]  # passed on as it comes

    monkeypatch.setattr(type(revisions), "frames", lambda _, *a, **k: counted(*a, **k))
    (item,) = desk.choose(stages=(Stage.PREANNOTATED,)).items
    assert reads == []
    assert item.edited() == {}
    assert reads == [1, 2]


def test_a_clip_that_was_named_but_stands_elsewhere_is_told(desk: Desk) -> None:
    desk.draw("a")
    desk.accept("a")
    choice = desk.choose(clips=("game-a", "game-b"))
    assert choice.notes == ("left out by stage accepted: game-b (ingested)",)


def test_clips_of_other_stages_are_not_told_when_nobody_named_them(desk: Desk) -> None:
    desk.draw("a")
    desk.accept("a")
    assert desk.choose().notes == ()


def test_an_empty_choice_says_how_many_clips_each_filter_kept(desk: Desk) -> None:
    desk.draw("a")
    desk.draw("b")
    asked = {"cameras": ("side",), "splits": ("val", "train"), "min_quality": 1.0}
    with pytest.raises(SelectionError) as told:
        desk.choose(stages=(Stage.PREANNOTATED,), **asked, labels=("stripe",))
    assert str(told.value) == (
        "no clip is left to export: of 3 clips, stage pre-annotated keeps 2, "
        "split 'val' or 'train' keeps 2, camera 'side' keeps 1, class 'stripe' keeps 0; "
        "left out by class 'stripe': game-b (has cue, solid)"
    )


def test_a_choice_without_any_clip_says_what_to_do_next(desk: Desk) -> None:
    desk.draw("a")
    with pytest.raises(SelectionError, match=r"of 3 clips, stage accepted keeps 0\); .*accept"):
        desk.choose()


def test_a_clip_that_has_no_masks_yet_is_told(desk: Desk) -> None:
    desk.draw("a")
    asked = {"stages": (Stage.INGESTED, Stage.PREANNOTATED)}
    assert desk.choose(**asked).notes == (
        "left out by masks: game-b (none yet), game-c (none yet)",
    )
    with pytest.raises(SelectionError, match="stage ingested keeps 2, masks keep 0"):
        desk.choose(stages=(Stage.INGESTED,))


def test_a_rate_that_no_clip_can_give_names_the_possible_ones(desk: Desk) -> None:
    desk.ready()
    possible = "30, 15, 10, 7.5, 6, 5, 4.286, 3.75, 3.333, 3, ..."
    with pytest.raises(SelectionError, match=re.escape(possible)):
        desk.choose(fps=Fraction(11))


def test_a_note_about_many_clips_names_some_and_counts_the_others() -> None:
    desk = Desk()
    video = Video("d" * 64, "v.mp4", "v.mp4", 8, 8, Fraction(30), 9)
    many = [
        Clip(f"more-{k}", video.sha256, "v.mp4", 0, 9, 8, 8, Fraction(30), "train")
        for k in range(SHOWN + 5)
    ]
    desk.stores.catalog.add_video(video, many)
    for clip in many:
        desk.stores.revisions.append(Revision(clip.id, None, Kind.AUTO, "det-sam2", ()), [])
        desk.stores.catalog.move(clip.id, Move.PREANNOTATE, actor="det-sam2")
    desk.draw("b")
    (note,) = desk.choose(stages=(Stage.PREANNOTATED,), splits=("val",)).notes
    assert note.endswith(f"more-{SHOWN - 1} (train), 5 more")


def test_pictures_can_be_sent_to_another_process(desk: Desk) -> None:
    desk.draw("a")
    desk.accept("a")
    stores, asked = desk.stores, Selection(clips=("game-a:4:8",))
    (item,) = choose(stores.catalog, stores.revisions, FakeFrameSource(), asked).items
    (here,), (there,) = item.pictures(), pickle.loads(pickle.dumps(item.pictures))()  # noqa: S301 - our own bytes
    assert (here.first, here.rgb.tolist()) == (there.first, there.rgb.tolist())
