"""How the projects in Label Studio stand: tasks, predictions, corrections that wait or were refused, jobs. Reads the database, changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.ports import Delivery, JobCounts, Link, TaskKind
from engine.ports.desk import State
from engine.wiring import Workbench
from ml_backend.asking.credentials import recall
from ml_backend.asking.setup import address_of
from ml_backend.asking.tasks import sendable, without_masks
from ml_backend.serving.receiving import WHAT
from ml_backend.work.telling import unheeded


@dataclass(frozen=True, slots=True)
class Project:
    """A project: its tasks, those that show a prediction, those whose prediction is of the newest masks; clips without a task."""

    kind: TaskKind
    number: int
    address: str
    tasks: int
    predicted: int
    in_step: int
    without_task: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A correction that was not done, and why: somebody must look."""

    clip: str
    task: int
    author: str
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Standings:
    """Everything at once; ``without_masks`` counts clips to pre-annotate, ``known`` tells whether Label Studio can be asked from here."""

    projects: tuple[Project, ...]
    without_masks: int
    waiting: int
    refused: tuple[Refused, ...]
    jobs: JobCounts
    known: bool = True


def standings(bench: Workbench) -> Standings:
    """Count what there is."""
    clips = bench.catalog.clips()
    heads = {one.clip.id: one.head for one in clips}
    wanted = {one.clip.id for one in sendable(clips)}
    projects = []
    for project in bench.bridge.projects():
        links = bench.bridge.links(project=project.id)
        projects.append(
            Project(
                project.kind,
                project.number,
                address_of(project.server, project.number),
                len(links),
                sum(1 for link in links if link.revision is not None),
                sum(1 for link in links if link.revision == heads[link.clip]),
                len(wanted - {link.clip for link in links}),
            )
        )
    return Standings(
        tuple(projects),
        without_masks(clips),
        len(bench.bridge.waiting()),
        _refused(bench, bench.bridge.links()),
        bench.queue.counts(WHAT),
        recall(bench.settings) is not None,
    )


def _refused(bench: Workbench, links: Sequence[Link]) -> tuple[Refused, ...]:
    """Return the corrections that failed, until something newer was done in the same task or decided about the clip."""
    found: list[Delivery] = []
    for clip in sorted({link.clip for link in links}):
        tasks: dict[tuple[int, int], list[Delivery]] = {}
        for one in bench.bridge.deliveries(clip):
            tasks.setdefault((one.project, one.task), []).append(one)
        events = bench.catalog.events(clip) if tasks else ()
        newest = [unheeded(told, events) for told in tasks.values()]
        found += [one for one in newest if one is not None and one.state is State.FAILED]
    found.sort(key=lambda one: one.at)
    return tuple(Refused(one.clip, one.task, one.author, one.at, one.note) for one in found)
