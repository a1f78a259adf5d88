"""A comparison in FiftyOne: both layers with their J, saved views that begin with the worst, FiftyOne's own evaluation."""

import json
from fractions import Fraction

import numpy as np
import pytest

from engine import rle
from engine.errors import ServerError
from engine.evaluation.agreement import agree
from engine.fakes.queue import MemoryDatabase
from engine.stages import Move
from engine.types import Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.workflows.board.desk import BoardDesk
from engine.workflows.comparing.choice import drawings, with_each_other
from engine.workflows.comparing.clips import BadFrame, compare
from engine.workflows.comparing.showing import judged_on
from exports.board import comparison
from exports.board.alone import MATCH
from exports.board.comparison import CLIPS_FIRST, FRAMES_FIRST

SIZE = (32, 64)
PAGE = "http://127.0.0.1:7860"
SHIFTS = {"game-0": (0, 0, 0, 0, 0, 0), "game-1": (0, 2, 0, 0, 0, 6), "game-2": (0, 0, 4, 0, 0, 0)}
"""By how many pixels "nano" drew the ball beside where it lies, frame by frame."""


def rows(*shifts):
    """Yield frames with one ball."""
    for frame, shift in enumerate(shifts):
        mask = rle.encode(np.ones((8, 8), bool), origin=(20 + shift, 4), size=SIZE)
        yield FrameMasks(frame, (TrackMask(1, mask),))


@pytest.fixture
def database():
    """Return three clips at two frames a second that "big" drew, and then "nano"."""
    made = MemoryDatabase()
    clips = [Clip(id_, "f00d", "a.mp4", 6 * n, 6, 64, 32, Fraction(2)) for n, id_ in enumerate(SHIFTS)]  # fmt: skip
    made.catalog.add_video(Video("f00d", "a.mp4", "a.mp4", 64, 32, Fraction(2), 18), clips)
    for clip in clips:
        for model, shifts in (("big", (0,) * 6), ("nano", SHIFTS[clip.id])):
            head = made.revisions.head(clip.id)
            drawn = Revision(clip.id, head and head.id, Kind.AUTO, "x", (Track(1, "cue"),), {"segmenter": model})  # fmt: skip
            made.revisions.append(drawn, rows(*shifts))
    return made


@pytest.fixture
def desk(database, board) -> BoardDesk:
    """Return what is needed to put the clips on the board."""
    return BoardDesk(
        board, database.catalog, database.revisions, database.overview, database.desk.findings, database.bridge,
        film=lambda clip: f"/nowhere/{clip.id}.mp4", page_url=PAGE, target=2000.0,
    )  # fmt: skip


def show(database, desk, one, other):
    """Compare two models, and put it on the board."""
    choice = with_each_other(drawings(database.catalog, database.revisions), one, other)
    how = judged_on(desk, choice, judge=agree, whole=True)
    made = compare(choice, database.revisions, how=how, page_url=PAGE)
    clips = {pair.clip.id: pair.clip for pair in choice.pairs}
    comparison.put(desk.board.dataset, made.worst, clips=clips)
    desk.board.dataset.reload()
    return made


@pytest.fixture
def report(database, desk):
    """Compare what "nano" drew with what "big" drew."""
    return show(database, desk, "big", "nano")


def test_worst_clips_come_first_in_their_view(board, report) -> None:
    view = board.dataset.load_saved_view(CLIPS_FIRST)
    assert view.values("clip") == ["game-1", "game-2", "game-0"]
    assert view.values("j") == pytest.approx([line.j for line in report.clips])


def test_worst_frames_come_first_in_theirs_each_with_half_a_second_around(board, report) -> None:
    assert [(one.clip, one.frame) for one in report.worst] == [("game-1", 5), ("game-2", 2), ("game-1", 1)]  # fmt: skip
    view = board.dataset.load_saved_view(FRAMES_FIRST)
    assert view.values("clip") == ["game-1", "game-2", "game-1"]
    assert view.values("support") == [[5, 6], [2, 4], [1, 3]]
    assert view.values("worst.label") == ["J 0.14", "J 0.33", "J 0.60"]
    assert view.values("page")[0] == f"{PAGE}/ui/?clip=game-1"


def test_every_mask_and_frame_has_its_j(board, report) -> None:
    frames = board.dataset.match({"clip": "game-1"}).first().frames
    assert [frames[n].j for n in (1, 2, 6)] == pytest.approx([1, 0.6, 1 / 7])
    assert frames[6].drawn.detections[0].j == pytest.approx(1 / 7)
    assert frames[6].masks.detections[0].j == pytest.approx(1 / 7)
    assert report.clips[0].j == pytest.approx(board.dataset.match({"clip": "game-1"}).first().j)


@pytest.mark.usefixtures("report")
def test_a_second_comparison_takes_the_place_of_the_first(board, database) -> None:
    clips = {one.clip.id: one.clip for one in database.catalog.clips()}
    for _ in range(2):
        comparison.put(board.dataset, [BadFrame("game-0", 0, 0.5, "")], clips=clips)
    view = board.dataset.load_saved_view(FRAMES_FIRST)
    assert (view.values("clip"), view.values("support")) == (["game-0"], [[1, 2]])
    assert board.dataset.list_saved_views() == [CLIPS_FIRST, FRAMES_FIRST]
    comparison.put(board.dataset, [], clips=clips)
    assert len(board.dataset.load_saved_view(FRAMES_FIRST)) == 0


