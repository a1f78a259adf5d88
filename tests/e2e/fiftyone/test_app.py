"""What a lead sees and does in FiftyOne's app: the real app on a real workspace, and a browser with hands.

One clip tells its frames' numbers in white blocks, and each of its masks lies where no other frame has one; both are read back
from pixels of the screen.
"""

import re
import signal
from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from engine import rle
from engine.media import VideoWriter
from engine.stages import Move, Stage
from engine.types import FrameMasks, Kind, Revision, Track, TrackMask

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

HIGH, WIDE, FRAMES = 384, 640, 90
BITS, BLOCK = 8, 48
CELL, COLUMNS = 32, 20
CLOTH = (30, 110, 60)
WAIT = 30_000
STORIES = {
    "numbers": (),
    "taken": ((Move.CORRECT, "ada"), (Move.SUBMIT, "ada"), (Move.ACCEPT, "lead")),
    "waiting": ((Move.CORRECT, "ada"), (Move.SUBMIT, "ada")),
    "other": ((Move.CORRECT, "O'Neil <b>"), (Move.SUBMIT, "O'Neil <b>")),
    "fresh": None,
}
"""What happened to each clip; None: no model has drawn it."""


def picture(frame, shade):
    """Return a picture, uint8 (H, W, 3), that tells its number in white blocks from the lowest bit on."""
    rgb = np.full((HIGH, WIDE, 3), CLOTH, np.uint8)
    rgb[-BLOCK:] = shade
    rgb[:BLOCK] = 0
    for bit in range(BITS):
        if frame >> bit & 1:
            rgb[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255
    return rgb


def corner(frame):
    """Return where the only mask of a frame lies: its left upper corner."""
    line, column = divmod(frame, COLUMNS)
    return column * CELL + 8, BLOCK + line * CELL + 8


def masks(frame):
    """Return a row with one mask of 16 x 16 pixels."""
    square = rle.encode(np.ones((16, 16), bool), origin=corner(frame), size=(HIGH, WIDE))
    return FrameMasks(frame, (TrackMask(1, square, 1.0, 1.0),))


def tell(database, clip, moves):
    """Give a clip its masks and its history."""
    revision = Revision(clip.id, None, Kind.AUTO, "model", (Track(1, "cue"),))
    database.revisions.append(revision, (masks(frame) for frame in range(clip.frames)))
    database.catalog.move(clip.id, Move.PREANNOTATE, actor="model")
    for move, actor in moves:
        database.catalog.move(clip.id, move, actor=actor)


@pytest.fixture(scope="module")
def shown(make_lead, tmp_path_factory):
    """Return a lead whose app runs with five clips in it, their ids by name and the app's address."""
    folder = tmp_path_factory.mktemp("shown")
    lead, ids = make_lead(folder / "workspace"), {}
    lead.run("init")
    for n, (name, moves) in enumerate(STORIES.items()):
        film = folder / f"{name}.mp4"
        with VideoWriter(film, width=WIDE, height=HIGH, rate=Fraction(30)) as writer:
            for frame in range(FRAMES if name == "numbers" else 12):
                writer.write(picture(frame, shade=40 * n))
        lead.run("ingest", str(film), "--split", "train", "--camera", "over the bar")
        with lead.database() as database:
            clip = next(s.clip for s in database.catalog.clips() if s.clip.id.startswith(name))
            ids[name] = clip.id
            if moves is not None:
                tell(database, clip, moves)
    lead.run("fiftyone", "sync")
    running = lead.start("fiftyone", "--remote", "--port", "0", "--every", "1", "--by", "ada")
    said = ""
    while not (found := re.search(r"ready: (http\S+)", said)):
        line = running.stdout.readline()
        assert line, said
        said += line
    yield lead, ids, found[1]
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)


@pytest.fixture
def page(chromium, shown):
    """Return a browser with the app open as a lead finds it; no script of the page may have failed at the end."""
    context = chromium.new_context(viewport={"width": 1600, "height": 1000})
    context.add_init_script(
        "window.IS_PLAYWRIGHT = true"
    )  # its own way to be without advertisement
    page, errors = context.new_page(), []
    page.set_default_timeout(WAIT)
    page.on("pageerror", lambda error: errors.append(str(error)))
    visit(page, shown[2])
    yield page
    close_clip(page)
    context.close()
    assert errors == []


