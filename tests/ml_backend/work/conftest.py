"""A clip that models have drawn, its tasks in a Label Studio that exists in memory, and people who change what they are shown there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from db.connect import Database
from engine.config import Settings
from engine.errors import ServerError
from engine.fakes.frames import FakeFrameSource
from engine.fakes.queue import MemoryDatabase
from engine.fakes.scene import Disc, Scene, rests, rolls
from engine.fakes.segmenter import ColourSegmenter
from engine.masklets import replaced, without
from engine.ports import Delivery, Link, OutsideProject, TaskKind
from engine.propagate_edits import Deed, Edit
from engine.stages import Move, Stage
from engine.types import Box, Clip, FrameMasks, Kind, Revision, Track, TrackMask, Video
from engine.wiring import Workbench
from engine.workflows.correct import Desk, Model, edit_clip
from ml_backend import names
from ml_backend.pages.brush import to_brush
from ml_backend.translate import result_to_tracks
from ml_backend.work.publishing import kept
from ml_backend.work.step import Stepped, step

SERVER = "http://127.0.0.1:8080"
SCENE = Scene(
    [
        Disc((200, 20, 20), "cue", rolls(20, 20, dx=2)),
        Disc((20, 20, 200), "solid", rests(120, 60)),
        Disc((200, 200, 20), "stripe", rests(40, 70)),
        Disc((240, 240, 240), "stripe", rests(90, 70, start=5)),
    ],
    40,
)
CLIP = SCENE.clip
TRACKS = (Track(1, "cue"), Track(2, "solid"), Track(3, "stripe"))
MISSED = 4
"""The track that the last ball would be, had the model seen it."""

LOST = 20
"""From this frame on the model has the cue ball's track where the cue ball was."""

TASKS = {TaskKind.CLIP: 11, TaskKind.FRAMES: 21}
Regions = list[dict[str, Any]]


def first_rows() -> list[FrameMasks]:
    """Return what a model drew: from frame ``LOST`` on the cue ball's mask stays behind, and one ball it never saw."""
    truth = [without(SCENE.truth(frame), [MISSED]) for frame in range(SCENE.frames)]
    behind = truth[LOST - 1].by_track()[1]
    return [row if row.frame < LOST else replaced(row, [behind]) for row in truth]


@dataclass(slots=True)
class FakeStudio:
    """A Label Studio as the worker sees it; while ``silent`` it does not answer, and it never knows the tasks in ``gone``."""

    server: str = SERVER
    predictions: dict[int, list[Mapping[str, Any]]] = field(default_factory=dict)
    verdicts: dict[int, list[Mapping[str, Any]]] = field(default_factory=dict)
    words: dict[int, dict[str, str]] = field(default_factory=dict)
    silent: bool = False
    gone: set[int] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def whoami(self) -> str:
        self._ask("whoami", 0)
        return "lead@example.test"

    def replace_prediction(
        self, task: int, *, result: Sequence[Mapping[str, Any]], score: float
    ) -> int:
        self._ask("predict", task)
        assert 0 <= score <= 1
        self.predictions[task] = list(result)
        return 1

    def inform(self, project: int, task: int, words: Mapping[str, str]) -> bool:
        self._ask("inform", task)
        assert project in (1, 2)
        told, self.words[task] = self.words.get(task), dict(words)
        return told != words

    def put_verdict(self, task: int, result: Sequence[Mapping[str, Any]]) -> int:
        self._ask("accept", task)
        self.verdicts[task] = list(result)
        return 1

    def drop_verdict(self, task: int) -> bool:
        self._ask("reopen", task)
        return self.verdicts.pop(task, None) is not None

    def _ask(self, what: str, task: int) -> None:
        self.asked.append(f"{what} {task}")
        if self.silent:
            raise ServerError("Label Studio does not answer; start it")
        if task in self.gone:
            raise ServerError(f"Label Studio refuses task {task} with 404")


