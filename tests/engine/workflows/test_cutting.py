"""Where recordings are cut and what the clips are called: proven for any length, rate and name."""

import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.types import Video
from engine.workflows.cutting import SHORTEST, clips_of, cut, plain_name, split_of

RATES = st.sampled_from([Fraction(24), Fraction(30000, 1001), Fraction(30), Fraction(60)])


def video_named(source: str, *, sha256: str = "0a1b2c3d" * 8) -> Video:
    return Video(sha256, source, source, 64, 48, Fraction(30), 700)


@given(frames=st.integers(SHORTEST, 5000), rate=RATES, seconds=st.floats(0.4, 60))
def test_the_pieces_are_the_whole_without_gap_or_overlap(
    frames: int, rate: Fraction, seconds: float
) -> None:
    pieces = cut(frames, rate=rate, clip_seconds=seconds, what="game.mp4")
    assert [frame for piece in pieces for frame in piece] == list(range(frames))


@given(frames=st.integers(SHORTEST, 5000), rate=RATES, seconds=st.floats(0.4, 60))
def test_all_but_the_last_are_as_long_as_asked_and_none_is_too_short(
    frames: int, rate: Fraction, seconds: float
) -> None:
    pieces = cut(frames, rate=rate, clip_seconds=seconds, what="game.mp4")
    length = round(Fraction(seconds) * rate)
    assert all(len(piece) == length for piece in pieces[:-1])
    assert SHORTEST <= len(pieces[-1]) < length + SHORTEST


@pytest.mark.parametrize(
    ("frames", "lengths"),
    [(300, [300]), (301, [301]), (307, [307]), (308, [300, 8]), (607, [300, 307]), (20, [20])],
)
def test_a_last_piece_below_eight_frames_joins_the_one_before(
    frames: int, lengths: list[int]
) -> None:
    pieces = cut(frames, rate=Fraction(30), clip_seconds=10, what="game.mp4")
    assert [len(piece) for piece in pieces] == lengths


def test_ten_seconds_of_ntsc_are_three_hundred_frames() -> None:
    pieces = cut(900, rate=Fraction(30000, 1001), clip_seconds=10, what="game.mp4")
    assert [piece.start for piece in pieces] == [0, 300, 600]


@pytest.mark.parametrize(("frames", "seconds"), [(7, 10.0), (0, 10.0), (300, 0.2)])
def test_what_no_dataset_could_hold_is_refused_with_the_reason(frames: int, seconds: float) -> None:
    with pytest.raises(
        InputError, match=rf"game\.mp4: {frames} frames in clips of .* 8 frames or more"
    ):
        cut(frames, rate=Fraction(30), clip_seconds=seconds, what="game.mp4")


@given(name=st.text(max_size=80))
def test_any_name_becomes_plain_and_is_never_empty(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", plain_name(name))


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Café Final #3", "Cafe-Final-3"), ("game_01", "game_01"), ("台球", "video"), ("--", "video")],
)
def test_names_stay_as_readable_as_they_can(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_ids_do_not_depend_on_the_folder_but_on_the_content() -> None:
    def ids(source: str, sha256: str = "0a1b2c3d" * 8) -> list[str]:
        video = video_named(source, sha256=sha256)
        return [clip.id for clip in clips_of(video, [range(300), range(300, 700)], split="train")]

    assert ids("/a/game.mp4") == ids("/b/c/game.mp4") == ["game-0a1b2c3d-001", "game-0a1b2c3d-002"]
    assert not {*ids("/a/game.mp4")} & {*ids("/a/game.mp4", "ffffffff" * 8)}


def test_clips_carry_where_they_begin_and_everything_of_the_video() -> None:
    first, second = clips_of(video_named("/a/g.mp4"), [range(300), range(300, 700)], split="val")
    assert (first.start, first.frames, second.start, second.frames) == (0, 300, 300, 400)
    assert (second.media, second.width, second.height, second.rate) == ("/a/g.mp4", 64, 48, 30)
    assert first.split == second.split == "val"


@given(sha256=st.text("0123456789abcdef", min_size=64, max_size=64))
def test_the_split_is_decided_by_the_content_alone(sha256: str) -> None:
    assert split_of(sha256) == split_of(sha256)
    assert split_of(sha256) in ("train", "val")


def test_about_one_video_in_ten_is_for_validation() -> None:
    splits = [split_of(f"{number * 0x9E3779B97F4A7C15 % 2**256:064x}") for number in range(4000)]
    assert 0.08 < splits.count("val") / 4000 < 0.12
