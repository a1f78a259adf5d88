"""Prompts and edits come back from their text as they were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import rle
from engine.errors import InputError
from engine.propagate_edits import Deed, Edit
from engine.propagate_log import edit_from_text, edit_to_text, prompts_from_text, prompts_to_text
from engine.types import Origin, Point, Prompt

numbers = st.floats(-1e6, 1e6)
boxes = st.tuples(numbers, numbers, numbers, numbers)
points = st.builds(Point, numbers, numbers, st.booleans())
bits = st.lists(st.booleans(), min_size=12, max_size=12)
masks = bits.map(lambda found: rle.encode(np.array(found).reshape(3, 4)))
origins, whole = st.sampled_from(Origin), st.integers(0, 1 << 40)
prompts = st.one_of(
    st.builds(Prompt, whole, whole, boxes, st.lists(points).map(tuple), origin=origins),
    st.builds(Prompt, whole, whole, points=st.lists(points, min_size=1).map(tuple), origin=origins),
    st.builds(Prompt, whole, whole, mask=masks, origin=origins),
)
edits = st.one_of(
    st.builds(
        lambda deed, track, start: Edit(deed, track, range(start, start + 7), track + 1, "solid"),
        st.sampled_from([deed for deed in Deed if deed is not Deed.REPLACE]),
        whole,
        whole,
    ),
    st.builds(
        lambda track, frame, mask: Edit(Deed.REPLACE, track, range(frame, frame + 1), mask=mask),
        whole,
        whole,
        masks,
    ),
)


@given(said=st.lists(prompts).map(tuple))
def test_prompts_come_back_with_every_digit(said) -> None:
    assert prompts_from_text(prompts_to_text(said)) == said


@given(edit=edits)
def test_edits_come_back_whole(edit) -> None:
    assert edit_from_text(edit_to_text(edit)) == edit


def test_numbers_of_an_array_are_written_as_plain_ones() -> None:
    point = Point(np.float32(1.5), np.float64(2.5))
    said = [Prompt(3, 1, points=(point,), box=tuple(np.arange(4.0)))]
    assert prompts_from_text(prompts_to_text(said)) == tuple(said)


@pytest.mark.parametrize(
    "text",
    ["", "{}x", "7", '[{"frame": 1}]', "[7]", '[{"frame": 1, "track": 1, "origin": "moon"}]'],
)
def test_what_holds_no_prompts_is_refused(text) -> None:
    with pytest.raises(InputError):
        prompts_from_text(text)


@pytest.mark.parametrize("text", ["", "7", "{}", '{"deed": "dance", "track": 1, "frames": [0, 1]}'])
def test_what_holds_no_edit_is_refused(text) -> None:
    with pytest.raises(InputError):
        edit_from_text(text)
