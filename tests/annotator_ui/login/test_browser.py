"""The login in a real browser, beside a page of another site that would like to use it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP evil.test 127.0.0.1"]
HOSTILE = """<a href="{goal}/ui/?clip=one">a link</a> <img src="{goal}/ui/">
<form method="post" action="{goal}/api/clips/one/actions"><button>steal</button></form>"""
FETCH = "(path) => fetch(path, {{method: 'POST', {more}}}).then((answer) => answer.status)"

pytestmark = pytest.mark.slow


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], int]]:
    """Return what serves an application until the test ends, and says on which port."""
    with ExitStack() as running:

        def start(app: FastAPI) -> int:
            bound = running.enter_context(
                socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            )
            bound.bind(("127.0.0.1", 0))
            server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
            thread.start()
            running.callback(thread.join)
            running.callback(setattr, server, "should_exit", True)
            while not server.started:
                time.sleep(0.01)
            return int(bound.getsockname()[1])

        yield start


@pytest.fixture
def tab() -> Iterator[Any]:
    """Return an empty tab. Ask for it last: while a browser is open, no other event loop runs in its thread."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed (apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser.new_page()
        browser.close()


@pytest.fixture
def goal(team: Any, serve: Callable[[FastAPI], int]) -> str:
    """Return the address of a server that requires a login."""
    return f"http://127.0.0.1:{serve(team.app)}"


def enter(tab: Any, goal: str) -> None:
    tab.goto(f"{goal}/ui/?clip=two")
    tab.get_by_label("Name").fill("ann")
    tab.get_by_label("Password").fill("annotates 1")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{goal}/ui/?clip=two")


def test_people_come_in_by_the_keyboard_alone_and_land_where_they_wanted_to(
    goal: str, tab: Any
) -> None:
    tab.goto(f"{goal}/ui/?clip=two")
    tab.keyboard.type("ann")
    tab.keyboard.press("Tab")
    tab.keyboard.type("wrong")
    tab.keyboard.press("Enter")
    tab.get_by_role("alert").wait_for()
    tab.wait_for_load_state("load")  # keys that are typed before it may be lost
    assert tab.locator(":focus").get_attribute("name") == "password"
    tab.keyboard.type("annotates 1")
    assert tab.locator(":focus").input_value() == "annotates 1"
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{goal}/ui/?clip=two")
    assert tab.inner_text("body") == '"ann"'
    assert tab.evaluate("document.cookie") == ""


def test_the_pages_own_style_is_the_one_that_its_policy_allows(goal: str, tab: Any) -> None:
    tab.goto(f"{goal}/login")
    assert tab.evaluate("getComputedStyle(document.body).display") == "grid"


def test_another_site_can_link_here_but_neither_change_nor_read(
    goal: str, tab: Any, serve: Callable[[FastAPI], int]
) -> None:
    other = FastAPI()

    @other.get("/")
    async def hostile() -> HTMLResponse:
        return HTMLResponse(HOSTILE.format(goal=goal))

    enter(tab, goal)
    evil = f"http://evil.test:{serve(other)}"
    tab.goto(evil)
    tab.get_by_text("steal").click()
    tab.get_by_text("another site").wait_for()
    tab.goto(evil)
    blind = FETCH.format(more="mode: 'no-cors', credentials: 'include'")
    assert tab.evaluate(blind, f"{goal}/api/clips/one/actions") == 0
    tab.get_by_text("a link").click()
    tab.wait_for_url(f"{goal}/ui/?clip=one")
    assert tab.inner_text("body") == '"ann"'


def test_changes_of_the_page_itself_need_the_token(goal: str, tab: Any) -> None:
    enter(tab, goal)
    path = "/api/clips/one/actions"
    assert tab.evaluate(FETCH.format(more=""), path) == 403
    csrf = tab.evaluate("() => fetch('/api/me').then((answer) => answer.json())")["csrf"]
    token = FETCH.format(more=f"headers: {{'X-CSRF-Token': '{csrf}'}}")
    assert tab.evaluate(token, path) == 200


def test_a_foreign_name_for_this_machine_opens_nothing(
    alone: Any, tab: Any, serve: Callable[[FastAPI], int]
) -> None:
    answer = tab.goto(f"http://evil.test:{serve(alone.app)}/ui/")
    assert answer.status == 403
    assert "evil.test" in tab.inner_text("body")
