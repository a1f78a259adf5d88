"""The page around the annotator: what it is made of, who may see it, and that nothing comes from elsewhere."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from annotator_ui import app as page_module
from annotator_ui.app import blocks, mounted, page
from annotator_ui.login_passwords import Passwords
from annotator_ui.server import create_app
from db.connect import Database
from engine.config import Settings
from engine.ports import Role, User

STATIC = Path(page_module.__file__).with_name("static")


@pytest.fixture
def served(settings: Settings) -> FastAPI:
    return page(settings, user="ana")


@pytest.fixture
def client(served: FastAPI) -> TestClient:
    return TestClient(served, base_url="http://127.0.0.1:7860")  # not entered: no model is started


def test_the_front_page_leads_to_the_page_and_keeps_the_place(client):
    answer = client.get("/?clip=one&frame=3", follow_redirects=False)
    assert answer.status_code == 307
    assert answer.headers["location"] == "/ui/?clip=one&frame=3"


def test_the_page_loads_the_annotator_from_this_server(client):
    text = client.get("/ui/").text
    assert "/static/main.js" in text
    assert "/static/style.css" in text


def test_the_page_asks_nothing_of_other_servers(client):
    text = client.get("/ui/").text
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?://[^"]+)"', text)
    assert loaded == []
    assert "fonts.googleapis.com" not in text


def test_no_module_or_style_of_ours_names_another_server():
    for path in STATIC.glob("*.*s"):
        code = re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
        assert not re.search(r"https?://", code), path.name


def test_every_module_that_is_imported_is_there_and_every_one_is_used():
    found = {path.name for path in STATIC.glob("*.js")}
    wanted = {"main.js"}
    for path in STATIC.glob("*.js"):
        wanted |= set(re.findall(r'from "\./([\w.]+)"', path.read_text()))
    assert wanted == found


def test_every_class_and_id_that_the_page_is_styled_by_exists():
    style = (STATIC / "style.css").read_text()
    ids = set(re.findall(r"#([a-z][\w-]*)(?=[ ,.{:>\[\*])", style)) - {"corrector"}
    source = Path(page_module.__file__).read_text()
    assert {each for each in ids if f'elem_id="{each}"' not in source} == set()


def test_the_list_shows_the_clips_of_the_workspace(settings):
    shown, clips = page_module._fill(settings, "to correct")
    assert re.findall(r'data-clip="(\w+)"', clips) == ["one", "two", "three"]
    assert "accepted" in shown


def test_buttons_run_commands_that_the_annotator_knows(settings):
    commands = {
        command
        for handler in blocks(settings).config["dependencies"]
        for command in re.findall(r"\.run\('(\w+)'", str(handler.get("js")))
    }
    known = "".join(path.read_text() for path in STATIC.glob("commands_*.js"))
    assert commands >= {"nextClip", "nextReview", "help"}
    assert {name for name in commands if not re.search(rf"\b{name}[(:]", known)} == set()


def test_browsers_ask_for_an_icon_and_are_content_with_none(client):
    assert client.get("/favicon.ico").status_code == 204


def test_strangers_are_led_to_the_login_and_see_nothing(settings):
    with Database(settings.database) as database:
        database.desk.users.add(User("bo", Role.ANNOTATOR, Passwords().hash("a long password")))
    app = mounted(create_app(settings, user=None, login_required=True), settings)
    client = TestClient(app, base_url="http://127.0.0.1:7860")
    answer = client.get("/ui/", headers={"Accept": "text/html"}, follow_redirects=False)
    assert answer.status_code in {302, 303, 307}
    assert answer.headers["location"].startswith("/login")
    assert client.get("/ui/config").status_code == 401
