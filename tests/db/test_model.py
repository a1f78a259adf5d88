"""Whatever is done in whatever order, the database answers like its exact fake in memory: same values, same errors."""

import tempfile
from collections.abc import Callable, Iterable
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
from engine.ports import Checkpoint, Job
from engine.stages import Move, Stage
from engine.types import RLE, Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video

LENGTH = 70  # two blocks of 32 and a bit
VIDEO = Video("a" * 64, "/films/a.mp4", "/films/a.mp4", 64, 48, Fraction(30), 2 * LENGTH)
CLIPS = [
    Clip(f"table-{n}", VIDEO.sha256, VIDEO.media, LENGTH * n, LENGTH, 64, 48, VIDEO.rate)
    for n in range(2)
]
clip_ids = st.sampled_from(["table-0", "table-0", "table-1", "nobody"])
workers = st.sampled_from(["ada", "bo"])
numbers = st.lists(st.integers(0, LENGTH), max_size=6)
Stores = Database | MemoryDatabase


def drawn(frames: Iterable[int], mark: int) -> list[FrameMasks]:
    """Return frames with one ball, two or none; stores never look into the run lengths."""
    mask = RLE((48, 64), b"%d" % mark)
    return [
        FrameMasks(frame, tuple(TrackMask(t, mask, 0.5, 0.25) for t in range(1, 1 + frame % 3)))
        for frame in frames
    ]


def revision(clip: str, parent: int | None, author: str) -> Revision:
    kind = Kind.MANUAL if author == "bo" else Kind.AUTO
    return Revision(clip, parent, kind, author, (Track(1, "cue"),), {"segmenter": "nano"})


def answer(stores: Stores, ask: Callable[[Stores], Any]) -> Any:
    """Return what a store answers, or the kind of error that it raises."""
    try:
        return ask(stores)
    except EngineError as error:
        return type(error)


class Twins(RuleBasedStateMachine):
    """A database and its fake, asked the same."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = ManualClock()
        self.real = Database(
            f"sqlite:///{Path(self.folder.name) / 'a.db'}", now=self.clock, max_deaths=3
        )
        self.real.upgrade()
        self.fake = MemoryDatabase(now=self.clock, max_deaths=3)
        self.jobs: list[Job] = []
        self.both(lambda x: x.catalog.add_video(VIDEO, CLIPS))

    def teardown(self) -> None:
        self.real.close()
        self.folder.cleanup()

    def both(self, ask: Callable[[Stores], Any]) -> Any:
        real, fake = answer(self.real, ask), answer(self.fake, ask)
        assert real == fake
        return real

    def parent(self, clip: str, back: int) -> int | None:
        """Return the newest revision, or with ``back`` one that is stale."""
        history = self.fake.revisions.history(clip)
        return None if len(history) <= back else history[-1 - back].id

    @rule(
        clip=clip_ids, back=st.integers(0, 1), frames=numbers, ordered=st.booleans(), author=workers
    )
    def append(
        self, clip: str, back: int, frames: list[int], *, ordered: bool, author: str
    ) -> None:
        given = sorted(set(frames)) if ordered else frames
        asked = revision(clip, self.parent(clip, back), author)
        self.both(lambda x: x.revisions.append(asked, drawn(given, len(given))))

    @rule(
        number=st.integers(0, 8),
        start=st.integers(0, LENGTH),
        stop=st.none() | st.integers(0, LENGTH + 1),
    )
    def read(self, number: int, start: int, stop: int | None) -> None:
        self.both(lambda x: list(x.revisions.frames(number, start=start, stop=stop)))

    @rule(
        clip=clip_ids, move=st.sampled_from(Move), actor=workers, back=st.none() | st.integers(0, 1)
    )
    def move(self, clip: str, move: Move, actor: str, back: int | None) -> None:
        shown = None if back is None else self.parent(clip, back)
        self.both(lambda x: x.catalog.move(clip, move, actor=actor, revision=shown, note="so"))

    @rule(clip=clip_ids, chosen=st.sampled_from(["", "other"]))
    def put(self, clip: str, chosen: str) -> None:
        self.both(lambda x: x.queue.put("preannotate", clip, settings=chosen))

    @rule(worker=workers)
    def take(self, worker: str) -> None:
        job = self.both(lambda x: x.queue.take("preannotate", worker=worker, seconds=60))
        self.jobs += [job] if isinstance(job, Job) else []

    @rule(clip=clip_ids, worker=workers, times=st.integers(1, 3))
    def die(self, clip: str, worker: str, times: int) -> None:
        """Let a worker take work and not come back, and another one after it."""
        self.put(clip=clip, chosen="")
        for _ in range(times):
            self.take(worker=worker)
            self.wait(seconds=61)

    @rule(seconds=st.sampled_from([1, 30, 61]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(pick=st.integers(0, 9), what=st.sampled_from(["renew", "fail", "release", "load"]))
    def handle(self, pick: int, what: str) -> None:
        if self.jobs:
            job = self.jobs[pick % len(self.jobs)]
            more = {"fail": ("it broke",)}.get(what, ())
            self.both(lambda x: getattr(x.queue, what)(job, *more))

    @rule(pick=st.integers(0, 9), frames=numbers)
    def save(self, pick: int, frames: list[int]) -> None:
        if self.jobs:
            job, settled = self.jobs[pick % len(self.jobs)], drawn(sorted(set(frames)), 7)
            state = Checkpoint(max(frames, default=0), b"state")
            self.both(lambda x: x.queue.save(job, state, settled))

    @rule(pick=st.integers(0, 9), frames=numbers, back=st.integers(0, 1))
    def finish(self, pick: int, frames: list[int], back: int) -> None:
        if self.jobs:
            job, rest = self.jobs[pick % len(self.jobs)], drawn(sorted(set(frames)), 9)
            made = revision(job.clip, self.parent(job.clip, back), "det-sam2")
            self.both(lambda x: x.queue.finish(job, made, rest, move=Move.PREANNOTATE))

    @invariant()
    def they_tell_the_same(self) -> None:
        self.both(lambda x: x.catalog.clips())
        self.both(lambda x: x.catalog.clips(stages=(Stage.PREANNOTATED, Stage.ACCEPTED)))
        self.both(lambda x: x.queue.counts("preannotate"))
        self.both(lambda x: x.overview.videos())
        self.both(lambda x: x.overview.events())
        self.both(lambda x: x.overview.lines())
        for clip in CLIPS:
            self.both(lambda x, clip=clip: x.catalog.events(clip.id))
            self.both(lambda x, clip=clip: x.revisions.history(clip.id))


@pytest.mark.slow
def test_the_database_and_its_fake_cannot_be_told_apart() -> None:
    run_state_machine_as_test(
        Twins,
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
