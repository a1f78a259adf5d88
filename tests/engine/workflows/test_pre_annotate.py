"""Pre-annotation through a real database: nothing is lost, nothing is done twice, one bad clip stops no other."""

import multiprocessing
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from db.connect import Database
from engine.errors import DiskFull, SelectionError, VideoError
from engine.fakes.detector import ColourDetector
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.pipeline import DetSam2
from engine.ports import Checkpoint
from engine.stages import Move, Stage
from engine.types import Clip, FrameMasks, Image, Video
from engine.workflows.pre_annotate import WHAT, PreAnnotateReport, pre_annotate

SCENE = Scene(
    [
        Disc((200, 20, 20), "solid", rolls(10, 30, dx=1.3)),
        Disc((20, 20, 200), "cue", rests(80, 60, start=13)),
    ],
    67,
)
SETTINGS = DetSam2(every=10, buffer=10, repair=20)
Desk = Database


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as database:
        database.upgrade()
        clips = [replace(SCENE.clip, id=name) for name in ("one", "two", "three")]
        clip = SCENE.clip
        video = Video(
            clip.video, "v.mp4", "v.mp4", clip.width, clip.height, clip.rate, 3 * clip.frames
        )
        database.catalog.add_video(video, clips)
        yield database


def opened(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'engine.db'}")


def draw(
    desk: Database, paint: Callable[[Clip, int], Image] = SCENE.paint, **more: Any
) -> PreAnnotateReport:
    given: dict[str, Any] = {"worker": "w1", "lease": 5.0, "settings": SETTINGS, **more}
    return pre_annotate(
        catalog=desk.catalog,
        queue=desk.queue,
        revisions=desk.revisions,
        source=FakeFrameSource(paint),
        detector=ColourDetector(SCENE.labels),
        segmenter=ColourSegmenter(),
        **given,
    )


def masks(desk: Database, clip: str) -> list[FrameMasks]:
    head = desk.revisions.head(clip)
    assert head is not None
    return list(desk.revisions.frames(head.id))


def truth() -> list[FrameMasks]:
    return [SCENE.truth(frame) for frame in range(SCENE.frames)]


def pixels(rows: list[FrameMasks]) -> list[list[tuple[int, object]]]:
    return [[(mask.track, mask.rle) for mask in row.masks] for row in rows]


def test_every_ingested_clip_gets_its_masks_and_moves_on(desk: Database) -> None:
    report = draw(desk)
    assert [(x.clip, x.tracks, x.frames) for x in report.done] == [
        ("one", 2, 67),
        ("two", 2, 67),
        ("three", 2, 67),
    ]
    assert not report.failed
    assert not report.interrupted
    for clip in ("one", "two", "three"):
        assert desk.catalog.clip(clip).stage is Stage.PREANNOTATED
        assert pixels(masks(desk, clip)) == pixels(truth())


def test_what_is_wanted_first_is_drawn_first(desk: Database) -> None:
    desk.catalog.move("two", Move.PRIORITISE, actor="ada")
    assert [drawn.clip for drawn in draw(desk).done] == ["two", "one", "three"]
    assert desk.catalog.clip("two").priority


def test_a_revision_says_how_it_was_made(desk: Database) -> None:
    draw(desk, models={"model": "colour", "detector": "flat"}, clips=["one"])
    head = desk.revisions.head("one")
    assert head is not None
    assert (head.kind, head.author, head.parent) == ("auto", "det-sam2", None)
    assert head.provenance["model"] == "colour"
    assert '"every": 10' in head.provenance["det_sam2"]
    assert head.provenance["version"]


def test_drawing_again_with_other_weights_says_which_drew_the_masks_before(desk: Database) -> None:
    first = {"segmenter": "nano", "segmenter_sha256": "14d9c3d49bcf"}
    other = {"segmenter": "nano", "segmenter_sha256": "000000000000"}
    told = [
        draw(desk, models=models, clips=["one"]).done[0].replaced
        for models in (first, first, other)
    ]
    assert told == ["", "", "nano 14d9c3d49bcf"]


def test_a_second_run_has_nothing_to_do(desk: Database) -> None:
    draw(desk)
    assert draw(desk) == PreAnnotateReport()