def visit(page, address):
    """Open an address and wait for its clips; the app shares what it shows, so what somebody left open is closed."""
    page.goto(address)
    page.locator("[data-cy=looker]").first.wait_for()
    page.wait_for_timeout(2000)
    close_clip(page)
    left = page.locator("[data-cy=saved-views-btn-selection-clear]")
    if "view=" not in address and left.count():
        left.click()
        page.get_by_text("5 samples").wait_for()


def close_clip(page):
    """Close the clip that is open, if one is, by a click beside it: where it was opened by its address the app hears no key."""
    if page.locator("[data-cy=modal]").count():
        page.mouse.click(10, 500)
        page.locator("[data-cy=modal]").wait_for(state="detached")


def looker(page, shown, name):
    """Return a clip's picture in the grid, where clips stand in the engine's order."""
    lead, ids, _ = shown
    with lead.database() as database:
        order = [status.clip.id for status in database.catalog.clips()]
    return page.locator("[data-cy=looker]").nth(order.index(ids[name]))


def open_clip(page, shown, name):
    """Open a clip and wait until its video is there."""
    looker(page, shown, name).click()
    page.locator("[data-cy=modal] canvas").first.wait_for()
    assert page.locator("[data-cy=modal] [data-cy=sidebar-entry-clip]").inner_text() == shown[1][name]  # fmt: skip
    page.wait_for_timeout(2000)


def screen(page):
    """Return what is on the screen as a function of the clip's pixels: its colour at (x, y), int (3,)."""
    sheet = np.asarray(Image.open(BytesIO(page.screenshot())).convert("RGB")).astype(int)
    box = page.locator("[data-cy=modal] canvas").first.bounding_box()
    scale = min(box["width"] / WIDE, box["height"] / HIGH)
    left = box["x"] + (box["width"] - scale * WIDE) / 2
    top = box["y"] + (box["height"] - scale * HIGH) / 2
    return lambda x, y: sheet[round(top + y * scale), round(left + x * scale)]


def burnt_in(at):
    """Return the number that the picture tells."""
    return sum(1 << bit for bit in range(BITS) if at((bit + 0.5) * BLOCK, BLOCK / 2)[0] > 127)


def masked(at, x, y):
    """Say whether a mask is drawn on the cloth there."""
    return bool(np.abs(at(x, y) - CLOTH).max() > 24)


def marked(at):
    """Return the frames whose masks are drawn; their lower right corners are read, which no other mask's name covers."""
    corners = {frame: corner(frame) for frame in range(FRAMES)}
    return [frame for frame, (x, y) in corners.items() if masked(at, x + 13, y + 13)]


def step(page, key, times):
    """Go from frame to frame by keys."""
    for _ in range(times):
        page.keyboard.press(key)
        page.wait_for_timeout(250)
    page.wait_for_timeout(1000)


def stages(page, clips):
    """Return the stages that stand on the pictures of so many clips, once they are drawn."""
    page.locator("[data-cy=tag-stage]").nth(clips - 1).wait_for()
    return page.locator("[data-cy=tag-stage]").all_inner_texts()


def operator(page, name):
    """Ask for an operator by its name, as the key for all operators lets people do."""
    page.keyboard.press("`")
    page.get_by_placeholder(re.compile("Search operations")).fill(name)
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_text(re.compile(f"^{name}")).first.wait_for()


def until_stage(shown, until, name, stage):
    """Wait until the engine has a clip in a stage; return the last event of its history."""
    lead, ids, _ = shown
    with lead.database() as database:
        until(lambda: database.catalog.clip(ids[name]).stage is stage)
        return database.catalog.events(ids[name])[-1]


def test_the_grid_shows_every_clip_with_its_stage(page):
    assert page.get_by_text("5 samples").count() == 1
    all_of_them = "accepted ingested pre-annotated submitted submitted"
    assert " ".join(sorted(stages(page, 5))) == all_of_them


def test_masks_lie_on_the_pixels_and_frames_that_they_belong_to(page, shown):
    open_clip(page, shown, "numbers")
    frame = 0
    for key, times in (("", 0), (".", 1), (".", 4), (",", 2), (".", 20)):
        step(page, key, times)
        frame += times if key == "." else -times
        at = screen(page)
        assert (burnt_in(at), marked(at)) == (frame, [frame])
        x, y = corner(frame)
        assert all(masked(at, x + dx, y + dy) for dx in (3, 12) for dy in (3, 12))
        assert not any(masked(at, x + dx, y + dy) for dx, dy in ((-4, 8), (20, 8), (8, 20)))


