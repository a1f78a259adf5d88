"""What is said of every clip on the board, out of few questions for all clips at once. Knows ports; puts nothing anywhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from engine.ports import Bridge, ClipStatus, Event, TaskKind
from engine.ports.board import Agreement, Card, Measures, Progress
from engine.ports.overview import Line, Work
from engine.stages import Move, Stage
from engine.types import Clip, Video
from engine.workflows.board.desk import BoardDesk
from engine.workflows.board.memory import read
from engine.workflows.comparing.agreeing import AGREEMENT, agreement_from_text
from engine.workflows.histories import BY_HAND, judged, last_of, reason, rejections, since
from engine.workflows.measures import MEASURES, measures_from_text
from engine.workflows.progress.summary import progress
from engine.workflows.provenance import drawn_with


@dataclass(frozen=True, slots=True)
class Facts:
    """What the workspace knows of all clips, by clip; ``videos`` are by content, ``tasks`` are addresses."""

    statuses: tuple[ClipStatus, ...]
    videos: Mapping[str, Video]
    events: Mapping[str, tuple[Event, ...]]
    lines: Mapping[str, Line]
    work: Mapping[str, tuple[Work, ...]]
    measures: Mapping[str, Measures]
    agreements: Mapping[str, Agreement]
    tasks: Mapping[str, str]
    alike: Mapping[str, Sequence[str]]


def gathered(desk: BoardDesk) -> Facts:
    """Ask for everything, each of all clips at once.

    Raises:
        StoreError: the database does not answer.
    """
    statuses, lines = desk.catalog.clips(), desk.overview.lines()
    overview, memory = desk.overview, desk.memory
    measures = read(memory, MEASURES, overview.findings(MEASURES), measures_from_text)
    agreements = read(memory, AGREEMENT, overview.findings(AGREEMENT), agreement_from_text)
    return Facts(
        statuses,
        overview.videos(),
        overview.events(),
        lines,
        overview.work(),
        {one.clip.id: measures[one.head] for one in statuses if one.head in measures},
        _agreements(statuses, lines, agreements),
        tasks(desk.bridge),
        desk.alike(),
    )


def cards(facts: Facts, *, film: Callable[[Clip], str], page_url: str) -> tuple[Card, ...]:
    """Return the card of every clip, in the order of the clips; ``said`` is left to who answered tags."""
    return tuple(
        _card(status, facts, film=film(status.clip), page_url=page_url) for status in facts.statuses
    )


def told(facts: Facts, desk: BoardDesk) -> Progress:
    """Return what is said of the dataset as a whole."""
    return progress(
        facts.statuses,
        facts.events,
        facts.work,
        now=desk.now(),
        target=desk.target,
        measures=facts.measures,
        agreements=facts.agreements,
        alike=facts.alike,
    )


def tasks(bridge: Bridge) -> dict[str, str]:
    """Return where a browser opens each clip's task in Label Studio, that of the newest project of whole clips."""
    projects = {one.id: one for one in bridge.projects() if one.kind is TaskKind.CLIP}
    links = sorted(bridge.links(), key=lambda link: (link.project, link.task))
    return {
        link.clip: f"{projects[link.project].server}/projects/{projects[link.project].number}"
        f"/data?task={link.task}"
        for link in links
        if link.project in projects
    }


def page_of(clip: str, page_url: str) -> str:
    """Return where a browser opens a clip in the correction page."""
    return f"{page_url.rstrip('/')}/ui/?{urlencode({'clip': clip})}"


def _agreements(
    statuses: Sequence[ClipStatus], lines: Mapping[str, Line], kept: Mapping[int, Agreement]
) -> dict[str, Agreement]:
    """Return, of accepted clips, how what models drew last agrees with what was accepted."""
    pairs = ((one.clip.id, one.accepted) for one in statuses if one.accepted is not None)
    return {
        clip: kept[accepted]
        for clip, accepted in pairs
        if accepted in kept and clip in lines and kept[accepted].drawn == lines[clip].drawn
    }


def _card(status: ClipStatus, facts: Facts, *, film: str, page_url: str) -> Card:
    """Return what is said of one clip."""
    clip = status.clip
    history = facts.events.get(clip.id, ())
    line, video = facts.lines.get(clip.id), facts.videos.get(clip.video)
    work = facts.work.get(clip.id, ())
    card = Card(
        clip,
        film,
        status.stage,
        revision=status.head,
        accepted=status.accepted,
        camera="" if video is None else video.camera,
        model="" if line is None else drawn_with(line.provenance),
        annotator=_annotator(line, history),
        actions=sum(one.actions for one in work),
        minutes=round(sum(one.seconds for one in work) / 60, 2),
        priority=status.priority,
        page=page_of(clip.id, page_url),
        task=facts.tasks.get(clip.id, ""),
        alike=tuple(facts.alike.get(clip.id, ())),
        measures=facts.measures.get(clip.id),
        agreement=facts.agreements.get(clip.id),
    )
    return _with_history(card, history)


def _with_history(card: Card, history: Sequence[Event]) -> Card:
    """Return a card with what a clip's events say."""
    verdict = judged(history)
    accepted = last_of(history, (Move.ACCEPT,)) if card.stage is Stage.ACCEPTED else None
    return replace(
        card,
        reviewer="" if verdict is None else verdict.actor,
        reason=reason(history),
        since=since(history),
        accepted_at=None if accepted is None else accepted.at,
        rejections=rejections(history),
    )


def _annotator(line: Line | None, history: Sequence[Event]) -> str:
    """Return who made the newest revision, if by hand; else who corrected or submitted last."""
    if line is not None and line.by_hand and line.head != line.drawn:
        return line.author
    last = last_of(history, BY_HAND)
    return "" if last is None else last.actor
