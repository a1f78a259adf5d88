"""Every name becomes a clip id, once; names that are ids stay."""

import string
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.naming import clip_ids
from engine.types import Clip

ids = st.text(string.ascii_letters + string.digits + "-_", min_size=1).filter(
    lambda name: any(letter.isalnum() for letter in name)
)
names = st.lists(st.text(max_size=12) | st.text("aB./ -é", max_size=3), max_size=12)


@given(names=names)
def test_ids_are_valid_and_each_is_there_once(names: list[str]) -> None:
    made = clip_ids(names)
    assert len(made) == len(set(made)) == len(names)
    for one in made:
        assert one.isascii()
        assert Clip(one, "v", "m", 0, 1, 2, 2, Fraction(30)).id == one


@given(names=st.lists(ids, unique=True))
def test_names_that_are_ids_stay(names: list[str]) -> None:
    assert clip_ids(names) == names


@given(foreign=st.lists(st.text("a./", max_size=4), max_size=4), own=st.lists(ids, unique=True))
def test_foreign_names_never_take_the_id_of_another(foreign: list[str], own: list[str]) -> None:
    assert clip_ids([*foreign, *own])[len(foreign) :] == own or set(foreign) & set(own)


def test_what_no_id_has_becomes_a_dash_and_what_is_taken_gets_a_number() -> None:
    names = ["game.v1", "game/v1", "game-v1", "2024-05-01 12:30.mp4", "..", "", "game-v1", "_"]
    assert clip_ids(names) == [
        "game-v1-2", "game-v1-3", "game-v1", "2024-05-01-12-30-mp4", "clip", "clip-2", "game-v1-4", "clip-3",
    ]  # fmt: skip
