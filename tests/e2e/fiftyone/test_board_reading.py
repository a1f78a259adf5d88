"""What is written as documents reads back through FiftyOne's own calls as it was: masks to the pixel, boxes, scores, frames, facts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine import rle
from engine.ports.board import Agreement, Card, Happening, Layer, Measures, Progress, TableEvent
from engine.stages import Stage
from engine.types import Clip, FrameMasks, Track, TrackMask
from exports.board import names as n
from exports.board.fields import CLIP_FIELDS, FRAME_FIELDS
from exports.board.inside import inside
from exports.board.progress_json import to_json
from exports.fiftyone import FiftyOneBoard, open_board

HIGH, WIDE = 9, 16
CLIP = Clip("table-0", "a" * 64, "/films/a.mp4", 30, 40, WIDE, HIGH, Fraction(30000, 1001))
CARD = Card(CLIP, "/copies/table-0.mp4", Stage.INGESTED)
NAME = "reading"
NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)

CHANCES = st.floats(0, 1)
PICTURES = arrays(np.bool_, (HIGH, WIDE)).filter(lambda mask: bool(mask.any()))
MASKS = st.builds(
    TrackMask, st.integers(1, 4), PICTURES.map(rle.encode), score=CHANCES, stability=CHANCES
)
ROWS = st.dictionaries(
    st.integers(0, CLIP.frames - 1),
    st.lists(MASKS, max_size=4, unique_by=lambda mask: mask.track),
    max_size=6,
).map(
    lambda found: tuple(FrameMasks(frame, tuple(masks)) for frame, masks in sorted(found.items()))
)
FIGURES = st.dictionaries(
    st.integers(0, CLIP.frames - 1), st.dictionaries(st.integers(0, 4), CHANCES, max_size=3)
)
LABELS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
TRACKS = st.lists(LABELS, min_size=4, max_size=4).map(
    lambda labels: tuple(Track(k + 1, label) for k, label in enumerate(labels))
)
LAYERS = st.builds(Layer, st.integers(1, 99), TRACKS, ROWS, doubtful=FIGURES, overlap=FIGURES)


@pytest.fixture(scope="module")
def board(fiftyone: Any, mongod: str, home: Path) -> Iterator[FiftyOneBoard]:
    with open_board(mongod, home=home, dataset=NAME, workspace="w") as board:
        yield board
    fiftyone.delete_dataset(NAME)


def read(board: FiftyOneBoard, clip: str = CLIP.id) -> Any:
    """Return the clip as FiftyOne reads it anew."""
    sample = board.dataset.one({"clip": clip})
    sample.reload(hard=True)
    return sample


def picture(detection: Any) -> bytes:
    """Return the whole mask that a detection's box and pixels come to."""
    x, y, w, h = detection.bounding_box
    whole = np.zeros((HIGH, WIDE), bool)
    top, left = round(y * HIGH), round(x * WIDE)
    whole[top : top + round(h * HIGH), left : left + round(w * WIDE)] = detection.mask
    return whole.tobytes()


def shown(sample: Any, field: str) -> dict[int, list[tuple[Any, ...]]]:
    """Return what FiftyOne shows of a layer, by our frames."""
    return {
        number - 1: [
            (
                d.index,
                d.label,
                d.confidence,
                d.stability,
                *map(d.get_attribute_value, (n.DOUBT, n.J), (None, None)),
                picture(d),
            )
            for d in frame[field].detections
        ]
        for number, frame in sample.frames.items()
        if frame[field] is not None
    }


def meant(layer: Layer) -> dict[int, list[tuple[Any, ...]]]:
    """Return what should be shown of a layer."""
    labels = {track.id: track.label for track in layer.tracks}
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in layer.rows:
        doubts, overlap = layer.doubtful.get(row.frame, {}), layer.overlap.get(row.frame, {})
        found[row.frame] = [
            (
                one.track,
                labels[one.track],
                one.score,
                one.stability,
                doubts.get(one.track),
                overlap.get(one.track),
                rle.decode(one.rle).tobytes(),
            )
            for one in row.masks
        ]
    return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(masks=LAYERS, drawn=st.none() | LAYERS)