@pytest.mark.usefixtures("report")
def test_the_two_layers_have_two_colours_and_what_a_lead_changes_stays(board, database) -> None:
    masks, drawn, worst = board.dataset.app_config.color_scheme.fields
    assert masks["fieldColor"] != drawn["fieldColor"]
    assert {"J 0.00", "J 0.57", "J 1.00"} <= {one["value"] for one in worst["valueColors"]}
    assert len({one["color"] for one in worst["valueColors"]}) == 1
    assert {"frames.masks", "frames.drawn"} <= set(board.dataset.app_config.active_fields.paths)
    board.dataset.app_config.color_scheme.opacity = 0.25
    board.dataset.save()
    clips = {one.clip.id: one.clip for one in database.catalog.clips()}
    comparison.put(board.dataset, [], clips=clips)
    assert board.dataset.app_config.color_scheme.opacity == 0.25


@pytest.mark.usefixtures("report")
def test_fiftyone_evaluates_masks_by_itself_as_often_as_it_is_asked(board) -> None:
    found = [comparison.evaluated(board.dataset, list(SHIFTS)) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0]["precision"] == pytest.approx(
        16 / 18
    )  # two masks have less than half in common
    assert found[0]["support"] == 18


@pytest.mark.usefixtures("report")
def test_the_evaluation_is_of_the_clips_that_were_asked_for(board) -> None:
    told = []
    alone = comparison.evaluated(board.dataset, ["game-0"], told=lambda *x: told.append(x))
    assert (alone["support"], alone["accuracy"]) == (6, 1.0)
    assert told[-1] == (1, 1)
    assert comparison.evaluated(board.dataset, ["game-1"])["recall"] == pytest.approx(5 / 6)
    marked = board.dataset.match({comparison.EVALUATION + "_tp": {"$ne": None}})
    assert marked.values("clip") == ["game-1"]


def test_a_ball_that_is_never_drawn_lowers_the_recall_and_one_too_many_the_precision(
    database, desk
) -> None:
    both, one = [(1, 4), (2, 24)], [(1, 4), (3, 44)]
    for model, balls in (("true", both), ("blind", one)):
        head = database.revisions.head("game-0")
        tracks = tuple(Track(ball, "cue") for ball, _ in balls)
        made = Revision("game-0", head.id, Kind.AUTO, "x", tracks, {"segmenter": model})
        masks = [
            TrackMask(ball, rle.encode(np.ones((8, 8), bool), origin=(x, 4), size=SIZE))
            for ball, x in balls
        ]
        database.revisions.append(made, [FrameMasks(frame, tuple(masks)) for frame in range(6)])
    show(database, desk, "true", "blind")
    found = comparison.evaluated(desk.board.dataset, ["game-0"])
    assert (found["recall"], found["precision"], found["support"]) == (0.5, 0.5, 12)
    frame = desk.board.dataset.first().frames[3]
    assert [mask[MATCH] for mask in frame.masks.detections] == ["both", "missed"]
    assert [mask[MATCH] for mask in frame.drawn.detections] == ["both", "extra"]
    schemes = [
        one for one in desk.board.dataset.app_config.color_scheme.fields if "frames" in one["path"]
    ]
    assert {value["value"] for one in schemes for value in one["valueColors"]} == {"both", "missed", "extra"}  # fmt: skip
    assert all(one["colorByAttribute"] == MATCH for one in schemes)


@pytest.mark.usefixtures("report")
def test_a_comparison_of_one_clip_leaves_what_is_marked_on_others(board, database) -> None:
    (clip,) = (one.clip for one in database.catalog.clips() if one.clip.id == "game-0")
    comparison.put(board.dataset, [BadFrame("game-0", 0, 0.5, "")], clips={"game-0": clip})
    view = board.dataset.load_saved_view(FRAMES_FIRST)
    assert view.values("clip") == ["game-1", "game-2", "game-0", "game-1"]


@pytest.mark.usefixtures("report")
def test_the_view_of_frames_shows_all_that_is_known_of_their_clips(board) -> None:
    comparison.evaluated(board.dataset, list(SHIFTS))
    board.dataset.reload()
    view = board.dataset.load_saved_view(FRAMES_FIRST)
    known = view.get_field_schema().keys()
    assert {"annotator", "camera", "page", "j", f"{comparison.EVALUATION}_tp"} <= known
    assert view.values(f"{comparison.EVALUATION}_tp") == [5, 5, 5]


def test_a_dataset_that_was_deleted_meanwhile_is_told(fiftyone, board, report) -> None:
    get_db_conn = fiftyone.core.odm.get_db_conn
    get_db_conn().datasets.delete_one({"name": board.dataset.name})
    with pytest.raises(ServerError, match="compare again"):
        comparison.put(board.dataset, report.worst, clips={})
    with pytest.raises(ServerError, match="compare again"):
        comparison.evaluated(board.dataset, list(SHIFTS))


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("accepted and drawn", "billiards-accepted-and-drawn"),
        ("nano 14d9, yolo 3ccf and /data/Neu.safetensors", "billiards-nano-14d9-yolo-3ccf-and-dataneu-safetensors"),
        ("模型", "billiards-comparison"),
    ],
)  # fmt: skip
def test_a_comparison_is_called_after_what_is_compared(what, name) -> None:
    assert comparison.name_of("billiards", what) == name


def test_the_command_shows_accepted_masks_beside_those_that_models_drew(lead) -> None:
    with lead.database() as database:
        clip = database.catalog.clips()[0].clip.id
        database.catalog.move(clip, Move.ACCEPT, actor="ada")
    done = json.loads(lead.run("fiftyone", "compare", "--json").stdout)
    assert [(one["clip"], one["j"]) for one in done["clips"]] == [(clip, 1.0)]
    assert len(done["left_out"]) == 2
    with lead.mongo() as mongo:
        names = {one["name"] for one in mongo.datasets.find({}, {"name": 1})}
        assert done["dataset"] in names
