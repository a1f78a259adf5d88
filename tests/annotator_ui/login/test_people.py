"""The gate before every request: who is known, who must log in, and what each role may."""

from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from annotator_ui.guard import Guard, refuse_nobody
from annotator_ui.login_passwords import Passwords
from engine.errors import SelectionError
from engine.fakes.store import ManualClock
from engine.ports import Role, Users

NAMES = {"ann": Role.ANNOTATOR, "rita": Role.REVIEWER, "lea": Role.LEAD}


def test_a_server_that_nobody_could_enter_is_refused_with_the_command_that_helps(
    users: Users,
) -> None:
    for name in NAMES:
        users.change(name, active=False)
    with pytest.raises(SelectionError, match="engine users add NAME --role lead"):
        Guard(users, required=True)
    users.change("ann", active=True)
    refuse_nobody(users)


@pytest.mark.parametrize("path", ["/api/clips", "/api/me", "/ui/", "/", "/anything", "/api/docs"])
def test_whatever_is_not_listed_is_closed_to_strangers(team: Any, path: str) -> None:
    answer = team.get(path)
    assert answer.status_code == 401
    assert answer.json()["kind"] == "NotLoggedIn"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_no_method_passes_without_a_login(team: Any, method: str) -> None:
    assert team.ask(method, "/api/clips").status_code == 401


@pytest.mark.parametrize("path", ["/static/main.js", "/login"])
def test_what_the_login_needs_is_open(team: Any, path: str) -> None:
    assert team.get(path).status_code == 200


def test_pages_lead_to_the_login_and_back(team: Any) -> None:
    answer = team.get("/ui/?clip=one&frame=3", accept="text/html")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fui%2F%3Fclip%3Done%26frame%3D3"
    form = {"name": "ann", "password": "annotates 1", "next": "/ui/?clip=one&frame=3"}
    entered = team.ask("POST", "/login", data=form)
    assert (entered.status_code, entered.headers["location"]) == (303, "/ui/?clip=one&frame=3")
    assert team.get("/ui/").json() == "ann"


def test_the_plain_page_says_what_was_wrong(team: Any) -> None:
    answer = team.ask("POST", "/login", data={"name": "ann", "password": "wrong", "next": "/ui/"})
    assert answer.status_code == 401
    assert "name or password is wrong" in answer.text
    assert 'value="ann"' in answer.text
    assert "wrong</" not in answer.text.replace("is wrong: try again</", "")
    assert not answer.cookies


def test_a_form_that_is_too_large_is_refused(team: Any) -> None:
    assert team.ask("POST", "/login", data={"name": "x" * 20_000}).status_code == 400


def test_a_link_from_another_site_comes_in_by_a_second_step(team: Any) -> None:
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "accept": "text/html"}
    answer = team.get("/ui/?clip=one", Sec_Fetch_Dest="document", **link)
    assert answer.status_code == 200
    assert 'content="0;url=/ui/?clip=one"' in answer.text


def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(team: Any) -> None:
    said = team.log_in("ann").headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "path=/" in said
    assert "max-age=43200" in said
    assert "secure" not in said


def test_behind_https_the_cookie_never_goes_over_plain_http(team: Any) -> None:
    answer = team.ask(
        "POST", "https://127.0.0.1/api/login", json={"name": "ann", "password": "annotates 1"}
    )
    assert "secure" in answer.headers["set-cookie"].lower()


def test_who_is_logged_in_is_told_who_they_are(team: Any) -> None:
    assert team.log_in("rita").json() == {
        "user": "rita",
        "role": "reviewer",
        "csrf": team.csrf,
        "login": True,
    }
    assert team.get("/api/me").json()["csrf"] == team.csrf
    assert team.get("/api/clips").json() == "rita"


@pytest.mark.parametrize(
    ("name", "password"), [("ann", "wrong"), ("nobody", "wrong"), ("", ""), ("a\0nn", "x")]
)
def test_wrong_names_and_wrong_passwords_get_the_same_answer(
    team: Any, name: str, password: str
) -> None:
    answer = team.log_in(name, password)
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "name or password is wrong: try again",
        "kind": "NotLoggedIn",
    }
    assert team.get("/api/clips").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "ä", "../../etc", "x" * 5000])
def test_an_invented_cookie_is_nobody(team: Any, token: str) -> None:
    cookie = f"engine_login={token}".encode()
    answer = team.loop.run(team.http.get("/api/clips", headers={b"cookie": cookie}))
    assert answer.status_code == 401


