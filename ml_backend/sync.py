"""Brings tasks and clips in step: makes tasks for new clips, fetches what nobody told, asks for the work. Knows the order, draws nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from engine.errors import EngineError, InputError, ServerError
from engine.media.page_folder import make_page_copy
from engine.ports import ClipStatus, Link, OutsideProject, TaskKind
from engine.wiring import Workbench
from ml_backend import receiving, tasks
from ml_backend.client import Client, is_verdict
from ml_backend.client_projects import project_of
from ml_backend.frame_files import write_frames
from ml_backend.setup import address_of

_AT_ONCE: Final = 25
"""Clips whose tasks are made together: what Ctrl-C can leave to the next run."""


class Progress(Protocol):
    """Told how far a piece of work is."""

    def __call__(self, name: str, done: int, total: int) -> None:
        """Hear that ``done`` of ``total`` parts of ``name`` are done."""
        ...


@dataclass(frozen=True, slots=True)
class Synced:
    """What was done in a project: tasks made, found again, forgotten, given other data; annotations that were news.

    ``twins`` are tasks about a clip that has another task already.
    """

    kind: TaskKind
    number: int
    address: str
    created: int = 0
    adopted: int = 0
    forgotten: int = 0
    changed: int = 0
    fetched: int = 0
    twins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What was done in all projects; clips that wait for their masks; clips that failed, and why."""

    projects: tuple[Synced, ...]
    without_masks: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False


def sync(
    bench: Workbench,
    client: Client,
    *,
    work: Callable[[], object],
    stop: Callable[[], bool],
    progress: Progress,
) -> SyncReport:
    """Send, fetch, have the work done by ``work``, then bring the tasks' data up to date.

    Raises:
        ServerError: Label Studio refuses, or does not answer; what was done stays, the next run goes on from there.
        InputError: nothing is set up, or a project is gone.
    """
    projects = _projects(bench, client)
    failed: dict[str, str] = {}
    done = [_sent(bench, client, one, stop, progress, failed) for one in projects]
    done = [
        _fetched(bench, client, one, now, progress) for one, now in zip(projects, done, strict=True)
    ]
    put_jobs(bench)
    if not stop():
        work()
    if not stop():
        done = [
            _changed(bench, client, one, now, failed)
            for one, now in zip(projects, done, strict=True)
        ]
    missing = tasks.without_masks(bench.catalog.clips())
    return SyncReport(tuple(done), missing, failed, stop())


def put_jobs(bench: Workbench) -> int:
    """Ask for work on every clip that is out of step; return how many."""
    clips = {one.clip.id: one for one in bench.catalog.clips()}
    waiting = {one.clip for one in bench.bridge.waiting()}
    behind = {link.clip for link in bench.bridge.links() if _behind(link, clips[link.clip])}
    for clip in sorted(waiting | behind):
        bench.queue.put(receiving.WHAT, clip)
    return len(waiting | behind)


def _behind(link: Link, status: ClipStatus) -> bool:
    """Say whether a task shows something else than what there is."""
    return status.head is not None and (link.revision, link.stage) != (status.head, status.stage)


def _projects(bench: Workbench, client: Client) -> tuple[OutsideProject, ...]:
    """Return the projects at this server, all of which are there."""
    known = bench.bridge.projects(server=client.server)
    if not known:
        raise InputError(
            f"nothing is set up at {client.server} for this workspace; run `engine labelstudio setup` first"
        )
    for one in known:
        if project_of(client.connection, one.number) is None:
            raise ServerError(
                f"project {one.number} is gone from Label Studio at {client.server}; "
                "`engine labelstudio setup` makes a new one, with a task for each clip"
            )
    return known


