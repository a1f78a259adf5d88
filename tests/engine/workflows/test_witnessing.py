"""What a detector sees while masks are drawn is a witness of these masks, for every revision that follows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.connect import Database
from engine.errors import StoreError
from engine.fakes.detector import ColourDetector
from engine.fakes.frames import FakeFrameSource
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.pipeline import DetSam2
from engine.types import FrameBatch, Video
from engine.workflows.pre_annotate import pre_annotate
from engine.workflows.prepare import doubts_of, seen_by, witnesses_of
from engine.workflows.witnessing import Witnessing, detector_name

SCENE = Scene(
    [Disc((200, 20, 20), "solid", rolls(10, 30, dx=1.3)), Disc((20, 20, 200), "cue", rests(80, 60))],
    67,
)  # fmt: skip
DETECTOR, SOURCE = ColourDetector(SCENE.labels), FakeFrameSource(SCENE.paint)
MODELS = {"detector": "colours", "detector_sha256": "c0"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Database]:
    with Database(f"sqlite:///{tmp_path / 'engine.db'}") as database:
        database.upgrade()
        clip = SCENE.clip
        video = Video(clip.video, "v.mp4", "v.mp4", clip.width, clip.height, clip.rate, clip.frames)
        database.catalog.add_video(video, [clip])
        yield database


def draw(desk: Database, *, findings: object) -> None:
    report = pre_annotate(
        catalog=desk.catalog, queue=desk.queue, revisions=desk.revisions, findings=findings, source=SOURCE,
        detector=DETECTOR, segmenter=ColourSegmenter(), worker="w", models=MODELS, settings=DetSam2(every=10),
    )  # fmt: skip
    assert [one.clip for one in report.done] == [SCENE.clip.id]


def test_it_says_what_a_look_of_its_own_would_have_said(desk: Database) -> None:
    draw(desk, findings=desk.desk.findings)
    kept = witnesses_of(desk.revisions, desk.desk.findings, SCENE.clip.id)
    own = seen_by(DETECTOR, SCENE.clip, source=SOURCE, name=detector_name(MODELS), every=10)
    assert (kept.detector, kept.every, kept.game) == (own.detector, own.every, own.game)
    assert set(own.looks) <= set(kept.looks)  # the last frame is looked at too


def test_a_later_revision_is_doubted_by_it_without_another_look(desk: Database) -> None:
    draw(desk, findings=desk.desk.findings)
    head = desk.revisions.head(SCENE.clip.id)
    stored = desk.revisions.append(
        type(head)(head.clip, head.id, head.kind, "ada", head.tracks),
        (type(row)(row.frame, row.masks[:1]) for row in list(desk.revisions.frames(head.id))),
    )
    found = doubts_of(desk.revisions, desk.desk.findings, SCENE.clip, stored)
    assert "detector-disagrees" in {doubt.sign for doubt in found}


def test_masks_are_kept_also_where_the_witness_cannot_be(desk: Database) -> None:
    class Full:
        def put(self, *_: object) -> None:
            raise StoreError("no")

    draw(desk, findings=Full())
    assert desk.revisions.head(SCENE.clip.id) is not None


def test_nothing_seen_is_no_witness() -> None:
    witness = Witnessing(DETECTOR)
    assert witness.seen(name="colours", every=10) is None
    batch = FrameBatch(3, SCENE.paint(SCENE.clip, 3)[None])
    assert witness.detect(batch) == DETECTOR.detect(batch)
    seen = witness.seen(name="colours", every=10)
    assert [frame for frame, _ in seen.looks] == [3]
