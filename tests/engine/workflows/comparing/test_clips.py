"""A comparison tells the worst first, by clip, class and frame, and shows it on a board that keeps what did not change."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.errors import DamagedChunk, VideoError
from engine.evaluation.agreement import agree
from engine.fakes.board import MemoryBoard
from engine.fakes.queue import MemoryDatabase
from engine.ports.board import Agreement
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.board.desk import BoardDesk
from engine.workflows.comparing.agreeing import AGREEMENT, agreement_to_text
from engine.workflows.comparing.choice import Choice, drawings, with_each_other
from engine.workflows.comparing.clips import Comparison, compare, known_or_judged, worst_frames
from engine.workflows.comparing.showing import filmed, judged_on

PAGE = "http://127.0.0.1:7860"
SIZE = (16, 64)
CUE, SOLID = Track(1, "cue"), Track(2, "solid")


def rows(*shifts: int, cue: bool = True) -> Iterator[FrameMasks]:
    """Yield frames with a resting cue ball and another that lies so many pixels from where it should."""
    for frame, shift in enumerate(shifts):
        masks = [TrackMask(2, square(20 + shift))]
        yield FrameMasks(frame, (*masks, *([TrackMask(1, square(4))] if cue else [])))


def square(x: int) -> rle.RLE:
    return rle.encode(np.ones((8, 8), bool), origin=(x, 4), size=SIZE)


@pytest.fixture
def database() -> MemoryDatabase:
    """Return three clips of four frames that "big" and then "nano" drew: the same, worse, and without the cue ball."""
    made = MemoryDatabase()
    clips = [Clip(f"game-{n}", "f00d", "a.mp4", 4 * n, 4, 64, 16, Fraction(2)) for n in range(3)]
    made.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 64, 16, Fraction(2), 12), clips)
    nano = [rows(0, 0, 0, 0), rows(0, 4, 8, 0), rows(0, 0, 0, 0, cue=False)]
    for clip, drawn in zip(clips, nano, strict=True):
        first = Revision(clip.id, None, Kind.AUTO, "x", (CUE, SOLID), {"segmenter": "big"})
        parent = made.revisions.append(first, rows(0, 0, 0, 0))
        second = Revision(clip.id, parent.id, Kind.AUTO, "x", (CUE, SOLID), {"segmenter": "nano"})
        made.revisions.append(second, drawn)
    return made


@pytest.fixture
def choice(database: MemoryDatabase) -> Choice:
    return with_each_other(drawings(database.catalog, database.revisions), "big", "nano")


def compared(database: MemoryDatabase, choice: Choice, **more: object) -> Comparison:
    how = known_or_judged(database.revisions, database.desk.findings, agree)
    return compare(choice, database.revisions, page_url=PAGE, **({"how": how} | more))


def test_clips_come_worst_first_with_their_balls_and_addresses(database, choice) -> None:
    report = compared(database, choice)
    assert [line.clip for line in report.clips] == ["game-2", "game-1", "game-0"]
    worst, _, best = report.clips
    assert (worst.missed, worst.extra, worst.j) == (1, 0, 0.5)
    assert [(ball.label, ball.j, ball.served) for ball in worst.balls] == [("cue", 0.0, None), ("solid", 1.0, 2)]  # fmt: skip
    assert best.j == 1.0
    assert best.page == f"{PAGE}/ui/?clip=game-0"
    assert report.j == pytest.approx(sum(line.j for line in report.clips) / 3)


def test_classes_are_means_over_balls(database, choice) -> None:
    by_label = compared(database, choice).by_label
    solid = (1 + 1 / 3 + 0 + 1) / 4
    assert by_label == {
        "cue": pytest.approx(2 / 3),
        "solid": pytest.approx((1 + solid + 1) / 3),
    }


def test_the_worst_frames_come_first_with_the_address_that_shows_them(database, choice) -> None:
    worst = compared(database, choice).worst
    assert [(one.clip, one.frame) for one in worst] == [
        ("game-1", 2),
        ("game-2", 0),
        ("game-2", 2),
    ]
    assert worst[0].page == f"{PAGE}/ui/?clip=game-1&frame=2"
    assert compared(database, choice, most=1).worst == worst[:1]


def test_where_more_are_told_than_three_a_clip_each_clip_has_its_share() -> None:
    made = MemoryDatabase()
    clip = Clip("game-0", "f00d", "a.mp4", 0, 20, 64, 16, Fraction(2))
    made.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 64, 16, Fraction(2), 20), [clip])
    for shift, model in ((0, "big"), (4, "nano")):
        parent = made.revisions.head("game-0")
        one = Revision("game-0", parent and parent.id, Kind.AUTO, "x", (CUE, SOLID), {"segmenter": model})  # fmt: skip
        made.revisions.append(one, rows(*[shift] * 20))
    pairs = with_each_other(drawings(made.catalog, made.revisions), "big", "nano")
    assert [len(compared(made, pairs, most=most).worst) for most in (2, 3, 7, 500)] == [2, 3, 7, 10]


class Damaged:
    """A store of revisions of which one cannot be read."""

    def __init__(self, store: object, revision: int) -> None:
        self._store, self._revision = store, revision

    def frames(self, revision: int) -> Iterable[FrameMasks]:
        if revision == self._revision:
            raise DamagedChunk("chunk 0 of the masks is damaged")
        return self._store.frames(revision)

    def revision(self, revision: int) -> Revision:
        return self._store.revision(revision)


def test_a_clip_whose_masks_are_damaged_does_not_stop_the_others(database, choice) -> None:
    store = Damaged(database.revisions, choice.pairs[1].drawn)
    report = compared(database, choice, how=known_or_judged(store, database.desk.findings, agree))
    assert report.failed == {"game-1": "chunk 0 of the masks is damaged"}
    assert {line.clip for line in report.clips} == {"game-0", "game-2"}
    assert not report.interrupted


def test_a_comparison_that_is_stopped_says_so_and_tells_what_it_has(database, choice) -> None:
    told = []
    report = compared(database, choice, stop=lambda: len(told) > 1, progress=lambda *x: told.append(x))  # fmt: skip
    assert report.interrupted
    assert len(report.clips) == 2
    assert told == [("clips", 0, 3), ("clips", 1, 3)]
    assert not compared(database, choice).interrupted


def test_nothing_compared_is_no_j() -> None:
    report = compared(MemoryDatabase(), Choice("nothing", ()))
    assert (report.j, report.clips, report.worst, report.interrupted) == (None, (), (), False)


@given(
    st.dictionaries(st.integers(0, 200), st.floats(0, 1), max_size=60),
    st.integers(1, 5),
    st.integers(1, 60),
)
def test_worst_frames_are_few_apart_in_order_and_none_that_agrees_entirely(
    frames: dict[int, float], each: int, rate: int
) -> None:
    clip = Clip("game", "f00d", "a.mp4", 0, 300, 8, 8, Fraction(rate))
    found = worst_frames(Agreement(1, 2, 0.5, {}, {}, (), frames), clip, page_url=PAGE, each=each)
    numbers = [one.frame for one in found]
    assert len(found) <= each
    assert [one.j for one in found] == sorted(one.j for one in found)
    assert all(frames[number] < 1 for number in numbers)
    assert all(abs(a - b) >= rate for a in numbers for b in numbers if a is not b)
    bad = [frame for frame, j in frames.items() if j < 1]
    if bad:
        assert found[0].j == min(frames[frame] for frame in bad)


@pytest.fixture
def desk(database: MemoryDatabase) -> BoardDesk:
    return BoardDesk(
        MemoryBoard(),
        database.catalog,
        database.revisions,
        database.overview,
        database.desk.findings,
        database.bridge,
        film=lambda clip: f"{clip.id}.mp4",
        page_url=PAGE,
        target=2000.0,
    )


def test_a_board_shows_both_masks_with_their_j_and_how_each_clip_agrees(
    database, choice, desk
) -> None:
    compared(database, choice, how=judged_on(desk, choice, judge=agree, whole=True))
    board = desk.board
    pair = choice.pairs[1]
    assert board.cards["game-1"].agreement.j == pytest.approx((1 + 7 / 12) / 2)
    assert board.cards["game-1"].model == "nano"
    assert (board.masks["game-1"].revision, board.drawn["game-1"].revision) == (pair.true, pair.drawn)  # fmt: skip
    assert board.drawn["game-1"].overlap[1] == {1: 1.0, 2: pytest.approx(1 / 3)}
    assert board.drawn["game-2"].overlap[0] == {2: 1.0, -1: 0.0}
    assert board.masks["game-2"].overlap[0] == {1: 0.0, 2: 1.0}
    assert board.progress is not None


class Silent(MemoryBoard):
    """A board that counts what is put on it."""

    def __init__(self) -> None:
        super().__init__()
        self.put = 0

    def put_cards(self, cards) -> None:
        self.put += 1
        super().put_cards(cards)

    def put_masks(self, clip, masks, drawn=None) -> None:
        self.put += 1
        super().put_masks(clip, masks, drawn)


def test_what_is_compared_again_is_not_put_again(database, choice, desk) -> None:
    desk = replace(desk, board=Silent())
    compared(database, choice, how=judged_on(desk, choice, judge=agree, whole=True))
    assert desk.board.put == 6
    compared(database, choice, how=judged_on(desk, choice, judge=agree, whole=True))
    assert desk.board.put == 6


@pytest.mark.parametrize("whole", [True, False])
def test_clips_that_are_not_compared_any_more_leave_unless_only_some_were_asked_for(
    database, choice, desk, whole
) -> None:
    compared(database, choice, how=judged_on(desk, choice, judge=agree, whole=True))
    some = replace(choice, pairs=choice.pairs[:1])
    compared(database, some, how=judged_on(desk, some, judge=agree, whole=whole))
    left = {"game-0"} if whole else {"game-0", "game-1", "game-2"}
    assert desk.board.cards.keys() == left


def test_a_clip_whose_video_is_gone_is_compared_and_shown_without_a_film(
    database, choice, desk
) -> None:
    def copy(clip, **_) -> bool:
        raise VideoError(f"{clip.media}: no such file")

    how = judged_on(desk, choice, judge=agree, whole=True)
    film = filmed(replace(desk, copy=copy), stop=lambda: False)
    report = compared(database, choice, how=how, then=film)
    assert len(report.clips) == len(desk.board.masks) == 3
    assert set(report.failed.values()) == {"a.mp4: no such file"}
    assert not report.interrupted


def test_films_of_compared_clips_are_made(database, choice, desk) -> None:
    made = []

    def copy(clip, *, stop, progress) -> bool:
        progress(1, 1)
        made.append((clip.id, stop()))
        return True

    compared(database, choice, then=filmed(replace(desk, copy=copy), stop=lambda: False))
    assert made == [("game-0", False), ("game-1", False), ("game-2", False)]
    compared(database, choice, then=filmed(desk, stop=lambda: False))
    assert len(made) == 3


def test_what_is_known_of_two_revisions_is_not_judged_again(database, choice) -> None:
    pair = choice.pairs[1]
    kept = Agreement(pair.drawn, pair.true, 0.125, {1: 0.125}, {1: 1}, (), {3: 0.125})
    database.desk.findings.put(pair.true, AGREEMENT, agreement_to_text(kept))
    report = compared(database, choice)
    assert (report.clips[0].clip, report.clips[0].j) == ("game-1", 0.125)
    assert (report.worst[0].clip, report.worst[0].frame) == ("game-1", 3)
    assert {line.clip for line in report.clips} == {"game-0", "game-1", "game-2"}