def test_only_the_clips_named_are_drawn(desk: Database) -> None:
    assert [x.clip for x in draw(desk, clips=["two"]).done] == ["two"]
    assert desk.catalog.clip("one").stage is Stage.INGESTED


def test_an_unknown_clip_is_refused_before_anything_runs(desk: Database) -> None:
    with pytest.raises(SelectionError):
        draw(desk, clips=["one", "nope"])
    assert desk.queue.counts(WHAT).waiting == 0


def test_a_named_clip_is_drawn_again_on_top_of_its_revision(desk: Database) -> None:
    first = draw(desk, clips=["one"]).done[0].revision
    again = draw(desk, clips=["one"]).done[0].revision
    assert desk.revisions.revision(again).parent == first


def test_an_accepted_clip_is_never_drawn_over(desk: Database) -> None:
    draw(desk, clips=["one"])
    desk.catalog.move("one", Move.ACCEPT, actor="ada")
    report = draw(desk, clips=["one"])
    assert "accepted" in report.failed["one"]
    assert not report.done


def broken(clip: Clip, frame: int) -> Image:
    if clip.id == "two" and frame == 25:
        raise VideoError("frame 25 of v.mp4 does not decode; ingest the recording again")
    return SCENE.paint(clip, frame)


def test_one_bad_clip_stops_no_other_and_keeps_its_reason(desk: Database) -> None:
    report = draw(desk, broken)
    assert [x.clip for x in report.done] == ["one", "three"]
    assert "frame 25" in report.failed["two"]
    assert "frame 25" in desk.queue.counts(WHAT).errors["two"]


def test_a_failed_clip_is_left_alone_until_somebody_asks(desk: Database) -> None:
    draw(desk, broken)
    assert draw(desk) == PreAnnotateReport()
    assert [x.clip for x in draw(desk, retry=True).done] == ["two"]


def test_an_error_nobody_foresaw_fails_its_clip_only(desk: Database) -> None:
    def odd(clip: Clip, frame: int) -> Image:
        if clip.id == "one":
            raise RuntimeError("out of memory on the device")
        return SCENE.paint(clip, frame)

    report = draw(desk, odd)
    assert report.failed == {"one": "RuntimeError: out of memory on the device"}
    assert len(report.done) == 2


@pytest.mark.parametrize("after", [1, 9, 10, 34, 66])
def test_a_stop_loses_no_frame_and_the_next_run_goes_on_there(desk: Database, after: int) -> None:
    heard: list[int] = []
    report = draw(
        desk,
        clips=["one"],
        progress=lambda _, n, __: heard.append(n),
        stop=lambda: len(heard) >= after,
    )
    assert report.interrupted
    assert not report.done
    assert desk.revisions.head("one") is None
    assert heard == list(range(1, after + 1))
    heard.clear()
    report = draw(desk, clips=["one"], progress=lambda _, n, __: heard.append(n))
    assert heard == list(range(after + 1, 68))
    assert pixels(masks(desk, "one")) == pixels(truth())


def test_ctrl_c_in_the_middle_goes_on_from_the_last_block(desk: Database) -> None:
    def interrupted(_: str, done: int, __: int) -> None:
        if done == 25:
            raise KeyboardInterrupt

    assert draw(desk, clips=["one"], progress=interrupted).interrupted
    heard: list[int] = []
    draw(desk, clips=["one"], progress=lambda _, n, __: heard.append(n))
    assert heard[0] == 21
    assert pixels(masks(desk, "one")) == pixels(truth())


def test_a_full_disk_ends_the_run_and_keeps_the_last_checkpoint(desk: Database) -> None:
    class Full:
        """The real queue, but the third save finds no room."""

        saves = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(desk.queue, name)

        def save(self, *given: Any) -> None:
            self.saves += 1
            if self.saves == 3:
                raise DiskFull("no room")
            desk.queue.save(*given)

    with pytest.raises(DiskFull):
        pre_annotate(
            catalog=desk.catalog, queue=Full(), revisions=desk.revisions,
            source=FakeFrameSource(SCENE.paint), detector=ColourDetector(SCENE.labels),
            segmenter=ColourSegmenter(), worker="w", settings=SETTINGS, clips=["one"],
        )  # fmt: skip
    heard: list[int] = []
    draw(desk, clips=["one"], progress=lambda _, n, __: heard.append(n))
    assert heard[0] == 21


