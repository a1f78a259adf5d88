"""Finds clips that show almost the same, before anybody annotates them twice, and says which show nothing new. Excludes none itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import DiskFull, EngineError
from engine.likeness import Alike, families
from engine.ports import Catalog, ClipStatus
from engine.stages import Stage
from engine.workflows.likeness.gallery import Gallery

FURTHEST: Final = (
    Stage.ACCEPTED,
    Stage.SUBMITTED,
    Stage.IN_CORRECTION,
    Stage.PREANNOTATED,
    Stage.REJECTED,
    Stage.INGESTED,
)
"""Stages in the order in which a clip is kept rather than one that shows the same."""

FREE: Final = (Stage.PREANNOTATED, Stage.REJECTED, Stage.INGESTED)
"""Stages of clips that may go: no work of people that counts is lost."""

NOTHING_NEW: Final = 0.9
"""The share of a clip that another one must show, so that it may go."""


@dataclass(frozen=True, slots=True)
class Member:
    """A clip of a group. ``of`` says what it has in common with the clip that is best kept, or with its likest; None for that one.

    ``share`` is how much of this clip the other shows, 0..1; ``spare`` says that it shows nothing new and nobody worked on it.
    """

    clip: str
    stage: Stage
    seconds: float
    of: Alike | None = None
    share: float = 0.0
    spare: bool = False


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Groups of clips that are alike, the largest first, how many clips were compared, and why others could not be."""

    groups: tuple[tuple[Member, ...], ...]
    compared: int
    failed: Mapping[str, str]
    interrupted: bool = False

    @property
    def spare(self) -> tuple[str, ...]:
        """Return the clips that show nothing new."""
        return tuple(one.clip for group in self.groups for one in group if one.spare)


def near_duplicates(
    gallery: Gallery,
    catalog: Catalog,
    *,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> NearDuplicates:
    """Look at every clip that is not excluded, and group those that are alike; what was looked at before is not again.

    ``progress`` hears of frames. A clip that cannot be read does not stop the others.

    Raises:
        DiskFull: there is no room for stills.
    """
    clips = {one.clip.id: one for one in catalog.clips() if one.stage is not Stage.EXCLUDED}
    of, done, seen = sum(one.clip.frames for one in clips.values()), 0, 0
    failed: dict[str, str] = {}
    for name, status in clips.items():
        try:
            seen += gallery.look(status.clip, stop=stop) is not None
        except DiskFull:
            raise
        except EngineError as error:
            failed[name] = str(error)
        done += status.clip.frames
        progress(done, of)
        if stop():
            return NearDuplicates((), seen, failed, interrupted=True)
    pairs = gallery.compare().pairs
    here = {name: _among(pairs.get(name, ()), clips) for name in clips}
    alike = {name: ones for name, ones in here.items() if ones}
    groups = tuple(_group(family, alike, clips) for family in families(alike))
    return NearDuplicates(groups, seen, failed)


def _among(ones: Sequence[Alike], clips: Mapping[str, ClipStatus]) -> tuple[Alike, ...]:
    return tuple(one for one in ones if one.clip in clips)


def _group(
    family: Sequence[str], alike: Mapping[str, Sequence[Alike]], clips: Mapping[str, ClipStatus]
) -> tuple[Member, ...]:
    """Return the clips of a family: those to keep first, where two are alike the one that has come further."""
    kept, members = set[str](), list[Member]()
    for name in sorted(family, key=lambda one: _rank(clips[one])):
        status = clips[name]
        of = next((one for one in alike[name] if one.clip in kept), None)
        share = 0.0 if of is None else min(1.0, (of.stop - of.start) / status.clip.frames)
        spare = share >= NOTHING_NEW and status.stage in FREE
        members.append(Member(name, status.stage, status.clip.seconds, of, share, spare))
        if not spare:
            kept.add(name)
    return tuple(members)


def _rank(status: ClipStatus) -> tuple[int, float]:
    return FURTHEST.index(status.stage), -status.clip.seconds
