"""Whatever people do in whatever order, the desk of a database answers like its exact fake in memory."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from db.connect import Database
from engine.errors import EngineError
from engine.fakes.queue import MemoryDatabase
from engine.fakes.store import ManualClock
from engine.ports import DeskStores, Role, State, User
from engine.types import Clip, Kind, Revision, Video

LENGTH = 40
VIDEO = Video("a" * 64, "/films/a.mp4", "/films/a.mp4", 64, 48, Fraction(30), 2 * LENGTH)
CLIPS = [
    Clip(f"table-{n}", VIDEO.sha256, VIDEO.media, LENGTH * n, LENGTH, 64, 48, VIDEO.rate)
    for n in range(2)
]
clip_ids = st.sampled_from(["table-0", "table-0", "table-1", "nobody"])
people = st.sampled_from(["ada", "bo", "eve"])
tabs = st.sampled_from(["t1", "t2", "t3"])
tokens = st.sampled_from(["k1", "k2", "k3"])
revisions = st.none() | st.integers(1, 4)
frames = st.integers(-1, LENGTH + 1)
MINUTE = timedelta(minutes=1)


def answer(desk: DeskStores, ask: Callable[[DeskStores], Any]) -> Any:
    """Return what a desk answers, or the kind of error that it raises."""
    try:
        return ask(desk)
    except EngineError as error:
        return type(error)


class Twins(RuleBasedStateMachine):
    """A database's desk and its fake, asked the same."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock()
        self.real = Database(f"sqlite:///{Path(self.folder.name) / 'a.db'}", now=self.clock)
        self.real.upgrade()
        self.fake = MemoryDatabase(now=self.clock)
        for stores in (self.real, self.fake):
            stores.catalog.add_video(VIDEO, CLIPS)
            for clip in CLIPS:
                stores.revisions.append(Revision(clip.id, None, Kind.AUTO, "nano", ()), ())

    def teardown(self) -> None:
        self.real.close()
        self.folder.cleanup()

    def both(self, ask: Callable[[DeskStores], Any]) -> None:
        assert answer(self.real.desk, ask) == answer(self.fake.desk, ask)

    @rule(clip=clip_ids, user=people, tab=tabs, force=st.booleans())
    def claim(self, clip: str, user: str, tab: str, *, force: bool) -> None:
        self.both(lambda x: x.claims.claim(clip, user=user, tab=tab, force=force))

    @rule(clip=clip_ids, tab=tabs)
    def release(self, clip: str, tab: str) -> None:
        self.both(lambda x: x.claims.release(clip, tab=tab))

    @rule(clip=clip_ids, author=people, tab=tabs, before=revisions)
    def put(self, clip: str, author: str, tab: str, before: int | None) -> None:
        self.both(lambda x: x.actions.put(clip, author, {"k": [1]}, before=before, tab=tab))

    @rule(seq=st.integers(1, 6), state=st.sampled_from(State), after=revisions)
    def settle(self, seq: int, state: State, after: int | None) -> None:
        self.both(lambda x: x.actions.settle(seq, state, after=after, note="so"))

    @rule(name=people, role=st.sampled_from(Role), active=st.booleans())
    def add(self, name: str, role: Role, *, active: bool) -> None:
        self.both(lambda x: x.users.add(User(name, role, "$hash", active)))

    @rule(name=people, role=st.none() | st.sampled_from(Role), active=st.none() | st.booleans())
    def change(self, name: str, role: Role | None, active: bool | None) -> None:  # noqa: FBT001 - as hypothesis calls it
        self.both(lambda x: x.users.change(name, role=role, active=active))

    @rule(name=people, secret=st.none() | st.just("$new"))
    def change_password(self, name: str, secret: str | None) -> None:
        self.both(lambda x: x.users.change(name, password=secret))

    @rule(name=people, token=tokens)
    def log_in(self, name: str, token: str) -> None:
        self.both(lambda x: x.users.log_in(name, token=token, lasts=MINUTE))

    @rule(token=tokens)
    def log_out(self, token: str) -> None:
        self.both(lambda x: x.users.log_out(token))

    @rule(clip=clip_ids, frame=frames, author=people, text=st.sampled_from(["why?", " ", "\0"]))
    def pin(self, clip: str, frame: int, author: str, text: str) -> None:
        self.both(lambda x: x.pins.put(clip, frame=frame, track=0, author=author, text=text))

    @rule(number=st.integers(1, 4), by=people)
    def resolve(self, number: int, by: str) -> None:
        self.both(lambda x: x.pins.resolve(number, by=by))

    @rule(clip=clip_ids, start=frames, stop=frames, track=st.integers(-1, 2), author=people)
    def look(self, clip: str, start: int, stop: int, track: int, author: str) -> None:
        span = {"start": start, "stop": stop, "track": track}
        self.both(lambda x: x.looks.put(clip, author=author, **span))

    @rule(revision=st.integers(1, 4), text=st.text(max_size=5))
    def find(self, revision: int, text: str) -> None:
        self.both(lambda x: x.findings.put(revision, "doubts", text.replace("\0", "")))

    @rule(seconds=st.sampled_from([1, 29, 30, 31, 60]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @invariant()
    def they_tell_the_same(self) -> None:
        self.both(lambda x: dict(x.claims.holders()))
        self.both(lambda x: [x.users.users(), *map(x.users.logged_in, ("k1", "k2", "k3"))])
        self.both(lambda x: [x.findings.get(revision, "doubts") for revision in range(1, 5)])
        real, fake = self.real.overview, self.fake.overview
        assert real.work() == fake.work()
        assert real.findings("doubts") == fake.findings("doubts")
        for clip in CLIPS:
            self.both(lambda x, clip=clip: [*x.actions.of(clip.id)])
            self.both(lambda x, clip=clip: [*x.pins.of(clip.id)])
            self.both(lambda x, clip=clip: [*x.looks.of(clip.id)])


@pytest.mark.slow
def test_the_desk_and_its_fake_cannot_be_told_apart() -> None:
    run_state_machine_as_test(
        Twins,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
