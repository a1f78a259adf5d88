"""Who guesses passwords is slowed down, by name and by address; who mistypes is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator_ui.login_patience import FORGET, FREE, LONGEST, Patience, TooManyAttempts


class Clock:
    """Seconds that pass when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patience(clock: Clock) -> Patience:
    return Patience(clock)


def guess(patience: Patience, name: str = "maria", address: str = "10.0.0.1") -> float:
    """Try a wrong password; return the seconds that one must wait, 0 where it was looked at."""
    try:
        patience.begin(name=name, address=address)
    except TooManyAttempts as error:
        return error.seconds
    return 0


def test_a_few_mistypings_cost_nothing(patience: Patience) -> None:
    assert [guess(patience) for _ in range(FREE["name"])] == [0] * FREE["name"]


def test_after_them_each_wrong_password_doubles_the_wait(patience: Patience, clock: Clock) -> None:
    for _ in range(FREE["name"]):
        guess(patience)
    waits = []
    for _ in range(7):
        waits.append(guess(patience))
        clock.now += waits[-1]
        assert guess(patience) == 0
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert max(waits) == LONGEST


def test_asking_while_waiting_makes_the_wait_no_longer(patience: Patience, clock: Clock) -> None:
    for _ in range(FREE["name"]):
        guess(patience)
    for _ in range(1000):
        assert guess(patience) > 0
    clock.now += 1.0
    assert guess(patience) == 0


def test_the_right_password_forgives_the_name(patience: Patience) -> None:
    for _ in range(FREE["name"]):
        assert guess(patience) == 0
        patience.succeeded(name="maria", address="10.0.0.1")
    assert [guess(patience) for _ in range(FREE["name"])] == [0] * FREE["name"]


def test_guesses_at_one_name_from_many_addresses_are_slowed_down(patience: Patience) -> None:
    waits = [guess(patience, address=f"10.0.0.{k}") for k in range(50)]
    assert waits.count(0) == FREE["name"]


def test_guesses_at_many_names_from_one_address_are_slowed_down(patience: Patience) -> None:
    waits = [guess(patience, name=f"user{k}") for k in range(50)]
    assert waits.count(0) == FREE["address"]


def test_one_person_guessing_keeps_nobody_else_out(patience: Patience) -> None:
    for _ in range(50):
        guess(patience, address="6.6.6.6")
    assert guess(patience, name="bo") == 0
    assert guess(patience, name="bo", address="6.6.6.6") == 0


def test_own_success_from_an_address_does_not_forgive_its_guesses_at_others(
    patience: Patience,
) -> None:
    looked_at = 0
    for k in range(100):
        looked_at += guess(patience, name=f"user{k}") == 0
        if guess(patience, name="eve") == 0:
            patience.succeeded(name="eve", address="10.0.0.1")
    assert looked_at <= FREE["address"]


def test_all_is_forgotten_after_a_while(patience: Patience, clock: Clock) -> None:
    for _ in range(100):
        guess(patience)
        clock.now += 1
    clock.now += FORGET + 1
    assert [guess(patience) for _ in range(FREE["name"])] == [0] * FREE["name"]


def test_a_flood_of_names_does_not_fill_the_memory(patience: Patience, clock: Clock) -> None:
    for k in range(30_000):
        guess(patience, name=f"user{k}", address=f"address{k}")
        clock.now += 0.001
    assert len(patience._failures) <= 10_002
    assert guess(patience, name="user29999", address="elsewhere") == 0
    assert patience._count(("name", "user29999"), clock.now) == 2


@given(pauses=st.lists(st.floats(0, 40), min_size=1, max_size=200))
def test_however_guesses_are_timed_few_are_looked_at(pauses: list[float]) -> None:
    clock = Clock()
    patience = Patience(clock)
    looked_at = 0
    for pause in pauses:
        clock.now += pause
        looked_at += guess(patience) == 0
    assert looked_at <= FREE["name"] + 6 + clock.now / LONGEST


def test_the_refusal_says_how_long_to_wait() -> None:
    assert str(TooManyAttempts(4.2)).endswith("try again in 5 s")
    assert TooManyAttempts(0.0).seconds == 1
    assert TooManyAttempts.status == 429
