"""Passwords: salted, verified with the same work for nobody as for somebody, made anew when parameters change."""

from collections import Counter

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator_ui.login_passwords import LONGEST, SHORTEST, Passwords
from engine.errors import InputError
from engine.ports import Role, User

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORDS = Passwords(QUICK)
RIGHT = "correct horse"


def user(password: str = RIGHT, *, active: bool = True) -> User:
    return User("maria", Role.LEAD, PASSWORDS.hash(password), active)


@given(password=st.text(min_size=SHORTEST, max_size=LONGEST), other=st.text(max_size=LONGEST + 5))
@settings(max_examples=50)
def test_a_password_opens_and_no_other_does(password: str, other: str) -> None:
    maria = user(password)
    assert PASSWORDS.right(maria, password)
    assert PASSWORDS.right(maria, other) == (other == password)


def test_halves_of_characters_are_wrong_and_no_crash() -> None:
    assert not PASSWORDS.right(user(), "\ud800" * 10)


def test_the_hash_is_salted_says_how_it_was_made_and_holds_no_password() -> None:
    one, two = PASSWORDS.hash(RIGHT), PASSWORDS.hash(RIGHT)
    assert one != two
    assert one.startswith("$argon2id$")
    assert RIGHT not in one


@pytest.mark.parametrize("password", ["", "x" * (SHORTEST - 1), "x" * (LONGEST + 1)])
def test_too_short_and_too_long_passwords_are_refused_with_their_length(password: str) -> None:
    with pytest.raises(InputError, match=f"password of {len(password)} characters"):
        PASSWORDS.hash(password)


def test_a_longer_password_that_begins_right_is_wrong() -> None:
    longest = "x" * LONGEST
    assert PASSWORDS.right(user(longest), longest)
    assert not PASSWORDS.right(user(longest), longest + "x")


def test_who_is_kept_out_stays_out_with_the_right_password() -> None:
    assert not PASSWORDS.right(user(active=False), RIGHT)


def test_nobody_has_no_password() -> None:
    assert not PASSWORDS.right(None, "the password of nobody")
    assert not PASSWORDS.right(None, "")


@pytest.mark.parametrize("damaged", ["", "plain", "$argon2id$v=19$m=8,t=1,p=1$c2FsdA"])
def test_a_damaged_hash_lets_nobody_in(damaged: str) -> None:
    assert not PASSWORDS.right(User("maria", Role.LEAD, damaged), RIGHT)


class Counting(PasswordHasher):
    """Counts how often it works."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.work = Counter[str]()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - as argon2 calls it
        self.work["verify"] += 1
        return super().verify(hash, password)


def test_unknown_names_and_people_kept_out_cost_as_much_work_as_wrong_passwords() -> None:
    hasher = Counting()
    passwords = Passwords(hasher)
    for somebody in (user(), None, user(active=False)):
        passwords.right(somebody, "wrong")
    assert hasher.work["verify"] == 3


def test_hashes_with_other_parameters_still_open_and_say_that_they_are_old() -> None:
    maria = user()
    today = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert today.right(maria, RIGHT)
    assert today.old(maria)
    assert not PASSWORDS.old(maria)


def test_the_parameters_of_today_are_those_that_rfc_9106_asks_for() -> None:
    assert "$m=65536,t=3,p=4$" in Passwords().hash(RIGHT)
