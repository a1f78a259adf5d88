"""Brings what Label Studio shows of a clip in step: predictions made and kept, sent, and acceptance told. Knows what is out of step; acts on no delivery.

Predictions are kept for whoever asks for them. To send them takes a tool that is connected; without one they wait to be fetched.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

from engine.ports import ClipStatus, Link, OutsideProject, TaskKind
from engine.ports.bridge import by_clip
from engine.stages import Move, Stage
from engine.types import Clip, Revision
from engine.wiring import Workbench
from engine.workflows.prepare import witnesses_of
from ml_backend import names
from ml_backend.pages.frames import pages
from ml_backend.serving.receiving import WHAT
from ml_backend.shown.prediction import Prediction, parse, prediction
from ml_backend.work import telling
from ml_backend.work.acting import made_for
from ml_backend.work.telling import doubts_in

_SHOWN: Final = {TaskKind.CLIP: names.VIDEO, TaskKind.FRAMES: names.IMAGES}


class Tool(Protocol):
    """What is asked of a Label Studio that is connected; its methods raise ServerError where it refuses or is silent."""

    @property
    def server(self) -> str:
        """Its address, without a slash at the end."""
        ...

    def whoami(self) -> str:
        """Return who asks, only to hear whether it answers."""
        ...

    def replace_prediction(
        self, task: int, *, result: Sequence[Mapping[str, Any]], score: float
    ) -> int:
        """Give a task a prediction of ours in the place of those that it had."""
        ...

    def inform(self, project: int, task: int, words: Mapping[str, str]) -> bool:
        """Put fields into a task's data beside what is there; say whether that changed it."""
        ...

    def put_verdict(self, task: int, result: Sequence[Mapping[str, Any]]) -> int:
        """Let a task say what the engine decided, as an annotation of ours; once is enough."""
        ...

    def drop_verdict(self, task: int) -> bool:
        """Take that away."""
        ...


def finding(kind: TaskKind) -> str:
    """Return the kind of finding under which predictions are kept."""
    return f"{WHAT}:{kind}"


def kept(bench: Workbench, clip: Clip, revision: Revision, kind: TaskKind) -> Prediction:
    """Return a revision's prediction, made and kept now where it is not there or cannot be read.

    Raises:
        DamagedChunk: stored masks do not decode.
    """
    findings = bench.desk.findings
    found = parse(findings.get(revision.id, finding(kind)))
    if found is not None:
        return found
    text = _made(bench, clip, revision, kind)
    findings.put(revision.id, finding(kind), text)
    made = parse(text)
    assert made is not None  # noqa: S101 - what was just written can be read
    return made


def publish(bench: Workbench, clip: str, tool: Tool | None) -> bool:
    """Keep the predictions of a clip's newest revision for its tasks; send what its tasks lack. Return whether any was sent.

    Raises:
        ServerError: Label Studio refuses, or does not answer; what was sent before stands.
    """
    status = bench.catalog.clip(clip)
    if status.head is None:
        return False
    head = bench.revisions.revision(status.head)
    projects = {project.id: project for project in bench.bridge.projects()}
    links = bench.bridge.links(clip=clip)
    asked = [projects[link.project].kind for link in links] or [
        *TaskKind
    ]  # tasks made by hand ask, too
    shown = {kind: kept(bench, status.clip, head, kind) for kind in dict.fromkeys(asked)}
    sent = False
    for link in links:
        project = projects[link.project]
        if tool is not None and project.server == tool.server:
            sent |= _send(bench, link, status, shown[project.kind], tool=tool, project=project)
    return sent


def behind(bench: Workbench, server: str | None, *, known: set[tuple[int, str]]) -> Iterator[str]:
    """Yield the clips whose predictions are to be made, or whose tasks at ``server`` (None: nobody) are to be told something.

    ``known`` remembers predictions that were found, by revision and kind, for the next look.
    """
    projects = {project.id: project for project in bench.bridge.projects()}
    links = by_clip(bench.bridge.links())
    for status in bench.catalog.clips() if links else ():
        for link in links.get(status.clip.id, ()):
            project = projects[link.project]
            told = project.server != server or not _news(link, status)
            if status.head is not None and not (
                told and _is_kept(bench, status.head, project.kind, known)
            ):
                yield status.clip.id
                break