def _sent(
    bench: Workbench,
    client: Client,
    project: OutsideProject,
    stop: Callable[[], bool],
    progress: Progress,
    failed: dict[str, str],
) -> Synced:
    """Make the tasks that lack, and put right which task is about which clip."""
    ready = {one.clip.id: one for one in tasks.sendable(bench.catalog.clips())}
    present = {int(one["id"]): one["data"] for one in client.tasks(project.number)}
    todo = tasks.plan(tuple(ready), bench.bridge.links(project=project.id), present)
    for link in todo.forget:
        bench.bridge.drop_link(link.project, link.task)
    for task, clip in todo.adopt:
        bench.bridge.put_link(Link(project.id, task, clip))
    new = [ready[clip] for clip in todo.create]
    made = 0
    for first in range(0, len(new), _AT_ONCE):
        some = new[first : first + _AT_ONCE]
        made += _create(bench, client, project, some, stop, progress, failed)
    return Synced(
        project.kind,
        project.number,
        address_of(client.server, project.number),
        made,
        len(todo.adopt),
        len(todo.forget),
        twins=todo.twins,
    )


def _create(
    bench: Workbench,
    client: Client,
    project: OutsideProject,
    new: Sequence[ClipStatus],
    stop: Callable[[], bool],
    progress: Progress,
    failed: dict[str, str],
) -> int:
    """Make what tasks show, then the tasks of the clips of which it could be made; return how many."""
    data: dict[str, tasks.Data] = {}
    for status in new:
        if stop():
            break
        try:
            if _pictured(bench, project.kind, status, stop, progress):
                data[status.clip.id] = tasks.data_of(bench, project.kind, status)
        except EngineError as error:  # one bad clip never stops the others
            failed[status.clip.id] = str(error)
    made = client.create_tasks(project.number, list(data.values()))
    for task, clip in zip(made, data, strict=True):
        bench.bridge.put_link(Link(project.id, task, clip))
    return len(made)


def _pictured(
    bench: Workbench,
    kind: TaskKind,
    status: ClipStatus,
    stop: Callable[[], bool],
    progress: Progress,
) -> bool:
    """Make the files that a task shows where they are not there; say whether they are."""
    workspace, clip = bench.settings.workspace.absolute(), status.clip
    if kind is TaskKind.FRAMES:
        write_frames(workspace, clip, tasks.frames_of(bench, status), bench.source)
        return True
    make_page_copy(
        workspace,
        clip,
        stop=stop,
        progress=lambda done, total: progress(clip.id, done, total),
    )
    return not stop()


def _fetched(
    bench: Workbench, client: Client, project: OutsideProject, done: Synced, progress: Progress
) -> Synced:
    """Store the annotations of which no webhook told."""
    links = {link.task: link for link in bench.bridge.links(project=project.id)}
    touched = [
        links[int(one["id"])]
        for one in client.tasks(project.number)
        if int(one["id"]) in links and (one["total_annotations"] or one["cancelled_annotations"])
    ]
    news = 0
    for count, link in enumerate(touched):
        progress("annotations", count, len(touched))
        for annotation in client.annotations(link.task):
            if not is_verdict(annotation):
                told = receiving.delivery_of(annotation, action="sync")
                news += receiving.store(bench.bridge, bench.queue, link, told) is not None
    if touched:
        progress("annotations", len(touched), len(touched))
    return replace(done, fetched=news)


def _changed(
    bench: Workbench,
    client: Client,
    project: OutsideProject,
    done: Synced,
    failed: dict[str, str],
) -> Synced:
    """Give tasks the data that they should hold now: links to new doubts, files that have other names since."""
    wanted: dict[str, tasks.Data] = {}
    for status in tasks.sendable(bench.catalog.clips()):
        try:
            if _pictured(bench, project.kind, status, lambda: False, _quiet):
                wanted[status.clip.id] = tasks.data_of(bench, project.kind, status)
        except EngineError as error:
            failed[status.clip.id] = str(error)
    present = {int(one["id"]): one["data"] for one in client.tasks(project.number)}
    todo = tasks.changes(wanted, bench.bridge.links(project=project.id), present)
    for task, data in todo:
        client.update_task(task, data)
    return replace(done, changed=len(todo))


def _quiet(name: str, done: int, total: int) -> None:
    """Tell nobody."""
