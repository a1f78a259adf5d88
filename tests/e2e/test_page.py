"""A person at the correction page: real server, real models, real Chromium, by mouse and by keyboard alone."""

import json
import os
import signal

import numpy as np
import pytest

from db.connect import Database

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.timeout(400)]

FRAME = 20


@pytest.fixture
def clip(served) -> str:
    """Return the first clip."""
    return min(_clips(served))


def _clips(served) -> list[str]:
    with Database(f"sqlite:///{served.workspace / 'engine.db'}") as database:
        return [status.clip.id for status in database.catalog.clips()]


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


def centre(mask: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    return float(columns.mean() + 0.5), float(rows.mean() + 0.5)


def lonely(masks: dict[int, np.ndarray]) -> int:
    """Return the track that is farthest from all others: what is seen there is its own."""
    spots = {track: np.array(centre(mask)) for track, mask in masks.items()}
    return max(
        spots,
        key=lambda t: min(
            (np.linalg.norm(spots[t] - spots[u]) for u in spots if u != t), default=0
        ),
    )


def around(tab, mask: np.ndarray) -> np.ndarray:
    """Return what is on the screen where a mask's middle is, as a small patch."""
    x, y = (round(side) for side in tab.at(*centre(mask)))
    return tab.pixels()[y - 2 : y + 3, x - 2 : x + 3].astype(int)


def different(one: np.ndarray, other: np.ndarray) -> bool:
    return float(np.abs(one - other).mean()) > 6


def test_a_person_plays_clicks_propagates_undoes_reloads_and_submits(tab, served, clip) -> None:
    ada = tab(served).open(clip)
    ada.press("Space")
    ada.wait("annotator.stage.player.frame > 5")
    ada.press("Space")
    ada.wait("!annotator.stage.player.playing")

    ada.seek(FRAME)
    ada.press("g", "m")  # names off: they must not lie on what is looked at; masks filled
    before = ada.row(FRAME)
    track = lonely(before)
    masked = around(ada, before[track])
    ada.click(*centre(before[track]))
    assert ada.get("annotator.state.selected") == track
    ada.press("Control+z", "Backspace")
    assert track not in ada.row(FRAME)
    bare = around(ada, before[track])
    assert different(masked, bare), "a mask that is gone is still on the screen"

    ada.click(*centre(before[track]))
    again = ada.row(FRAME)
    assert overlap(again[track], before[track]) > 0.7
    assert all((again[other] == mask).all() for other, mask in before.items() if other != track)
    assert ada.get("annotator.state.session.pending") == {str(track): [FRAME]}

    ada.press("Enter")
    ada.wait("!annotator.state.progress && !Object.keys(annotator.state.session.pending).length")
    assert ada.get("annotator.state.session.undo").startswith("propagation")
    ada.press("Control+z")
    assert ada.get("annotator.state.session.pending") == {str(track): [FRAME]}
    ada.press("Control+Shift+z")

    head = ada.get("annotator.state.head")
    ada.page.reload()
    ada.ready()
    assert ada.get("annotator.state.head") == head
    assert ada.get("annotator.state.session.undo").startswith("propagation")
    stored = {mask.track for mask in served.masks(clip)[FRAME].masks}
    assert stored == before.keys()

    ada.press("Control+Enter")
    ada.page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    ada.wait(f"annotator.state.clip?.id !== '{clip}' || annotator.state.clip.stage === 'submitted'")
    assert served.stage(clip) == "submitted"


def test_a_right_click_takes_off_and_a_drag_boxes(tab, served, clip) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    before = ada.row(FRAME)
    track = lonely(before)
    ys, xs = np.nonzero(before[track])
    ada.click(*centre(before[track]))
    ada.press("b")
    start, end = ada.at(xs.min() - 1, ys.min() - 1), ada.at(xs.max() + 2, ys.max() + 2)
    ada.page.mouse.move(*start)
    ada.page.mouse.down()
    ada.page.mouse.move(*end, steps=4)
    ada.page.mouse.up()
    ada.page.wait_for_timeout(50)
    ada.idle()
    assert overlap(ada.row(FRAME)[track], before[track]) > 0.7
    ada.press("v")
    ada.click(xs.max() + 4, ys.mean(), button="right")
    kinds = [point[2] for prompt in ada.get("annotator.state.session.prompts") for point in prompt["points"]]  # fmt: skip
    assert False in kinds
    ada.press("Control+z", "Control+z", "Control+z")
    assert ada.get("annotator.state.session.undo") is None
    assert all((ada.row(FRAME)[other] == mask).all() for other, mask in before.items())


def test_what_is_painted_is_stored_to_the_pixel(tab, served, clip) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    track = lonely(ada.row(FRAME))
    ada.click(*centre(ada.row(FRAME)[track]))
    ada.press("Control+z", "p")
    x, y = centre(ada.row(FRAME)[track])
    before = ada.row(FRAME)[track]
    ada.page.mouse.move(*ada.at(x, y))
    ada.page.mouse.down()
    ada.page.mouse.move(*ada.at(x + 14, y), steps=6)
    ada.page.mouse.up()
    ada.page.wait_for_timeout(50)
    ada.idle()
    after = ada.row(FRAME)[track]
    assert after.sum() > before.sum()
    assert (after | before == after).all(), "a brush only adds"
    ada.page.reload()
    ada.ready()
    assert (ada.row(FRAME)[track] == after).all()


def test_the_keyboard_alone_is_enough(tab, served) -> None:
    ada = tab(served)
    ada.page.goto(f"{served.url}/")
    ada.wait("annotator?.state.me")
    ada.page.keyboard.press("PageDown")
    ada.ready()
    clip = ada.get("annotator.state.clip.id")
    ada.press("Shift+ArrowRight", "Shift+ArrowRight")
    ada.wait("annotator.stage.player.frame === 20")
    track = min(ada.row(FRAME))
    ada.press("]")
    assert ada.get("annotator.state.selected") == track
    ada.press("k", "ArrowRight", "Shift+ArrowLeft", "ArrowLeft", "Shift+ArrowRight", "Enter")
    assert ada.get("annotator.state.session.counts.clicks") == 1
    ada.press("Escape", "Enter")
    ada.wait("!annotator.state.progress && !Object.keys(annotator.state.session.pending).length")
    ada.press("x")
    assert track not in ada.row(FRAME)
    ada.press("Control+z")
    assert track in ada.row(FRAME)
    ada.page.keyboard.press("?")
    assert ada.page.get_by_role("dialog", name="All keys").is_visible()
    ada.page.keyboard.press("Escape")
    ada.page.keyboard.press("Control+Enter")
    ada.page.get_by_role("dialog").wait_for()
    ada.page.keyboard.press("Control+Enter")
    ada.wait(f"annotator.state.clip?.id !== '{clip}' || annotator.state.clip.stage === 'submitted'")
    assert served.stage(clip) == "submitted"


def test_the_second_browser_on_a_clip_is_told_and_changes_nothing(tab, served, clip) -> None:
    first = tab(served).open(clip, frame=FRAME)
    second = tab(served).open(clip, frame=FRAME)
    assert first.get("annotator.state.claim.held")
    assert not second.get("annotator.state.claim.held")
    assert second.page.get_by_role("alert").first.is_visible()
    before, head = second.row(FRAME), second.get("annotator.state.head")
    track = lonely(before)
    second.click(*centre(before[track]))
    assert second.get("annotator.state.head") == head

    first.click(*centre(before[track]))
    first.press("Backspace")
    second.wait(f"annotator.state.head !== {head}")  # what the first one does is seen by the second
    second.page.get_by_role("button", name="Take over").click()
    second.page.get_by_role("dialog").get_by_role("button", name="Take over").click()
    second.wait("annotator.state.claim.held")
    assert track not in second.row(FRAME)
    second.press("Control+z")
    assert second.row(FRAME).keys() == before.keys()
    first.wait("!annotator.state.claim.held")
    head = first.get("annotator.state.head")
    first.press("Control+z")
    assert first.get("annotator.state.head") == head


def test_a_clip_is_free_when_its_tab_is_closed(tab, served, clip) -> None:
    first = tab(served).open(clip)
    second = tab(served).open(clip)
    assert not second.get("annotator.state.claim.held")
    first.page.goto("about:blank")
    second.wait("annotator.state.claim.held")


def test_a_model_that_dies_while_it_spreads_is_told_and_comes_back(tab, served, clip) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    tracks = ada.row(FRAME)
    for track in list(tracks)[:4]:
        ada.click(*centre(tracks[track]))
        ada.press(
            "Delete"
        )  # from here on there is nothing to agree with: it has to draw all frames
        ada.click(*centre(tracks[track]))
        ada.press("Escape")
    head = ada.get("annotator.state.head")
    ada.page.keyboard.press("Enter")
    ada.wait("annotator.state.progress")
    for child in served.children():
        os.kill(child, signal.SIGKILL)
    ada.wait("!annotator.state.progress")
    assert ada.get("annotator.state.session.pending"), "nothing that was said may be lost"
    assert ada.get("annotator.state.head") == head
    ada.ready()
    ada.press("Enter")
    ada.wait("!annotator.state.progress && !Object.keys(annotator.state.session.pending).length")


def test_a_server_that_dies_loses_nothing(tab, served, clip, answering) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    track = lonely(ada.row(FRAME))
    x, y = centre(ada.row(FRAME)[track])
    ada.click(x, y)
    ada.press("Backspace")
    said = ada.get("annotator.state.session.undo")
    served.kill()
    assert not answering(served.url)
    ada.wait("!annotator.state.link")
    served.start()
    ada.wait(f"annotator.state.link && annotator.state.session.undo === {json.dumps(said)}")
    ada.open(clip, frame=FRAME)  # the list of clips may load the page again by itself at any moment
    assert ada.get("annotator.state.session.undo") == said
    assert track not in ada.row(FRAME)
    ada.press("Control+z", "Control+z")
    assert ada.get("annotator.state.session.undo") is None


def test_confirmed_frames_change_only_when_a_person_says_so(tab, served, clip) -> None:
    ada = tab(served).open(clip, frame=FRAME)
    track = lonely(ada.row(FRAME))
    x, y = centre(ada.row(FRAME)[track])
    ada.click(x, y)
    ada.press("Control+z", "Delete")  # from here on: what is spread back will differ
    for frame in (FRAME + 2, FRAME + 3):
        ada.seek(frame)
        ada.press("c")
    ada.seek(FRAME)
    ada.click(x, y)
    before = served.masks(clip)
    ada.page.keyboard.press("Enter")
    ada.wait("annotator.state.proposal")
    assert served.masks(clip) == before
    assert ada.get("annotator.state.proposal.total_frames") == 2
    ada.page.get_by_role("button", name="Only the other frames").click()
    ada.wait("!annotator.state.proposal && !Object.keys(annotator.state.session.pending).length")
    tracks = [{mask.track for mask in row.masks} for row in served.masks(clip)]
    assert track in tracks[FRAME + 1]
    assert track not in tracks[FRAME + 2]
    assert track not in tracks[FRAME + 3]


def test_a_reviewer_rejects_with_a_reason_and_accepts(tab, served) -> None:
    first, second, *_ = sorted(_clips(served))
    ada = tab(served)
    for each in (first, second):
        ada.open(each)
        ada.press("Control+Enter")
        ada.page.get_by_role("dialog").get_by_role("button", name="Submit").click()
        ada.wait(
            f"annotator.state.clip?.id !== '{each}' || annotator.state.clip.stage === 'submitted'"
        )
    ada.open(first)
    ada.page.keyboard.press("r")
    ada.page.get_by_role("dialog").get_by_role("textbox").fill(
        "the cue ball is missing on frame 12"
    )
    ada.page.keyboard.press("Control+Enter")
    ada.wait(f"annotator.state.clip?.id !== '{first}' || annotator.state.clip.stage === 'rejected'")
    assert served.stage(first) == "rejected"
    ada.open(second)
    ada.press("a")
    ada.wait(
        f"annotator.state.clip?.id !== '{second}' || annotator.state.clip.stage === 'accepted'"
    )
    assert served.stage(second) == "accepted"
