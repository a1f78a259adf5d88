"""Whatever a server says or does not say becomes one error that names it and the next step, and never the token."""

from typing import Any

import pytest

from engine.errors import ServerError
from ml_backend.asking.client_connection import Connection
from ml_backend.asking.credentials import Credentials

TOKEN = "0123456789abcdef0123456789abcdef01234567"  # noqa: S105 - of nobody

RESERVED = {"detail": "URL resolves to a reserved network address (block: 127.0.0.0/8)"}
NOT_ALLOWED = {"detail": "The provided URL was not allowed. URLs must use http:// or https://, and must not resolve to local or private network addresses when SSRF protection applies."}  # fmt: skip
NO_BACKEND = {"status_code": 400, "validation_errors": {"non_field_errors": ["Can't connect"]}}


def connected(server: Any, **more: Any) -> Connection:
    return Connection(Credentials(server.url, TOKEN), **more)


def said(server: Any, status: int, body: Any, *, method: str = "post") -> str:
    """Return the error that an answer becomes."""
    server.answers[0].status, server.answers[0].body = status, body
    with connected(server) as connection, pytest.raises(ServerError) as raised:
        connection.post("/api/x/", {}) if method == "post" else connection.get("/api/x/")
    assert TOKEN not in str(raised.value)
    assert server.url in str(raised.value)
    return str(raised.value)


def test_a_question_shows_the_token_and_gets_the_answers_json(server: Any) -> None:
    server.answers[0].body = {"rate": 29.97002997002997}
    with connected(server) as connection:
        assert connection.get("/api/tasks/", project=3, fields="all") == {"rate": 29.97002997002997}
    (asked,) = server.asked
    assert asked.path in ("/api/tasks/?project=3&fields=all", "/api/tasks/?fields=all&project=3")
    assert asked.headers["Authorization"] == f"Token {TOKEN}"


def test_what_is_sent_arrives_as_it_was(server: Any) -> None:
    body = {"task": 7, "result": [{"value": {"sequence": [], "note": None}}], "score": 0.25}
    with connected(server) as connection:
        connection.post("/api/predictions/", body)
        connection.patch("/api/tasks/7/", {"data": {}})
    assert [(one.method, one.body) for one in server.asked] == [
        ("POST", body),
        ("PATCH", {"data": {}}),
    ]


def test_what_is_not_there_is_none_to_get_and_gone_already_to_delete(server: Any) -> None:
    server.answers[0].status, server.answers[0].body = 404, "<!doctype html><html>a page</html>"
    with connected(server) as connection:
        assert connection.get("/api/projects/9/") is None
        connection.delete("/api/projects/9/")


def test_an_empty_answer_is_none(server: Any) -> None:
    server.answers[0].status = 204
    with connected(server) as connection:
        assert connection.post("/api/x/", {}) is None


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, {"detail": "Invalid token."}, "does not accept the token"),
        (403, {"detail": "You do not have permission"}, "You do not have permission"),
        (403, RESERVED, "USER_ADDITIONAL_BANNED_SUBNETS"),
        (403, NOT_ALLOWED, "ML_BLOCK_LOCAL_IP=false"),
        (400, NO_BACKEND, "with 400: Can't connect"),
        (400, {"task": ["Invalid pk"], "x": {"y": ["z"]}}, "task: Invalid pk; x: y: z"),
        (400, ["one", "two"], "one; two"),
        (404, "<!doctype html><html>a whole page</html>", "POST /api/x/ with 404: Not Found"),
        (500, {"detail": "broken"}, "with 500: broken"),
        (302, "", "with 302"),
    ],
)
def test_a_refusal_says_why_and_what_to_do(server: Any, status: int, body: Any, told: str) -> None:
    assert told in said(server, status, body)


def test_a_token_that_an_answer_repeats_is_not_told(server: Any) -> None:
    assert "(the token)" in said(server, 400, {"detail": f"you sent Token {TOKEN}"})


def test_another_server_at_the_address_is_recognised(server: Any) -> None:
    assert "not as Label Studio does" in said(server, 200, "<html>hello</html>")


def test_where_nobody_listens_the_address_and_the_next_step_are_told() -> None:
    nobody = Connection(Credentials("http://127.0.0.1:9", TOKEN))
    with nobody, pytest.raises(ServerError, match="ENGINE_LABEL_STUDIO_URL") as raised:
        nobody.get("/api/version")
    assert "http://127.0.0.1:9" in str(raised.value)


def test_a_silent_server_is_left_after_the_seconds_given(server: Any) -> None:
    server.answers[0].seconds = 1.0
    with (
        connected(server, seconds=0.2) as connection,
        pytest.raises(ServerError, match=r"within 0\.2 s"),
    ):
        connection.get("/api/version")


def test_a_busy_server_is_asked_again_but_never_told_twice(server: Any) -> None:
    busy = type(server.answers[0])(503, {"detail": "busy"})
    server.answers[:] = [busy, busy, type(busy)(200, {"ready": True})]
    with connected(server) as connection:
        assert connection.get("/api/x/") == {"ready": True}
        assert len(server.asked) == 3
        server.answers[:] = [busy]
        with pytest.raises(ServerError, match="busy"):
            connection.post("/api/x/", {})
    assert len(server.asked) == 4


def test_a_personal_token_is_exchanged_for_one_that_is_shown(server: Any) -> None:
    import jwt  # noqa: PLC0415 - the sdk's own

    personal, short = (
        jwt.encode({"exp": 4_000_000_000, "n": n}, "x" * 32, algorithm="HS256") for n in range(2)
    )
    server.answers[:] = [type(server.answers[0])(200, {"access": short}), server.answers[0]]
    with Connection(Credentials(server.url, personal)) as connection:
        connection.get("/api/x/")
    assert [one.path for one in server.asked] == ["/api/token/refresh/", "/api/x/"]
    assert server.asked[1].headers["Authorization"] == f"Bearer {short}"


def test_a_personal_token_that_has_run_out_is_told(server: Any) -> None:
    import jwt  # noqa: PLC0415 - as above

    old = jwt.encode({"exp": 1_000_000_000}, "x" * 32, algorithm="HS256")
    with (
        Connection(Credentials(server.url, old)) as connection,
        pytest.raises(ServerError, match="does not accept the token"),
    ):
        connection.get("/api/x/")
    assert server.asked == []


def test_a_file_is_seen_where_it_is_answered_with(server: Any) -> None:
    answer = type(server.answers[0])
    server.answers[:] = [answer(206, "x"), answer(200, "x"), answer(404, "no"), answer(403, "no")]
    with connected(server) as connection:
        path = "/data/local-files/?d=page/a%20b.mp4"
        assert [connection.reaches(path) for _ in range(4)] == [True, True, False, False]
    assert {one.path for one in server.asked} == {path}
    assert server.asked[0].headers["Range"] == "bytes=0-0"


def test_a_server_that_sends_us_on_is_told_with_the_address(server: Any) -> None:
    assert "give the address there" in said(server, 301, "")
