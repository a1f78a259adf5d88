"""One tab at a time works on a clip: the others are told, can look, and cannot overwrite."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from annotator_ui.model import ModelState
from annotator_ui.service_bare import Unprepared
from db.connect import Database
from engine.ports import Role
from engine.ports.desk import User
from engine.stages import Move

from .conftest import OpenPage, Page


def test_the_second_tab_is_told_who_works_on_the_clip(page: Page) -> None:
    second = page.another("tab-2")
    answer = second.post("/claim").json()
    assert (answer["held"], answer["user"]) == (False, "ada")
    assert second.get()["claim"]["held"] is False
    assert page.post("/claim").json()["held"] is True, "the first one keeps it"


def test_whoever_does_not_hold_the_clip_reads_but_changes_nothing(
    page: Page, database: Database
) -> None:
    second = page.another("tab-2")
    head = second.get()["head"]
    assert second.rows(head) == page.rows(head)
    refused = [
        second.click(25, 1, 46, 20),
        second.post("/stop"),
        second.post("/proposal", seq=1, answer="all"),
        second.post("/unfinished", seq=1, answer="drop"),
        second.post("/move", move="submit", head=head),
    ]
    assert {(answer.status_code, answer.json()["kind"]) for answer in refused} == {
        (423, "ClaimLost")
    }
    assert database.desk.actions.of("one") == ()


def test_nothing_is_written_before_a_claim(open_page: OpenPage) -> None:
    with open_page() as page:
        refused = page.click(25, 1, 46, 20)
        assert (refused.status_code, refused.json()["kind"]) == (423, "ClaimLost")


def test_a_clip_that_is_given_back_is_free_at_once(page: Page) -> None:
    second = page.another("tab-2")
    gone = page.ask("DELETE", "/clips/one/claim", params={"tab": page.tab})
    assert gone.status_code == 204
    assert second.post("/claim").json()["held"] is True
    assert page.click(25, 1, 46, 20).status_code == 423


def test_giving_back_what_another_tab_holds_changes_nothing(page: Page) -> None:
    page.ask("DELETE", "/clips/one/claim", params={"tab": "tab-2"})
    assert page.get()["claim"]["held"] is True


def test_the_same_person_may_take_the_clip_along_to_another_tab(page: Page) -> None:
    second = page.another("tab-2")
    assert second.post("/claim", force=True).json()["held"] is True
    assert page.click(25, 1, 46, 20).status_code == 423
    assert second.click(25, 1, 46, 20).status_code == 200


def test_a_claim_runs_out(page: Page, database: Database) -> None:
    late = datetime.now(UTC) + timedelta(seconds=31)
    with Database(str(database.url), now=lambda: late) as later:
        taken = later.desk.claims.claim("one", user="bob", tab="tab-9", seconds=60)
    assert taken.user == "bob"
    assert page.click(25, 1, 46, 20).status_code == 423
    assert page.get()["claim"]["user"] == "bob"


def test_only_a_lead_takes_a_clip_from_somebody_else(
    open_page: OpenPage, database: Database
) -> None:
    database.desk.claims.claim("one", user="bob", tab="tab-9")
    for role, status, held in ((Role.REVIEWER, 403, False), (Role.LEAD, 200, True)):
        with _as(open_page, database, role) as page:
            assert page.post("/claim").json()["held"] is False
            taken = page.post("/claim", force=True)
            assert (taken.status_code, taken.json().get("held", False)) == (status, held)


def test_roles_decide_over_moves(open_page: OpenPage, database: Database) -> None:
    database.catalog.move("one", Move.SUBMIT, actor="x")
    with _as(open_page, database, Role.ANNOTATOR) as page:
        page.take()
        for move in ("accept", "reject", "reopen"):
            refused = page.post("/move", move=move, head=1, note="why")
            assert (refused.status_code, refused.json()["kind"]) == (403, "AccessError")
    with _as(open_page, database, Role.REVIEWER) as page:
        page.tab = "tab-5"
        page.post("/claim", force=True)
        page.ask("DELETE", "/clips/one/claim", params={"tab": "tab-1"})
        page.take()
        assert page.post("/move", move="reject", head=1).status_code == 400, "a reason is missing"
        rejected = page.post("/move", move="reject", head=1, note="the cue ball is lost")
        assert rejected.json() == {"stage": "rejected"}
    assert database.catalog.events("one")[-1].note == "the cue ball is lost"


def test_a_reviewer_takes_a_clip_back_that_was_handed_in_without_rejecting_it(
    open_page: OpenPage, database: Database
) -> None:
    database.catalog.move("one", Move.SUBMIT, actor="x")
    with _as(open_page, database, Role.REVIEWER) as page:
        page.take()
        assert page.post("/move", move="reopen", head=1).json() == {"stage": "in correction"}
        assert page.get()["history"]["move"] == "reopen"


def test_whoever_corrects_reads_why_it_was_rejected_also_after_the_first_click(
    page: Page, database: Database
) -> None:
    database.catalog.move("one", Move.SUBMIT, actor="ada")
    database.catalog.move("one", Move.REJECT, actor="eve", note="the cue ball is lost")
    before = page.get()["history"]
    assert (before["move"], before["actor"], before["note"]) == (
        "reject",
        "eve",
        "the cue ball is lost",
    )
    page.click(25, 1, 46, 20)
    assert page.get()["clip"]["stage"] == "in correction"
    assert page.get()["history"] == before


@pytest.mark.parametrize("wishes", [[Move.PRIORITISE], [Move.PRIORITISE, Move.DEFER]])
def test_who_wants_a_clip_first_does_not_hand_it_on(
    page: Page, database: Database, wishes: list[Move]
) -> None:
    database.catalog.move("one", Move.SUBMIT, actor="ada")
    database.catalog.move("one", Move.REJECT, actor="eve", note="the cue ball is lost")
    before = page.get()["history"]
    for wish in wishes:
        database.catalog.move("one", wish, actor="lea", note="for Friday")
    assert page.get()["history"] == before


@pytest.mark.parametrize("note", ["", "look at frame 30"])
def test_a_reviewer_reads_the_remark_of_a_submission_and_no_counts_twice(
    page: Page, note: str
) -> None:
    page.click(25, 1, 46, 20)
    page.post("/move", move="submit", head=page.get()["head"], note=note)
    told = page.get()["history"]
    assert (told["move"], told["actor"], told["note"]) == ("submit", "ada", note)


def test_a_move_on_what_is_not_the_newest_is_refused(page: Page) -> None:
    page.click(25, 1, 46, 20)
    refused = page.post("/move", move="submit", head=1)
    assert (refused.status_code, refused.json()["kind"]) == (409, "StaleParent")
    head = page.get()["head"]
    refused = page.post("/move", move="reopen", head=head)
    assert (refused.status_code, refused.json()["kind"]) == (409, "StageError")


def test_tabs_hear_who_takes_and_gives_back(page: Page) -> None:
    heard: list[Any] = []
    page.app.state.hub.publish_each = lambda clip, event, make: heard.append(
        (clip, event, make("tab-1")["held"], make("tab-2")["held"], make("tab-1")["user"])
    )
    page.post("/claim")
    assert heard == [], "a heartbeat is no news"
    page.another("tab-2").post("/claim", force=True)
    page.ask("DELETE", "/clips/one/claim", params={"tab": "tab-2"})
    assert heard == [
        ("one", "claim", False, True, "ada"),
        ("one", "claim", False, False, None),
    ]


def test_news_of_the_model_and_of_background_work_reach_the_tabs(page: Page) -> None:
    heard: list[Any] = []
    page.app.state.hub.publish = lambda *news: heard.append(news)
    service = page.app.state.service
    service.hear_model(ModelState("died", "killed"))
    service.hear_preparer("one", "video", {"ready": True, "progress": 1.0})
    assert heard == [
        ("", "model", {"state": "died", "why": "killed"}),
        ("one", "video", {"ready": True, "progress": 1.0}),
    ]


def _as(open_page: OpenPage, database: Database, role: Role) -> Any:
    """Return a page on which somebody of this role is logged in."""
    return open_page(login_required=True, user=None, logged_in=_user(database, role))


def _user(database: Database, role: Role) -> str:
    name = role.value
    if database.desk.users.user(name) is None:
        database.desk.users.add(User(name, role, "no hash: nobody logs in with it"))
    return name


def test_preparers_that_prepare_nothing_know_what_they_were_given() -> None:
    bare = Unprepared(doubts={3: ()})
    assert (bare.doubts(3), bare.doubts(4)) == ((), None)
