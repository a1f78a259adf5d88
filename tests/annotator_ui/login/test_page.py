"""The login page: whole without scripts, safe with any text, leading nowhere but into this site."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator_ui.login_page import HEADERS, again_page, inside, login_page


class Parsed(HTMLParser):
    """What a browser finds on the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def inputs(self) -> dict[str | None, dict[str, str | None]]:
        return {found.get("name"): found for tag, found in self.tags if tag == "input"}


def test_the_page_is_a_form_that_works_without_scripts() -> None:
    page = Parsed(login_page(goal="/ui/?clip=one"))
    (form,) = [found for tag, found in page.tags if tag == "form"]
    assert form == {"method": "post", "action": "/login"}
    assert page.inputs()["next"]["value"] == "/ui/?clip=one"
    assert page.inputs()["password"]["type"] == "password"
    assert "script" not in [tag for tag, _ in page.tags]


def test_nothing_is_loaded_from_anywhere() -> None:
    page = Parsed(login_page(goal="/"))
    assert not [tag for tag, found in page.tags if {"src", "href"} & found.keys()]
    assert "url(" not in login_page(goal="/")


def test_the_policy_allows_exactly_the_style_that_is_there() -> None:
    style = re.search(r"<style>(.*?)</style>", login_page(goal="/"), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]


def test_an_error_is_announced_and_the_name_need_not_be_typed_again() -> None:
    page = Parsed(login_page(goal="/", name="maria", error="name or password is wrong"))
    assert ("p", {"class": "error", "role": "alert"}) in page.tags
    assert "name or password is wrong" in page.texts
    assert page.inputs()["name"]["value"] == "maria"
    assert "autofocus" in page.inputs()["password"]
    assert "autofocus" not in page.inputs()["name"]


def test_without_an_error_none_is_announced() -> None:
    assert 'role="alert"' not in login_page(goal="/")


@given(text=st.text())
def test_whatever_was_typed_stays_text(text: str) -> None:
    plain = [tag for tag, _ in Parsed(login_page(goal="/", name="x", error="x")).tags]
    page = Parsed(login_page(goal=text, name=text or "x", error=text or "x"))
    assert [tag for tag, _ in page.tags] == plain


@given(
    tail=st.text(max_size=30), head=st.sampled_from(["/", "//", "/\\", "\\", "http://", "", "/\t/"])
)
def test_a_login_leads_nowhere_but_into_this_site(head: str, tail: str) -> None:
    led = urlsplit(urljoin("http://127.0.0.1:7860/login", inside(head + tail)))
    assert (led.scheme, led.netloc) == ("http", "127.0.0.1:7860")


@pytest.mark.parametrize("goal", ["/", "/ui/?clip=a-b&frame=3", "/api/docs"])
def test_places_of_this_site_are_kept(goal: str) -> None:
    assert inside(goal) == goal


@pytest.mark.parametrize(
    "goal",
    ["", "ui", "//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)",
     "/a\r\nSet-Cookie: x=y", "/login?next=/", "/ä"],
)  # fmt: skip
def test_other_places_become_the_front_page(goal: str) -> None:
    assert inside(goal) == "/"


def test_a_link_from_elsewhere_is_followed_once_more_from_here() -> None:
    page = Parsed(again_page('/ui/?a="><b>&c=d'))
    assert ("meta", {"http-equiv": "refresh", "content": '0;url=/ui/?a="><b>&c=d'}) in page.tags
    assert "b" not in [tag for tag, _ in page.tags]
