"""Which clips a selection takes: one filter after the other, each saying what it leaves out and why. Knows no format."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from functools import cache
from typing import TypeAlias

from engine.errors import SelectionError
from engine.ports import Catalog, ClipStatus, ExportItem, FrameSource, RevisionStore
from engine.stages import Move
from engine.workflows.candidates import (
    Candidate,
    candidate,
    classed,
    either,
    item_of,
    limited,
    parted,
    rows_of,
    stepped,
    written,
)
from engine.workflows.measuring import quality
from engine.workflows.selection import Selection, named

Filter: TypeAlias = tuple[str, Callable[[Candidate], Candidate | str]]
"""What a filter asks for, and what it does: the candidate, maybe with less of it, or why it is left out."""

SHOWN = 20
"""Clips that one note names; it counts the others."""

NEXT = (
    "look at some with `engine show CLIP` and run `engine accept CLIP`, "
    "or export drafts with --stage pre-annotated"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """The clips chosen, ready for an exporter, and what was left out, in words."""

    items: tuple[ExportItem, ...]
    notes: tuple[str, ...] = ()


def choose(
    catalog: Catalog, revisions: RevisionStore, source: FrameSource, selection: Selection
) -> Choice:
    """Return what ``selection`` takes. An accepted clip is taken as it was accepted, any other in its newest revision.

    Raises:
        SelectionError: nothing is left (the message says how many clips each filter kept), a clip that was named does
            not exist, or two parts would have one name.
    """
    found, steps, notes = _standing(catalog, selection)
    video = cache(catalog.video)
    candidates = [
        parted(candidate(s, written(s) or 0, revisions, video=video(s.clip.video)), frames)
        for s, frames in found
    ]
    for asked, judge in _filters(selection, catalog, revisions):
        judged = [(one, judge(one)) for one in candidates]
        candidates = [result for _, result in judged if isinstance(result, Candidate)]
        left = [(one.name, result) for one, result in judged if isinstance(result, str)]
        notes += _left_out(asked, left)
        steps.append(f"{asked} keeps {len(candidates)}")
        if not candidates:
            raise SelectionError(f"no clip is left to export: {', '.join(steps)}; {notes[-1]}")
    _refuse_doubles(one.name for one in candidates)
    if most := selection.max_objects:
        candidates = [limited(one, most, revisions) for one in candidates]
    items = (item_of(one, revisions, source, auto=selection.auto) for one in candidates)
    return Choice(tuple(items), tuple(notes))


def _standing(
    catalog: Catalog, selection: Selection
) -> tuple[list[tuple[ClipStatus, str]], list[str], list[str]]:
    """Return the clips with masks that are in one of the stages, each with its frames; what was counted; the notes.

    Raises:
        SelectionError: there is none, or no clip of a name.
    """
    parts = dict.fromkeys(named(text) for text in selection.clips)
    found = [(catalog.clip(name), frames) for name, frames in parts]
    if not found:
        found = [(status, selection.frames) for status in catalog.clips()]
    found = [(status, frames or selection.frames) for status, frames in found]
    wanted = " or ".join(selection.stages)
    here = [pair for pair in found if pair[0].stage in selection.stages]
    drawn = [pair for pair in here if pair[0].head is not None]
    steps = [f"of {len(found)} clips, stage {wanted} keeps {len(here)}"]
    steps += [f"masks keep {len(drawn)}"] if len(drawn) < len(here) else []
    if not drawn:
        raise SelectionError(f"no clip with masks is {wanted} ({', '.join(steps)}); {NEXT}")
    notes = []
    if selection.clips:  # who names a clip wants to know why it is not there
        away = [(s.clip.id, s.stage.value) for s, _ in found if s.stage not in selection.stages]
        notes += _left_out(f"stage {wanted}", away)
    notes += _left_out("masks", [(s.clip.id, "none yet") for s, _ in here if s.head is None])
    return drawn, steps, notes


def _filters(selection: Selection, catalog: Catalog, revisions: RevisionStore) -> Iterator[Filter]:
    """Yield the filters that were asked for, the costly ones last."""
    if selection.frames or any(":" in text for text in selection.clips):
        yield "frames", lambda one: one if one.frames else f"has {one.status.clip.frames}"
    if selection.splits:
        yield _one_of("split", selection.splits, lambda one: one.clip.split)
    if selection.cameras:
        yield _one_of("camera", selection.cameras, lambda one: one.camera)
    if selection.licences:
        yield _one_of("licence", selection.licences, lambda one: one.licence)
    if selection.annotators:
        yield _worked(selection.annotators, catalog)
    if selection.since or selection.until:
        yield _dated(selection.since, selection.until, catalog)
    if fps := selection.fps:
        yield f"{float(fps):g} frames/s", lambda one: stepped(one, fps)
    if selection.labels:
        yield f"class {either(selection.labels)}", lambda one: classed(one, selection.labels)
    if selection.min_quality:
        yield _good(selection.min_quality, revisions)


def _one_of(what: str, wanted: Sequence[str], of: Callable[[Candidate], str]) -> Filter:
    """Keep the candidates of which a name is one of those wanted."""
    return (
        f"{what} {either(wanted)}",
        lambda one: one if of(one) in wanted else (of(one) or f"no {what} known"),
    )


def _worked(wanted: Sequence[str], catalog: Catalog) -> Filter:
    """Keep what one of ``wanted`` has drawn, corrected or accepted."""

    def judge(one: Candidate) -> Candidate | str:
        who = dict.fromkeys(made.author for made in one.line)
        if one.accepted:
            who |= dict.fromkeys(
                event.actor
                for event in catalog.events(one.status.clip.id)
                if event.move is Move.ACCEPT and event.revision == one.line[-1].id
            )
        return one if who.keys() & set(wanted) else ", ".join(who)

    return f"annotator {either(wanted)}", judge


def _dated(since: date | None, until: date | None, catalog: Catalog) -> Filter:
    """Keep what was accepted, or else made, from the day ``since`` to the day before ``until``, in UTC."""

    def judge(one: Candidate) -> Candidate | str:
        day = _day(one, catalog)
        late_enough = since is None or (day is not None and day >= since)
        early_enough = until is None or (day is not None and day < until)
        return one if late_enough and early_enough else str(day or "no day known")

    asked = [f"since {since}"] if since else []
    return " ".join([*asked, *([f"until {until}"] if until else [])]), judge


def _day(one: Candidate, catalog: Catalog) -> date | None:
    """Return the day of the acceptance in UTC, or of the revision where it is not accepted."""
    when = one.line[-1].created
    if one.accepted:
        events = catalog.events(one.status.clip.id)
        when = next((e.at for e in reversed(events) if e.move is Move.ACCEPT), when)
    return when.astimezone(UTC).date() if when else None


def _good(least: float, revisions: RevisionStore) -> Filter:
    """Keep what is good enough on the frames and tracks that would be written."""

    def judge(one: Candidate) -> Candidate | str:
        reached = quality(rows_of(revisions, one.line[-1].id, one.frames, one.tracks))
        return one if reached >= least else f"{reached:.3f}"

    return f"quality {least:g}", judge


def _left_out(asked: str, left: Sequence[tuple[str, str]]) -> list[str]:
    """Return a note that names clips and why each is left out, or none."""
    if not left:
        return []
    names = [f"{clip} ({why})" for clip, why in left[:SHOWN]]
    more = [f"{len(left) - SHOWN} more"] if len(left) > SHOWN else []
    return [f"left out by {asked}: {', '.join([*names, *more])}"]


def _refuse_doubles(names: Iterable[str]) -> None:
    """Refuse two parts of one name: one would take the other's files."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SelectionError(f"two of the chosen clips would be called {name}; leave one out")
        seen.add(name)