def test_a_login_with_what_is_no_name_and_password_is_refused(team: Any) -> None:
    for body in (
        {},
        {"name": "ann"},
        {"name": 1, "password": 2},
        [],
        {"name": "x" * 101, "password": ""},
    ):
        assert team.ask("POST", "/api/login", json=body).status_code == 400


def test_logging_out_ends_the_login_also_for_who_kept_the_cookie(team: Any) -> None:
    team.log_in("ann")
    kept = dict(team.http.cookies)
    assert team.post("/api/logout").status_code == 204
    assert not team.http.cookies
    team.http.cookies.update(kept)
    assert team.get("/api/clips").status_code == 401


def test_logging_in_anew_ends_the_browsers_earlier_login(team: Any) -> None:
    team.log_in("ann")
    kept = dict(team.http.cookies)
    team.log_in("lea")
    assert team.get("/api/clips").json() == "lea"
    team.http.cookies.clear()
    team.http.cookies.update(kept)
    assert team.get("/api/clips").status_code == 401


def test_who_is_kept_out_is_out_with_the_next_request(team: Any, users: Users) -> None:
    team.log_in("ann")
    assert team.post("/api/clips/one/actions").status_code == 200
    users.change("ann", active=False)
    assert team.post("/api/clips/one/actions").status_code == 401
    assert team.log_in("ann").status_code == 401


def test_a_login_runs_out_after_half_a_day(team: Any, clock: ManualClock) -> None:
    team.log_in("ann")
    clock.advance(12 * 3600 - 1)
    assert team.get("/api/clips").status_code == 200
    clock.advance(1)
    assert team.get("/api/clips").status_code == 401


def test_a_server_that_starts_anew_knows_the_login_and_its_token_and_renews_both(
    team: Any, visit: Any, required: Any, clock: ManualClock
) -> None:
    team.log_in("ann")
    clock.advance(6 * 3600)
    again = visit(required()).restarted(team)
    answer = again.post("/api/clips/one/actions")
    assert answer.status_code == 200
    assert "engine_login=" in answer.headers["set-cookie"]
    assert "set-cookie" not in again.post("/api/clips/one/actions").headers
    clock.advance(7 * 3600)
    assert again.get("/api/clips").status_code == 200


def test_the_first_request_after_a_restart_may_be_a_logout(
    team: Any, visit: Any, required: Any
) -> None:
    team.log_in("ann")
    again = visit(required()).restarted(team)
    assert again.post("/api/logout").headers.get_list("set-cookie")[0].startswith('engine_login=""')
    assert again.get("/api/clips").status_code == 401


def test_a_password_hashed_with_old_parameters_is_hashed_anew_by_a_login(
    users: Users, visit: Any
) -> None:
    today = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    browser = visit(Guard(users, required=True, passwords=today))
    assert browser.log_in("ann").status_code == 200
    ann = users.user("ann")
    assert ann is not None
    assert not today.old(ann)
    assert browser.get("/api/clips").json() == "ann"
    assert browser.log_in("ann").status_code == 200


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_those_below_may(team: Any, name: str, role: Role) -> None:
    team.log_in(name)
    order = [Role.ANNOTATOR, Role.REVIEWER, Role.LEAD]
    answer = team.post(f"/api/{role}")
    if order.index(NAMES[name]) >= order.index(role):
        assert (answer.status_code, answer.json()) == (200, name)
    else:
        assert answer.status_code == 403
        assert f"engine users role {name} {role}" in answer.json()["error"]


def test_a_new_role_holds_with_the_next_request(team: Any, users: Users) -> None:
    team.log_in("ann")
    assert team.post("/api/lead").status_code == 403
    users.change("ann", role=Role.LEAD)
    assert team.post("/api/lead").status_code == 200


def test_alone_one_may_everything_and_need_not_log_in(alone: Any) -> None:
    me = alone.get("/api/me").json()
    assert (me["user"], me["role"], me["login"]) == ("ada", "lead", False)
    assert alone.post("/api/lead").json() == "ada"
    assert alone.get("/login").headers["location"] == "/"
    assert alone.log_in("ann").status_code == 400


def test_alone_the_token_survives_a_restart(alone: Any, users: Users, visit: Any) -> None:
    again = visit(Guard(users, required=False, local_user="ada")).restarted(alone)
    assert again.post("/api/clips/one/actions").json() == "ada"
    assert again.get("/api/me").json()["csrf"] == alone.csrf


def test_a_login_of_the_store_means_nothing_where_nobody_logs_in(alone: Any, users: Users) -> None:
    users.log_in("ann", token="t", lasts=timedelta(hours=1))  # noqa: S106 - a test's
    alone.http.cookies.set("engine_login", "t")
    assert alone.get("/api/clips").json() == "ada"