def test_any_layers_read_back_as_they_were(
    board: FiftyOneBoard, masks: Layer, drawn: Layer | None
) -> None:
    board.put_cards([CARD])
    board.put_masks(CLIP, masks, drawn)
    sample = read(board)
    assert shown(sample, n.MASKS) == meant(masks)
    assert shown(sample, n.DRAWN) == ({} if drawn is None else meant(drawn))
    assert sample[n.CLASSES] == sorted({track.label for track in masks.tracks})


def test_masks_that_were_replaced_leave_nothing_behind(board: FiftyOneBoard) -> None:
    mask = TrackMask(1, rle.encode(np.ones((HIGH, WIDE), bool)))
    layer = Layer(1, (Track(1, "cue"),), tuple(FrameMasks(k, (mask,)) for k in range(40)))
    board.put_cards([CARD])
    board.put_masks(CLIP, layer, layer)
    board.put_masks(CLIP, replace(layer, revision=2, rows=layer.rows[:1]))  # type: ignore[index] # a tuple
    place = inside(None, board.dataset)
    assert place.frames.count_documents({}) == 1
    assert list(shown(read(board), n.MASKS)) == [0]
    board.drop_masks(CLIP.id)
    assert place.frames.count_documents({}) == 0


def test_a_long_clip_is_whole_and_in_order(board: FiftyOneBoard) -> None:
    clip = replace(CLIP, id="long", frames=1201)
    mask = TrackMask(1, rle.encode(np.eye(HIGH, WIDE, dtype=bool)))
    rows = (FrameMasks(frame, (mask,)) for frame in range(1201))
    board.put_cards([replace(CARD, clip=clip)])
    board.put_masks(clip, Layer(1, (Track(1, "cue"),), rows))
    view = board.dataset.match({"clip": "long"})
    assert view.values("frames.frame_number", unwind=True) == list(range(1, 1202))
    assert view.count("frames.masks.detections") == 1201
    board.drop(["long"])


@pytest.mark.parametrize("size", [(1080, 1920), (2160, 3840)])
def test_a_pixel_in_the_corner_and_the_whole_picture_of_a_real_size(
    board: FiftyOneBoard, size: tuple[int, int]
) -> None:
    corner, whole = np.zeros(size, bool), np.ones(size, bool)
    corner[-1, -1] = True
    masks = TrackMask(1, rle.encode(corner)), TrackMask(2, rle.encode(whole))
    board.put_cards([CARD])
    board.put_masks(CLIP, Layer(1, (Track(1, "a"), Track(2, "b")), (FrameMasks(0, masks),)))
    first, second = read(board).frames[1][n.MASKS].detections
    assert first.mask.shape == (1, 1)
    assert [round(side * whole) for side, whole in zip(first.bounding_box, (size[1], size[0]) * 2, strict=True)] == [size[1] - 1, size[0] - 1, 1, 1]  # fmt: skip
    assert second.bounding_box == [0, 0, 1, 1]
    assert second.mask.shape == size
    assert second.mask.all()


FULL = replace(
    CARD,
    stage=Stage.ACCEPTED,
    revision=9,
    accepted=8,
    camera="Saal \N{LATIN SMALL LETTER U WITH DIAERESIS}ber 1",
    model="nano",
    annotator="ada",
    reviewer="bea",
    reason="too dark",
    since=NOW,
    accepted_at=NOW,
    rejections=2,
    actions=40,
    minutes=3.5,
    priority=True,
    page="http://page.test/ui/?clip=table-0",
    task="http://labels.test/projects/1/data?task=2",
    alike=("table-2", "table-1"),
    said="sent back to ada",
    measures=Measures(
        0.75, 4, 3, 1.5, 2, 1.25, ("jump",), (TableEvent(Happening.POT, 0, 10, (2,), 0.5),)
    ),
    agreement=Agreement(7, 8, 0.5, {1: 0.5}, {1: 1}, (), {0: 0.5}),
)