def test_a_job_taken_over_is_left_to_the_other_worker(desk: Database) -> None:
    def slow(_: str, done: int, __: int) -> None:
        if done == 5:
            with opened(Path(str(desk.url.database)).parent) as other:
                job = other.queue.take(WHAT, worker="w2")
                assert job is None  # the lease holds while its worker beats
            time.sleep(0.9)

    assert len(draw(desk, clips=["one"], lease=0.4, progress=slow).done) == 1


def test_a_lease_that_was_lost_ends_the_work_on_that_clip(desk: Database) -> None:
    thief: list[Any] = []

    def robbed(clip: str, done: int, _: int) -> None:
        if clip == "one" and done == 5 and not thief:
            (job,) = held
            desk.queue.release(job)
            thief.append(desk.queue.take(WHAT, worker="thief", seconds=60))
            time.sleep(0.3)

    held: list[Any] = []

    class Watched:
        def __getattr__(self, name: str) -> Any:
            return getattr(desk.queue, name)

        def take(self, what: str, **more: Any) -> Any:
            job = desk.queue.take(what, **more)
            held[:] = [job]
            return job

    report = pre_annotate(
        catalog=desk.catalog, queue=Watched(), revisions=desk.revisions,
        source=FakeFrameSource(SCENE.paint), detector=ColourDetector(SCENE.labels),
        segmenter=ColourSegmenter(), worker="w", settings=SETTINGS, lease=0.6, progress=robbed,
    )  # fmt: skip
    assert report.elsewhere == ("one",)
    assert [x.clip for x in report.done] == ["two", "three"]


def test_a_checkpoint_that_cannot_be_read_begins_the_clip_anew(desk: Database) -> None:
    draw(desk, clips=["one"], stop=_after(15))
    job = desk.queue.take(WHAT, worker="w")
    assert job is not None
    desk.queue.save(job, Checkpoint(15, b"torn"), [])
    desk.queue.release(job)
    assert [x.clip for x in draw(desk, clips=["one"]).done] == ["one"]
    assert pixels(masks(desk, "one")) == pixels(truth())


def test_other_settings_begin_the_clip_anew(desk: Database) -> None:
    draw(desk, clips=["one"], stop=_after(15))
    heard: list[int] = []
    other = replace(SETTINGS, repair=0)
    report = draw(desk, clips=["one"], settings=other, progress=lambda _, n, __: heard.append(n))
    assert [x.clip for x in report.done] == ["one"]
    assert heard == list(range(1, 68))


def _after(asked: int) -> Callable[[], bool]:
    """Return a question that turns true after it was asked so often."""
    answers = iter([False] * asked)
    return lambda: next(answers, True)


def _slow_run(folder: str) -> None:
    """Draw with a little delay in every frame: what the killed processes run."""

    def paint(clip: Clip, frame: int) -> Image:
        time.sleep(0.004)
        return SCENE.paint(clip, frame)

    with opened(Path(folder)) as desk:
        draw(desk, paint, worker=f"w{time.monotonic()}", lease=0.5)


@pytest.mark.slow
def test_killed_ten_times_the_next_run_finishes_and_nothing_half_written_is_seen(
    desk: Database, tmp_path: Path
) -> None:
    dice, context = random.Random(7), multiprocessing.get_context("fork")
    kills = 0
    while kills < 10:
        process = context.Process(target=_slow_run, args=(str(tmp_path),))
        process.start()
        process.join(0.6 + dice.random() * 0.5)
        if process.exitcode is None:
            process.kill()
            process.join()
            assert process.exitcode == -signal.SIGKILL
        kills += 1
        with opened(tmp_path) as fresh:
            fresh.check()
            for status in fresh.catalog.clips():
                if status.stage is Stage.INGESTED:
                    assert status.head is None
                else:
                    assert pixels(masks(fresh, status.clip.id)) == pixels(truth())
    draw(desk, lease=0.5, retry=True)
    for clip in ("one", "two", "three"):
        assert desk.catalog.clip(clip).stage is Stage.PREANNOTATED
        assert pixels(masks(desk, clip)) == pixels(truth())
        assert len(desk.revisions.history(clip)) == 1
