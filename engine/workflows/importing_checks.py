"""What is looked at before anything is imported: classes, stages, gaps, every mask. Writes nothing."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.errors import InputError, StageError
from engine.ports import RevisionStore
from engine.stages import Move, Stage
from engine.types import FrameMasks, Kind, Revision, Track
from engine.workflows.importing_masks import beside, numbers_for, rows_of
from engine.workflows.importing_places import Place
from engine.workflows.importing_values import KNOWN, Incoming, Wishes

IMPORT = "import"
ORIGIN, SHA256 = "origin", "annotation_sha256"
MOVES: Mapping[tuple[Kind, Stage], tuple[Move, ...]] = {
    **{
        (Kind.MANUAL, stage): (Move.CORRECT, Move.SUBMIT)
        for stage in (Stage.INGESTED, Stage.PREANNOTATED, Stage.IN_CORRECTION, Stage.REJECTED)
    },
    (Kind.MANUAL, Stage.SUBMITTED): (),
    **{
        (Kind.AUTO, stage): (Move.PREANNOTATE,)
        for stage in (Stage.INGESTED, Stage.PREANNOTATED, Stage.REJECTED)
    },
}
"""How a clip goes on after an import, so that a person's verdict is next; other stages allow none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An import of one clip that can be done.

    ``numbers`` maps tracks of the source to those that are kept; ``tracks`` are all of the new revision. ``changed`` frames
    differ from ``head``; ``same``: nothing at all does.
    """

    source: Incoming
    place: Place
    head: Revision | None
    numbers: Mapping[int, int]
    tracks: tuple[Track, ...]
    changed: int
    same: bool
    new: bool = False
    notes: tuple[str, ...] = ()


def unknown(source: Incoming, wishes: Wishes, head: Revision | None) -> tuple[str, ...]:
    """Return the classes of a source that are none of ours, nor of the clip's own tracks."""
    ours = {*KNOWN, *(track.label for track in (head.tracks if head else ()))}
    said = {wishes.label(label): label for label in source.labelled.labels.values()}
    return tuple(sorted(foreign for label, foreign in said.items() if label not in ours))


def check(
    source: Incoming,
    place: Place,
    revisions: RevisionStore,
    wishes: Wishes,
    *,
    new: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Plan:
    """Read everything once and return what importing it would do.

    Raises:
        InputError: classes, gaps or masks that cannot be imported.
        StageError: the clip's stage allows no import.
    """
    head = None if new else revisions.head(place.status.clip.id)
    if foreign := unknown(source, wishes, head):
        raise InputError(_unknown(foreign))
    sparse = _gaps(source, place, head, wishes)
    numbers = numbers_for(source.labelled.labels)
    seen, changed = _read(source, place, revisions, head, numbers=numbers, progress=progress)
    tracks = _tracks(source, wishes, numbers, seen)
    kept = {track.id: track for track in head.tracks} if head else {}
    if sparse:
        _refuse_swaps(tracks, kept)
        tracks = kept | tracks
    same = head is not None and not changed and all(kept.get(t) == of for t, of in tracks.items())
    if not same:
        moves(wishes.kind, place)
    ordered = tuple(tracks[number] for number in sorted(tracks))
    notes = tuple(_notes(numbers, sparse=sparse))
    return Plan(source, place, head, numbers, ordered, changed, same, new, notes)


def moves(kind: Kind, place: Place) -> tuple[Move, ...]:
    """Return how the clip goes on after an import.

    Raises:
        StageError: its stage allows none, so that nothing is lost that a person has done or decided.
    """
    stage, clip = place.status.stage, place.status.clip.id
    if (kind, stage) in MOVES:
        return MOVES[kind, stage]
    if stage in (Stage.ACCEPTED, Stage.EXCLUDED):
        raise StageError(f"is {stage}; take it back first: engine accept --reopen {clip}")
    raise StageError(f"is {stage}: a model's masks would bury a person's; leave --auto away")


def current(revisions: RevisionStore, place: Place, head: Revision | None) -> Iterator[FrameMasks]:
    """Yield every frame of the clip as it is now."""
    if head is not None:
        return revisions.frames(head.id)
    return (FrameMasks(frame) for frame in range(place.status.clip.frames))


def _read(
    source: Incoming,
    place: Place,
    revisions: RevisionStore,
    head: Revision | None,
    *,
    numbers: Mapping[int, int],
    progress: Callable[[int, int], None],
) -> tuple[set[int], int]:
    """Read every mask; return the tracks that are visible somewhere and how many frames differ."""
    seen, changed, total = set[int](), 0, len(source.labelled.labelled)
    rows = rows_of(source.labelled, place, numbers)
    done = 0
    for row, new in beside(rows, current(revisions, place, head)):
        seen |= {mask.track for mask in row.masks}
        changed += new is not None
        done += 1
        progress(done, total)
    if done != total:
        raise InputError(f"{done} frames with masks, {total} were announced; the source is damaged")
    return seen, changed


def _gaps(source: Incoming, place: Place, head: Revision | None, wishes: Wishes) -> bool:
    """Return whether frames of the clip are without annotation.

    Raises:
        InputError: they are, and that is not wanted, or there is nothing that they could keep.
    """
    frames, clip = source.labelled.labelled, place.status.clip
    there = {place.frame(frame) for frame in frames}
    gap = next((frame for frame in range(clip.frames) if frame not in there), None)
    if gap is None:
        return False
    said = f"{len(there)} of {clip.frames} frames are annotated, the first without is {gap}"
    if not wishes.sparse:
        raise InputError(f"{said}; say --sparse to let the frames between keep their masks")
    if head is None:
        raise InputError(
            f"{said}, and the clip has no masks that they could keep: "
            f"run `engine preannotate {clip.id}` first"
        )
    return True


def _tracks(
    source: Incoming, wishes: Wishes, numbers: Mapping[int, int], seen: set[int]
) -> dict[int, Track]:
    """Return the tracks that are visible, by number; one that nobody named is a ball."""
    labels = {numbers[track]: label for track, label in source.labelled.labels.items()}
    return {number: Track(number, wishes.label(labels.get(number, "ball"))) for number in seen}


def _refuse_swaps(tracks: Mapping[int, Track], kept: Mapping[int, Track]) -> None:
    """Refuse numbers that are another ball on the frames between."""
    for number, track in sorted(tracks.items()):
        if number in kept and kept[number].label != track.label:
            raise InputError(
                f"track {number} is {track.label!r}, the clip's own is {kept[number].label!r}: the frames between would "
                "show another ball under its number; number the tracks as the clip does"
            )


def _notes(numbers: Mapping[int, int], *, sparse: bool) -> Iterator[str]:
    """Say what an import does beyond storing masks."""
    for track, number in numbers.items():
        if track != number:
            yield f"track {track} is kept as {number}: tracks are numbered from 1"
    if sparse:
        yield "frames without annotation keep their masks"


def _unknown(foreign: tuple[str, ...]) -> str:
    """Say which classes are nobody's here."""
    maps = " ".join(f"--class '{name}=...'" for name in foreign)
    return f"unknown classes {', '.join(map(repr, foreign))}; known: {', '.join(KNOWN)}; map them: {maps}"
