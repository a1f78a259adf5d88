"""What stands around the picture: buttons stay where they are, whatever comes and goes, so that nobody presses the wrong one."""

import shutil
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(200)]

STATIC = Path(__file__).parents[2] / "annotator_ui" / "static"
CHROMIUM = shutil.which("chromium")
PAGE = """<!doctype html><html><head><link rel="stylesheet" href="/static/style.css"></head><body>
<div id="corrector"></div>
<script type="module">
import { createBar, createFoot } from "/static/bar.js";
import { createPanel } from "/static/panel.js";
import { createPresence } from "/static/presence.js";
import { createStore, initial } from "/static/state.js";
import { createStrip } from "/static/strip.js";
const root = document.getElementById("corrector");
const [bar, stage, panel, foot, strip] = ["bar", "stage", "panel", "foot", "strip"].map((name) => {
  const made = document.createElement("div");
  made.className = name;
  root.append(made);
  return made;
});
const tracks = Array.from({ length: 15 }, (_, index) => ({ id: index + 1, label: "solid", color: "#ff0000" }));
const store = createStore({
  ...initial(), me: { user: "ada", role: "annotator" }, clipId: "one", head: 1, tracks,
  clip: { id: "one", frames: 300, rate: [30, 1], width: 640, height: 360, stage: "pre-annotated" },
  video: { url: "x", ready: true, progress: 1 },
});
const ran = [];
const parts = { store, presence: createPresence(), stage: { rowAt: () => [] }, run: (...command) => ran.push(command) };
createBar(bar, parts);
createFoot(foot, parts);
createPanel(panel, parts);
createStrip(strip, parts);
Object.assign(window, { store, ran });
</script></body></html>"""
STILL = ".tools, .work, .verdict, .look, .panel, .ball-tools, .foot, .strip, .stage"


def _answer(route):
    path = route.request.url.split("page.test/")[1]
    if path.startswith("static/"):
        kind = "text/css" if path.endswith(".css") else "text/javascript"
        route.fulfill(path=str(STATIC / path.removeprefix("static/")), content_type=kind)
    else:
        route.fulfill(body=PAGE, content_type="text/html")


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is absent: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(params=[1280, 1440, 1920])
def page(browser, request):
    """Return a page with everything but the picture, on windows of three widths; no script may have failed at the end."""
    tab = browser.new_page(viewport={"width": request.param, "height": 900})
    failures = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.route("**/*", _answer)
    tab.goto("http://page.test/", timeout=60_000)
    tab.wait_for_function(
        "() => window.store && document.querySelector('.strip-still').height > 100"
    )
    yield tab
    tab.close()
    assert failures == []


def places(page):
    """Return where everything that people press is, by what it is."""
    page.evaluate("() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))")
    return page.evaluate(
        """(still) => Object.fromEntries([...document.querySelectorAll(`${still}, .tools button, .work button, .ball-tools button`)]
          .map((each, index) => { const { x, y, width, height } = each.getBoundingClientRect();
            return [`${index} ${each.className}`.replace(" primary", "").replace(" stop", ""), [x, y, width, height]]; }))""",
        STILL,
    )


@pytest.mark.parametrize(
    "change",
    [
        "{ selected: 3 }",
        "{ progress: { seq: 1, done: 20, total: 300, seconds_left: 12 } }",
        "{ session: { ...store.get().session, pending: { 3: [5] }, undo: 'click on ball #3, frame 5' } }",
        "{ busy: 1 }",
        "{ display: { ...store.get().display, masks: 'off' } }",
        "{ doubts: { ...store.get().doubts, computing: true } }",
        "{ frame: 299, playing: true }",
    ],
)
def test_nothing_that_is_pressed_moves(page, change):
    before = places(page)
    page.evaluate(f"() => store.set({change})")
    assert places(page) == before


def test_what_needs_a_chosen_ball_is_there_but_asleep_until_one_is_chosen(page):
    absent = page.get_by_role("button", name="Absent here")
    assert absent.is_disabled()
    page.evaluate("() => store.set({ selected: 3 })")
    absent.click()
    page.get_by_role("button", name="Remark").click()
    assert page.evaluate("() => window.ran") == [["hide", "absent"], ["pin"]]


def test_balls_are_named_with_a_sign_that_no_ball_bears(page):
    assert page.get_by_role("option").first.text_content().startswith("#1")


def test_a_rack_of_balls_needs_no_scrolling_and_what_lies_below_is_announced(page):
    cue = page.locator(".strip-cue")
    assert cue.evaluate("(each) => getComputedStyle(each).opacity") == "0"
    page.evaluate(
        "() => store.set({ tracks: Array.from({ length: 40 }, (_, index) => ({ id: index + 1, label: 'red', color: '#ff0000' })) })"
    )
    page.wait_for_function("() => document.querySelector('.strip-cue').classList.contains('on')")
    page.evaluate("() => store.set({ selected: 40 })")
    page.wait_for_function("() => !document.querySelector('.strip-cue').classList.contains('on')")


def test_words_about_the_time_line_leave_the_hint_free(page):
    body = page.locator(".strip-body").bounding_box()
    page.mouse.move(body["x"] + body["width"] / 2, body["y"] + 60)
    tip = page.locator(".strip-tip.on").bounding_box()
    hint = page.locator(".hint").bounding_box()
    assert tip["y"] + tip["height"] <= hint["y"]
