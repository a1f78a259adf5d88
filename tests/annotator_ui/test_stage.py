"""The stage in a real browser, without a server: what hands do on it, and the very pixels that come of it."""

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import rle

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(200)]

STATIC = Path(__file__).parents[2] / "annotator_ui" / "static"
CHROMIUM = shutil.which("chromium")
HIGH, WIDE = 180, 320  # the picture; the stage shows it four times as large
GREY = 60
# Two balls, each [track, x, y, width, height] of a square.
PAGE = """<!doctype html><div id="stage" style="width:1280px;height:720px;margin:0"></div>
<script type="module">
import { createStage } from "/static/stage.js";
import { encode } from "/static/rle.js";
const stage = createStage(document.getElementById("stage"));
const ball = ([track, x, y, w, h]) => [track, x, y, w, h, encode(new Uint8Array(w * h).fill(1), w, h), 1];
Object.assign(window, { stage, ball, told: [] });
for (const type of ["point", "box", "stroke", "select", "refused"]) {
  stage.addEventListener(type, ({ detail }) => window.told.push([type, detail]));
}
stage.open({
  frames: 10, rate: [30, 1], width: 320, height: 180, videoUrl: null, posterUrl: () => "/picture.png",
  loadRows: async (start, stop) => Array.from({ length: stop - start }, () => [ball([1, 40, 40, 20, 20]), ball([2, 200, 100, 20, 20])]),
});
stage.setTracks([{ id: 1, label: "cue", color: "#ff0000" }, { id: 2, label: "solid", color: "#0000ff" }]);
stage.setDisplay({ masks: "fill", labels: false, brush: 4 });
</script>"""


def _answer(route):
    path = route.request.url.split("stage.test/")[1]
    if path.startswith("static/"):
        route.fulfill(
            path=str(STATIC / path.removeprefix("static/")), content_type="text/javascript"
        )
    elif path == "picture.png":
        out = io.BytesIO()
        Image.fromarray(np.full((HIGH, WIDE, 3), GREY, np.uint8)).save(out, "PNG")
        route.fulfill(body=out.getvalue(), content_type="image/png")
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


@pytest.fixture
def page(browser, request):
    """Return a page with nothing but a stage; no script may have failed at the end."""
    options = getattr(request, "param", {})
    tab = browser.new_page(viewport={"width": 1280, "height": 720}, **options)
    failures = []
    tab.on("pageerror", lambda error: failures.append(str(error)))
    tab.route("**/*", _answer)
    tab.goto("http://stage.test/", timeout=60_000)
    tab.add_style_tag(content="body { margin: 0 }")
    tab.wait_for_function("() => window.stage?.isFresh(0) && stage.frame === 0")
    yield tab
    tab.close()
    assert failures == []


def told(page):
    """Return what the stage said since the last time."""
    return page.evaluate("() => window.told.splice(0)")


def pixel(page, x, y):
    """Return what is on the screen in the middle of a picture's pixel, (r, g, b)."""
    page.evaluate("() => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))")
    at = page.evaluate(
        "([x, y]) => { const v = stage.view.now; return [v.x + x * v.scale, v.y + y * v.scale]; }",
        [x + 0.5, y + 0.5],
    )
    fine = page.evaluate("() => devicePixelRatio")
    at = [length * fine for length in at]
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return shot.getpixel((round(at[0]), round(at[1])))


def drag(page, start, *stops):
    """Press the left button, move through places of the stage and let go."""
    page.mouse.move(*start)
    page.mouse.down()
    for stop in stops:
        page.mouse.move(*stop, steps=4)
    page.mouse.up()


BARE = (GREY, GREY, GREY)


def test_masks_lie_on_their_pixels_and_nowhere_else(page):
    assert pixel(page, 38, 50) == BARE
    assert pixel(page, 61, 50) == BARE
    red, green, blue = pixel(page, 50, 50)
    assert red > 100 > green == blue
    assert pixel(page, 210, 110)[2] > 100


@pytest.mark.parametrize("page", [{"device_scale_factor": 2}], indirect=True)
def test_on_a_screen_of_fine_pixels_masks_and_clicks_are_where_they_should_be(page):
    assert pixel(page, 38, 50) == BARE
    assert pixel(page, 50, 50) != BARE
    assert page.evaluate("() => document.querySelector('.stage-masks').width") == 2560
    page.mouse.click(202, 202)
    ((_, what),) = told(page)
    assert (what["x"], what["y"]) == (50.5, 50.5)


@pytest.mark.parametrize("page", [{"has_touch": True}], indirect=True)
def test_a_finger_clicks(page):
    page.touchscreen.tap(202, 202)
    ((kind, what),) = told(page)
    assert (kind, what["positive"], what["hit"]) == ("point", True, 1)


def test_outlines_leave_the_ball_free_solo_the_others_and_off_everything(page):
    page.evaluate("() => stage.setDisplay({ masks: 'outline' })")
    assert pixel(page, 50, 50) == BARE
    page.evaluate("() => { stage.select(1); stage.setDisplay({ masks: 'fill', only: true }); }")
    assert pixel(page, 210, 110) == BARE
    assert pixel(page, 50, 50) != BARE
    page.evaluate("() => stage.setDisplay({ masks: 'off', only: false })")
    assert pixel(page, 50, 50) == BARE


