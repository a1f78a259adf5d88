"""The page as people meet it: a real server on real clips, and a real browser with hands."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from db.connect import Database
from engine import rle
from engine.types import FrameMasks

CHROMIUM = shutil.which("chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]
DEMO = Path(__file__).parents[2] / "engine" / "assets" / "demo.mp4"
START, ANSWER = 120.0, 60_000  # seconds until a server answers; milliseconds until a page does


def engine(workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a workspace."""
    return subprocess.run(
        [sys.executable, "-m", "engine.cli", "--workspace", workspace, *map(str, arguments)],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with three pre-annotated clips of the bundled video, made once for all processes of the run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    made = shared / "drawn"
    with (shared / "drawn.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            part = shared / "drawn.part"
            engine(part, "init")
            engine(part, "ingest", DEMO, "--clip-seconds", "2", "--split", "train")
            engine(part, "preannotate")
            part.rename(made)
    return made


@pytest.fixture
def workspace(drawn: Path, tmp_path: Path) -> Path:
    """Return a workspace of the test's own."""
    return Path(shutil.copytree(drawn, tmp_path / "workspace"))


@dataclass
class Served:
    """A server that runs: where it is, and its process."""

    workspace: Path
    port: int = 0
    options: tuple[str, ...] = ()
    process: subprocess.Popen[str] = field(init=False)

    def start(self) -> "Served":
        """Start the server, on the port of before if there is one, and wait until it answers."""
        command = [sys.executable, "-u", "-m", "engine.cli", "--workspace", self.workspace, "serve", "ui"]  # fmt: skip
        log = (self.workspace / "server.log").open("a+")
        begin = log.tell()
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port), "--by", "ada", *self.options],
            stdout=log, stderr=subprocess.STDOUT, env=environment, text=True,
        )  # fmt: skip
        until = time.monotonic() + START
        while time.monotonic() < until and self.process.poll() is None:
            log.seek(begin)
            found = re.search(r"127\.0\.0\.1:(\d+)", log.read())
            if found:
                self.port = int(found[1])
                return self
            time.sleep(0.1)
        log.seek(begin)
        raise AssertionError(f"the server did not start: {log.read()}")

    @property
    def url(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """End it as a power cut would, its children too."""
        children = self.children()
        self.process.kill()
        self.process.wait()
        for child in children:
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()

    def children(self) -> list[int]:
        """Return its working processes: the model and what prepares clips."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (entry / "cmdline").read_bytes()
            except (OSError, ValueError):
                continue
            if parent == self.process.pid and b"spawn_main" in command:
                found.append(int(entry.name))
        return found

    def masks(self, clip: str) -> list[FrameMasks]:
        """Return the clip's newest masks, as the database has them."""
        with Database(f"sqlite:///{self.workspace / 'engine.db'}") as database:
            head = database.catalog.clip(clip).head
            return list(database.revisions.frames(head))

    def stage(self, clip: str) -> str:
        """Return where the clip stands, as the database has it."""
        with Database(f"sqlite:///{self.workspace / 'engine.db'}") as database:
            return str(database.catalog.clip(clip).stage)


@contextmanager
def _servers() -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(workspace: Path, *options: str) -> Served:
        served = Served(workspace, options=options)
        running.append(served)
        return served.start()

    yield start
    for served in running:
        served.stop()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Return what starts servers; they end with the test."""
    with _servers() as start:
        yield start


@pytest.fixture(scope="module")
def serve_all() -> Iterator[Callable[..., Served]]:
    """Return what starts servers for all tests of a file, where they only look."""
    with _servers() as start:
        yield start


@pytest.fixture
def served(serve: Callable[..., Served], workspace: Path) -> Served:
    """Return a running server with three clips."""
    return serve(workspace)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Return a browser without a window; while it is there, nothing else in this thread can run an event loop."""
    if CHROMIUM is None:
        pytest.skip("Chromium is absent: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Tab:
    """Somebody's browser with the page open: hands, eyes, and a look behind the scenes."""

    def __init__(self, context: BrowserContext, served: Served) -> None:
        """Open an empty tab; whatever goes wrong in the page's scripts is kept in ``errors``."""
        self.page: Page = context.new_page()
        self.page.set_default_timeout(ANSWER)
        self.served, self.errors = served, []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, clip: str, *, frame: int | None = None) -> "Tab":
        """Open a clip by its address and wait until it can be worked on."""
        place = f"&frame={frame}" if frame is not None else ""
        self.page.goto(f"{self.served.url}/ui/?clip={clip}{place}")
        return self.ready()

    def ready(self) -> "Tab":
        """Wait until the clip's masks are there and the model is awake."""
        self.wait("annotator?.state.clip && annotator.stage.rowAt(annotator.stage.player.frame)")
        self.wait("annotator.state.model.state === 'ready'")
        return self

    def wait(self, condition: str) -> None:
        """Wait until a condition in the page holds; a page that is just being loaded again has none."""
        look = f"() => {{ const annotator = window.annotator; return annotator && ({condition}); }}"
        self.page.wait_for_function(look)

    def get(self, expression: str) -> object:
        """Return a value of the page."""
        return self.page.evaluate(expression)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, waiting for what each of them does."""
        for each in keys:
            self.page.keyboard.press(each)
            self.idle()

    def idle(self) -> None:
        """Wait until everything that was asked for is answered."""
        self.page.evaluate("annotator.idle?.()")

    def seek(self, frame: int) -> None:
        """Go to a frame and wait until it is on the screen."""
        self.page.evaluate("frame => annotator.run('seek', frame)", frame)
        self.wait(f"annotator.stage.player.frame === {frame} && annotator.stage.rowAt({frame})")
        self.page.wait_for_timeout(300)  # the video's picture comes with the next paint

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the picture is on the screen."""
        ends = self.page.evaluate(
            "[annotator.stage.view.toPicture([0, 0]), annotator.stage.view.toPicture([100, 100])]"
        )
        (x0, y0), (x1, y1) = ends
        box = self.page.get_by_role("application").bounding_box()
        return box["x"] + (x - x0) * 100 / (x1 - x0), box["y"] + (y - y0) * 100 / (y1 - y0)

    def click(self, x: float, y: float, **options: str) -> None:
        """Click at a point of the picture and wait for the answer."""
        self.page.mouse.click(*self.at(x, y), **options)
        self.page.wait_for_timeout(50)
        self.idle()

    def pixels(self) -> np.ndarray:
        """Return what is on the screen, uint8 (H, W, 3)."""
        return np.asarray(Image.open(BytesIO(self.page.screenshot())).convert("RGB"))

    def row(self, frame: int) -> dict[int, np.ndarray]:
        """Return the masks that the page has of a frame, bool (H, W), by track."""
        found = {}
        size = self.get("[annotator.state.clip.height, annotator.state.clip.width]")
        for track, x, y, w, h, counts, *_ in self.page.evaluate(
            "frame => annotator.stage.rowAt(frame)", frame
        ):
            mask = np.zeros(size, bool)
            crop = rle.from_coco({"size": [h, w], "counts": counts})
            mask[y : y + h, x : x + w] = rle.decode(crop)
            found[track] = mask
        return found


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Callable[..., Tab]]:
    """Return what opens tabs, each in a browser of its own; no script may have failed at the end."""
    opened: list[tuple[BrowserContext, Tab]] = []

    def open_tab(served: Served) -> Tab:
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        opened.append((context, Tab(context, served)))
        return opened[-1][1]

    yield open_tab
    for context, each in opened:
        context.close()
        assert each.errors == []


@pytest.fixture(scope="session")
def answering() -> Callable[[str], bool]:
    """Return what says whether a server answers."""

    def answers(url: str) -> bool:
        try:
            with urllib.request.urlopen(f"{url}/api/me", timeout=5) as found:  # noqa: S310 - our own server
                return bool(found.status == 200)
        except OSError:
            return False

    return answers
