"""A real browser shows frame k of a copy as frame k of the clip, in the colours that models see."""

import base64
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from engine.fakes.frames import numbered, read_number
from engine.media import decode, probe
from engine.media.page_copy import write_page_copy
from engine.types import Clip

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FRAMES = 40
ALLOWED = 3, 3, 8
"""Levels of red, green and blue; the wrong matrix is off by 7, 12 and 8. Chromium without a GPU rounds the factor of BT.709's blue to 2."""

SHOW = """async ([url, times]) => {
  const video = document.createElement("video");
  video.muted = true;
  video.src = URL.createObjectURL(await (await fetch(url)).blob()); // this server knows no ranges, without which none can seek
  await new Promise((done, fail) => { video.onloadeddata = done; video.onerror = () => fail(video.error.message); });
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const pictures = [];
  for (const time of times) {
    const next = () => new Promise((done) => video.requestVideoFrameCallback((_, facts) => done(facts.mediaTime)));
    let shown = next();
    video.currentTime = time;
    let at = await shown;
    if (at === 0 && time > 0.1) at = await next(); // the first picture of all came late
    canvas.getContext("2d").drawImage(video, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    pictures.push([at, btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""))]);
  }
  return pictures;
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Path]]:
    """Return a page of a server, and the folder that it serves."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    folder = tmp_path_factory.mktemp("served")
    (folder / "index.html").write_text("<!doctype html>")
    with ExitStack() as held:
        server = held.enter_context(
            ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        )
        Thread(target=server.serve_forever, daemon=True).start()
        held.callback(server.shutdown)
        browsers = held.enter_context(sync_playwright())
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        held.callback(browser.close)
        opened = browser.new_page()
        opened.goto(f"http://127.0.0.1:{server.server_address[1]}/index.html")
        yield opened, folder


def shown(page: Page, name: str, rate: Fraction, frames: list[int]) -> list[tuple[int, np.ndarray]]:
    """Seek to frames; return the numbers that the browser says it shows, and the pictures."""
    times = [float((frame + Fraction(1, 2)) / rate) for frame in frames]
    found = page.evaluate(SHOW, [name, times])
    return [
        (int(at * float(rate) + 0.01), np.array(Image.open(BytesIO(base64.b64decode(png))).convert("RGB")))
        for at, png in found
    ]  # fmt: skip


def tinted(number: int, size: tuple[int, int]) -> np.ndarray:
    """A numbered picture whose colours tell one matrix and range from another."""
    picture = numbered(number, width=size[0], height=size[1]).astype(int)
    return np.clip(picture * [0.5, 0.8, 0.3] + [90, 20, 10], 0, 255).astype(np.uint8)


def film(
    path: Path,
    rate: Fraction,
    *,
    pixels: str = "yuv420p",
    codec: str = "libx264",
    size: tuple[int, int] = (320, 240),
    **options: str,
) -> Clip:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        (stream.width, stream.height), stream.pix_fmt = size, pixels
        stream.codec_context.time_base = 1 / rate
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(tinted(number, size), format="rgb24").reformat(format=pixels)  # fmt: skip
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    facts = probe(path)
    return Clip("c", "v", str(path), 3, FRAMES - 3, facts.width, facts.height, facts.rate)


KINDS: dict[str, dict[str, Any]] = {
    "at 30": {"rate": Fraction(30)},
    "at 29.97": {"rate": Fraction(30000, 1001)},
    "at 23.976": {"rate": Fraction(24000, 1001)},
    "at 50": {"rate": Fraction(50)},
    "with reordered pictures": {"rate": Fraction(30), "bf": "3"},
    "of full range": {"rate": Fraction(30), "pixels": "yuvj420p"},
    "in 4:4:4": {"rate": Fraction(30), "pixels": "yuv444p"},
    "of 720 lines": {"rate": Fraction(30), "size": (1280, 720)},
    "in MPEG-4": {"rate": Fraction(25), "codec": "mpeg4"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_browser_shows_the_clips_frames_in_their_colours(
    kind: str, page: tuple[Page, Path], tmp_path: Path
) -> None:
    browser, folder = page
    clip = film(tmp_path / "film.mp4", **KINDS[kind])
    name = f"{kind.replace(' ', '-').replace(':', '')}.mp4"
    write_page_copy(clip, folder / name)
    frames = [20, 0, 1, 2, 11, 12, 13, 36, 35, 5]
    pictures = shown(browser, name, clip.rate, frames)
    seen = list(decode(clip.media, start=3))
    assert [number for number, _ in pictures] == frames
    for frame, (_, picture) in zip(frames, pictures, strict=True):
        assert read_number(np.where(picture.mean(2, keepdims=True) > 110, 255, 0).repeat(3, 2).astype(np.uint8)) == frame + 3  # fmt: skip
        off = np.abs(picture.astype(int).mean((0, 1)) - seen[frame].mean((0, 1)))
        assert (off < ALLOWED).all()
