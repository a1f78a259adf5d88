"""A lead selects a still in FiftyOne's app and sees those that are alike first, and all of them in a chart."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.media.thumbnail import thumbnail
from engine.ports.board import Still
from exports.board.app import app
from exports.board.stills import put_stills, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

NAME = "alike"
RED, GREEN, BLUE = (210, 40, 40), (40, 200, 60), (50, 60, 220)
CLIPS = {"a": (RED, (1.0, 0.0, 0.0)), "b": (GREEN, (0.0, 1.0, 0.0)), "c": (BLUE, (1.0, 0.2, 0.0))}
"""The colour of each clip's only still, and its vector: "c" is like "a", though nothing in its picture is."""


@pytest.fixture(scope="module")
def address(
    fiftyone: Any, mongod: str, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Return where an app shows a still of each clip."""
    folder = tmp_path_factory.mktemp("stills")
    for clip, (colour, numbers) in CLIPS.items():
        path = folder / f"{clip}.jpg"
        path.write_bytes(thumbnail(np.full((180, 320, 3), colour, np.uint8)))
        vector = np.array(numbers, np.float32) / np.float32(np.linalg.norm(numbers))
        facts = {"stage": "submitted", "page": f"http://127.0.0.1:7860/ui/?clip={clip}"}
        put_stills(fiftyone, NAME, "w", clip, [Still(0, str(path), vector)], facts=facts)
    settled(fiftyone, NAME)
    with app(mongod, home, dataset=f"{NAME}-stills", port=0) as starting:
        assert starting.wait()
        yield f"http://{starting.app.address}:{starting.app.port}/datasets/{NAME}-stills"
    fiftyone.delete_dataset(f"{NAME}-stills")


@pytest.fixture
def page(chromium: Any, address: str) -> Iterator[Any]:
    """Return a browser with the stills open."""
    context = chromium.new_context(viewport={"width": 1600, "height": 1000})
    context.add_init_script(
        "window.IS_PLAYWRIGHT = true"
    )  # its own way to be without advertisement
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    page.locator("[data-cy=looker]").nth(2).wait_for()
    page.wait_for_timeout(2000)  # the grid is laid out twice
    yield page
    context.close()


def colours(page: Any) -> list[tuple[int, int, int]]:
    """Return the colours that stills have on the screen, in their order; the grid makes them anew at any moment."""
    lookers = page.locator("[data-cy=looker]").all()
    boxes = [box for one in lookers if (box := one.bounding_box()) is not None]
    rgb = np.asarray(Image.open(BytesIO(page.screenshot())).convert("RGB"))
    found = []
    for box in sorted(boxes, key=lambda one: (round(one["y"]), one["x"])):
        x, y = (int(box[low] + box[size] / 2) for low, size in (("x", "width"), ("y", "height")))
        red, green, blue = np.median(rgb[y - 8 : y + 8, x - 8 : x + 8], axis=(0, 1))
        found.append((int(red), int(green), int(blue)))
    return found


def shows(page: Any, *wanted: tuple[int, int, int]) -> None:
    """Wait until the stills have these colours, in this order."""
    for _ in range(60):
        found = colours(page)
        if len(found) == len(wanted) and np.abs(np.array(found) - wanted).max() < 40:
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{found}, expected {wanted}")


def test_those_that_are_alike_come_first(page: Any) -> None:
    shows(page, RED, GREEN, BLUE)
    first = page.locator("[data-cy=looker]").first
    first.hover()
    first.click(position={"x": 14, "y": 14})
    page.locator("[data-cy=action-sort-by-similarity]").click()
    page.get_by_text("Show similar samples").click()
    page.get_by_text("Completed").wait_for()
    box = page.get_by_label("Show results").bounding_box()  # its wrapping passes for disabled
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    shows(page, RED, BLUE, GREEN)


def test_all_stills_are_points_of_a_chart(page: Any) -> None:
    page.locator("[data-cy=new-panel-btn]").first.click()
    page.get_by_text("Embeddings").first.click()
    page.get_by_text("chart", exact=True).first.click()
    page.get_by_text("3 points").wait_for()
