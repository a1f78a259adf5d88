"""Exported, imported, exported: masks, identities and counts of edits come back, in a new workspace and in the same one."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.connect import Database
from engine import rle
from engine.datasets.files import read_size
from engine.datasets.incoming import format_of, incoming
from engine.fakes.frames import FakeFrameSource
from engine.media.prober import PyavProber
from engine.stages import Move, Stage
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.export import export
from engine.workflows.importing import import_dataset
from engine.workflows.importing_newcomers import Newcomers
from engine.workflows.importing_values import Wishes
from engine.workflows.selection import Selection
from exports.registry import exporter

WIDE, HIGH, FRAMES = 32, 24, 9
RATE = Fraction(30000, 1001)
LABELS = {1: "cue", 3: "eight", 4: "solid", 9: "solid"}
BAND = HIGH // len(LABELS)
FORMATS = ("davis", "sav", "frames", "mose", "sav-val", "coco", "youtube-vis", "mots")

rows = st.lists(
    st.fixed_dictionaries(
        {track: st.none() | st.tuples(st.integers(0, 24), st.integers(1, 8)) for track in LABELS}
    ),
    min_size=FRAMES,
    max_size=FRAMES,
)


def mask(track: int, place: tuple[int, int]) -> TrackMask:
    """Draw a ball into the band of its track, so that no two overlap: a palette holds one at a pixel."""
    inside = np.zeros((HIGH, WIDE), bool)
    top, (left, wide) = BAND * list(LABELS).index(track), place
    inside[top + 1 : top + BAND, left : left + wide] = True
    inside[top, left] = wide % 2
    return TrackMask(track, rle.encode(inside), 0.75, 0.5)


def frames_of(said) -> list[FrameMasks]:
    """Return the masks; formats want a ball on the first frame, and each within the clip."""
    every = {track: place or (3, 4) for track, place in said[1].items()}
    said = [{**said[0], 1: said[0][1] or (3, 4)}, every, *said[2:]]
    return [
        FrameMasks(frame, tuple(mask(t, place) for t, place in row.items() if place))
        for frame, row in enumerate(said)
    ]


def workspace(folder: Path) -> Database:
    folder.mkdir()
    made = Database(f"sqlite:///{folder / 'engine.db'}")
    made.upgrade()
    return made


def filled(folder: Path, drawn, corrected) -> Database:
    """Return a workspace of two clips of one recording: a model drew them, a person changed them and agreed."""
    made = workspace(folder)
    video = Video("ab" * 32, "game.mp4", "game.mp4", WIDE, HIGH, RATE, 2 * FRAMES)
    clips = [
        Clip(f"game-{k}", video.sha256, "game.mp4", k * FRAMES, FRAMES, WIDE, HIGH, RATE, "val")
        for k in range(2)
    ]
    made.catalog.add_video(video, clips)
    tracks = tuple(Track(t, label) for t, label in LABELS.items())
    for clip in clips:
        first = made.revisions.append(
            Revision(clip.id, None, Kind.AUTO, "det", tracks), frames_of(drawn)
        )
        made.catalog.move(clip.id, Move.PREANNOTATE, actor="det")
        made.revisions.append(
            Revision(clip.id, first.id, Kind.MANUAL, "maria", tracks), frames_of(corrected)
        )
        made.catalog.move(clip.id, Move.ACCEPT, actor="maria")
    return made


def write(database: Database, name: str, out: Path) -> Path:
    made_by = exporter(name, min_area=1)
    source = FakeFrameSource()
    return export(
        database.catalog, database.revisions, source, made_by, out=out, selection=Selection()
    ).out


def accept(database: Database) -> None:
    for status in database.catalog.clips(stages=[Stage.SUBMITTED]):
        database.catalog.move(status.clip.id, Move.ACCEPT, actor="maria")


def bring(database: Database, dataset: Path, media: Path):
    return import_dataset(
        database.catalog,
        database.revisions,
        incoming(dataset),
        wishes=Wishes("maria", format_of(dataset), dataset.name),
        newcomers=Newcomers(database.catalog, PyavProber(), media, read_size),
    )


def pixels(database: Database, clip: str) -> list[Mapping[int, bytes]]:
    head = database.revisions.head(clip)
    return [
        {m.track: m.rle.counts for m in row.masks} for row in database.revisions.frames(head.id)
    ]


def seen(database: Database, clip: str) -> dict[int, str]:
    tracks = {track.id: track.label for track in database.revisions.head(clip).tracks}
    return {t: tracks[t] for row in pixels(database, clip) for t in row}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
@given(drawn=rows, corrected=rows)
@settings(max_examples=6, deadline=None)
def test_masks_and_identities_come_back(name: str, drawn, corrected) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        with filled(root / "ws", drawn, corrected) as ours, workspace(root / "new") as theirs:
            dataset = write(ours, name, root / "out")
            same = bring(ours, dataset, root / "media")
            assert [one.what for one in same.outcomes] == ["unchanged", "unchanged"]
            fresh = bring(theirs, dataset, root / "new" / "media")
            assert [(one.what, one.new) for one in fresh.outcomes] == [("imported", True)] * 2
            for clip in ("game-0", "game-1"):
                assert pixels(theirs, clip) == pixels(ours, clip)
                assert seen(theirs, clip) == seen(ours, clip)
                assert theirs.catalog.clip(clip).clip.split == ours.catalog.clip(clip).clip.split
                assert theirs.catalog.clip(clip).clip.rate == RATE
            assert len({status.clip.video for status in theirs.catalog.clips()}) == 1


@pytest.mark.slow
@given(drawn=rows, corrected=rows)
@settings(max_examples=6, deadline=None)
def test_sa_v_comes_back_byte_for_byte_with_its_counts_of_edits(drawn, corrected) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        with filled(root / "ws", drawn, corrected) as ours, workspace(root / "new") as theirs:
            first = write(ours, "sav", root / "a")
            bring(theirs, first, root / "media")
            accept(theirs)
            second = write(theirs, "sav", root / "b")
            for clip in ("game-0", "game-1"):
                name = f"{clip}_manual.json"
                assert (second / name).read_bytes() == (first / name).read_bytes()


@pytest.mark.slow
@given(drawn=rows)
@settings(max_examples=4, deadline=None)
def test_davis_comes_back_byte_for_byte(drawn) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder)
        with filled(root / "ws", drawn, drawn) as ours, workspace(root / "new") as theirs:
            first = write(ours, "davis", root / "a")
            bring(theirs, first, root / "media")
            accept(theirs)
            second = write(theirs, "davis", root / "b")
            masks = sorted(path.relative_to(first) for path in first.rglob("*.png"))
            masks = [path for path in masks if path.parts[0] == "Annotations"]
            assert len(masks) == 2 * FRAMES
            assert [(first / m).read_bytes() for m in masks] == [(second / m).read_bytes() for m in masks]  # fmt: skip
