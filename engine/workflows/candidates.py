"""A clip that may go into a dataset, with the revision and the frames meant, and how an exporter gets at it. Judges nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from engine.ports import ClipStatus, ExportItem, FrameSource, RevisionStore
from engine.stages import Stage
from engine.types import Clip, FrameMasks, Kind, Revision, Video
from engine.workflows.edits import edited
from engine.workflows.measuring import longest
from engine.workflows.selection import bounds, step_for


@dataclass(frozen=True, slots=True)
class Candidate:
    """A clip that has masks.

    ``line`` is the revision that would be written after all its ancestors, oldest first; ``video`` the recording;
    ``frames`` those of the clip that are meant. ``tracks`` are those to keep (None: all), ``step`` the frames from one
    annotated frame to the next, ``notes`` what is left out of the clip, in words.
    """

    status: ClipStatus
    line: tuple[Revision, ...]
    video: Video | None
    frames: range
    tracks: frozenset[int] | None = None
    step: int = 1
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The id under which it would be exported: where frames were chosen, it says which."""
        whole, frames = self.status.clip, self.frames
        if len(frames) == whole.frames:
            return whole.id
        return f"{whole.id}-f{frames.start:05d}-{frames.stop:05d}"

    @property
    def clip(self) -> Clip:
        """The clip as it would be exported, cut to its frames."""
        whole, frames = self.status.clip, self.frames
        return replace(whole, id=self.name, start=whole.start + frames.start, frames=len(frames))

    @property
    def revision(self) -> Revision:
        """The revision that would be written, with the tracks that are kept."""
        made = self.line[-1]
        if self.tracks is None:
            return made
        return replace(made, tracks=tuple(t for t in made.tracks if t.id in self.tracks))

    @property
    def camera(self) -> str:
        """Name of the camera, "" where nobody gave one."""
        return self.video.camera if self.video else ""

    @property
    def licence(self) -> str:
        """Licence of the recording, "" where nobody gave one."""
        return self.video.licence if self.video else ""

    @property
    def accepted(self) -> bool:
        """Whether a person has accepted the revision that would be written."""
        stands = self.status.stage is Stage.ACCEPTED
        return stands and self.line[-1].id == self.status.accepted


def written(status: ClipStatus) -> int | None:
    """Return the revision of a clip that exports write: the accepted one while it is accepted, else the newest."""
    return (status.accepted if status.stage is Stage.ACCEPTED else None) or status.head


def candidate(
    status: ClipStatus, revision: int, revisions: RevisionStore, *, video: Video | None
) -> Candidate:
    """Bind a clip of the recording ``video`` to one of its revisions, with all its frames."""
    line = tuple(made for made in revisions.history(status.clip.id) if made.id <= revision)
    return Candidate(status, line, video, range(status.clip.frames))


def rows_of(
    revisions: RevisionStore, revision: int, frames: range, tracks: frozenset[int] | None
) -> Iterator[FrameMasks]:
    """Yield the masks of ``tracks`` (None: all) on ``frames``, which are numbered from 0."""
    for row in revisions.frames(revision, start=frames.start, stop=frames.stop):
        kept = (mask for mask in row.masks if tracks is None or mask.track in tracks)
        yield FrameMasks(row.frame - frames.start, tuple(kept))


def parted(whole: Candidate, frames: str) -> Candidate:
    """Return the candidate with the frames that were asked for; empty where they begin after its end."""
    start, stop = bounds(frames)
    end = whole.status.clip.frames
    part = replace(whole, frames=range(min(start, end), min(end if stop is None else stop, end)))
    short = f", which ends before {stop}" if stop is not None and stop > end else ""
    if (part.frames == whole.frames and not short) or not part.frames:
        return part
    first, last = part.frames.start, part.frames.stop
    note = f"{part.name}: frames {first} to {last} of the {end} of {whole.name}{short}"
    return replace(part, notes=(note,))


def stepped(one: Candidate, fps: Fraction) -> Candidate | str:
    """Return the candidate with every so many frames annotated that ``fps`` is met, or what rates are possible."""
    rate = one.clip.rate
    step = step_for(rate, fps)
    if step:
        return replace(one, step=step)
    possible = ", ".join(f"{float(rate / k):.4g}" for k in range(1, 11))
    return f"of {float(rate):.4g} frames/s every k-th can be annotated: {possible}, ..."


def classed(one: Candidate, labels: Sequence[str]) -> Candidate | str:
    """Return the candidate with the tracks of some classes alone, or which classes it has instead."""
    tracks = one.line[-1].tracks
    kept = frozenset(track.id for track in tracks if track.label in labels)
    if not kept:
        return f"has {', '.join(sorted({track.label for track in tracks})) or 'no tracks'}"
    left = ", ".join(f"{track.id} ({track.label})" for track in tracks if track.id not in kept)
    note = f"{one.name}: only class {either(labels)} is kept: left out tracks {left}"
    return replace(one, tracks=kept, notes=(*one.notes, note) if left else one.notes)


def limited(chosen: Candidate, most: int, revisions: RevisionStore) -> Candidate:
    """Return the candidate with the ``most`` tracks that are visible longest on its annotated frames; it names the others."""
    rows = rows_of(revisions, chosen.line[-1].id, chosen.frames, chosen.tracks)
    kept, others = longest((row for row in rows if row.frame % chosen.step == 0), most)
    if not others:
        return chosen
    labels = {track.id: track.label for track in chosen.line[-1].tracks}
    left = ", ".join(f"{t} ({labels.get(t, 'ball')}, {n} frames)" for t, n in others.items())
    note = f"{chosen.name}: only the {most} tracks visible longest are kept: left out {left}"
    return replace(chosen, tracks=kept, notes=(*chosen.notes, note))


def item_of(
    chosen: Candidate, revisions: RevisionStore, source: FrameSource, *, auto: bool
) -> ExportItem:
    """Return a clip as exporters take it; ``auto`` hands over the models' own masks as well."""
    clip, revision, frames, tracks = chosen.clip, chosen.revision, chosen.frames, chosen.tracks
    drawn = _drawn(chosen.line) if auto else None
    return ExportItem(
        clip,
        revision,
        partial(rows_of, revisions, revision.id, frames, tracks),
        partial(source.batches, clip),
        edited=partial(edited, revisions, chosen.line, frames, step=chosen.step, tracks=tracks),
        auto=partial(rows_of, revisions, drawn.id, frames, tracks) if drawn else None,
        reviewed=chosen.accepted,
        step=chosen.step,
        camera=chosen.camera,
        licence=chosen.licence,
        notes=chosen.notes,
        whole="" if clip == chosen.status.clip else chosen.status.clip.id,
    )


def _drawn(line: Sequence[Revision]) -> Revision | None:
    """Return the newest revision that models drew alone, or None."""
    return next((made for made in reversed(line) if made.kind is Kind.AUTO), None)


def either(names: Sequence[str]) -> str:
    """Return names as a choice."""
    return " or ".join(repr(name) for name in names)
