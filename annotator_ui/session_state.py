"""A clip under correction as a value: what was done, what was taken back, what is in force. Knows no storage and no model.

Everything is a fold over the steps that stand, so that taking one back leaves exactly what there was before it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from annotator_ui.session_counts import Counts, counted
from annotator_ui.session_deeds import Deed, Redo, SpreadDeed, Undo, Why, numbers
from annotator_ui.session_evidence import Evidence, Place, Spoken, to_spread, told
from engine.propagate_reading import stretches
from engine.types import Clip, Prompt, Track


@dataclass(frozen=True, slots=True)
class Step:
    """A deed that was done: ``before`` and ``after`` are revisions, equal where it changed no mask.

    ``stopped`` says that a spread was ended before it had ended by itself.
    """

    seq: int
    deed: Deed
    before: int | None
    after: int | None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A clip under correction.

    ``head`` is its newest revision, ``base`` the one that the steps began on. ``done`` stands, oldest first; ``undone`` can be
    done again, the next one last. ``ground`` is what was in force before the first step, ``evidence`` what is now. ``top`` is
    the highest number that a ball ever had. ``unfinished`` are actions that were asked for and not done, by seq.
    """

    clip: Clip
    head: int | None
    base: int | None
    tracks: tuple[Track, ...]
    top: int = 0
    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()
    ground: Evidence = field(default_factory=Evidence)
    evidence: Evidence = field(default_factory=Evidence)
    unfinished: Mapping[int, Deed] = field(default_factory=dict)

    @property
    def undo_step(self) -> Step | None:
        """What an undo would take back; None for nothing."""
        return self.done[-1] if self.done else None

    @property
    def redo_step(self) -> Step | None:
        """What a redo would do again; None for nothing."""
        return self.undone[-1] if self.undone else None

    def in_force(self) -> tuple[Prompt, ...]:
        """Return all prompts that count, in the order of frames and tracks."""
        return _prompts(self.evidence.spoken)

    def earlier(self, prompts: Sequence[Prompt] = ()) -> tuple[Prompt, ...]:
        """Return the prompts in force on other places than those of ``prompts``."""
        places = {(prompt.frame, prompt.track) for prompt in prompts}
        rest = {at: said for at, said in self.evidence.spoken.items() if at not in places}
        return _prompts(rest)

    def at(self, frame: int, track: int) -> tuple[Prompt, ...]:
        """Return the prompts in force on one place, as they are told to the model together."""
        said = self.evidence.spoken.get((frame, track))
        return () if said is None else said.prompts((frame, track))

    def spreading(self, deed: SpreadDeed | None = None) -> tuple[Prompt, ...]:
        """Return the prompts that a spread would take through time, by default all that are not spread yet.

        A ball of which nothing was ever drawn has no track to spread.
        """
        known = {track.id for track in self.tracks}
        waiting = to_spread(self.evidence, deed or SpreadDeed())
        return _prompts({place: said for place, said in waiting.items() if place[1] in known})

    def pending(self) -> Mapping[int, tuple[Prompt, ...]]:
        """Return the prompts that are not spread yet, by track."""
        found: dict[int, list[Prompt]] = defaultdict(list)
        for prompt in self.spreading():
            found[prompt.track].append(prompt)
        return {track: tuple(found[track]) for track in sorted(found)}

    def dirty(self) -> Mapping[int, range]:
        """Return by track the frames from the first to the last prompt that is not spread yet."""
        return {
            track: range(prompts[0].frame, prompts[-1].frame + 1)
            for track, prompts in self.pending().items()
        }

    def hidden(self) -> Mapping[Place, Why]:
        """Return the places (frame, track) where a person said that there is no mask, and why."""
        return self.evidence.hidden

    def held_by_hand(self) -> frozenset[Place]:
        """Return the places (frame, track) whose mask, or its absence, is a person's own: painted, hidden, deleted."""
        return self.evidence.by_hand()

    def held(self) -> frozenset[Place]:
        """Return the places that no spread may change; (frame, 0) is a confirmed frame."""
        return self.held_by_hand() | {(frame, 0) for frame in self.evidence.confirmed}

    def confirmed(self) -> tuple[range, ...]:
        """Return the runs of frames that a person has found right."""
        return tuple(stretches(sorted(self.evidence.confirmed)))

    def new_track(self) -> int:
        """Return a number that no ball of this clip ever had."""
        return self.top + 1

    def counts(self) -> Counts:
        """Return what was done and not taken back, counted."""
        return counted(step.deed for step in self.done)


