"""Webhooks sign with a number; whoever is connected says whose it is."""

from datetime import UTC, datetime

from engine.errors import ServerError
from ml_backend.asking.people import People
from ml_backend.serving.receiving import delivery_of
from ml_backend.work.step import step

SAVED = {
    "id": 7,
    "task": 11,
    "result": [],
    "completed_by": 3,
    "updated_at": datetime(2026, 5, 1, tzinfo=UTC).isoformat(),
}


class Server:
    def __init__(self):
        self.asked, self.silent = [], False

    def get(self, path):
        self.asked.append(path)
        if self.silent:
            raise ServerError("does not answer")
        return {"email": "ann@example.test"} if path == "/api/users/3/" else None


def test_a_number_becomes_an_address_that_is_asked_for_once():
    server = Server()
    people = People(lambda: server)
    author = delivery_of(SAVED).author
    assert [people(author), people(author)] == ["ann@example.test"] * 2
    assert server.asked == ["/api/users/3/"]


def test_names_that_are_no_numbers_are_left_as_they_are_and_nobody_is_asked():
    server = Server()
    people = People(lambda: server)
    for author in ("bob@example.test", "label-studio", "label-studio user x", ""):
        assert people(author) == author
    assert not server.asked


def test_a_user_whom_nobody_knows_keeps_the_number():
    people = People(Server)
    assert people("label-studio user 4") == "label-studio user 4"
    assert People(lambda: None)("label-studio user 3") == "label-studio user 3"


def test_who_could_not_be_asked_is_asked_again():
    server = Server()
    people = People(lambda: server)
    server.silent = True
    assert people("label-studio user 3") == "label-studio user 3"
    server.silent = False
    assert people("label-studio user 3") == "ann@example.test"


def test_revisions_and_moves_are_in_the_name_of_the_address(world, hands):
    world.save(hands.without(world.shown(), 2), author="label-studio user 3")
    people = People(Server)
    step(world.bench, "scene", model=lambda: world.model, name=people)
    assert world.head.author == "ann@example.test"
    assert world.books.catalog.events("scene")[-1].actor == "ann@example.test"
