"""What a person sees, timed in a real browser: when a clip is there, how clicks and spreads are answered, how it plays."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from page_case import Case
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOWN = "globalThis.annotator?.stage.player.picture && annotator.stage.rowAt(0) !== undefined"
SLOW = 120_000
REST = 700  # ms on a frame before the click, as a person looks first

_UNTIL = """
const until = (there) => new Promise((done) => {
  const look = () => (there() ? done(performance.now()) : requestAnimationFrame(look));
  look();
});
"""


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def opened(browser: Browser, url: str, clip: str) -> tuple[Page, float]:
    """Open a clip by its address; return the page, and the seconds from the address to picture and masks."""
    page = browser.new_context(viewport={"width": 1600, "height": 1000}).new_page()
    page.set_default_timeout(SLOW)
    page.goto(f"{url}/ui/?clip={clip}", wait_until="commit")
    there = page.wait_for_function(f"({SHOWN}) && performance.now()", polling="raf")
    return page, float(there.json_value()) / 1000


def switched(page: Page, clip: str) -> float:
    """Open another clip in a page that is there; return the seconds until picture and masks are shown."""
    script = f"""async (clip) => {{ {_UNTIL}
      const begun = performance.now();
      await annotator.run("open", clip);
      return (await until(() => {SHOWN})) - begun;
    }}"""
    return float(page.evaluate(script, clip)) / 1000


def wait_for_video(page: Page) -> None:
    """Wait until the clip plays from its video."""
    page.wait_for_function("annotator.stage.player.ready", polling=200)


def clicks(page: Page, case: Case, frames: Sequence[int]) -> list[float]:
    """Click at every ball of some frames; return the ms from each click to its painted mask."""
    before = page.evaluate("annotator.stage.stats().clickToPaint.length")
    for frame in frames:
        look_at(page, frame)
        for mask in case.truth[frame].masks:
            if frame not in case.lost.get(mask.track, range(0)):
                click(page, case, frame, mask.track)
    found: list[float] = page.evaluate("annotator.stage.stats().clickToPaint")
    return found[before:]


def look_at(page: Page, frame: int) -> None:
    """Put the playhead on a frame and leave it there for a moment."""
    page.evaluate("(frame) => annotator.stage.player.seek(frame)", frame)
    page.wait_for_function("(frame) => annotator.stage.frame === frame", arg=frame)
    page.wait_for_timeout(REST)


def click(page: Page, case: Case, frame: int, track: int) -> None:
    """Choose a ball and click at it with the mouse; wait until the answer is painted."""
    x, y = case.click(frame, track)
    before = page.evaluate("annotator.stage.stats().clickToPaint.length")
    place = page.evaluate(
        """([track, x, y]) => { annotator.run("select", track);
          const canvas = document.querySelector("canvas.stage-masks").getBoundingClientRect();
          const view = annotator.stage.view.now;
          return [canvas.left + view.x + x * view.scale, canvas.top + view.y + y * view.scale]; }""",
        [track, x, y],
    )
    page.mouse.click(*place)
    page.wait_for_function(
        "(before) => annotator.stage.stats().clickToPaint.length > before", arg=before
    )


def spreads(page: Page, case: Case) -> list[dict[str, Any]]:
    """Click at each ball that lost its masks, in the middle of the gap, and spread over it: {seconds, masks} of each.

    To be called first: a spread carries on whatever was clicked and not spread yet.
    """
    found = []
    for track, gap in case.lost.items():
        middle = (gap.start + gap.stop) // 2
        look_at(page, middle)
        click(page, case, middle, track)
        page.wait_for_timeout(REST)
        script = f"""async ([start, stop]) => {{ {_UNTIL}
          const head = annotator.state.head;
          annotator.store.set({{ loop: {{ in: start, out: stop, on: false }} }});
          const begun = performance.now();
          annotator.run("spreadRange");
          const over = () => annotator.state.head !== head && !annotator.state.progress;
          const ended = await until(() => over() || performance.now() - begun > 60000);
          return over() ? (ended - begun) / 1000 : -1;
        }}"""
        seconds = float(page.evaluate(script, [gap.start, gap.stop]))
        if seconds < 0:
            raise SystemExit(f"track {track}: its spread did not end within a minute")
        shown = page.evaluate("(f) => annotator.stage.rowAt(f)?.length ?? 0", middle)
        found.append({"seconds": seconds, "masks": shown})
    return found


def playing(page: Page) -> dict[str, Any]:
    """Play the open clip from start to end; return what was presented and drawn."""
    script = f"""async () => {{ {_UNTIL}
      const {{ stage }} = annotator;
      stage.player.seek(0);
      await until(() => stage.frame === 0);
      const before = stage.stats();
      const seen = new Set();
      const note = ({{ detail }}) => seen.add(detail.frame);
      stage.addEventListener("frame", note);
      const begun = performance.now();
      stage.player.play();
      await until(() => !stage.player.playing);
      const after = stage.stats();
      stage.removeEventListener("frame", note);
      const quality = document.querySelector("video").getVideoPlaybackQuality?.() ?? {{}};
      return {{
        seconds: (performance.now() - begun) / 1000,
        presented: after.presented - before.presented,
        drawn: after.drawn - before.drawn,
        frames: seen.size,
        drawMs: after.drawMs.slice(-300),
        droppedByBrowser: quality.droppedVideoFrames ?? null,
      }};
    }}"""
    result: dict[str, Any] = page.evaluate(script)
    return result