@dataclass(slots=True)
class World:
    """A workspace with one clip, and what people do to it."""

    books: MemoryDatabase | Database
    bench: Workbench
    model: Model
    studio: FakeStudio = field(default_factory=FakeStudio)
    projects: dict[TaskKind, OutsideProject] = field(default_factory=dict)
    clip: Clip = CLIP

    @property
    def head(self) -> Revision:
        found = self.books.revisions.head(self.clip.id)
        assert found is not None
        return found

    @property
    def stage(self) -> Stage:
        return self.books.catalog.clip(self.clip.id).stage

    def rows(self, revision: int | None = None) -> list[FrameMasks]:
        return list(self.books.revisions.frames(revision or self.head.id))

    def mask(self, frame: int, track: int) -> TrackMask | None:
        return self.rows()[frame].by_track().get(track)

    def shown(self, kind: TaskKind = TaskKind.CLIP) -> Regions:
        """Return what somebody sees who opens the task now."""
        result = kept(self.bench, self.clip, self.head, kind).result
        return [deepcopy(dict(region)) for region in result]

    def save(
        self,
        result: Regions,
        *,
        verdict: str | None = None,
        note: str = "",
        number: int = 1,
        author: str = "ann@example.test",
        kind: TaskKind = TaskKind.CLIP,
        at: datetime | None = None,
        **said: bool,
    ) -> Delivery:
        """Store what somebody submits."""
        body = {"result": [*result, *_decided(kind, verdict, note)], **said}
        link = next(
            link
            for link in self.books.bridge.links(clip=self.clip.id)
            if link.project == self.projects[kind].id
        )
        stored = self.books.bridge.receive(
            link,
            number=number,
            author=author,
            at=at or datetime.now(UTC),
            body=body,
            digest=f"{len(self.books.bridge.deliveries(self.clip.id))}",
        )
        assert stored is not None
        return stored

    def step(self) -> Stepped:
        """Act on what waits."""
        return step(self.bench, self.clip.id, model=lambda: self.model)

    def settled(self, delivery: Delivery) -> Delivery:
        """Return a delivery as it is now."""
        return next(x for x in self.books.bridge.deliveries(self.clip.id) if x.id == delivery.id)

    def brush_on_page(self, track: int, frame: int, author: str = "bob") -> Revision:
        """Take a ball off a frame on the correction page."""
        desk = Desk(self.books.catalog, self.books.revisions, author)
        edit = Edit(Deed.DELETE, track, range(frame, frame + 1))
        made = edit_clip(desk, self.clip.id, edit, parent=self.head.id)
        assert made is not None
        return made


def _decided(kind: TaskKind, verdict: str | None, note: str) -> Iterator[dict[str, Any]]:
    to = names.VIDEO if kind is TaskKind.CLIP else names.IMAGES
    if verdict:
        yield {"id": "v", "from_name": names.VERDICT, "to_name": to, "type": "choices", "value": {"choices": [verdict]}}  # fmt: skip
    if note:
        yield {"id": "n", "from_name": names.NOTE, "to_name": to, "type": "textarea", "value": {"text": [note]}}  # fmt: skip


def world_of(
    books: MemoryDatabase | Database, workspace: Path, *, name: str = CLIP.id, number: int = 0
) -> World:
    """Return a world with a clip of this name, the ``number``-th in the stores."""
    clip = replace(CLIP, id=name, video=f"{number:064}")
    video = Video(clip.video, "a.mp4", "", clip.width, clip.height, clip.rate, clip.frames)
    books.catalog.add_video(video, [clip])
    first = Revision(name, None, Kind.AUTO, "model", TRACKS)
    books.revisions.append(first, first_rows())
    books.catalog.move(name, Move.PREANNOTATE, actor="model")
    projects = {
        kind: books.bridge.put_project(OutsideProject(SERVER, kind, place))
        for place, kind in enumerate(TaskKind, 1)
    }
    for kind, project in projects.items():
        books.bridge.put_link(Link(project.id, TASKS[kind] + number, name))
    model = Model(
        FakeFrameSource(SCENE.paint),
        ColourSegmenter(),
        {"segmenter": "colours", "segmenter_sha256": "c0"},
    )
    return World(books, bench_of(books, workspace), model, projects=projects, clip=clip)


def bench_of(books: MemoryDatabase | Database, workspace: Path) -> Workbench:
    """Return a workspace on stores."""
    return Workbench(
        Settings(workspace=workspace),
        books.catalog,
        books.revisions,
        books.queue,
        FakeFrameSource(SCENE.paint),
        books.desk,
        books.bridge,
        books.overview,
    )


@pytest.fixture(scope="session")
def make_world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], World]:
    """Return what makes worlds, each for itself and in memory."""
    workspace = tmp_path_factory.mktemp("workspace")
    return lambda: world_of(MemoryDatabase(), workspace)


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "memory":
        yield world_of(MemoryDatabase(), tmp_path)
        return
    with Database(f"sqlite:///{tmp_path / 'engine.db'}") as database:
        database.upgrade()
        yield world_of(database, tmp_path)


