"""Whatever is told in whatever order, the bridge of a database answers like its exact fake in memory."""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
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
from engine.ports import Bridge, Link, OutsideProject, State, TaskKind
from engine.types import Clip, Kind, Revision, Video

VIDEO = Video("a" * 64, "/films/a.mp4", "/films/a.mp4", 64, 48, Fraction(30), 80)
CLIPS = [
    Clip(f"table-{n}", VIDEO.sha256, VIDEO.media, 40 * n, 40, 64, 48, VIDEO.rate) for n in range(2)
]
NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)
clip_ids = st.sampled_from(["table-0", "table-0", "table-1", "nobody"])
servers = st.sampled_from(["http://a", "http://b", "http://c/"])
tasks = st.sampled_from([1, 2, 3, -1, 2**63])
revisions = st.none() | st.integers(1, 4)


def answer(bridge: Bridge, ask: Callable[[Bridge], Any]) -> Any:
    """Return what a bridge answers, or the kind of error that it raises."""
    try:
        return ask(bridge)
    except EngineError as error:
        return type(error)


class Twins(RuleBasedStateMachine):
    """A database's bridge and its fake, asked the same."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        clock = ManualClock()
        self.real = Database(f"sqlite:///{Path(self.folder.name) / 'a.db'}", now=clock)
        self.real.upgrade()
        self.fake = MemoryDatabase(now=clock)
        for stores in (self.real, self.fake):
            stores.catalog.add_video(VIDEO, CLIPS)
            for clip in CLIPS:
                stores.revisions.append(Revision(clip.id, None, Kind.AUTO, "nano", ()), ())
            stores.bridge.put_project(OutsideProject("http://a", TaskKind.CLIP, 1))
            stores.bridge.put_link(Link(1, 1, "table-0"))

    def teardown(self) -> None:
        self.real.close()
        self.folder.cleanup()

    def both(self, ask: Callable[[Bridge], Any]) -> None:
        assert answer(self.real.bridge, ask) == answer(self.fake.bridge, ask)

    @rule(server=servers, kind=st.sampled_from(TaskKind), number=st.integers(1, 3))
    def project(self, server: str, kind: TaskKind, number: int) -> None:
        self.both(lambda x: x.put_project(OutsideProject(server, kind, number)))

    @rule(project=st.integers(1, 4), task=tasks, clip=clip_ids, revision=revisions)
    def link(self, project: int, task: int, clip: str, revision: int | None) -> None:
        self.both(lambda x: x.put_link(Link(project, task, clip, revision, "submitted")))

    @rule(project=st.integers(1, 4), task=tasks)
    def drop(self, project: int, task: int) -> None:
        self.both(lambda x: x.drop_link(project, task))

    @rule(
        project=st.sampled_from([1, 1, 2]),
        task=st.sampled_from([1, 1, 2, 2**63]),
        clip=clip_ids,
        number=st.integers(1, 2),
        second=st.integers(0, 5),
        digest=st.sampled_from("abc"),
    )
    def receive(
        self, project: int, task: int, clip: str, number: int, second: int, digest: str
    ) -> None:
        at = NOON + timedelta(seconds=second)
        told: dict[str, Any] = {"number": number, "author": "m", "at": at, "digest": digest}
        self.both(lambda x: x.receive(Link(project, task, clip), body={"k": [digest]}, **told))

    @rule(id_=st.integers(0, 6), state=st.sampled_from(State), after=revisions)
    def settle(self, id_: int, state: State, after: int | None) -> None:
        self.both(lambda x: x.settle(id_, state, after=after, note="so\0"))

    @invariant()
    def they_tell_the_same(self) -> None:
        self.both(lambda x: [x.projects(), x.links(), x.waiting()])
        self.both(lambda x: [x.projects(server="http://b"), x.links(project=1), x.links(project=2)])
        for clip in ("table-0", "table-1", "nobody"):
            self.both(partial(_about, clip=clip))


def _about(bridge: Bridge, *, clip: str) -> Any:
    told = [bridge.deliveries(clip), bridge.deliveries(clip, number=1, project=1)]
    return bridge.links(clip=clip), bridge.waiting(clip=clip), told


@pytest.mark.slow
def test_the_bridge_and_its_fake_cannot_be_told_apart() -> None:
    run_state_machine_as_test(
        Twins,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
