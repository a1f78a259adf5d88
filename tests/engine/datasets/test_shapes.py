"""Shapes of annotation tools become the pixels that everybody else counts too."""

from base64 import b64encode
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from pycocotools import mask as coco

from engine import rle
from engine.datasets import shapes
from engine.errors import InputError

SIZE = (24, 32)


def png(pixels, mode: str | None = None) -> str:
    out = BytesIO()
    Pillow.fromarray(pixels, mode).save(out, "PNG")
    return b64encode(out.getvalue()).decode()


def spot():
    inside = np.zeros(SIZE, bool)
    inside[4:9, 7:15] = True
    inside[6, 9] = False
    return inside


@given(
    st.lists(
        st.tuples(st.floats(0, SIZE[1], width=32), st.floats(0, SIZE[0], width=32)),
        min_size=3,
        max_size=9,
    )
)
def test_polygons_follow_the_rule_of_pycocotools(points) -> None:
    flat = [float(number) for point in points for number in point]
    theirs = coco.decode(coco.merge(coco.frPyObjects([flat], *SIZE))).astype(bool)
    assert (rle.decode(shapes.polygon(points, SIZE)) == theirs).all()


@pytest.mark.parametrize("points", [[], [(1, 1), (2, 2)], [(1, 1), (2, 2), (float("nan"), 3)]])
def test_what_is_no_polygon_is_refused(points) -> None:
    with pytest.raises(InputError, match="polygon"):
        shapes.polygon(points, SIZE)


def test_a_circle_holds_the_pixels_whose_centres_are_inside() -> None:
    found = rle.decode(shapes.ellipse((10, 8), (4, 4), SIZE))
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    assert (found == ((columns - 9.5) ** 2 + (rows - 7.5) ** 2 <= 16)).all()


@given(
    st.floats(-40, 70),
    st.floats(-40, 70),
    st.floats(0.1, 30),
    st.floats(0.1, 30),
    st.floats(-360, 360),
)
def test_an_ellipse_anywhere_is_what_a_look_at_every_pixel_gives(
    x, y, along, down, degrees
) -> None:
    found = rle.decode(shapes.ellipse((x, y), (along, down), SIZE, degrees=degrees))
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]] + 0.5
    turn = np.radians(degrees)
    u = (columns - x) * np.cos(turn) + (rows - y) * np.sin(turn)
    v = (rows - y) * np.cos(turn) - (columns - x) * np.sin(turn)
    distance = (u / along) ** 2 + (v / down) ** 2
    sure = abs(distance - 1) > 1e-6
    assert (found == (distance <= 1))[sure].all()


def test_an_ellipse_turns_clockwise_as_seen() -> None:
    found = rle.decode(shapes.ellipse((16, 12), (10, 1.5), SIZE, degrees=45))
    assert found[17, 21]
    assert not found[6, 21]


@pytest.mark.parametrize(("centre", "radii"), [((1, 1), (0, 2)), ((float("inf"), 1), (2, 2))])
def test_what_is_no_ellipse_is_refused(centre, radii) -> None:
    with pytest.raises(InputError, match="an ellipse at"):
        shapes.ellipse(centre, radii, SIZE)


def test_runs_by_row_fill_their_box() -> None:
    inside = spot()
    box = inside[3:10, 5:20]
    changes = np.flatnonzero(np.diff(np.concatenate([[False], box.reshape(-1)])))
    runs = np.diff(np.concatenate([[0], changes, [box.size]])).tolist()
    mask = shapes.row_runs(runs, (5, 3, 15, 7), SIZE)
    assert (rle.decode(mask) == inside).all()


@pytest.mark.parametrize(
    ("runs", "box"), [([3, 2], (0, 0, 2, 2)), ([-1, 5], (0, 0, 2, 2)), ([0, 4], (31, 0, 2, 2)), ([], (0, 0, 0, 0))]
)  # fmt: skip
def test_runs_that_do_not_fit_are_refused(runs, box) -> None:
    with pytest.raises(InputError, match=r"run lengths|reaches beyond"):
        shapes.row_runs(runs, box, SIZE)


@pytest.mark.parametrize(
    "drawn",
    [
        spot(),
        spot().astype(np.uint8) * 255,
        spot().astype(np.uint8),
        np.dstack([np.zeros((*SIZE, 3), np.uint8), spot() * np.uint8(255)]),
        np.dstack([*[spot() * np.uint8(200)] * 3, np.full(SIZE, 255, np.uint8)]),
        np.dstack([*[spot() * np.uint8(200)] * 3]),
    ],
    ids=["black and white", "grey", "ones", "transparent", "opaque", "colours"],
)
def test_a_picture_of_a_mask_is_read_however_it_is_painted(drawn) -> None:
    assert (rle.decode(shapes.picture(png(drawn), SIZE)) == spot()).all()


def test_a_data_url_and_a_place_are_understood() -> None:
    found = shapes.picture("data:image/png;base64," + png(spot()[4:9, 7:15]), SIZE, origin=(7, 4))
    assert (rle.decode(found) == spot()).all()


@pytest.mark.parametrize("encoded", ["", "!!!", b64encode(b"no picture").decode()])
def test_what_is_no_picture_is_refused(encoded: str) -> None:
    with pytest.raises(InputError, match="no PNG in base64"):
        shapes.picture(encoded, SIZE)


def test_a_picture_larger_than_its_place_is_refused() -> None:
    with pytest.raises(InputError, match="larger than its picture"):
        shapes.picture(png(np.ones((30, 30), bool)), SIZE)
    with pytest.raises(InputError, match="reaches beyond"):
        shapes.picture(png(spot()), SIZE, origin=(1, 0))
