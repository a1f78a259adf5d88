"""Copies and doubts are made in other processes, told to the tabs, and kept; a process that dies is replaced."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from fractions import Fraction
from multiprocessing import Pipe
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np
import pytest

from annotator_ui.preparing import Preparer
from annotator_ui.preparing_lane import Lane
from annotator_ui.preparing_process import Dropped, Failed, Hurry, Made, _done, copied, found
from annotator_ui.preparing_wishes import Copy
from engine import rle
from engine.config import Settings
from engine.doubts import Sign
from engine.errors import SelectionError, VideoError
from engine.fakes.frames import numbered, read_number
from engine.media import VideoWriter, decode
from engine.media.page_folder import page_copy_path
from engine.stages import Move
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.wiring import Workbench, workbench
from engine.workflows.findings import kept_doubts

LONG = 60  # seconds that a busy machine may take; nobody waits for them where it works
SIZE = (64, 96)
FRAMES = 40
Told = SimpleQueue[tuple[str, str, Mapping[str, Any]]]


def ball(frame: int) -> FrameMasks:
    """A ball at rest in the middle, which is gone for ten frames."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    disc = (rows - 32) ** 2 + (columns - 48) ** 2 <= 36
    seen = not 15 <= frame < 25
    return FrameMasks(frame, (TrackMask(1, rle.encode(disc)),) if seen else ())


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A workspace with a recording of two clips, of which the first is pre-annotated."""
    path = tmp_path / "film.mp4"
    with VideoWriter(path, width=96, height=64, rate=Fraction(30), keyframes=40) as writer:
        for number in range(2 * FRAMES):
            writer.write(numbered(number, width=96, height=64))
    video = Video("a" * 64, str(path), str(path), 96, 64, Fraction(30), 2 * FRAMES)
    clips = [
        Clip(f"table-{n}", video.sha256, str(path), FRAMES * n, FRAMES, 96, 64, video.rate)
        for n in range(2)
    ]
    with workbench(Settings(workspace=tmp_path / "workspace"), create=True) as opened:
        opened.catalog.add_video(video, clips)
        append(opened, None)
        opened.catalog.move("table-0", Move.PREANNOTATE, actor="test")
        yield opened


def append(bench: Workbench, parent: int | None) -> int:
    revision = Revision("table-0", parent, Kind.AUTO, "test", (Track(1, "cue"),))
    return bench.revisions.append(revision, [ball(frame) for frame in range(FRAMES)]).id


def clip_of(bench: Workbench, name: str) -> Clip:
    return bench.catalog.clip(name).clip


def until(told: Told, event: str, right: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
    """Return the first news of this kind that is right."""
    try:
        while True:
            _, said, data = told.get(timeout=LONG)
            if said == event and right(data):
                return data
    except Empty:
        pytest.fail(f"nothing was told of {event}")


@pytest.fixture
def told() -> Told:
    return SimpleQueue()


@pytest.fixture
def preparer(bench: Workbench, told: Told) -> Iterator[Preparer]:
    with closing(Preparer(bench, lambda *news: told.put(news))) as opened:
        yield opened


@pytest.mark.slow
def test_an_open_clip_gets_its_copy_and_its_doubts(
    preparer: Preparer, bench: Workbench, told: Told
) -> None:
    clip, head = clip_of(bench, "table-1"), bench.catalog.clip("table-0").head
    assert head is not None
    assert preparer.video(clip) is None
    preparer.want("table-1", None)
    url = "/api/clips/table-1/video.mp4"
    ready = until(told, "video", lambda said: said["ready"] and said["url"] == url)
    assert ready == {"url": url, "ready": True, "progress": 1.0}
    path = preparer.video(clip)
    assert path is not None
    assert [read_number(rgb) for rgb in decode(path)] == list(range(FRAMES, 2 * FRAMES))
    assert preparer.progress(clip) == 1.0

    preparer.want("table-0", head)
    if (
        preparer.doubts(head) is None
    ):  # found already, while the copy was made, they are told no more
        until(told, "doubts", lambda said: said["revision"] == head)
    doubts = preparer.doubts(head)
    assert doubts is not None
    assert [(one.sign, one.start) for one in doubts] == [(Sign.VANISHED, 15)]
    assert kept_doubts(bench.desk.findings, head) == doubts


@pytest.mark.slow
def test_clips_that_wait_are_prepared_before_anybody_asks(
    preparer: Preparer, bench: Workbench, told: Told
) -> None:
    until(told, "doubts", lambda said: True)  # noqa: ARG005 - whichever comes
    head = bench.catalog.clip("table-0").head
    assert head is not None
    assert preparer.doubts(head)
    assert preparer.video(clip_of(bench, "table-1")) is None


@pytest.mark.slow
def test_of_revisions_that_follow_each_other_quickly_the_last_is_looked_at(
    preparer: Preparer, bench: Workbench, told: Told
) -> None:
    first = bench.catalog.clip("table-0").head
    assert first is not None
    preparer.want("table-0", first)
    until(told, "doubts", lambda said: said["revision"] == first)
    revisions = [first]
    for _ in range(4):
        revisions.append(append(bench, revisions[-1]))
        preparer.want("table-0", revisions[-1])
    until(told, "doubts", lambda said: said["revision"] == revisions[-1])
    assert preparer.doubts(revisions[-1])
    assert [preparer.doubts(one) for one in revisions[1:-1]] == [None] * 3


@pytest.mark.slow
def test_a_process_that_dies_is_replaced_and_its_work_done(
    preparer: Preparer, bench: Workbench, told: Told
) -> None:
    preparer.want("table-0", None)
    until(told, "video", lambda said: said["ready"])
    for lane in (preparer._copies, preparer._finds):
        assert lane.pid is not None
        os.kill(lane.pid, signal.SIGKILL)
    preparer.want("table-1", None)
    until(told, "video", lambda said: said["url"].endswith("table-1/video.mp4") and said["ready"])
    assert preparer.video(clip_of(bench, "table-1"))


@pytest.mark.slow
def test_a_clip_whose_media_is_gone_is_said_and_not_tried_again_at_once(
    preparer: Preparer, bench: Workbench, told: Told
) -> None:
    Path(clip_of(bench, "table-1").media).rename(bench.settings.workspace / "elsewhere.mp4")
    preparer.want("table-1", None)
    failed = until(told, "video", lambda said: "table-1" in said["url"] and "error" in said)
    assert "there is no such file" in failed["error"]
    assert not failed["ready"]
    preparer.want("table-1", None)
    assert preparer.progress(clip_of(bench, "table-1")) == 0.0


@pytest.mark.slow
def test_closing_ends_the_processes(bench: Workbench, told: Told) -> None:
    preparer = Preparer(bench, lambda *news: told.put(news))
    preparer.want("table-0", None)
    until(told, "video", lambda said: said["ready"])
    pids = [lane.pid for lane in (preparer._copies, preparer._finds)]
    preparer.close()
    for pid in pids:
        assert pid is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_copy_is_made_once_and_again_when_it_is_gone(bench: Workbench) -> None:
    shares: list[float] = []
    told = lambda done, total: shares.append(done / total)  # noqa: E731 - a word
    assert copied(bench, "table-1", progress=told)
    assert shares[-1] == 1.0
    assert not copied(bench, "table-1", progress=told)
    page_copy_path(bench.settings.workspace.absolute(), clip_of(bench, "table-1")).unlink()
    assert copied(bench, "table-1", progress=told)


def test_doubts_are_found_once(bench: Workbench) -> None:
    head = bench.catalog.clip("table-0").head
    assert head is not None
    assert found(bench, "table-0", head)
    assert not found(bench, "table-0", head)


def test_what_is_not_there_is_refused(bench: Workbench) -> None:
    with pytest.raises(SelectionError):
        copied(bench, "nothing", progress=lambda *_: None)
    with pytest.raises(SelectionError):
        found(bench, "table-0", 99)


def test_a_copy_that_fails_leaves_nothing(bench: Workbench) -> None:
    clip = clip_of(bench, "table-1")
    Path(clip.media).write_bytes(b"no film")
    with pytest.raises(VideoError):
        copied(bench, "table-1", progress=lambda *_: None)
    assert not list((bench.settings.workspace / "page").iterdir())


def test_a_copy_is_given_up_for_something_more_urgent_and_made_later(bench: Workbench) -> None:
    ours, theirs = Pipe()
    with ours, theirs:
        ours.send(Hurry())
        assert _done(Copy("table-1"), bench, theirs) == Dropped()
        assert not list((bench.settings.workspace / "page").iterdir())
        assert theirs.recv() == Hurry()
        assert _done(Copy("table-1"), bench, theirs) == Made(new=True)
        assert _done(Copy("table-1"), bench, theirs) == Made(new=False)


@pytest.mark.slow
def test_what_was_put_back_is_done_when_nothing_else_is_wanted(
    preparer: Preparer, bench: Workbench, told: Told
) -> None:
    preparer.want("table-1", None)  # while that of the clip that waits may be in work
    ready: set[str] = set()
    while len(ready) < 2:
        ready.add(until(told, "video", lambda said: said["ready"])["url"])
    assert all(preparer.video(clip_of(bench, name)) for name in ("table-0", "table-1"))


@pytest.mark.slow
def test_hurry_that_comes_too_late_is_no_wish(bench: Workbench) -> None:
    heard: Told = SimpleQueue()
    lane = Lane(
        bench.settings, lambda wish, news: heard.put((wish.clip, "", {"news": news})), name=""
    )
    with closing(lane):
        lane.put(Copy("table-0"))
        while not isinstance(heard.get(timeout=LONG)[2]["news"], Made):
            pass
        assert lane._pipe is not None
        lane._pipe.send(Hurry())
        lane.put(Copy("table-1"))
        news = [heard.get(timeout=LONG)]
        while not isinstance(news[-1][2]["news"], Made | Dropped | Failed):
            news.append(heard.get(timeout=LONG))
    assert {clip for clip, *_ in news} == {"table-1"}
    assert news[-1][2]["news"] == Made(new=True)
