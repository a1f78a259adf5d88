"""The routes as a browser, and as somebody who means no good, sees them: every refusal has its status, and none is a crash."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st

from annotator_ui.routes_errors import status_of
from annotator_ui.service_bare import Unprepared
from engine import errors
from engine.config import Settings
from engine.doubts import Doubt, Sign
from engine.errors import EngineError
from engine.fakes.frames import FakeFrameSource
from engine.ports import Role, User

from .conftest import SCENE, OpenPage, Page, opener

ERRORS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, EngineError)
]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_of_the_product_is_answered_with_its_kind_and_text(
    page: Page, kind: type[EngineError], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise kind("what happened, and what to do")

    monkeypatch.setattr(page.app.state.service, "act", refuse)
    answer = page.act(kind="undo")
    assert answer.json() == {"error": "what happened, and what to do", "kind": kind.__name__}
    assert answer.status_code == status_of(kind(""))


def test_statuses_say_who_has_to_do_something() -> None:
    expected = {
        errors.InputError: 400,
        errors.VideoError: 400,
        errors.AccessError: 403,
        errors.SelectionError: 404,
        errors.StaleParent: 409,
        errors.StageError: 409,
        errors.ClaimLost: 423,
        errors.ModelError: 503,
        errors.DiskFull: 507,
        errors.EngineError: 500,
    }
    assert {kind: status_of(kind("")) for kind in expected} == expected


def test_what_nobody_foresaw_is_logged_and_tells_no_secrets(
    page: Page, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(page.app.state.service, "act", fail)
    answer = page.act(kind="undo")
    assert (answer.status_code, answer.json()["kind"]) == (500, "ServerError")
    assert "hunter2" not in answer.text
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/clips/none"),
        ("GET", "/clips/none/masks?revision=1&start=0&stop=1"),
        ("GET", "/clips/one/masks?revision=99&start=0&stop=1"),
        ("GET", "/clips/two/masks?revision=1&start=0&stop=1"),
        ("GET", "/clips/one/video.mp4"),
        ("GET", "/clips/none/frames/0.jpg"),
        ("GET", "/nothing"),
        ("GET", "/clips/none/events?tab=t"),
        ("POST", "/pins/77/resolve"),
        ("POST", "/clips/none/claim"),
        ("POST", "/clips/none/look"),
        ("POST", "/clips/none/warm"),
        ("POST", "/clips/none/stop"),
    ],
)
def test_what_is_not_there_is_404(page: Page, method: str, path: str) -> None:
    bodies = {"claim": {"tab": "t"}, "look": {"start": 0, "stop": 1}, "warm": {"frame": 0}}
    bodies["stop"] = {"tab": "t"}
    more = {"json": bodies[path.rsplit("/", 1)[1]]} if path.rsplit("/", 1)[1] in bodies else {}
    answer = page.ask(method, path, **more)
    assert answer.status_code == 404, answer.text
    assert answer.json()["error"]


@pytest.mark.parametrize(
    "path",
    [
        "/clips/one/masks?revision=1&start=5&stop=5",
        "/clips/one/masks?revision=1&start=50&stop=60",
        "/clips/one/masks?revision=1&start=0&stop=9000",
        "/clips/one/masks?revision=0&start=0&stop=1",
        "/clips/one/masks?revision=99999999999999999999&start=0&stop=1",
        "/clips/one/masks?revision=1&start=-1&stop=1",
        "/clips/one/masks?start=0&stop=1",
        "/clips/one/frames/40.jpg",
        "/clips/one/frames/-1.jpg",
        "/clips/one/frames/x.jpg",
        "/clips/one?tab=a%20b",
        "/clips/a.b",
        "/next?mode=sleep",
        "/clips/one/events",
    ],
)
def test_what_cannot_be_understood_is_400(page: Page, path: str) -> None:
    answer = page.ask("GET", path)
    assert (answer.status_code, answer.json()["kind"]) == (400, "InputError"), answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../service.py",
        "/static/%2e%2e/service.py",
        "/static/..%2fservice.py",
        "/api/clips/..%2f..%2fengine/video.mp4",
        "/api/clips/%2e%2e/video.mp4",
    ],
)
def test_no_path_leads_outside(page: Page, path: str) -> None:
    answer = page.loop.run(page.http.get(path))
    assert answer.status_code in {400, 404}
    assert "class Service" not in answer.text


def test_more_than_a_megabyte_is_not_taken(page: Page) -> None:
    long = page.ask("POST", "/clips/one/pins", content=b" " * (1 << 20) + b"x")
    assert (long.status_code, long.json()["kind"]) == (413, "InputError")

    async def drip() -> Any:
        for _ in range(40):
            yield b" " * 50_000

    dripped = page.ask("POST", "/clips/one/pins", content=drip())
    assert dripped.status_code == 413


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"NaN", b"\xff\xfe", b'{"tab": 5}', b"null"])
def test_what_is_no_json_of_ours_is_400(page: Page, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("actions", "claim", "stop", "move", "look", "pins", "warm", "proposal"):
        answer = page.ask("POST", f"/clips/one/{path}", content=body, headers=headers)
        assert answer.status_code == 400, (path, answer.text)


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ["prompt", "edit", "spread", "hide", "swap", "fill", "split", "one", "tab-1"]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["kind", "frame", "track", "size", "counts"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)
_keys = st.sampled_from(
    [
        "kind",
        "frame",
        "track",
        "point",
        "box",
        "mask",
        "label",
        "deed",
        "frames",
        "other",
        "on",
        "why",
        "tracks",
    ]
)
_actions = st.fixed_dictionaries(
    {"kind": st.sampled_from(["prompt", "hide", "spread", "edit", "confirm", "undo", "redo"])},
    optional={
        "frame": st.integers(-2, 45),
        "track": st.integers(-1, 6),
        "point": st.tuples(st.floats(-10, 200), st.floats(-10, 100), st.booleans()),
        "box": st.tuples(*[st.floats(-10, 170)] * 4),
        "label": st.sampled_from(["red", "", " "]),
        "deed": st.sampled_from(["swap", "split", "merge", "delete", "relabel", "fill"]),
        "frames": st.tuples(st.integers(-2, 45), st.integers(-2, 45)),
        "other": st.integers(-1, 6),
        "on": st.booleans(),
        "why": st.sampled_from(["absent", "occluded"]),
    },
)
_near = st.tuples(_actions, st.dictionaries(_keys, _values, max_size=1)).map(
    lambda two: {**two[0], **two[1]}
)


@pytest.mark.slow
@tried(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_near)
def test_no_action_whatever_it_holds_makes_the_server_fail(
    page: Page, action: dict[str, Any]
) -> None:
    state = page.settled()
    if state["proposal"]:
        page.post("/proposal", seq=state["proposal"]["seq"], answer="none")
    body = json.dumps({"tab": page.tab, "head": state["head"], "action": action})
    headers = {"Content-Type": "application/json"}
    answer = page.ask("POST", "/clips/one/actions", content=body, headers=headers)
    assert answer.status_code in {200, 202, 400}, answer.text
    assert page.settled()["clip"]["id"] == "one"


@tried(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["claim", "stop", "proposal", "unfinished", "look", "pins", "move", "warm"]),
    st.dictionaries(
        st.sampled_from(
            [
                "tab",
                "force",
                "seq",
                "answer",
                "start",
                "stop",
                "track",
                "frame",
                "text",
                "move",
                "head",
                "note",
            ]
        ),
        _values,
    ),
)
def test_no_body_makes_another_route_fail(page: Page, path: str, body: dict[str, Any]) -> None:
    headers = {"Content-Type": "application/json"}
    content = json.dumps(body)
    answer = page.ask("POST", f"/clips/two/{path}", content=content, headers=headers)
    assert answer.status_code < 500, answer.text


def test_masks_of_a_revision_are_cached_for_ever_and_shrunk(page: Page) -> None:
    answer = page.ask("GET", "/clips/one/masks?revision=1&start=0&stop=400")
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    found = answer.json()
    assert (found["start"], found["stop"], len(found["frames"])) == (0, 40, 40)
    assert found["size"] == [SCENE.height, SCENE.width]


def _listed(page: Page) -> Any:
    """Return the clip as the list shows it."""
    return next(one for one in page.ask("GET", "/clips").json() if one["id"] == page.clip)


def test_the_browser_copy_is_served_in_ranges(open_page: OpenPage, tmp_path: Path) -> None:
    path = tmp_path / "copy.mp4"
    path.write_bytes(bytes(range(100)))
    with open_page(preparer=lambda *_: Unprepared({"one": path})) as page:
        part = page.ask("GET", "/clips/one/video.mp4", headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
        assert part.headers["Content-Type"] == "video/mp4"
        state = page.get()
        assert state["video"] == {
            "url": "/api/clips/one/video.mp4",
            "ready": True,
            "progress": 1.0,
        }
        assert _listed(page)["prepared"] is True


def test_a_picture_of_a_frame_is_the_clips_own(page: Page) -> None:
    service = page.app.state.service
    object.__setattr__(service.parts, "source", FakeFrameSource(SCENE.paint))
    answer = page.ask("GET", "/clips/one/frames/25.jpg")
    assert answer.headers["Content-Type"] == "image/jpeg"
    rgb = simplejpeg.decode_jpeg(answer.content)
    assert rgb.shape == (SCENE.height, SCENE.width, 3)
    assert np.abs(rgb[60, 120].astype(int) - (20, 20, 200)).max() < 20


def test_a_clip_whose_recording_is_gone_says_so(page: Page) -> None:
    answer = page.ask("GET", "/clips/one/frames/0.jpg")
    assert (answer.status_code, answer.json()["kind"]) == (400, "VideoError")


def test_looks_mark_doubts_as_seen(open_page: OpenPage) -> None:
    doubts = (
        Doubt(3, 5, 4, 1, Sign.LOW_SCORE, 0.9, "a score of 0.2"),
        Doubt(30, 31, 30, 2, Sign.SHAPE, 0.4, "no ball"),
    )
    with open_page(preparer=lambda *_: Unprepared(doubts={1: doubts})) as page:
        shown = page.get()["doubts"]
        assert (shown["revision"], shown["computing"]) == (1, False)
        assert [visit["frame"] for visit in shown["visits"]] == [4, 30]
        assert shown["all"][0]["why"] == "a score of 0.2"
        assert page.post("/look", start=4, stop=5, track=0).status_code == 400, (
            "no tab is asked for"
        )
        seen = page.ask("POST", "/clips/one/look", json={"start": 4, "stop": 5})
        assert seen.status_code == 204
        state = page.get()
        assert [visit["frame"] for visit in state["doubts"]["visits"]] == [30]
        assert state["looked"] == [[4, 5, 0]]
        assert _listed(page)["visits"] == 1
        page.take()
        page.click(25, 1, 46, 20)
        later = page.get()["doubts"]
        assert (later["revision"], later["computing"]) == (1, True), "the older ones, meanwhile"


def test_a_new_ball_can_be_what_the_game_has_and_what_others_are(
    settings: Settings,
) -> None:
    with opener(settings)() as page:
        assert {"cue", "solid", "red", "plain"} <= set(page.get()["labels"])
    snooker = settings.model_copy(update={"profile": "snooker"})
    with opener(snooker)() as page:
        found = page.get()["labels"]
        assert found[:2] == ["cue", "red"]
        assert "stripe" not in found
        assert found[-1] == "solid", "a ball of the clip is called so"


def test_pins_are_left_and_closed(page: Page) -> None:
    made = page.ask("POST", "/clips/one/pins", json={"frame": 3, "track": 1, "text": "which ball?"})
    assert made.json()["author"] == "ada"
    assert page.get()["pins"] == [made.json()]
    assert _listed(page)["open_pins"] == 1
    closed = page.ask("POST", f"/pins/{made.json()['id']}/resolve").json()
    assert closed["resolved_by"] == "ada"
    assert _listed(page)["open_pins"] == 0
    outside = page.ask("POST", "/clips/one/pins", json={"frame": 40, "text": "x"})
    assert (outside.status_code, outside.json()["kind"]) == (400, "InputError")


def test_where_the_playhead_rests_the_model_is_made_ready(page: Page) -> None:
    assert page.ask("POST", "/clips/one/warm", json={"frame": 7}).status_code == 204
    assert page.ask("POST", "/clips/one/warm", json={"frame": 400}).status_code == 204
    assert page.model.warmed == [("one", 7, 1)]


def test_the_front_page_leads_on_and_keeps_the_place(page: Page) -> None:
    answer = page.loop.run(page.http.get("/?clip=one&frame=7"))
    assert (answer.status_code, answer.headers["Location"]) == (307, "/ui/?clip=one&frame=7")


def test_static_files_are_checked_by_their_tag(page: Page) -> None:
    first = page.loop.run(page.http.get("/static/rle.js"))
    assert first.headers["Cache-Control"] == "no-cache"
    again = page.loop.run(
        page.http.get("/static/rle.js", headers={"If-None-Match": first.headers["ETag"]})
    )
    assert again.status_code == 304


def test_every_answer_is_closed_to_other_sites(page: Page) -> None:
    for path in ("/api/me", "/api/nothing", "/static/rle.js", "/api/docs"):
        headers = page.loop.run(page.http.get(path)).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "http" not in headers["Content-Security-Policy"], "nothing comes from elsewhere"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_every_route_is_documented_and_the_page_loads_nothing_from_elsewhere(page: Page) -> None:
    described = page.ask("GET", "/openapi.json").json()
    shown = page.ask("GET", "/docs").text
    for path, methods in described["paths"].items():
        assert path in shown
        assert all(said.get("description") for said in methods.values()), path
    assert "//" not in shown.replace("<!doctype", "").split("<dl>")[0]


def test_without_a_login_nobody_is_let_in_where_one_is_required(
    open_page: OpenPage, database: Any
) -> None:
    database.desk.users.add(User("bob", Role.ANNOTATOR, "no hash"))
    with open_page(login_required=True, user=None) as page:
        for method, path in (
            ("GET", "/clips"),
            ("GET", "/clips/one"),
            ("POST", "/clips/one/claim"),
        ):
            assert page.ask(method, path).status_code == 401
        assert page.ask("GET", "/clips/one/video.mp4").status_code == 401


def test_a_server_that_nobody_could_enter_does_not_start(open_page: OpenPage) -> None:
    with (
        pytest.raises(errors.SelectionError, match="engine users add"),
        open_page(login_required=True, user=None),
    ):
        pass


def test_a_change_without_the_token_is_refused(page: Page) -> None:
    del page.http.headers["X-CSRF-Token"]
    refused = page.post("/claim")
    assert (refused.status_code, refused.json()["kind"]) == (403, "AccessError")


def test_requests_leave_a_line_that_machines_can_read(
    page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="annotator_ui.requests")
    page.ask("GET", "/clips/one")
    (line,) = [
        record.getMessage() for record in caplog.records if "/clips/one" in record.getMessage()
    ]
    fields = dict(part.split("=", 1) for part in line.split())
    assert (fields["method"], fields["status"], fields["user"]) == ("GET", "200", "ada")
    assert float(fields["ms"]) > 0
