"""Near-duplicates are told from vectors alone: stretches that show the same, and in which what moves moves the same way."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.errors import InputError
from engine.likeness import Alike, Looks, alike, families, found_again

RATE = Fraction(30)
STEP = 15
BALLS = 12
DIM = 64


def looks(vectors: NDArray[np.float32], *, start: int = 0) -> Looks:
    """Return looks two a second, as of a clip whose first one is frame ``start``."""
    return Looks(tuple(range(start, start + STEP * len(vectors), STEP)), RATE, vectors)


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float32]:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def shot(seed: int, *, length: int = 20, table: int = 0, moving: int = 3) -> NDArray[np.float32]:
    """Return looks at a table on which ``moving`` of 12 balls change their places on a few looks in the middle."""
    rest = np.zeros((length, DIM))
    rest[:, np.random.default_rng(table).permutation(DIM)[:BALLS]] = 1
    rng = np.random.default_rng([seed, 1])
    for ball in np.flatnonzero(rest[0])[:moving]:
        begin = int(rng.integers(length // 4, length // 2))
        rest[begin:, ball] = 0
        way = rng.permutation(DIM)[: length - begin]
        rest[np.arange(begin, length), way[np.minimum(np.arange(length - begin), 4)]] += 1
    return unit(rest)


def noisy(vectors: NDArray[np.float32], seed: int = 5) -> NDArray[np.float32]:
    """Return vectors as of a copy that was compressed: a little off."""
    noise = np.random.default_rng(seed).normal(0, 0.01, vectors.shape)
    return unit(vectors + noise)


def test_a_copy_is_found_in_both_directions() -> None:
    found = alike({"a": looks(shot(1)), "b": looks(shot(2, table=7)), "c": looks(noisy(shot(1)))})
    assert found == {
        "a": (Alike("c", 1.0, 0, 286, 0),),
        "c": (Alike("a", 1.0, 0, 286, 0),),
    }


def test_a_part_cut_out_is_wholly_known_and_its_place_is_told() -> None:
    whole = shot(1, length=30)
    found = alike({"whole": looks(whole), "part": looks(noisy(whole[6:24]))})
    assert found["part"] == (Alike("whole", 1.0, 0, 17 * STEP + 1, 6 * STEP),)
    assert found["whole"] == (Alike("part", 1.0, 6 * STEP, 23 * STEP + 1, 0),)


def test_overlapping_parts_are_alike_by_the_share_of_the_shorter_one() -> None:
    whole = shot(1, length=30)
    (one,) = alike({"a": looks(whole[:20]), "b": looks(whole[8:])})["a"]
    assert one.like == pytest.approx(12 / 20)
    assert (one.start, one.there) == (8 * STEP, 0)


def test_a_short_overlap_is_none() -> None:
    whole = shot(1, length=40)
    assert alike({"a": looks(whole[:22]), "b": looks(whole[18:])}) == {}


def test_looks_that_fall_between_those_of_the_other_clip_are_found_all_the_same() -> None:
    frames = shot(1, length=40)
    found = alike({"a": looks(frames[::2]), "b": looks(frames[1::2], start=0)})
    assert found["a"][0].like > 0.9


def test_the_next_shot_on_a_table_is_another_one_though_most_balls_lie_where_they_lay() -> None:
    one, other = shot(1, moving=1), shot(2, moving=1)
    assert float((one * other).sum(axis=1).mean()) > 0.9
    assert alike({"a": looks(one), "b": looks(other)}) == {}


def test_nothing_that_moves_is_alike_where_the_balls_lie_at_the_same_places_and_that_is_said() -> (
    None
):
    still = shot(1, moving=0)
    found = alike(
        {"a": looks(still), "b": looks(noisy(still)), "c": looks(shot(3, moving=0, table=2))}
    )
    assert found["a"] == (Alike("b", 1.0, 0, 286, 0, still=True),)
    assert set(found) == {"a", "b"}


def test_a_rest_with_one_ball_elsewhere_is_another_one() -> None:
    rest = shot(1, moving=0)
    moved = rest.copy()
    ball, free = np.flatnonzero(rest[0])[0], np.flatnonzero(rest[0] == 0)[0]
    moved[:, [ball, free]] = moved[:, [free, ball]]
    assert float(rest[0] @ moved[0]) > 0.9
    assert alike({"a": looks(rest), "b": looks(moved)}) == {}


def test_a_rest_between_two_shots_does_not_make_them_alike() -> None:
    rest = shot(1, moving=0)
    before = np.concatenate([shot(4, moving=0, table=9)[:8], rest[:12]])
    after = np.concatenate([rest[:12], shot(5, moving=0, table=8)[:8]])
    assert alike({"before": looks(before), "after": looks(after)}) == {}


def test_a_still_clip_is_alike_to_one_that_also_rests_as_long_before_something_happens() -> None:
    rest = shot(1, moving=0)
    longer = np.concatenate([rest, shot(1, length=20)[5:]])
    found = alike({"still": looks(rest[:10]), "longer": looks(longer)})
    assert found["still"][0].still


def test_a_single_picture_is_alike_to_the_clip_that_shows_it() -> None:
    assert alike({"one": looks(shot(1)[:1]), "all": looks(shot(1))})["one"][0].clip == "all"


def test_only_the_clips_asked_for_are_compared_and_with_all_others() -> None:
    all_ = {"a": looks(shot(1)), "b": looks(shot(1)), "c": looks(shot(1))}
    found = alike(all_, only={"c"})
    assert {name: [one.clip for one in ones] for name, ones in found.items()} == {
        "c": ["a", "b"],
        "a": ["c"],
        "b": ["c"],
    }


def test_what_is_compared_piece_by_piece_is_what_is_compared_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clips = {f"c{k}": looks(noisy(shot(k % 5, table=k % 5), k)) for k in range(20)}
    once = alike(clips)
    monkeypatch.setattr("engine.likeness.ROWS", 1)
    assert alike(clips) == once
    assert all(len(ones) == 3 for ones in once.values())


def test_the_likest_comes_first() -> None:
    whole = shot(1, length=30)
    clips = {"a": looks(whole[:20]), "part": looks(whole[8:]), "copy": looks(whole[:20])}
    assert [one.clip for one in alike(clips)["a"]] == ["copy", "part"]


def test_vectors_of_two_embedders_are_refused() -> None:
    with pytest.raises(InputError, match="one embedder"):
        alike({"a": looks(shot(1)), "b": looks(unit(np.ones((4, 5))))})


def test_looks_must_have_a_vector_for_each_frame() -> None:
    with pytest.raises(InputError, match="3 frames"):
        Looks((0, 15, 30), RATE, shot(1)[:2])
    with pytest.raises(InputError, match="at least one"):
        Looks((), RATE, np.zeros((0, 4), np.float32))


def test_no_clips_are_alike_where_there_are_none() -> None:
    assert alike({}) == {}


def test_families_hold_all_that_are_alike_over_others() -> None:
    pairs = {
        "a": (Alike("b", 1.0, 0, 1, 0),),
        "x": (Alike("y", 1.0, 0, 1, 0),),
        "b": (Alike("a", 1.0, 0, 1, 0), Alike("c", 1.0, 0, 1, 0)),
        "y": (Alike("x", 1.0, 0, 1, 0),),
        "c": (Alike("b", 1.0, 0, 1, 0),),
    }
    assert families(pairs) == (("a", "b", "c"), ("x", "y"))


@given(st.integers(0, 50), st.integers(4, 16), st.integers(0, 14))
def test_what_one_clip_has_of_another_the_other_has_of_it(seed: int, length: int, cut: int) -> None:
    whole = shot(seed, length=30)
    one, other = looks(noisy(whole[cut : cut + length], seed)), looks(whole)
    there, back = found_again(one, other), found_again(other, one)
    assert there.like == pytest.approx(back.like)
    assert there.like == pytest.approx(1.0)
    assert there.still == back.still


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_two_tables_are_never_alike(one: int, other: int) -> None:
    first, second = looks(shot(one, table=1)), looks(shot(other, table=2))
    assert found_again(first, second).like == 0


def test_few_looks_that_agree_by_chance_are_no_copies() -> None:
    rng = np.random.default_rng(3)
    rest = shot(1, length=3, moving=0).astype(float)
    flicker = np.eye(DIM)[np.flatnonzero(rest[0])[:6]]
    taken = 0
    for _ in range(300):
        one, other = (unit(rest + rng.normal(0, 0.08, (3, 6)) @ flicker) for _ in range(2))
        taken += found_again(looks(one), looks(other)).like > 0
    assert (
        taken < 300 * 0.2
    )  # half of them, were agreement not asked to be clearer where looks are few
