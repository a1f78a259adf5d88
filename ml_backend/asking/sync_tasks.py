"""Makes the tasks of a project and keeps what they hold up to date. Knows files and links; refuses to know corrections."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Protocol

from engine.errors import EngineError, ServerError
from engine.media.page_folder import make_page_copy
from engine.ports import ClipStatus, Link, OutsideProject, TaskKind
from engine.wiring import Workbench
from ml_backend.asking import tasks
from ml_backend.asking.client import Client, is_predicted
from ml_backend.pages.frame_files import write_frames
from ml_backend.shown.prediction import Prediction
from ml_backend.work.publishing import kept, place_of
from ml_backend.work.telling import note_told

_AT_ONCE: Final = 10
"""Clips whose tasks are made together: what Ctrl-C can leave to the next run."""


class Progress(Protocol):
    """Told how far a piece of work is."""

    def __call__(self, name: str, done: int, total: int) -> None:
        """Hear that ``done`` of ``total`` parts of ``name`` are done."""
        ...


@dataclass(frozen=True, slots=True)
class Run:
    """What everything here works with; ``failed`` gathers the clips that could not be sent, and why."""

    bench: Workbench
    client: Client
    stop: Callable[[], bool]
    progress: Progress
    failed: dict[str, str] = field(default_factory=dict)

    def present(self, project: OutsideProject) -> tuple[Mapping[str, Any], ...]:
        """Return the tasks that a project has now."""
        return tuple(self.client.tasks(project.number))


@dataclass(frozen=True, slots=True)
class Sent:
    """What was done to tasks: made, found again and linked, forgotten; ``twins`` are about a clip that has another task."""

    created: int = 0
    adopted: int = 0
    forgotten: int = 0
    twins: tuple[int, ...] = ()


def send(run: Run, project: OutsideProject) -> Sent:
    """Make the tasks that lack, and put right which task is about which clip.

    Raises:
        ServerError: Label Studio refuses, or does not answer; what was made is linked, or found again next time.
    """
    bench = run.bench
    ready = {one.clip.id: one for one in tasks.sendable(bench.catalog.clips())}
    there = run.present(project)
    present = {int(one["id"]): one["data"] for one in there}
    todo = tasks.plan(tuple(ready), bench.bridge.links(project=project.id), present)
    for link in todo.forget:
        bench.bridge.drop_link(link.project, link.task)
    for task, clip in todo.adopt:
        bench.bridge.put_link(Link(project.id, task, clip))
    _mend_links(run, project, there)
    made = _create(run, project, [ready[clip] for clip in todo.create])
    return Sent(made, len(todo.adopt), len(todo.forget), todo.twins)


def update(run: Run, project: OutsideProject) -> int:
    """Give tasks the data that they should hold now: links to new doubts, files that are called otherwise. Return how many.

    Raises:
        ServerError: Label Studio refuses, or does not answer.
    """
    wanted = _held(run, project, tasks.sendable(run.bench.catalog.clips()))
    present = {int(one["id"]): one["data"] for one in run.present(project)}
    todo = tasks.changes(wanted, run.bench.bridge.links(project=project.id), present)
    for task, data in todo:
        run.client.update_task(task, data)
    return len(todo)


def _mend_links(run: Run, project: OutsideProject, there: Sequence[Mapping[str, Any]]) -> None:
    """Have predictions sent again to tasks from which they were taken away, or that have more than one of ours."""
    doubtful = {int(one["id"]) for one in there if not is_predicted(one)}
    for link in run.bench.bridge.links(project=project.id):
        if link.revision is None or link.task not in doubtful:
            continue
        if len(run.client.own_predictions(link.task)) != 1:
            run.bench.bridge.put_link(replace(link, revision=None))


def _create(run: Run, project: OutsideProject, new: Sequence[ClipStatus]) -> int:
    """Make what tasks show, then the tasks of the clips of which it could be made, some at a time; return how many."""
    made, data = 0, dict[str, tasks.Data]()
    for count, status in enumerate(new, start=1):
        data |= _held(run, project, [status])
        last = count == len(new) or run.stop()
        if last or len(data) == _AT_ONCE:
            made += _post(run, project, data)
            data = {}
        run.progress(f"tasks ({project.kind})", count, len(new))
        if last:
            break
    return made


def _post(run: Run, project: OutsideProject, data: Mapping[str, tasks.Data]) -> int:
    """Make tasks with these data, by clip, with the predictions of their clips, and write down at once which they are; return how many."""
    _refuse_unseen(run, data)
    heads = _heads(run, project.kind, data)
    some = [(clip, data[clip]) for clip in heads]
    told = [shown for _, shown in heads.values()]
    made = run.client.create_tasks(project.number, [held for _, held in some], shown=told)
    for task, (clip, (revision, _)) in zip(made, heads.items(), strict=True):
        link = run.bench.bridge.put_link(Link(project.id, task, clip, revision))
        note_told(run.bench, revision, place_of(link), data[clip])
    return len(made)


def _heads(run: Run, kind: TaskKind, clips: Iterable[str]) -> Mapping[str, tuple[int, Prediction]]:
    """Return the newest revisions of clips, with their predictions; one whose masks cannot be read is left out."""
    found: dict[str, tuple[int, Prediction]] = {}
    for clip in clips:
        status = run.bench.catalog.clip(clip)
        if status.head is None:
            continue
        head = run.bench.revisions.revision(status.head)
        try:
            found[clip] = head.id, kept(run.bench, status.clip, head, kind)
        except EngineError as error:
            run.failed[clip] = str(error)
    return found


def _refuse_unseen(run: Run, data: Mapping[str, tasks.Data]) -> None:
    """Refuse to make tasks that would show nothing, since Label Studio does not serve their files."""
    for held in list(data.values())[:1]:
        shown = held["video"] if "video" in held else held["frames"][0]
        if not run.client.connection.reaches(shown):
            raise ServerError(
                f"Label Studio at {run.client.server} does not show {shown}: start it with "
                "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT naming the folder "
                f"that we know as {tasks.document_root(run.bench.settings)} (ENGINE_LABEL_STUDIO_FILES, else the workspace), "
                "and let it read the files there"
            )


def _held(run: Run, project: OutsideProject, clips: Sequence[ClipStatus]) -> dict[str, tasks.Data]:
    """Return what the tasks of clips hold, whose files are made where they lack; one bad clip never stops the others."""
    data: dict[str, tasks.Data] = {}
    for status in clips:
        if run.stop():
            break
        try:
            if _pictured(run, project.kind, status):
                data[status.clip.id] = tasks.data_of(run.bench, project.kind, status)
        except EngineError as error:
            run.failed[status.clip.id] = str(error)
    return data


def _pictured(run: Run, kind: TaskKind, status: ClipStatus) -> bool:
    """Make the files that a task shows where they are not there; say whether they are."""
    bench, clip = run.bench, status.clip
    workspace = bench.settings.workspace.absolute()
    if kind is TaskKind.FRAMES:
        write_frames(workspace, clip, tasks.frames_of(bench, status), bench.source)
        return True
    make_page_copy(workspace, clip, stop=run.stop)
    return not run.stop()