@dataclass(frozen=True, slots=True)
class Hands:
    """What an annotator does with boxes and masks; each returns the regions as the editor saves them."""

    @staticmethod
    def region(result: Regions, track: int, frame: int | None = None) -> dict[str, Any]:
        """Return a track's region."""
        end = f"t{track}" + ("" if frame is None else f"f{frame}")
        return next(one for one in result if str(one["id"]).endswith(end))

    def without(self, result: Regions, track: int) -> Regions:
        """Delete a track."""
        gone = self.region(result, track)
        return [one for one in result if one is not gone]

    def relabelled(self, result: Regions, track: int, label: str) -> Regions:
        """Give a track another class."""
        new = deepcopy(result)
        self.region(new, track)["value"]["labels"] = [label]
        return new

    def moved(self, result: Regions, track: int, frame: int, box: Box) -> Regions:
        """Put a track's box to another place on a frame: a keyframe there, as dragging makes one."""
        new = deepcopy(result)
        sequence = self.region(new, track)["value"]["sequence"]
        before = [key for key in sequence if key["frame"] <= frame + 1]
        enabled = before[-1]["enabled"] if before else True
        others = [key for key in sequence if key["frame"] != frame + 1]
        added = [*others, _key(frame, box, enabled=enabled)]
        self.region(new, track)["value"]["sequence"] = sorted(added, key=lambda key: key["frame"])
        return new

    def ended(self, result: Regions, track: int, frame: int) -> Regions:
        """Let a track end after a frame, for good."""
        new = deepcopy(result)
        value = self.region(new, track)["value"]
        shown = result_to_tracks(result, CLIP)[self.region(result, track)["id"]]
        box = shown.box(frame)
        if box is not None:
            before = [key for key in value["sequence"] if key["frame"] <= frame]
            value["sequence"] = [*before, _key(frame, box, enabled=False)]
        return new

    @staticmethod
    def drawn(result: Regions, id_: str, label: str, frame: int, box: Box) -> Regions:
        """Draw a new ball on a frame; it is there from then on."""
        value = {"framesCount": CLIP.frames, "duration": CLIP.seconds, "labels": [label], "sequence": [_key(frame, box)]}  # fmt: skip
        region = {"id": id_, "type": "videorectangle", "from_name": names.BOX, "to_name": names.VIDEO, "origin": "manual", "value": value}  # fmt: skip
        return [*deepcopy(result), region]

    def painted(self, result: Regions, track: int, frame: int, mask: TrackMask) -> Regions:
        """Paint a ball's mask anew on a page of key frames."""
        new = deepcopy(result)
        self.region(new, track, frame)["value"]["rle"] = to_brush(mask.rle)
        return new


def _key(frame: int, box: Box, *, enabled: bool = True) -> dict[str, Any]:
    x0, y0, x1, y1 = box
    return {
        "frame": frame + 1,
        "time": (frame + 1) / float(CLIP.rate),
        "x": 100 * x0 / CLIP.width,
        "y": 100 * y0 / CLIP.height,
        "width": 100 * (x1 - x0) / CLIP.width,
        "height": 100 * (y1 - y0) / CLIP.height,
        "rotation": 0,
        "enabled": enabled,
    }


@pytest.fixture(scope="session")
def hands() -> Hands:
    return Hands()


@pytest.fixture(scope="session")
def scene() -> Scene:
    return SCENE


@pytest.fixture(scope="session")
def box_of() -> Callable[[int, int], Box]:
    """Return what knows the box around a ball on a frame, as a person draws it."""
    return partial(_box_of, reach=6.0)


def _box_of(track: int, frame: int, *, reach: float) -> Box:
    place = SCENE.discs[track - 1].way(frame)
    assert place is not None
    return place[0] - reach, place[1] - reach, place[0] + reach, place[1] + reach


@pytest.fixture(scope="session")
def dying() -> Callable[[World, int], World]:
    """Return what makes a world whose stores die at their n-th call."""
    return _dying


@dataclass(slots=True)
class _Fuse:
    left: int

    def burn(self) -> None:
        if self.left == 0:
            raise KeyboardInterrupt  # nothing on the way catches it
        self.left -= 1


class _Mortal:
    """A store that dies before or after a call that changes something, whichever the fuse says."""

    _WRITES = frozenset({"append", "move", "settle", "put", "put_link", "done"})

    def __init__(self, store: Any, fuse: _Fuse) -> None:
        self._store, self._fuse = store, fuse

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in self._WRITES:
            return found

        def call(*given: Any, **named: Any) -> Any:
            self._fuse.burn()
            result = found(*given, **named)
            self._fuse.burn()
            return result

        return call


def _dying(world: World, calls: int) -> World:
    fuse = _Fuse(calls)
    bench = replace(
        world.bench,
        catalog=_Mortal(world.bench.catalog, fuse),
        revisions=_Mortal(world.bench.revisions, fuse),
        bridge=_Mortal(world.bench.bridge, fuse),
        desk=replace(world.bench.desk, findings=_Mortal(world.bench.desk.findings, fuse)),
    )
    return replace(world, bench=bench)


@pytest.fixture(scope="session")
def opened() -> Callable[..., World]:
    """Return what makes a world of given stores."""
    return world_of


@pytest.fixture(scope="session")
def benched() -> Callable[..., Workbench]:
    """Return what opens given stores for one more worker."""
    return bench_of
