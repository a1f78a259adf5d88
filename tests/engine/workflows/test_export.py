"""Which clips an export takes, in which revision, and how much of each a person edited."""

import dataclasses
from fractions import Fraction
from pathlib import Path

import pytest

from engine.errors import SelectionError
from engine.fakes.exporter import NAME, LinesExporter
from engine.fakes.frames import FakeFrameSource
from engine.fakes.queue import MemoryDatabase
from engine.fakes.scene import Disc, Scene, rests
from engine.ports import ExportItem, ExportReport
from engine.stages import Move, Stage
from engine.types import FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.export import export
from engine.workflows.selection import Selection

FRAMES = 6
SCENE = Scene(
    [Disc((240, 240, 240), "cue", rests(20, 30)), Disc((200, 20, 20), "solid", rests(90, 50))],
    FRAMES,
)
TRACKS = (Track(1, "cue"), Track(2, "solid"))
DRAWN = (Stage.PREANNOTATED,)


class Listening:
    """An exporter that remembers what it was given."""

    def __init__(self) -> None:
        self.items: list[ExportItem] = []

    def __call__(self, items: list[ExportItem], out: Path, *, progress: object) -> ExportReport:
        del progress
        self.items = list(items)
        return ExportReport(out, len(items), sum(item.clip.frames for item in items))


@pytest.fixture
def stores() -> MemoryDatabase:
    made = MemoryDatabase()
    clip = SCENE.clip
    clips = [dataclasses.replace(clip, id=f"game-{n}") for n in (1, 2, 3)]
    video = Video(clip.video, "a.mp4", "a.mp4", clip.width, clip.height, Fraction(30), 3 * FRAMES)
    made.catalog.add_video(video, clips)
    return made


def draw(stores: MemoryDatabase, clip: str) -> Revision:
    """Store what a detector and a segmenter would have."""
    revision = stores.revisions.append(
        Revision(clip, None, Kind.AUTO, "det-sam2", TRACKS), map(SCENE.truth, range(FRAMES))
    )
    stores.catalog.move(clip, Move.PREANNOTATE, actor="det-sam2")
    return revision


def correct(stores: MemoryDatabase, parent: Revision, *frames: FrameMasks) -> Revision:
    """Store a person's child of ``parent``."""
    child = Revision(parent.clip, parent.id, Kind.MANUAL, "maria", TRACKS)
    return stores.revisions.append(child, frames)


def moved(frame: int) -> FrameMasks:
    """Return a frame on which the first ball has the mask of the second, and the second is as it was."""
    first, second = SCENE.truth(frame).masks
    return FrameMasks(frame, (TrackMask(1, second.rle), second) if first else ())


def run(stores: MemoryDatabase, out: Path, **options: object) -> list[ExportItem]:
    exporter, selection = Listening(), Selection(**options)  # type: ignore[arg-type]  # options pass through
    source = FakeFrameSource()
    export(stores.catalog, stores.revisions, source, exporter, out=out, selection=selection)
    return exporter.items


def test_accepted_clips_are_written_and_others_are_not(
    stores: MemoryDatabase, tmp_path: Path
) -> None:
    for clip in ("game-1", "game-2"):
        draw(stores, clip)
    stores.catalog.move("game-2", Move.ACCEPT, actor="maria")
    assert [item.clip.id for item in run(stores, tmp_path)] == ["game-2"]


def test_other_stages_are_written_when_they_are_asked_for(
    stores: MemoryDatabase, tmp_path: Path
) -> None:
    draw(stores, "game-1")
    assert [item.clip.id for item in run(stores, tmp_path, stages=DRAWN)] == ["game-1"]


def test_of_clips_that_are_named_only_those_in_a_wanted_stage_are_written(
    stores: MemoryDatabase, tmp_path: Path
) -> None:
    for clip in ("game-1", "game-2", "game-3"):
        draw(stores, clip)
    for clip in ("game-1", "game-3"):
        stores.catalog.move(clip, Move.ACCEPT, actor="maria")
    items = run(stores, tmp_path, clips=("game-2", "game-3"))
    assert [item.clip.id for item in items] == ["game-3"]


