"""Label Studio's editor in a real browser, with hands and eyes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from engine.ports import TaskKind

SIZE = {"width": 1500, "height": 1150}
ANSWER = 60_000  # milliseconds until the editor shows what it is asked for

SHOWN = "Htx?.annotationStore?.selected?.regions?.length"
VIDEO = "Htx.annotationStore.selected.names.get('video')"
IMAGE = "Htx.annotationStore.selected.names.get('frames')"
BOXES = """() => Object.fromEntries(Konva.stages[0].find('Rect').filter((each) => each.id()).map(
  (each) => [each.id().split('#')[0], [each.x(), each.y(), each.width(), each.height()]]))"""
PLACE = """() => {
  const { left, top } = Konva.stages[0].container().getBoundingClientRect();
  const layer = Konva.stages[0].getLayers()[0];  // the picture's pixels are its units
  return [left + layer.x(), top + layer.y(), layer.scaleX()];
}"""


def signed_in(studio: Any) -> list[dict[str, str]]:
    """Log in as the page of the login does, and return the cookies."""
    with httpx.Client(base_url=studio.url) as client:
        found = re.search(
            'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/user/login/").text
        )
        told = {"email": studio.login.name, "password": studio.login.password}
        answer = client.post(
            "/user/login/",
            data=told | {"csrfmiddlewaretoken": found[1]},
            headers={"Referer": f"{studio.url}/user/login/"},
        )
        assert answer.status_code == 302, answer.text
        return [
            {"name": name, "value": value, "url": studio.url}
            for name, value in client.cookies.items()
        ]


class Editor:
    """A tab of Label Studio: what it shows, and somebody who works there."""

    def __init__(self, context: BrowserContext, studio: Any) -> None:
        """Open an empty tab of somebody who is logged in."""
        context.add_cookies(signed_in(studio))
        self.page: Page = context.new_page()
        self.page.set_default_timeout(ANSWER)
        self.studio, self.errors = studio, []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, stack: Any, clip: str) -> "Editor":
        """Open the clip's task and wait until its tracks and its video are there."""
        self._go(stack, clip, TaskKind.CLIP)
        self.wait(f"{VIDEO}.length > 1 && document.querySelector('video').readyState >= 2")
        return self

    def open_frames(self, stack: Any, clip: str) -> "Editor":
        """Open the task of the clip's key frames and wait until the masks are there."""
        self._go(stack, clip, TaskKind.FRAMES)
        self.wait(f"{IMAGE}.naturalWidth > 1 && Konva.stages.length > 0")
        self.page.wait_for_timeout(1000)  # masks are unpacked after the picture is there
        return self

    def _go(self, stack: Any, clip: str, kind: TaskKind) -> None:
        place = f"projects/{stack.project(kind)}/data?task={stack.link(clip, kind).task}"
        self.page.goto(f"{self.studio.url}/{place}")
        self.wait(f"{SHOWN} >= 1")

    def wait(self, condition: str) -> None:
        """Wait until a condition in the page holds."""
        self.page.wait_for_function(
            f"() => {{ try {{ return {condition}; }} catch {{ return false; }} }}"
        )

    def seek(self, frame: int) -> None:
        """Go to a frame of ours, 0 the first, and wait until it is painted.

        A film that was just put in goes to its first frame once, so it is asked again.
        """
        there = f"{VIDEO}.frame === {frame + 1} && !document.querySelector('video').seeking"
        ready = f"{VIDEO}.length > 1 && document.querySelector('video').readyState >= 2"
        for _ in range(20):
            self.wait(
                f"{ready} && ({VIDEO}.frame === {frame + 1} || ({VIDEO}.setFrame({frame + 1}), false))"
            )
            self.wait(there)
            self.page.wait_for_timeout(400)  # the picture comes with the next paints
            if self.page.evaluate(f"() => {there}"):
                return
        raise AssertionError(f"the film does not stay on frame {frame}")

    def boxes(self) -> dict[str, tuple[float, float, float, float]]:
        """Return the boxes that are drawn on the picture, by regions' ids: x, y, width, height in pixels of the picture."""
        return {name: tuple(box) for name, box in self.page.evaluate(BOXES).items()}

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the picture is on the screen."""
        left, top, scale = self.page.evaluate(PLACE)
        return left + x * scale, top + y * scale

    def pixels(self) -> np.ndarray:
        """Return what is on the screen, uint8 (H, W, 3)."""
        return np.asarray(Image.open(BytesIO(self.page.screenshot())).convert("RGB"))

    def look(self, x: float, y: float, *, within: np.ndarray | None = None) -> np.ndarray:
        """Return the colour of a point of the picture on the screen."""
        left, top = self.at(x, y)
        return (self.pixels() if within is None else within)[round(top), round(left)].astype(int)

    def tap(self, x: float, y: float) -> None:
        """Click on a point of the picture."""
        self.page.mouse.click(*self.at(x, y))
        self.page.wait_for_timeout(300)

    def drag(self, start: tuple[float, float], stop: tuple[float, float]) -> None:
        """Press on a point of the picture, move, let go on another."""
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*stop), steps=8)
        self.page.mouse.up()
        self.page.wait_for_timeout(300)

    def select(self, region: str) -> None:
        """Click on a region in the list of all."""
        listed = self.page.evaluate("Htx.annotationStore.selected.regions.map((r) => r.cleanId)")
        self.page.locator(".lsf-outliner-item").nth(listed.index(region)).click()
        self.wait(f"[...Htx.annotationStore.selected.selectedRegions][0].cleanId === '{region}'")

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)
        self.page.wait_for_timeout(300)

    def submit(self) -> int:
        """Submit, or update, and return the annotation's number as the server answered."""
        button = self.page.locator("button", has_text=re.compile("^(Submit|Update)$"))
        with self.page.expect_response(
            lambda answer: (
                "/annotations" in answer.url and answer.request.method in {"POST", "PATCH"}
            )
        ) as told:
            button.click()
        assert told.value.ok, told.value.text()
        return int(told.value.json()["id"])


def lonely(boxes: Mapping[int, Sequence[float]]) -> int:
    """Return the track whose box is farthest from all others: a click there is meant for it."""
    middles = {track: np.array([x + w / 2, y + h / 2]) for track, (x, y, w, h) in boxes.items()}

    def space(track: int) -> float:
        others = [spot for other, spot in middles.items() if other != track]
        return min(float(np.linalg.norm(middles[track] - spot)) for spot in others)

    return max(middles, key=space)


@pytest.fixture(name="lonely")
def _lonely() -> Callable[[Mapping[int, Sequence[float]]], int]:
    """Return what finds the track that is farthest from all others."""
    return lonely


@pytest.fixture
def editor(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Editor]]:
    """Return what opens tabs of a Label Studio, the run's unless another is named; no script may have failed at the end."""
    opened: list[tuple[BrowserContext, Editor]] = []

    def open_tab(studio: Any = None) -> Editor:
        context = chromium.new_context(viewport=SIZE)
        studio = studio or request.getfixturevalue("label_studio")
        opened.append((context, Editor(context, studio)))
        return opened[-1][1]

    yield open_tab
    for context, each in opened:
        context.close()
        assert each.errors == []
