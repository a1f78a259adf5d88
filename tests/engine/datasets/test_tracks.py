"""Identities of any kind become tracks from 1; what our side file says comes first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.tracks import track_ids
from engine.errors import InputError
from engine.types import Track


@given(identities=st.lists(st.integers(-3, 20) | st.text("ab1", max_size=2), max_size=12))
def test_every_identity_has_a_track_of_its_own_from_1_up(identities) -> None:
    tracks = track_ids(identities, {}, "here")
    assert set(tracks) == set(identities)
    assert len(set(tracks.values())) == len(tracks)
    assert all(track >= 1 for track in tracks.values())


def test_numbers_stay_and_those_from_0_go_up_by_one() -> None:
    assert track_ids([7, 3, 7], {}, "here") == {7: 7, 3: 3}
    assert track_ids([0, 4], {}, "here") == {0: 1, 4: 5}


def test_names_are_counted_in_the_order_of_their_first_appearance() -> None:
    assert track_ids(["red", "cue", "red"], {}, "here") == {"red": 1, "cue": 2}


def test_the_side_file_comes_first_and_must_not_make_two_objects_one() -> None:
    known = {2001: Track(3, "cue")}
    assert track_ids([2001, 5], known, "here") == {2001: 3, 5: 5}
    with pytest.raises(InputError, match="here: two of the identities"):
        track_ids([2001, 3], known, "here")