def test_a_card_reads_back_as_it_was(board: FiftyOneBoard) -> None:
    board.put_cards([FULL])
    sample = read(board)
    assert sample.filepath == FULL.film
    assert (sample.stage, sample.split, sample.camera) == ("accepted", "train", FULL.camera)
    assert (sample.model, sample.annotator, sample.reviewer) == ("nano", "ada", "bea")
    assert (sample.reason, sample.said) == ("too dark", "sent back to ada")
    assert sample.since.replace(tzinfo=UTC) == sample.accepted_at.replace(tzinfo=UTC) == NOW
    assert (sample.seconds, sample.frames_count) == (CLIP.seconds, 40)
    assert (sample.revision, sample.accepted_revision, sample.rejections) == (9, 8, 2)
    assert (sample.actions, sample.minutes, sample.priority) == (40, 3.5, True)
    assert (sample.page, sample.label_studio) == (FULL.page, FULL.task)
    assert (sample.alike, sample.signs) == (["table-2", "table-1"], ["jump"])
    assert (sample.quality, sample.balls, sample.together, sample.moving) == (0.75, 4, 3, 1.5)
    assert (sample.doubts, sample.severity, sample.j) == (2, 1.25, 0.5)
    assert (sample.pots, sample.cushions, sample.collisions) == (1, 0, 0)
    [event] = sample.events.detections
    assert (event.label, event.support, event.confidence) == ("pot", [1, 10], 0.5)
    assert event.tracks == [2]
    assert sample.tags == ["priority"]


def test_the_rate_of_ntsc_is_the_film_s(board: FiftyOneBoard) -> None:
    board.put_cards([CARD])
    metadata = read(board).metadata
    assert metadata.frame_rate == 30000 / 1001
    assert metadata.total_frame_count == 40
    assert metadata.duration == pytest.approx(40 * 1001 / 30000)
    assert (metadata.frame_width, metadata.frame_height) == (WIDE, HIGH)


def test_what_is_not_known_any_more_is_gone(board: FiftyOneBoard) -> None:
    board.put_cards([FULL])
    board.put_cards([CARD])
    sample = read(board)
    nothing = ("camera", "reviewer", "reason", "since", "revision", "j", "quality", "events")
    assert [sample[name] for name in nothing] == [None] * len(nothing)
    assert (sample.alike, sample.priority, sample.tags) == ([], None, [])


def without_ids(document: Any) -> Any:
    """Return a document with a kind in place of every value, and without what differs from one to the next by chance."""
    if isinstance(document, dict):
        return {key: without_ids(value) for key, value in document.items()}
    return [without_ids(one) for one in document] if isinstance(document, list) else type(document)


def as_fiftyone_writes(fiftyone: Any, dataset: Any) -> tuple[Any, Any]:
    """Return the documents of a clip and of a frame that FiftyOne itself writes, with everything said."""
    event = fiftyone.TemporalDetection(label="pot", support=[1, 10], confidence=0.5, tracks=[2])
    metadata = fiftyone.VideoMetadata(
        mime_type="video/mp4",
        frame_width=WIDE,
        frame_height=HIGH,
        frame_rate=29.97,
        total_frame_count=40,
        duration=1.5,
    )
    facts = {one.path: "text" for one in CLIP_FIELDS if one.kind == "StringField"}
    facts |= {one.path: 1.5 for one in CLIP_FIELDS if one.kind == "FloatField"}
    facts |= {one.path: 1 for one in CLIP_FIELDS if one.kind == "IntField"}
    facts |= {one.path: True for one in CLIP_FIELDS if one.kind == "BooleanField"}
    facts |= {one.path: NOW for one in CLIP_FIELDS if one.kind == "DateTimeField"}
    facts |= {n.ALIKE: ["a", "b"], n.SIGNS: ["jump"], n.CLASSES: ["cue"]}
    facts |= {n.EVENTS: fiftyone.TemporalDetections(detections=[event])}
    sample = fiftyone.Sample(filepath="/a.mp4", tags=["priority"], metadata=metadata, **facts)
    ball = fiftyone.Detection(
        label="cue",
        index=1,
        confidence=0.5,
        bounding_box=[0.0, 0.0, 1.0, 1.0],
        mask=np.ones((HIGH, WIDE), bool),
        **{n.STABILITY: 0.5, n.DOUBT: 0.5, n.J: 0.5},
    )
    both = {name: fiftyone.Detections(detections=[ball.copy()]) for name in (n.MASKS, n.DRAWN)}
    sample.frames[1] = fiftyone.Frame(**both, **{n.J: 0.5, n.DOUBT: 0.5})
    dataset.add_sample(sample)
    place = inside(fiftyone, dataset)
    return place.samples.find_one(), place.frames.find_one()