def test_a_clip_that_is_named_twice_is_written_once(stores: MemoryDatabase, tmp_path: Path) -> None:
    draw(stores, "game-1")
    items = run(stores, tmp_path, stages=DRAWN, clips=("game-1", "game-1"))
    assert [item.clip.id for item in items] == ["game-1"]


def test_every_pass_through_a_clip_starts_again(stores: MemoryDatabase, tmp_path: Path) -> None:
    draw(stores, "game-1")
    (item,) = run(stores, tmp_path, stages=DRAWN)
    for _ in range(2):
        assert [row.frame for row in item.frames()] == list(range(FRAMES))
        assert sum(len(batch) for batch in item.pictures()) == FRAMES


def test_a_draft_is_written_in_its_newest_revision(stores: MemoryDatabase, tmp_path: Path) -> None:
    newest = correct(stores, draw(stores, "game-1"), moved(2))
    (item,) = run(stores, tmp_path, stages=DRAWN)
    assert item.revision.id == newest.id
    assert list(item.frames())[2] == moved(2)


def test_frames_that_a_person_changed_are_counted_by_track(
    stores: MemoryDatabase, tmp_path: Path
) -> None:
    first = correct(stores, draw(stores, "game-1"), moved(2), moved(3))
    correct(stores, first, SCENE.truth(3), FrameMasks(5))
    (item,) = run(stores, tmp_path, stages=DRAWN)
    assert item.edited() == {1: 3, 2: 1}  # track 1 on 2, 3 (twice) and 5, track 2 on 5


def test_what_the_models_drew_counts_as_edited_by_nobody(
    stores: MemoryDatabase, tmp_path: Path
) -> None:
    draw(stores, "game-1")
    assert run(stores, tmp_path, stages=DRAWN)[0].edited() == {}


def test_nothing_to_write_says_what_to_do_next(stores: MemoryDatabase, tmp_path: Path) -> None:
    draw(stores, "game-1")
    with pytest.raises(SelectionError, match=r"engine accept CLIP.*--stage pre-annotated"):
        run(stores, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_clip_that_does_not_exist_is_named(stores: MemoryDatabase, tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="game-9"):
        run(stores, tmp_path, clips=("game-9",))


def test_a_real_exporter_gets_what_it_needs(stores: MemoryDatabase, tmp_path: Path) -> None:
    draw(stores, "game-1")
    told: list[tuple[str, int, int]] = []
    report = export(
        stores.catalog,
        stores.revisions,
        FakeFrameSource(SCENE.paint),
        LinesExporter(),
        out=tmp_path / "out",
        selection=Selection(stages=DRAWN),
        progress=lambda *step: told.append(step),
    )
    assert (report.clips, report.frames, report.notes) == (1, FRAMES, ())
    assert told[-1] == ("game-1", FRAMES, FRAMES)
    assert len((tmp_path / "out" / NAME).read_text().splitlines()) == 2 * FRAMES


def test_the_report_says_what_was_left_out_before_what_the_format_could_not_hold(
    stores: MemoryDatabase, tmp_path: Path
) -> None:
    class Complaining(Listening):
        """An exporter whose format cannot hold everything."""

        def __call__(self, items: list[ExportItem], out: Path, *, progress: object) -> ExportReport:
            report = super().__call__(items, out, progress=progress)
            return dataclasses.replace(report, notes=("game-1: too wide",))

    draw(stores, "game-1")
    report = export(
        stores.catalog,
        stores.revisions,
        FakeFrameSource(),
        Complaining(),
        out=tmp_path,
        selection=Selection(stages=DRAWN, clips=("game-1", "game-2")),
    )
    assert report.notes == (
        "left out by stage pre-annotated: game-2 (ingested)",
        "game-1: too wide",
    )