def _is_kept(bench: Workbench, revision: int, kind: TaskKind, known: set[tuple[int, str]]) -> bool:
    """Say whether a prediction is there, looking at each only until it is."""
    key = revision, finding(kind)
    if key not in known and bench.desk.findings.get(*key) is not None:
        known.add(key)
    return key in known


def _news(link: Link, status: ClipStatus) -> bool:
    """Say whether a task shows another revision or was told another stage."""
    return (link.revision, link.stage) != (status.head, str(status.stage))


def _send(
    bench: Workbench,
    link: Link,
    status: ClipStatus,
    shown: Prediction,
    *,
    tool: Tool,
    project: OutsideProject,
) -> bool:
    """Tell a task what is news to it, and write down what it was told as soon as it was.

    A refusal changes neither revision nor stage: the link forgets its stage until that is told, so that it is found again.
    """
    assert status.head is not None  # noqa: S101 - it has a prediction
    words, place = telling.words(bench, project.kind, status), place_of(link)
    fresh = telling.told(bench, status, place) != telling.digest(words)
    if not _news(link, status):
        if not fresh:
            return False
        bench.bridge.put_link(replace(link, stage=""))
    if link.revision != status.head:
        tool.replace_prediction(link.task, result=shown.result, score=shown.score)
        link = bench.bridge.put_link(replace(link, revision=status.head))
    if fresh:
        tool.inform(project.number, link.task, words)
        telling.note_told(bench, status.head, place, words)
    if link.stage != str(status.stage):
        _tell(bench, link, status, tool, project.kind)
    bench.bridge.put_link(replace(link, stage=str(status.stage)))
    return True


def place_of(link: Link) -> str:
    """Return what names a task among all."""
    return f"{link.project}:{link.task}"


def _tell(bench: Workbench, link: Link, status: ClipStatus, tool: Tool, kind: TaskKind) -> None:
    """Tell a clip's task that the clip is accepted, or is so no more; other tasks are about a few frames.

    A task in which a person accepted the clip says so already: an annotation of ours would only stand in the way.
    """
    if kind is not TaskKind.CLIP:
        return
    if status.stage is not Stage.ACCEPTED:
        if link.stage in ("", str(Stage.ACCEPTED)):
            tool.drop_verdict(link.task)
    elif not _accepted_there(bench, link):
        said = telling.state_of(status.stage, bench.catalog.events(link.clip))
        tool.put_verdict(link.task, [accepted(kind), _noted(kind, said)])


def _accepted_there(bench: Workbench, link: Link) -> bool:
    """Say whether it was in this task that somebody accepted the clip last."""
    accepts = [event for event in bench.catalog.events(link.clip) if event.move is Move.ACCEPT]
    here = bench.bridge.deliveries(link.clip, project=link.project)
    return bool(accepts) and any(
        delivery.task == link.task and made_for(accepts[-1], delivery) for delivery in here
    )


def accepted(kind: TaskKind) -> dict[str, Any]:
    """Return the region that says that a clip is accepted."""
    return {
        "from_name": names.VERDICT,
        "to_name": _SHOWN[kind],
        "type": "choices",
        "value": {"choices": [names.ACCEPTED]},
    }


def _noted(kind: TaskKind, said: str) -> dict[str, Any]:
    """Return the region that says beside it who accepted, and where the balls are."""
    return {
        "from_name": names.NOTE,
        "to_name": _SHOWN[kind],
        "type": "textarea",
        "value": {"text": [f"{said}; {names.ELSEWHERE}"]},
    }


def pages_of(bench: Workbench, clip: Clip, revision: Revision) -> tuple[int, ...]:
    """Return the frames that a clip's task of key frames shows; chosen now by the doubts of a revision where they were not before."""
    first = bench.revisions.history(clip.id)[0].id
    doubts = doubts_in(bench, clip, revision)
    return pages(bench.desk.findings, clip, first=first, doubts=doubts)


def _made(bench: Workbench, clip: Clip, revision: Revision, kind: TaskKind) -> str:
    """Return the text of a prediction that is made now."""
    doubts = doubts_in(bench, clip, revision)
    shown = pages_of(bench, clip, revision) if kind is TaskKind.FRAMES else None
    rows = bench.revisions.frames(revision.id)
    seen = witnesses_of(bench.revisions, bench.desk.findings, clip.id)
    pockets = () if seen is None else seen.pockets
    return prediction(
        kind, clip, revision.id, revision.tracks, rows, doubts, pages=shown, pockets=pockets
    )