def test_documents_have_the_form_of_those_that_fiftyone_itself_writes(
    fiftyone: Any, board: FiftyOneBoard
) -> None:
    mask = TrackMask(1, rle.encode(np.ones((HIGH, WIDE), bool)))
    figures = {0: {1: 0.5}}
    layer = Layer(1, (Track(1, "cue"),), (FrameMasks(0, (mask,)),), figures, figures)
    board.drop(list(board.held()))
    board.put_cards([FULL])
    board.put_masks(CLIP, layer, layer)
    place = inside(fiftyone, board.dataset)
    ours = place.samples.find_one(), place.frames.find_one()
    other = board.dataset.clone()
    other.clear()
    theirs = as_fiftyone_writes(fiftyone, other)
    other.delete()
    unsaid = {n.HELD_STILLS, n.BY, n.NOTE}  # by nobody yet
    assert without_ids(ours[0]) == {
        key: value for key, value in without_ids(theirs[0]).items() if key not in unsaid
    }
    assert without_ids(ours[1]) == without_ids(theirs[1])


def test_the_fields_are_those_that_the_public_calls_would_declare(
    fiftyone: Any, board: FiftyOneBoard
) -> None:
    other = fiftyone.Dataset()
    other.media_type = "video"
    for fields, add in ((CLIP_FIELDS, other.add_sample_field), (FRAME_FIELDS, other.add_frame_field)):  # fmt: skip
        for one in fields:
            inner = {"ListField": "subfield", "EmbeddedDocumentField": "embedded_doc_type"}.get(one.kind)  # fmt: skip
            held = {inner: getattr(fiftyone, one.of)} if inner else {}
            add(one.path, getattr(fiftyone, one.kind), description=one.about, **held)

    def told(dataset: Any) -> list[dict[str, tuple[str, Any]]]:
        schemas = dataset.get_field_schema(flat=True), dataset.get_frame_field_schema(flat=True)
        return [{path: (str(f), f.description) for path, f in one.items()} for one in schemas]

    assert told(board.dataset) == told(other)
    other.delete()


def test_progress_is_there_for_the_panel_and_the_mark_stays(
    fiftyone: Any, board: FiftyOneBoard
) -> None:
    progress = Progress(NOW, 2000.0, 12.5, ((Stage.ACCEPTED, 1, 12.5),))
    board.put_progress(progress)
    found = fiftyone.load_dataset(NAME, reload=True).info[n.INFO]
    assert found[n.PROGRESS_KEY] == to_json(progress)
    assert (found[n.SCHEMA_KEY], found[n.WORKSPACE_KEY]) == (n.SCHEMA, "w")


def test_what_changed_has_a_later_time_of_change_by_which_the_app_knows_it(
    board: FiftyOneBoard,
) -> None:
    board.put_cards([CARD])
    first = read(board)
    times = [first.last_modified_at]
    for change in (
        lambda: board.put_cards([FULL]),
        lambda: board.put_masks(CLIP, Layer(1, (), (FrameMasks(0),))),
        lambda: board.untag(CLIP.id, ()),
        lambda: board.drop_masks(CLIP.id),
    ):
        change()
        times.append(read(board).last_modified_at)
    assert times == sorted(set(times))
    assert read(board).created_at == first.created_at


def test_when_clips_were_taken_away_the_dataset_says_when(
    fiftyone: Any, board: FiftyOneBoard
) -> None:
    board.put_cards([CARD])
    begin = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    board.drop([CLIP.id])
    assert fiftyone.load_dataset(NAME, reload=True).last_deletion_at >= begin
