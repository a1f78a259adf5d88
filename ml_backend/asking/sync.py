"""Brings tasks and clips in step: sends what is new, fetches what nobody told, has it acted on. Knows the order, draws nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.errors import InputError, ServerError
from engine.ports import Link, OutsideProject, TaskKind
from engine.wiring import Workbench
from ml_backend.asking import tasks
from ml_backend.asking.client import Client, is_touched, is_verdict
from ml_backend.asking.client_projects import project_of
from ml_backend.asking.setup import address_of, used_labels
from ml_backend.asking.sync_tasks import Progress, Run, Sent, send, update
from ml_backend.serving import receiving
from ml_backend.shown.labelling import explained, problems
from ml_backend.work.publishing import behind
from ml_backend.work.worker import Worked


@dataclass(frozen=True, slots=True)
class Synced:
    """What was done in a project: to its tasks, annotations that were news, tasks that got other data."""

    kind: TaskKind
    number: int
    address: str
    tasks: Sent = field(default_factory=Sent)
    fetched: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What was done in all projects and what became of corrections; clips that wait for masks; clips that failed, and why."""

    projects: tuple[Synced, ...]
    worked: Worked | None = None
    without_masks: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False


def sync(
    bench: Workbench,
    client: Client,
    *,
    work: Callable[[int], Worked | None],
    stop: Callable[[], bool],
    progress: Progress,
) -> SyncReport:
    """Send, fetch, have the work done by ``work``, which is told on how many clips, then bring the tasks' data up to date.

    Raises:
        ServerError: Label Studio refuses, or does not answer; what was done stays, the next run goes on from there.
        InputError: nothing is set up, or a project's labelling configuration does not fit any more.
    """
    run = Run(bench, client, stop, progress)
    projects = _projects(run)
    sent = [send(run, one) for one in projects]
    fetched = [_fetch(run, one) for one in projects]
    asked = put_jobs(bench, client.server)
    worked = None if stop() else work(asked)
    changed = [0 if stop() else update(run, one) for one in projects]
    done = tuple(
        Synced(one.kind, one.number, address_of(client.server, one.number), *counts)
        for one, counts in zip(projects, zip(sent, fetched, changed, strict=True), strict=True)
    )
    missing = tasks.without_masks(bench.catalog.clips())
    return SyncReport(done, worked, missing, run.failed, stop())


def put_jobs(bench: Workbench, server: str) -> int:
    """Ask for work on every clip that is out of step; return on how many."""
    waiting = {one.clip for one in bench.bridge.waiting()}
    out = waiting.union(behind(bench, server, known=set()))
    for clip in sorted(out):
        bench.queue.put(receiving.WHAT, clip)
    return len(out)


def _projects(run: Run) -> tuple[OutsideProject, ...]:
    """Return the projects at this server, all of which are there and show what we send."""
    server = run.client.server
    known = run.bench.bridge.projects(server=server)
    if not known:
        raise InputError(
            f"nothing is set up at {server} for this workspace; run `engine labelstudio setup` first"
        )
    labels = used_labels(run.bench)
    for one in known:
        present = project_of(run.client.connection, one.number)
        if present is None:
            raise ServerError(
                f"project {one.number} is gone from Label Studio at {server}; "
                "`engine labelstudio setup` makes a new one, with a task for each clip"
            )
        wrong = problems(str(present["label_config"]), kind=one.kind, labels=labels)
        if wrong:
            raise InputError(explained(str(present["title"]), wrong))
    return known


def _fetch(run: Run, project: OutsideProject) -> int:
    """Store the annotations of which no webhook told; return how many."""
    bench = run.bench
    links = {link.task: link for link in bench.bridge.links(project=project.id)}
    touched = [
        links[int(one["id"])]
        for one in run.present(project)
        if int(one["id"]) in links and is_touched(one)
    ]
    news = 0
    for count, link in enumerate(touched, start=1):
        news += _told(run, link)
        run.progress(f"annotations ({project.kind})", count, len(touched))
    return news


def _told(run: Run, link: Link) -> int:
    """Store the annotations of a task that are news; return how many. One that cannot be read stops no other."""
    bench, news = run.bench, 0
    for annotation in run.client.annotations(link.task):
        if is_verdict(annotation):
            continue
        try:
            told = receiving.delivery_of(annotation, action="sync")
            news += receiving.store(bench.bridge, bench.queue, link, told) is not None
        except InputError as error:
            run.failed[link.clip] = (
                f"annotation {annotation.get('id')} of task {link.task}: {error}"
            )
    return news
