"""Bring masks from outside into the workspace: all clips are checked first, then each becomes one revision. Knows no format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from engine.errors import InputError, SelectionError, StageError, StaleParent
from engine.ports import Catalog, ClipStatus, RevisionStore
from engine.stages import Stage
from engine.types import Revision
from engine.workflows.importing_checks import Plan, check, unknown
from engine.workflows.importing_newcomers import Newcomer, Newcomers, Recording
from engine.workflows.importing_places import Place, find
from engine.workflows.importing_storing import store
from engine.workflows.importing_values import ImportReport, Incoming, Outcome, Wishes

Progress = Callable[[str, int, int], None]
STOPPED = "could be imported; others of the same source cannot: see --keep-going"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is the same for every clip of an import."""

    catalog: Catalog
    revisions: RevisionStore
    wishes: Wishes
    newcomers: Newcomers | None
    known: tuple[ClipStatus, ...]
    progress: Progress


@dataclass(frozen=True, slots=True)
class _Checked:
    """A clip after the checks: a plan, or the reason why there is none. ``unknown`` are classes that nobody has."""

    source: Incoming
    plan: Plan | None = None
    newcomer: Newcomer | None = None
    reason: str = ""
    unknown: tuple[str, ...] = ()

    def outcome(self, what: str, *, reason: str = "") -> Outcome:
        """Return what became of the clip."""
        clip, plan = self.source.labelled.clip.id, self.plan
        if plan is None:
            return Outcome(self.source.name, clip, "refused", reason=self.reason)
        known = Outcome(self.source.name, plan.place.status.clip.id, what, reason=reason)
        new, done = self.newcomer is not None, what != "refused"
        return replace(known, frames=plan.changed, new=new, notes=plan.notes if done else ())


def import_dataset(
    catalog: Catalog,
    revisions: RevisionStore,
    sources: Sequence[Incoming],
    *,
    wishes: Wishes,
    newcomers: Newcomers | None = None,
    damaged: Mapping[str, str] | None = None,
    progress: Progress = lambda *_: None,
) -> ImportReport:
    """Check every clip, then store the masks of each as a child of its newest revision.

    One clip that cannot be imported stops all of them before anything is written, unless ``wishes.keep_going``.
    ``newcomers`` makes clips of those that the workspace does not know; without it they are refused. ``damaged`` holds
    the names of clips that could not be read, with the reason. ``progress(name, frames_checked, frames)``.

    Raises:
        SelectionError: ``wishes.clip`` is not known, or the source has several clips of which none is called so.
        DiskFull: no room; clips that were imported before are whole.
    """
    desk = _Desk(catalog, revisions, wishes, newcomers, catalog.clips(), progress)
    checked = _told_apart([_checked(source, desk) for source in _chosen(sources, desk)])
    checked, recordings = _recordings(checked, desk)
    broken = [Outcome(name, "", "refused", reason=why) for name, why in (damaged or {}).items()]
    stopped = not wishes.keep_going and (broken or any(one.plan is None for one in checked))
    if stopped:
        outcomes = [one.outcome("refused", reason=STOPPED) for one in checked]
    elif wishes.dry_run:
        outcomes = [one.outcome(_foreseen(one)) for one in checked]
    else:
        outcomes = _write(checked, recordings, desk)
    foreign = tuple(sorted({name for one in checked for name in one.unknown}))
    return ImportReport((*outcomes, *broken), foreign, wishes.dry_run)


def _chosen(sources: Sequence[Incoming], desk: _Desk) -> Sequence[Incoming]:
    """Return the clips that are meant: the only one, or that of the name, where one was asked for."""
    wanted = desk.wishes.clip
    if wanted is None:
        return sources
    desk.catalog.clip(wanted)  # names the nearest where there is none
    if len(sources) == 1:
        return sources
    named = [one for one in sources if wanted in (one.name, one.labelled.clip.id)]
    if len(named) != 1:
        names = ", ".join(one.name for one in sources[:8])
        raise SelectionError(
            f"clip {wanted}: the source has {len(sources)} clips and none is called so: {names}; import that one alone"
        )
    return named


def _checked(source: Incoming, desk: _Desk) -> _Checked:
    """Find out whether a clip can be imported; whatever is wrong with it becomes the reason."""
    foreign: tuple[str, ...] = ()
    try:
        place = find(source, desk.known, clip=desk.wishes.clip)
        foreign = unknown(source, desk.wishes, _head(place, desk))
        newcomer = None if place else _examined(source, desk)
        plan = check(
            source,
            place or Place(ClipStatus(source.labelled.clip, Stage.INGESTED)),
            desk.revisions,
            desk.wishes,
            new=place is None,
            progress=partial(desk.progress, source.name),
        )
    except (InputError, StageError) as error:
        return _Checked(source, reason=str(error), unknown=foreign)
    return _Checked(source, plan, newcomer)


def _head(place: Place | None, desk: _Desk) -> Revision | None:
    """Return the clip's newest revision."""
    return desk.revisions.head(place.status.clip.id) if place else None


def _examined(source: Incoming, desk: _Desk) -> Newcomer:
    """Look at the pictures of a clip that the workspace does not know."""
    if desk.newcomers is None:
        raise InputError("the workspace has no such clip; name the right one with --clip")
    return desk.newcomers.examine(source)


def _told_apart(checked: Sequence[_Checked]) -> list[_Checked]:
    """Refuse sources that are the same clip of the workspace: one would bury the other."""
    owner: dict[str, str] = {}
    found = []
    for one in checked:
        clip = one.plan.place.status.clip.id if one.plan else ""
        first = owner.setdefault(clip, one.source.name) if clip else one.source.name
        again = f"is clip {clip} like {first} of the same source; import them one after the other"
        found.append(one if first == one.source.name else replace(one, plan=None, reason=again))
    return found


def _recordings(
    checked: list[_Checked], desk: _Desk
) -> tuple[list[_Checked], tuple[Recording, ...]]:
    """Return the recordings to be made; where they are here under other ids, their clips are refused."""
    coming = [one.newcomer for one in checked if one.plan and one.newcomer]
    if not coming or desk.newcomers is None:
        return checked, ()
    try:
        return checked, desk.newcomers.recordings(coming)
    except InputError as error:
        reason = str(error)
        return [replace(x, plan=None, reason=reason) if x.newcomer else x for x in checked], ()


def _foreseen(one: _Checked) -> str:
    """Return what would become of a clip."""
    return "unchanged" if one.plan and one.plan.same else "imported"


def _write(
    checked: Sequence[_Checked], recordings: Sequence[Recording], desk: _Desk
) -> list[Outcome]:
    """Make the new clips, then store the masks of one clip after the other."""
    for recording in recordings:
        if desk.newcomers is not None:
            desk.newcomers.make(recording)
    return [_stored(one, desk) for one in checked]


def _stored(one: _Checked, desk: _Desk) -> Outcome:
    """Store the masks of a clip; a clip that has changed since the checks is refused."""
    if one.plan is None:
        return one.outcome("refused")
    try:
        revision, notes = store(one.plan, desk.catalog, desk.revisions, desk.wishes)
    except (InputError, StageError, StaleParent) as error:
        return one.outcome("refused", reason=str(error))
    made = one.outcome("unchanged" if one.plan.same else "imported")
    return replace(made, revision=revision, notes=(*made.notes, *notes))
