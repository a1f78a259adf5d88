"""Which revisions are compared: what models drew, by model, with what people accepted, or with what other models drew. Opens no masks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from engine.errors import SelectionError
from engine.ports import Catalog, ClipStatus, RevisionStore
from engine.types import Clip, Kind, Revision
from engine.workflows.comparing.recipes import names_it, told_apart
from engine.workflows.provenance import ROLES, drawn_with

PEOPLE: Final = "accepted"
"""What masks are called that people accepted."""

_DIGITS: Final = 4
"""Digits of a digest that are enough to name weights by."""

_FEW: Final = 3
"""Clips that are named one by one."""

_HOW: Final = "`engine fiftyone compare --list` shows what drew, and on how many clips"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A revision that models made alone, and which: ``model`` in words, as every report names it.

    Where the same models drew with other settings, too, ``model`` says those that differ.
    """

    status: ClipStatus
    revision: Revision
    model: str

    def by(self, name: str) -> bool:
        """Say whether ``name`` means these models: all of them in words, one by its name, or by its weights' first digits."""
        said = self.revision.provenance
        digests = (said.get(f"{role}_sha256", "") for role in ROLES)
        return (
            name in {self.model, *(said.get(role, "") for role in ROLES)} - {""}
            or any(len(name) >= _DIGITS and one.startswith(name) for one in digests)
            or names_it(name, _models(self.revision), said)
        )


@dataclass(frozen=True, slots=True)
class Model:
    """Models that drew clips together, in words, on how many clips and on how many of those that are accepted."""

    name: str
    clips: int
    accepted: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two revisions of a clip that are compared: ``true`` by ``whose``, ``drawn`` by ``model``."""

    clip: Clip
    true: int
    drawn: int
    whose: str
    model: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What is compared, and why other clips are not; ``what`` names it in a few words."""

    what: str
    pairs: tuple[Pair, ...]
    left_out: dict[str, str] = field(default_factory=dict)


def drawings(
    catalog: Catalog, revisions: RevisionStore, clips: Sequence[str] = ()
) -> tuple[Drawing, ...]:
    """Return what models drew of these clips, of all for none, clip by clip, oldest first.

    Raises:
        SelectionError: there is no such clip.
    """
    chosen = [catalog.clip(clip) for clip in dict.fromkeys(clips)] if clips else catalog.clips()
    found = [
        (status, revision)
        for status in chosen
        if status.head is not None
        for revision in revisions.history(status.clip.id)
        if revision.kind is Kind.AUTO
    ]
    said = told_apart((_models(revision), revision.provenance) for _, revision in found)
    return tuple(
        Drawing(status, revision, name)
        for (status, revision), name in zip(found, said, strict=True)
    )


def _models(revision: Revision) -> str:
    """Return the models that drew a revision, or who brought it."""
    return drawn_with(revision.provenance) or revision.author


def models(drawn: Iterable[Drawing]) -> tuple[Model, ...]:
    """Return which models drew anything, those that drew most clips first."""
    clips: dict[str, dict[str, bool]] = defaultdict(dict)
    for one in drawn:
        clips[one.model][one.status.clip.id] = one.status.accepted is not None
    found = [Model(name, len(of), sum(of.values())) for name, of in clips.items()]
    return tuple(sorted(found, key=lambda one: (-one.clips, one.name)))


def with_people(drawn: Sequence[Drawing], model: str = "") -> Choice:
    """Return what a model drew last ("" for whichever drew last) beside what people accepted.

    Raises:
        SelectionError: no model of that name drew anything, or nothing of it is accepted.
    """
    newest = _newest(drawn, model)
    pairs, left_out = [], {}
    for clip, one in newest.items():
        accepted = one.status.accepted
        if accepted is None:
            left_out[clip] = f"is {one.status.stage}, not accepted"
        else:
            pairs.append(Pair(one.status.clip, accepted, one.revision.id, PEOPLE, one.model))
    if not pairs:
        whom = f"what {model} drew" if model else "what models drew"
        raise SelectionError(f"nothing of {whom} is accepted yet: {_stages(newest)}; {_HOW}")
    return Choice(f"{PEOPLE} and {model or 'drawn'}", tuple(pairs), left_out)


def with_each_other(drawn: Sequence[Drawing], model: str, other: str) -> Choice:
    """Return what ``other`` drew last of each clip beside what ``model`` drew last.

    Raises:
        SelectionError: one of them drew nothing, or they have no clip in common.
    """
    ours, theirs = _newest(drawn, model), _newest(drawn, other)
    both = [clip for clip in ours if clip in theirs]
    left_out = {
        clip: f"only {model if clip in ours else other} drew it"
        for clip in [*ours, *(clip for clip in theirs if clip not in ours)]
        if clip not in both
    }
    same = {clip for clip in both if ours[clip].revision.id == theirs[clip].revision.id}
    left_out |= dict.fromkeys(sorted(same), "both names mean the same masks")
    pairs = [_beside(ours[clip], theirs[clip]) for clip in both if clip not in same]
    if not pairs:
        why = next(iter(left_out.values()))
        raise SelectionError(
            f"{model} and {other} have no clip in common that they drew apart ({why}); {_HOW}"
        )
    return Choice(f"{model} and {other}", tuple(pairs), left_out)


def _stages(drawn: Mapping[str, Drawing]) -> str:
    """Say where clips stand: each by its id where they are few, the stages of many."""
    if len(drawn) <= _FEW:
        return ", ".join(f"{clip} is {one.status.stage}" for clip, one in drawn.items())
    many = Counter(one.status.stage for one in drawn.values())
    return ", ".join(
        f"{clips} of the clips {'is' if clips == 1 else 'are'} {stage}"
        for stage, clips in many.most_common()
    )


def _beside(one: Drawing, other: Drawing) -> Pair:
    return Pair(one.status.clip, one.revision.id, other.revision.id, one.model, other.model)


def _newest(drawn: Sequence[Drawing], model: str) -> dict[str, Drawing]:
    """Return the newest drawing of each clip by a model, "" for any."""
    if not drawn:
        raise SelectionError("nothing of this is drawn yet: `engine preannotate` lets a model draw")
    found = {one.status.clip.id: one for one in drawn if not model or one.by(model)}
    if not found:
        known = [one.name for one in models(drawn)]
        near = ", ".join(get_close_matches(model, known, cutoff=0.3) or known[:3]) or "none"
        raise SelectionError(
            f"no model {model!r} drew any of these clips; known are {near}; {_HOW}"
        )
    return found