def test_brightness_is_the_pictures_alone(page):
    mask = pixel(page, 50, 50)
    page.evaluate("() => stage.setDisplay({ brightness: 2, masks: 'off' })")
    assert pixel(page, 100, 100)[0] == pytest.approx(2 * GREY, abs=3)
    page.evaluate("() => stage.setDisplay({ brightness: 1, masks: 'fill' })")
    assert pixel(page, 50, 50) == mask


def test_left_right_and_alt_clicks_say_where_what_and_whom_they_hit(page):
    page.mouse.click(202, 202)
    page.mouse.click(202, 202, button="right")
    page.keyboard.down("Alt")
    page.mouse.click(1000, 202)
    page.keyboard.up("Alt")
    said = told(page)
    assert [kind for kind, _ in said] == ["point"] * 3
    assert said[0][1] == {"frame": 0, "x": 50.5, "y": 50.5, "positive": True, "hit": 1}
    assert [(what["positive"], what["hit"]) for _, what in said] == [
        (True, 1),
        (False, 1),
        (False, None),
    ]


def test_a_click_shows_its_dot_at_once_and_takes_it_back_when_refused(page):
    page.mouse.click(602, 402)
    green = pixel(page, 151, 100)
    assert green != BARE
    page.evaluate("() => { const none = []; stage.setPrompts(none); stage.setPrompts(none); }")
    assert pixel(page, 151, 100) == BARE


def test_a_drag_is_a_box_in_picture_pixels(page):
    drag(page, (400, 400), (480, 440))
    assert told(page) == [["box", {"frame": 0, "box": [100, 100, 120, 110]}]]


def test_a_stroke_paints_at_once_and_is_told_as_the_mask_of_the_whole_picture(page):
    page.evaluate("() => { stage.select(1); stage.setTool('brush'); }")
    drag(page, (238, 202), (270, 202))
    assert pixel(page, 66, 50) != BARE
    ((kind, what),) = told(page)
    assert (kind, what["track"]) == ("stroke", 1)
    mask = rle.decode(rle.from_coco(what["mask"]))
    assert mask.shape == (HIGH, WIDE)
    assert mask[40:60, 40:60].all()
    assert mask[50, 60:70].all()
    assert not mask[:, 73:].any()


def test_the_eraser_rubs_out_at_once(page):
    page.evaluate("() => { stage.select(2); stage.setTool('eraser'); }")
    drag(page, (802, 442), (880, 442))
    assert pixel(page, 205, 110) == BARE
    ((_, what),) = told(page)
    mask = rle.decode(rle.from_coco(what["mask"]))
    assert mask[100:105, 200:220].all()
    assert not mask[110, 200:219].any()


def test_a_stroke_without_a_chosen_ball_is_refused_with_a_reason(page):
    page.evaluate("() => stage.setTool('brush')")
    drag(page, (238, 202), (270, 202))
    assert [kind for kind, _ in told(page)] == ["refused"]


def test_the_wheel_zooms_under_the_pointer_up_to_sixteen_times(page):
    page.mouse.move(200, 200)
    for _ in range(30):
        page.mouse.wheel(0, -200)
    page.wait_for_function("() => stage.view.now.scale === 16")
    page.mouse.click(200, 200)
    ((_, what),) = told(page)
    assert (what["x"], what["y"]) == pytest.approx((50, 50), abs=0.2)
    page.evaluate("() => stage.view.fit()")
    assert page.evaluate("() => stage.view.now.scale") == 4


def test_space_or_the_middle_button_drag_the_picture_and_click_nothing(page):
    page.evaluate("() => stage.view.zoomAt(2)")
    before = page.evaluate("() => stage.view.now.x")
    page.keyboard.down(" ")
    drag(page, (600, 300), (650, 320))
    page.keyboard.up(" ")
    assert page.evaluate("() => stage.view.now.x") == before + 50
    assert told(page) == []


def test_what_would_change_is_green_where_it_comes_and_red_where_it_goes(page):
    page.evaluate(
        "() => stage.showDiff({ 0: { before: [ball([1, 40, 40, 20, 20])], after: [ball([1, 50, 40, 20, 20])] } })"
    )
    gone, stays, come = (pixel(page, x, 50) for x in (45, 55, 65))
    assert gone[0] > gone[1]
    assert come[1] > come[0]
    assert stays == BARE
    page.evaluate("() => stage.showDiff(null)")
    assert pixel(page, 65, 50) == BARE


def test_newer_rows_are_painted_at_once(page):
    page.evaluate("() => stage.putRows({ 0: [ball([1, 100, 20, 20, 20])] })")
    assert pixel(page, 50, 50) == BARE
    assert pixel(page, 110, 30) != BARE


def test_somebody_who_does_not_see_it_is_told_the_frame_and_the_ball(page):
    page.evaluate("() => stage.select(2)")
    label = page.get_by_role("application").get_attribute("aria-label")
    assert label == "Frame 0 of 10, ball #2 solid selected"


def test_the_chosen_balls_outline_is_filled_lightly_so_that_its_own_colour_is_seen(page):
    page.evaluate("() => { stage.select(1); stage.setDisplay({ masks: 'outline' }); }")
    red, green, blue = pixel(page, 50, 50)
    assert red > GREY > green == blue
    page.evaluate("() => stage.setDisplay({ masks: 'fill' })")
    assert pixel(page, 50, 50)[0] > red
    page.evaluate("() => stage.setDisplay({ masks: 'outline' })")
    assert pixel(page, 210, 110) == BARE
