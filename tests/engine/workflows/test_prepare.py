"""Clips are prepared once, with every witness that is asked, and what was interrupted goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from engine.doubts import Sign
from engine.errors import DiskFull, SelectionError, VideoError
from engine.fakes.detector import ColourDetector
from engine.fakes.frames import FakeFrameSource
from engine.fakes.queue import MemoryDatabase
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.stages import Move
from engine.types import Box, Clip, Detection, FrameBatch, FrameMasks, Kind, Revision, Track, Video
from engine.workflows.findings import kept_doubts, of_two_passes
from engine.workflows.prepare import (
    doubts_of,
    keep_witnesses,
    lasting,
    seen_by,
    witnesses_of,
)
from engine.workflows.prepare_backward import followed_back
from engine.workflows.prepare_clips import Tools, prepare

SCENE = Scene(
    [
        Disc((200, 20, 20), "cue", rolls(20, 20, dx=1)),
        Disc((20, 20, 200), "solid", rests(120, 60)),
        Disc((220, 220, 20), "stripe", rests(60, 70)),  # nobody has drawn this one
    ],
    60,
)
TRACKS = (Track(1, "cue"), Track(2, "solid"))
SOURCE = FakeFrameSource(SCENE.paint)
DETECTOR = ColourDetector(SCENE.labels)
CLIPS = ("a", "b", "c")


def clip_of(name: str) -> Clip:
    return replace(SCENE.clip, id=name)


def drawn(frame: int) -> FrameMasks:
    """Return the first two balls; the second is missing on five frames."""
    masks = (m for m in SCENE.truth(frame).masks if m.track == 1 or (m.track == 2 and not 30 <= frame < 35))  # fmt: skip
    return FrameMasks(frame, tuple(masks))


@pytest.fixture
def books() -> MemoryDatabase:
    """Stores that know three clips, of which the first two have masks."""
    made, clip = MemoryDatabase(), SCENE.clip
    video = Video(clip.video, "a.mp4", "", clip.width, clip.height, clip.rate, clip.frames)
    made.catalog.add_video(video, [clip_of(name) for name in CLIPS])
    for name in CLIPS[:2]:
        append(made, name, None)
        made.catalog.move(name, Move.PREANNOTATE, actor="engine")
    return made


def append(books: MemoryDatabase, clip: str, parent: int | None) -> Revision:
    revision = Revision(clip, parent, Kind.AUTO, "engine", TRACKS)
    return books.revisions.append(revision, [drawn(frame) for frame in range(SCENE.frames)])


@dataclass
class Copies:
    """Notes which copies were made; those of ``broken`` cannot be, and ``full`` is a disk without room."""

    made: list[str] = field(default_factory=list)
    broken: tuple[str, ...] = ()
    full: bool = False

    def __call__(
        self, clip: Clip, *, stop: Callable[[], bool], progress: Callable[[int, int], None]
    ) -> bool:
        if clip.id in self.broken:
            raise VideoError(f"{clip.id} is gone")
        if self.full:
            raise DiskFull("no room")
        if clip.id in self.made or stop():
            return False
        self.made.append(clip.id)
        progress(clip.frames, clip.frames)
        return True


@pytest.fixture
def tools(books: MemoryDatabase) -> Tools:
    return Tools(
        books.catalog, books.revisions, books.desk.findings, SOURCE, Copies(), DETECTOR, "colours"
    )


def head(tools: Tools, clip: str = "a") -> int:
    found = tools.catalog.clip(clip).head
    assert found is not None
    return found


def test_every_clip_gets_a_copy_and_those_with_masks_doubts(tools: Tools) -> None:
    report = prepare(tools)
    assert [one.clip for one in report.ready] == ["a", "b", "c"]
    assert [one.made for one in report.ready] == [
        ("copy", "detections", "doubts"),
        ("copy", "detections", "doubts"),
        ("copy",),
    ]
    assert [one.doubts is None for one in report.ready] == [False, False, True]
    assert not report.failed
    assert not report.interrupted


def test_a_ball_that_nobody_drew_is_doubted_only_where_a_detector_was_asked(tools: Tools) -> None:
    prepare(replace(tools, detector=None), ["a"])
    alone = kept_doubts(tools.findings, head(tools))
    assert alone is not None
    assert {one.sign for one in alone} == {Sign.VANISHED}
    prepare(tools, ["a"])
    both = kept_doubts(tools.findings, head(tools))
    assert both is not None
    assert Sign.DETECTOR in {one.sign for one in both}


def test_what_is_there_is_not_made_again(tools: Tools) -> None:
    first, again = prepare(tools), prepare(tools)
    assert [one.made for one in again.ready] == [()] * 3
    assert [(one.doubts, one.visits) for one in again.ready] == [
        (one.doubts, one.visits) for one in first.ready
    ]


def test_another_detector_or_more_looks_are_another_witness(tools: Tools) -> None:
    prepare(tools, ["a"])
    assert "detections" in prepare(replace(tools, detector_name="other"), ["a"]).ready[0].made
    assert "detections" in prepare(replace(tools, every=3), ["a"]).ready[0].made


def test_the_detector_looks_once_for_all_revisions_of_a_clip(
    tools: Tools, books: MemoryDatabase
) -> None:
    prepare(tools, ["a"])
    append(books, "a", head(tools))
    assert prepare(tools, ["a"]).ready[0].made == ("doubts",)
    found = kept_doubts(tools.findings, head(tools))
    assert found is not None
    assert Sign.DETECTOR in {one.sign for one in found}


def test_a_second_pass_is_a_witness_that_is_asked_once(tools: Tools) -> None:
    with_passes = replace(tools, segmenter=ColourSegmenter())
    prepare(tools, ["a"])
    assert not of_two_passes(tools.findings, head(tools))
    assert prepare(with_passes, ["a"]).ready[0].made == ("doubts",)
    found = kept_doubts(tools.findings, head(tools))
    assert found is not None
    assert any(one.sign is Sign.PASSES and one.track == 2 for one in found)
    assert prepare(with_passes, ["a"]).ready[0].made == ()
    assert prepare(tools, ["a"]).ready[0].made == ()


def test_the_second_pass_draws_every_frame_and_finds_what_was_missed() -> None:
    books = MemoryDatabase()
    clip = clip_of("a")
    books.catalog.add_video(
        Video(clip.video, "a.mp4", "", clip.width, clip.height, clip.rate, clip.frames), [clip]
    )
    revision = append(books, "a", None)
    rows = followed_back(
        clip, revision.id, revisions=books.revisions, source=SOURCE, segmenter=ColourSegmenter()
    )
    assert rows is not None
    assert [row.frame for row in rows] == list(range(SCENE.frames))
    for row in rows:
        truth = SCENE.truth(row.frame).by_track()
        assert {mask.track: mask.rle for mask in row.masks} == {t: truth[t].rle for t in (1, 2)}


def test_a_clip_that_fails_stops_no_other(tools: Tools) -> None:
    report = prepare(replace(tools, copy=Copies(broken=("a",))))
    assert report.failed == {"a": "a is gone"}
    assert [one.clip for one in report.ready] == ["b", "c"]


def test_a_full_disk_stops_the_work(tools: Tools) -> None:
    with pytest.raises(DiskFull):
        prepare(replace(tools, copy=Copies(full=True)))


@pytest.mark.parametrize("asked", range(0, 150, 13))
def test_interrupted_anywhere_the_same_call_goes_on(tools: Tools, asked: int) -> None:
    with_passes, calls = replace(tools, segmenter=ColourSegmenter()), iter(range(1000))
    first = prepare(with_passes, ["a"], stop=lambda: next(calls) >= asked)
    second = prepare(with_passes, ["a"])
    made = [piece for report in (first, second) for one in report.ready for piece in one.made]
    assert first.interrupted or made == ["copy", "detections", "doubts"]
    assert isinstance(tools.copy, Copies)
    assert tools.copy.made == ["a"]
    assert of_two_passes(tools.findings, head(tools))
    assert prepare(with_passes, ["a"]).ready[0].made == ()


def test_progress_goes_up_to_the_end_also_where_nothing_was_to_do(tools: Tools) -> None:
    for _ in range(2):
        told: list[tuple[int, int]] = []
        prepare(tools, progress=lambda *now, told=told: told.append(now))
        assert told == sorted(told)
        assert told[-1] == (3 * 3 * SCENE.frames, 3 * 3 * SCENE.frames)


def test_accepted_clips_are_left_alone_unless_they_are_named(tools: Tools) -> None:
    tools.catalog.move("b", Move.ACCEPT, actor="me")
    assert [one.clip for one in prepare(tools).ready] == ["a", "c"]
    assert [one.clip for one in prepare(tools, ["b", "b"]).ready] == ["b"]


def test_a_clip_that_is_not_there_is_refused(tools: Tools) -> None:
    with pytest.raises(SelectionError):
        prepare(tools, ["a", "nothing"])


class Seer:
    """A detector that knows pockets and games: the left pocket stays, the other one wanders."""

    def __init__(self, games: Sequence[str]) -> None:
        self._games = games

    def detect(self, batch: FrameBatch) -> list[tuple[Detection, ...]]:
        raise AssertionError(f"{batch}: it can say more than that")

    def look(self, batch: FrameBatch) -> "list[Seen]":
        frame = batch.first
        boxes: list[Box] = [(0, 0, 10 + frame % 3, 10), (3.0 * frame, 50, 3.0 * frame + 8, 58)]
        pockets = tuple(Detection(frame, box, "pocket", 0.9) for box in boxes)
        game = self._games[frame // 10 % len(self._games)]
        return [Seen(DETECTOR.detect(batch)[0], pockets, game)]


@dataclass(frozen=True)
class Seen:
    balls: tuple[Detection, ...]
    pockets: tuple[Detection, ...]
    game: str


def test_a_detector_that_knows_pockets_and_games_is_asked_for_them() -> None:
    seer = Seer(["snooker", "any", "nine-ball", "snooker"])
    seen = seen_by(seer, clip_of("a"), source=SOURCE, name="seer")
    assert seen is not None
    assert seen.game == "snooker"
    assert seen.pockets == ((0, 0, 11, 10),)
    assert [frame for frame, _ in seen.looks] == [0, 10, 20, 30, 40, 50]
    assert all(len(found) == 3 for _, found in seen.looks)


def test_a_detector_of_balls_alone_says_nothing_of_pockets_and_games() -> None:
    seen = seen_by(DETECTOR, clip_of("a"), source=SOURCE, name="colours", every=25)
    assert seen is not None
    assert (seen.game, seen.pockets) == ("any", ())
    assert [frame for frame, _ in seen.looks] == [0, 25, 50]


def test_looking_may_be_stopped() -> None:
    assert seen_by(DETECTOR, clip_of("a"), source=SOURCE, name="", stop=lambda: True) is None


def test_a_pocket_counts_that_is_on_more_than_half_of_the_looks() -> None:
    here, there = (0.0, 0.0, 10.0, 10.0), (50.0, 0.0, 60.0, 10.0)
    assert lasting([[here], [here, there], [here, there], [here]]) == (here,)
    assert lasting([]) == ()


def test_the_game_that_people_chose_wins_over_what_the_detector_guessed(
    tools: Tools, books: MemoryDatabase
) -> None:
    seen = seen_by(Seer(["eight-ball"]), clip_of("a"), source=SOURCE, name="seer")
    assert seen is not None
    keep_witnesses(books.revisions, tools.findings, "a", seen)
    assert witnesses_of(books.revisions, tools.findings, "a") == seen
    revision = Revision("a", head(tools), Kind.MANUAL, "me", (Track(1, "cue"), Track(2, "cue")))
    stored = books.revisions.append(revision, [])
    for game, doubted in (("auto", True), ("eight-ball", True), ("any", False)):
        found = doubts_of(books.revisions, tools.findings, clip_of("a"), stored, game=game)
        crowded = any("the game has" in one.why for one in found)
        assert crowded == doubted


def test_pictures_are_read_and_let_go() -> None:
    closed: list[bool] = []

    def batches(clip: Clip, **asked: int) -> object:
        try:
            yield from SOURCE.batches(clip, **asked)
        finally:
            closed.append(True)

    source = FakeFrameSource()
    source.batches = batches  # type: ignore[method-assign, assignment]  # this one tells
    seen_by(DETECTOR, clip_of("a"), source=source, name="")
    assert closed == [True]
