"""What every Users promises: names are unique, logins run out, and who is kept out is out at once."""
# ruff: noqa: S106 - tokens and hashes of nobody

from datetime import timedelta
from typing import Any, TypeAlias

import pytest

from db.connect import Database
from engine.errors import InputError, SelectionError
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import Role, User

Stores: TypeAlias = Database | MemoryDatabase

MARIA = User("maria", Role.LEAD, "$hash$1")
BO = User("bo", Role.ANNOTATOR, "$hash$2")
HOURS = timedelta(hours=12)


@pytest.fixture
def staffed(stores: Stores) -> Stores:
    """Return stores that know maria and bo."""
    for user in (MARIA, BO):
        stores.desk.users.add(user)
    return stores


def test_at_first_there_is_nobody(stores: Stores) -> None:
    assert stores.desk.users.users() == ()
    assert stores.desk.users.user("maria") is None


def test_users_come_back_as_they_were_added_in_the_order_of_their_names(staffed: Stores) -> None:
    staffed.desk.users.add(User("Älva", Role.REVIEWER, "$hash$3", active=False))
    staffed.desk.users.add(User("Zoë B.", Role.ANNOTATOR, "$hash$4"))
    names = [user.name for user in staffed.desk.users.users()]
    assert names == ["Zoë B.", "bo", "maria", "Älva"]
    assert staffed.desk.users.user("maria") == MARIA
    assert staffed.desk.users.user("Älva") == User("Älva", Role.REVIEWER, "$hash$3", active=False)


def test_names_are_told_apart_by_case(staffed: Stores) -> None:
    assert staffed.desk.users.user("Maria") is None
    staffed.desk.users.add(User("Maria", Role.ANNOTATOR, "x"))
    assert len(staffed.desk.users.users()) == 3


def test_a_name_that_is_taken_is_refused_and_its_user_stays(staffed: Stores) -> None:
    with pytest.raises(InputError, match="maria"):
        staffed.desk.users.add(User("maria", Role.ANNOTATOR, "$other"))
    assert staffed.desk.users.users() == (BO, MARIA)


@pytest.mark.parametrize(
    "name", ["", " ", "x" * 101, " maria", "maria ", "a\nb", "a\0b", "a\ud800b", "a\u202eb"]
)
def test_names_that_no_screen_shows_as_they_are_are_refused(stores: Stores, name: str) -> None:
    with pytest.raises(InputError, match="user name"):
        stores.desk.users.add(User(name, Role.ANNOTATOR, "x"))
    assert stores.desk.users.users() == ()


def test_the_longest_name_fits(stores: Stores) -> None:
    stores.desk.users.add(User("ä" * 100, Role.ANNOTATOR, "x"))
    assert stores.desk.users.user("ä" * 100) is not None


def test_only_what_is_given_changes(staffed: Stores) -> None:
    users = staffed.desk.users
    assert users.change("bo") == BO
    assert users.change("bo", role=Role.REVIEWER) == User("bo", Role.REVIEWER, "$hash$2")
    assert users.change("bo", password="$new") == User("bo", Role.REVIEWER, "$new")
    assert users.change("bo", active=False) == User("bo", Role.REVIEWER, "$new", active=False)
    assert users.user("bo") == User("bo", Role.REVIEWER, "$new", active=False)
    assert users.user("maria") == MARIA


def test_nobody_unknown_is_changed_or_logged_in(staffed: Stores) -> None:
    with pytest.raises(SelectionError, match="'eve'"):
        staffed.desk.users.change("eve", role=Role.LEAD)
    with pytest.raises(SelectionError, match="'eve'"):
        staffed.desk.users.log_in("eve", token="t", lasts=HOURS)
    assert staffed.desk.users.logged_in("t") is None


def test_a_login_is_known_by_its_token_until_it_runs_out(
    staffed: Stores, clock: ManualClock
) -> None:
    staffed.desk.users.log_in("bo", token="t1", lasts=HOURS)
    assert staffed.desk.users.logged_in("t1") == BO
    assert staffed.desk.users.logged_in("t2") is None
    assert staffed.desk.users.logged_in("") is None
    clock.advance(HOURS.total_seconds() - 1)
    assert staffed.desk.users.logged_in("t1") == BO
    clock.advance(1)
    assert staffed.desk.users.logged_in("t1") is None


def test_logging_in_again_with_a_token_prolongs_its_login(
    staffed: Stores, clock: ManualClock
) -> None:
    staffed.desk.users.log_in("bo", token="t1", lasts=HOURS)
    clock.advance(3600)
    staffed.desk.users.log_in("bo", token="t1", lasts=HOURS)
    clock.advance(HOURS.total_seconds() - 1)
    assert staffed.desk.users.logged_in("t1") == BO


def test_several_logins_of_one_user_live_and_end_apart(staffed: Stores) -> None:
    users = staffed.desk.users
    for token in ("t1", "t2"):
        users.log_in("bo", token=token, lasts=HOURS)
    users.log_out("t1")
    users.log_out("t1")
    users.log_out("unknown")
    assert users.logged_in("t1") is None
    assert users.logged_in("t2") == BO


@pytest.mark.parametrize("change", [{"password": "$new"}, {"active": False}])
def test_a_new_password_and_being_kept_out_end_all_logins_at_once(
    staffed: Stores, change: dict[str, Any]
) -> None:
    users = staffed.desk.users
    for token in ("t1", "t2"):
        users.log_in("bo", token=token, lasts=HOURS)
    users.log_in("maria", token="t3", lasts=HOURS)
    users.change("bo", **change)
    assert users.logged_in("t1") is users.logged_in("t2") is None
    assert users.logged_in("t3") == MARIA


def test_who_was_kept_out_and_let_in_again_must_log_in_anew(staffed: Stores) -> None:
    users = staffed.desk.users
    users.log_in("bo", token="t1", lasts=HOURS)
    users.change("bo", active=False)
    with pytest.raises(SelectionError, match="may not log in"):
        users.log_in("bo", token="t2", lasts=HOURS)
    users.change("bo", active=True)
    assert users.logged_in("t1") is users.logged_in("t2") is None
    users.log_in("bo", token="t3", lasts=HOURS)
    assert users.logged_in("t3") == BO


def test_a_new_role_holds_at_once_for_who_is_logged_in(staffed: Stores) -> None:
    staffed.desk.users.log_in("bo", token="t1", lasts=HOURS)
    changed = staffed.desk.users.change("bo", role=Role.REVIEWER)
    assert staffed.desk.users.logged_in("t1") == changed


def test_the_password_is_not_shown_where_a_user_is_printed() -> None:
    assert "$hash$1" not in repr(MARIA)