def test_the_panel_stands_beside_the_clips_and_tells_how_far_the_dataset_is(page):
    panel = page.locator("[data-cy=panel-container]").last.locator("xpath=..")
    panel.get_by_text(re.compile(r"0\.4 of 2,000 s accepted")).wait_for()
    assert panel.get_by_text("accepted 1", exact=True).count() == 1, "the bar of stages"
    assert panel.get_by_text("submitted 2", exact=True).count() == 1
    assert panel.locator(".js-plotly-plot").count() == 2
    rows = panel.locator("tr").all_inner_texts()
    assert any(row.split() == ["ada", "1", "0.4", "s", "100%"] for row in rows)
    address = panel.get_by_role("link", name="page").first.get_attribute("href")
    assert re.search(r"/ui/\?clip=(waiting|other)-", address)


def heights(page):
    """Return for each chart of the panel how high its place and its drawing are."""
    page.locator(".js-plotly-plot .main-svg").nth(1).wait_for()
    return page.locator(".js-plotly-plot").evaluate_all(
        "all => all.map(one => [one.parentElement, one.querySelector('.main-svg')]"
        ".map(each => Math.round(each.getBoundingClientRect().height)))"
    )


def test_charts_keep_their_place_when_views_change_and_windows_are_made_narrow(page):
    for width, view in ((1250, "accepted"), (1550, "waiting-for-review"), (1100, "accepted")):
        page.locator("[data-cy=saved-views-selection]").first.click()
        page.locator(f"[data-cy=saved-views-{view}-selection-option]").click()
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(1500)
        assert heights(page) == [[310, 310], [170, 170]]


def test_a_link_in_the_panel_opens_its_clip(page, shown):
    ids = shown[1]
    page.get_by_role("link", name=ids["waiting"], exact=True).first.click()
    entry = page.locator("[data-cy=modal] [data-cy=sidebar-entry-clip]")
    entry.wait_for()
    assert entry.inner_text() == ids["waiting"]


def test_an_open_clip_links_to_the_correction_page(page, shown):
    open_clip(page, shown, "waiting")
    link = page.locator("[data-cy=modal]").get_by_role("link", name="/ui/?clip=")
    assert link.get_attribute("href").endswith(f"/ui/?clip={shown[1]['waiting']}")
    assert link.get_attribute("target") == "_blank"


def test_saved_views_are_chosen_by_name_and_show_the_clips_that_answer_them(page):
    page.get_by_text("Unsaved view").click()
    page.get_by_text("waiting for review", exact=True).click()
    page.get_by_text("2 samples").wait_for()
    assert stages(page, 2) == ["submitted", "submitted"]
    assert "view=waiting-for-review" in page.url


def test_the_operator_shows_a_view_too(page):
    operator(page, "Show a view")
    page.get_by_role("dialog").locator("input").first.fill("accepted")
    page.get_by_role("option", name="accepted", exact=True).click()
    page.get_by_role("button", name="Execute").click()
    page.get_by_text("1 sample", exact=True).wait_for()
    assert stages(page, 1) == ["accepted"]


def test_there_is_a_view_for_each_person_also_for_those_with_odd_names(page, shown):
    address = shown[2].split("?")[0]
    visit(page, f"{address}?view=annotator-ada")
    page.get_by_text("2 samples").wait_for()
    visit(page, f"{address}?view=annotator-oneil-b")
    page.get_by_text("1 sample", exact=True).wait_for()


def test_a_tag_set_by_mouse_becomes_a_decision_in_the_name_of_who_started_the_app(
    page, shown, until
):
    looker(page, shown, "waiting").click(position={"x": 14, "y": 14})
    page.locator("[data-cy=action-tag-sample-labels]").click()
    page.locator("[data-cy=sample-tag-input]").fill("redo")
    page.keyboard.press("Enter")
    page.locator("[data-cy=button-Apply]").click()
    last = until_stage(shown, until, "waiting", Stage.REJECTED)
    assert (last.move, last.actor) == (Move.REJECT, "ada")


def test_a_decision_takes_name_and_reason_along(page, shown, until):
    open_clip(page, shown, "other")
    operator(page, "Decide")
    page.get_by_label(re.compile("^Exclude")).click()
    name, note = page.get_by_role("dialog").locator("input[type=string]").all()
    name.fill("NAME")
    note.fill("two tables in the picture")
    page.get_by_role("button", name="Decide about 1 clip", exact=True).click()
    last = until_stage(shown, until, "other", Stage.EXCLUDED)
    assert (last.actor, last.note) == ("NAME", "two tables in the picture")
