"""The derived fields of SA-V, by their definitions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports import sav_fields

AREAS = st.lists(st.integers(0, 5), min_size=1, max_size=30)


@given(AREAS)
def test_the_first_appearance_is_the_first_frame_with_pixels(areas: list[int]) -> None:
    first = sav_fields.first_appearance(areas)
    assert not any(areas[:first])
    assert areas[first] > 0 or not any(areas)


@given(AREAS)
def test_frames_before_the_first_appearance_do_not_count_as_changes(areas: list[int]) -> None:
    changes = sav_fields.visibility_changes(areas)
    assert changes == sav_fields.visibility_changes([0, 0, *areas])
    if any(areas):  # it came, and each change turns it round
        assert (changes % 2 == 0) == (areas[-1] > 0)


@given(AREAS)
def test_the_mean_area_ignores_frames_where_the_ball_is_not_seen(areas: list[int]) -> None:
    assert sav_fields.mean_area(areas) == sav_fields.mean_area([0, *areas, 0])
    assert sav_fields.mean_area(areas) <= max(areas)


@pytest.mark.parametrize(
    ("area", "name"),
    [(1, "small"), (1023.9, "small"), (1024, "medium"), (9215.9, "medium"), (9216, "large")],
)
def test_buckets_begin_at_32_and_96_squared(area: float, name: str) -> None:
    assert sav_fields.bucket(area) == name
