"""Many at once: of two changes on the same masks one is done, different clips do not wait, and the log has one order."""

import asyncio
from collections import Counter
from threading import Event
from typing import Any

import httpx

from db.connect import Database
from engine.ports import State

from .conftest import CLIPS, Page


def _at_once(page: Page, *asked: tuple[str, dict[str, Any]]) -> list[httpx.Response]:
    """Send actions (clip, body) together; return the answers."""

    async def all_of_them() -> list[httpx.Response]:
        return await asyncio.gather(
            *(page.http.post(f"/api/clips/{clip}/actions", json=body) for clip, body in asked)
        )

    return page.loop.run(all_of_them())


def _click(head: int, frame: int, *, tab: str = "tab-1") -> dict[str, Any]:
    point = [20.5 + frame, 20, True]
    action = {"kind": "prompt", "frame": frame, "track": 1, "point": point}
    return {"tab": tab, "head": head, "action": action}


def test_of_many_changes_on_the_same_masks_exactly_one_is_done(
    page: Page, database: Database
) -> None:
    answers = _at_once(page, *(("one", _click(1, frame)) for frame in range(20, 30)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 9}
    assert len(database.desk.actions.of("one")) == 1
    (done,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert page.get()["head"] == done["head"]


def test_of_two_tabs_only_the_one_that_holds_the_clip_changes_it(page: Page) -> None:
    answers = _at_once(page, *(("one", _click(1, 25, tab=f"tab-{n}")) for n in (2, 1, 3)))
    codes = [answer.status_code for answer in answers]
    assert codes[1] == 200
    assert set(codes) <= {200, 423, 409}
    assert Counter(codes)[200] == 1


def test_clips_do_not_wait_for_each_other(page: Page) -> None:
    inside, leave = Event(), Event()
    inner = page.model.draw

    def held(clip: Any, asked: Any, *, who: str) -> Any:
        if clip.id == "one":
            inside.set()
            assert leave.wait(20)
        return inner(clip, asked, who=who)

    page.model.draw = held
    other = page.another("tab-2")
    other.clip = "two"
    other.take()

    async def story() -> tuple[httpx.Response, httpx.Response]:
        first = asyncio.create_task(page.http.post("/api/clips/one/actions", json=_click(1, 25)))
        await asyncio.to_thread(inside.wait, 20)
        second = await page.http.post("/api/clips/two/actions", json=_click(2, 25, tab="tab-2"))
        leave.set()
        return await first, second

    first, second = page.loop.run(story())
    assert (first.status_code, second.status_code) == (200, 200)


def test_clicks_on_several_clips_at_once_are_all_done_and_logged(
    page: Page, database: Database
) -> None:
    heads = {}
    for clip in CLIPS:
        page.clip = clip
        page.take()
        heads[clip] = page.get()["head"]
    for frame in range(20, 28):
        answers = _at_once(page, *((clip, _click(heads[clip], frame)) for clip in CLIPS))
        assert {answer.status_code for answer in answers} == {200}
        heads = {clip: a.json()["head"] for clip, a in zip(CLIPS, answers, strict=True)}
    for clip in CLIPS:
        log = database.desk.actions.of(clip)
        assert [action.body["frame"] for action in log] == list(range(20, 28))
        assert {action.state for action in log} == {State.DONE}
        assert [action.after for action in log[:-1]] == [action.before for action in log[1:]]