def begin(
    clip: Clip, *, head: int | None, tracks: Iterable[Track], confirmed: Sequence[range] = ()
) -> Session:
    """Return a session in which nothing was done; ``confirmed`` frames are so from the start."""
    frames = frozenset(frame for run in confirmed for frame in run)
    ground = Evidence(confirmed=frames)
    known = tuple(tracks)
    top = max((track.id for track in known), default=0)
    return Session(clip, head, head, known, top, ground=ground, evidence=ground)


def applied(
    session: Session,
    deed: Deed,
    *,
    seq: int,
    after: int | None,
    tracks: Iterable[Track],
    stopped: bool = False,
) -> Session:
    """Return the session after a deed that was checked and done.

    While a spread runs, other deeds than undo and redo may come before it is done; what they said stays to be spread.

    Args:
        session: what was before.
        deed: what was done.
        seq: number of its action.
        after: the newest revision now.
        tracks: those of that revision.
        stopped: whether a spread was ended by hand: what it was about stays to be spread.
    """
    step = Step(seq, deed, session.head, after, stopped)
    moved = stacked(session, step)
    known = tuple(tracks)
    return replace(
        moved,
        evidence=_evidence(session, moved),
        tracks=known,
        top=max(moved.top, *(track.id for track in known), 0),
        unfinished={at: open_ for at, open_ in moved.unfinished.items() if at != seq},
    )


def dropped(session: Session, seq: int) -> Session:
    """Return the session without an action that was asked for and will not be done."""
    left = {at: deed for at, deed in session.unfinished.items() if at != seq}
    return replace(session, unfinished=left)


def stacked(session: Session, step: Step) -> Session:
    """Return the session with a step on its stacks; what is in force is still that of before."""
    top = max((session.top, *numbers(step.deed)))
    match step.deed:
        case Undo():
            done, undone = session.done[:-1], (*session.undone, *session.done[-1:])
        case Redo():
            done, undone = (*session.done, *session.undone[-1:]), session.undone[:-1]
        case _:
            done, undone = _placed(session.done, step), ()
    return replace(session, head=step.after, top=top, done=done, undone=undone)


def folded(session: Session) -> Evidence:
    """Return what is in force after all steps that stand."""
    evidence = session.ground
    for step in session.done:
        evidence = told(evidence, step.deed, seq=step.seq, stopped=step.stopped)
    return evidence


def _evidence(before: Session, now: Session) -> Evidence:
    """Return what is in force, from what was where a step was only added."""
    if now.done[:-1] != before.done:
        return folded(now)
    step = now.done[-1]
    return told(before.evidence, step.deed, seq=step.seq, stopped=step.stopped)


def _placed(done: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    """Add a step; one that changed no mask, asked for before others that changed none, goes before them."""
    place = len(done)
    if step.before == step.after:
        while place and done[place - 1].seq > step.seq and _idle(done[place - 1]):
            place -= 1
    return *done[:place], step, *done[place:]


def _idle(step: Step) -> bool:
    return step.before == step.after


def _prompts(spoken: Mapping[Place, Spoken]) -> tuple[Prompt, ...]:
    """Return what was said as prompts, in the order of places."""
    return tuple(prompt for place, said in sorted(spoken.items()) for prompt in said.prompts(place))
