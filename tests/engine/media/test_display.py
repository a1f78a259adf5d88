"""Turning pictures as a viewer would see them, against the meaning of a counter-clockwise turn."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fakes.frames import numbered, read_number
from engine.media.colour import ToRgb
from engine.media.display import Display, display_of, even, pad_even

TURNS = [(0, ""), (90, ""), (180, ""), (270, ""), (0, "h"), (0, "v"), (90, "h"), (270, "v")]


def seen_by_a_viewer(rgb: np.ndarray, *, degrees: int, flips: str) -> np.ndarray:
    shown = rgb[:, ::-1] if "h" in flips else rgb
    shown = shown[::-1] if "v" in flips else shown
    return np.rot90(shown, degrees // 90)


@pytest.mark.parametrize(("degrees", "flips"), TURNS)
def test_a_tagged_picture_is_turned_and_mirrored_as_its_matrix_says(
    film: Callable[..., Path], degrees: int, flips: str
) -> None:
    def tag(stream: Any) -> None:
        stream.set_display_rotation(degrees, hflip="h" in flips, vflip="v" in flips)

    with av.open(str(film("turned.mp4", frames=1, prepare=tag))) as container:
        frame = next(container.decode(video=0))
    stored, display = ToRgb()(frame), display_of(frame)
    shown, expected = display.turn(stored), seen_by_a_viewer(stored, degrees=degrees, flips=flips)
    assert shown.shape == expected.shape
    assert (shown == expected).all()
    assert display.size(96, 64) == (shown.shape[1], shown.shape[0])


@pytest.mark.parametrize(
    ("display", "words"),
    [
        (Display(transposed=True, mirror_y=True), "rotated by 90 degrees"),
        (Display(mirror_x=True, mirror_y=True), "rotated by 180 degrees"),
        (Display(transposed=True, mirror_x=True), "rotated by 270 degrees"),
        (Display(mirror_x=True), "mirrored"),
        (Display(transposed=True), "mirrored"),
    ],
)
def test_words_say_what_was_done(display: Display, words: str) -> None:
    assert display.words == words
    assert not display.upright


def test_pixels_that_are_not_square_change_the_width_only() -> None:
    assert Display(stretch=Fraction(16, 15)).size(720, 576) == (768, 576)
    assert Display(stretch=Fraction(16, 15), transposed=True).size(720, 576) == (576, 768)


@given(width=st.integers(9, 40), height=st.integers(9, 40), number=st.integers(0, 65535))
def test_padding_makes_sizes_even_and_repeats_the_edge(
    width: int, height: int, number: int
) -> None:
    rgb = numbered(number, width=width, height=height)
    padded = pad_even(rgb)
    assert padded.shape == (even(height), even(width), 3)
    assert (padded[:height, :width] == rgb).all()
    assert (padded[-1, :width] == rgb[-1]).all()
    assert (padded[:height, -1] == rgb[:, -1]).all()


@given(number=st.integers(0, 65535), width=st.integers(8, 50), height=st.integers(8, 50))
def test_a_number_drawn_is_read_back(number: int, width: int, height: int) -> None:
    assert read_number(numbered(number, width=width, height=height)) == number
