"""What people tell one another through the page, and what hands faster than the picture come to: real server, real Chromium."""

import pytest

from db.connect import Database
from engine.stages import Move

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(400)]

FRAME = 20


@pytest.fixture
def clip(served) -> str:
    """Return the first clip."""
    with Database(f"sqlite:///{served.workspace / 'engine.db'}") as database:
        return min(status.clip.id for status in database.catalog.clips())


def line(tab, clip: str):
    return tab.page.locator(f'[data-clip="{clip}"]')


def banner(tab, words: str):
    return tab.page.locator(".banner").filter(has_text=words)


def test_remark_and_reason_go_from_one_person_to_the_other(tab, served, clip) -> None:
    ada = tab(served).open(clip)
    ada.page.keyboard.press("Control+Enter")
    ada.page.get_by_role("dialog").get_by_role("textbox").fill("frame 12 is hard")
    ada.page.keyboard.press("Control+Enter")
    ada.wait(f"annotator.state.clip && annotator.state.clip.id !== '{clip}'")
    line(ada, clip).wait_for(state="detached")  # it is not to be corrected any more

    ada.open(clip)
    assert banner(ada, "Submitted by ada: frame 12 is hard").is_visible()
    ada.page.keyboard.press("r")
    ada.page.get_by_role("dialog").get_by_role("textbox").fill("the cue ball is missing")
    ada.page.keyboard.press("Control+Enter")
    ada.wait("annotator.state.clip === null")
    assert ada.page.locator("[data-clip][aria-current]").count() == 0

    line(ada, clip).click()
    ada.ready()
    assert banner(ada, "Rejected by ada: the cue ball is missing").is_visible()
    assert line(ada, clip).get_attribute("aria-current") == "true"


def test_who_corrects_a_reopened_clip_reads_why_it_was_reopened(tab, served, clip) -> None:
    with Database(f"sqlite:///{served.workspace / 'engine.db'}") as database:
        database.catalog.move(clip, Move.ACCEPT, actor="eve")
        database.catalog.move(clip, Move.REOPEN, actor="eve", note="the cue is half a ball")
    ada = tab(served).open(clip)
    assert banner(ada, "Reopened by eve: the cue is half a ball").is_visible()


def test_a_submitted_clip_is_taken_back_without_a_verdict_on_it(tab, served, clip) -> None:
    ada = tab(served).open(clip)
    ada.page.keyboard.press("Control+Enter")
    ada.page.get_by_role("dialog").wait_for()
    ada.page.keyboard.press("Control+Enter")
    ada.wait(f"annotator.state.clip && annotator.state.clip.id !== '{clip}'")
    ada.open(clip)
    ada.page.get_by_role("button", name="Take back").click()
    ada.page.get_by_role("button", name="Submit").wait_for()
    assert served.stage(clip) == "in correction"
    assert banner(ada, "Rejected").count() == 0


def test_keys_right_after_a_step_act_on_the_frame_stepped_to(tab, served, clip) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    ada.press("]")
    track = ada.get("annotator.state.selected")
    for key in ("ArrowRight", "ArrowRight", "x"):
        ada.page.keyboard.press(key)
    ada.idle()
    hidden = ada.get("annotator.state.session.hidden")
    assert [(one["frame"], one["track"]) for one in hidden] == [(FRAME + 2, track)]

    ada.wait(f"annotator.state.frame === {FRAME + 2}")
    ada.page.reload()
    ada.ready()
    ada.wait(f"annotator.stage.player.frame === {FRAME + 2}")
    assert ada.get("annotator.state.selected") == track


def test_a_mode_is_said_over_the_picture_and_left_by_undo_before_anything_else(
    tab, served, clip
) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    ada.press("]", "Backspace")
    done = ada.get("annotator.state.session.undo")
    ada.page.keyboard.press("w")
    said = ada.page.locator(".mode").get_by_text("Click the ball to swap with")
    said.wait_for()
    ada.press("Control+z")
    said.wait_for(state="detached")
    assert ada.get("annotator.state.pick") is None
    assert ada.get("annotator.state.session.undo") == done


def test_the_keys_printed_in_the_menu_of_repairs_take_what_they_stand_beside(
    tab, served, clip
) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    ada.press("]")
    ada.page.keyboard.press("u")
    ada.page.get_by_role("dialog").wait_for()
    ada.press("Shift+x")
    ada.page.get_by_role("dialog").wait_for(state="detached")
    ada.wait("annotator.state.session.hidden.length")
    assert [one["why"] for one in ada.get("annotator.state.session.hidden")] == ["occluded"]


def test_a_ball_that_undo_takes_away_is_not_chosen_any_more(tab, served, clip) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    before = ada.get("annotator.state.tracks.length")
    ada.press("a", "k", "Enter")
    dialog = ada.page.get_by_role("dialog", name="Which ball is this?")
    dialog.get_by_role("option").last.click()
    ada.wait(f"annotator.state.tracks.length === {before + 1}")
    ada.idle()
    ada.press("Escape", "Control+z")
    assert ada.get("annotator.state.tracks.length") == before
    assert ada.get("annotator.state.selected") is None
