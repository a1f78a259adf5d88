"""What an import is given, what is asked of it and what it reports, as values. Knows no format and no store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from engine.billiards.classes import BALL, KINDS
from engine.errors import SettingsError
from engine.ports import LabelledClip
from engine.types import Kind

NOTHING: Mapping[str, str] = MappingProxyType({})
KNOWN = (*KINDS, BALL)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One clip of a source.

    ``name`` is what the source calls it. ``recording`` is the SHA-256 of the recording that it was cut from at frame
    ``start``, "" and None where the source does not say. ``pictures`` holds the file of each frame, nothing where the
    clip is a video (``labelled.clip.media``) or comes without pictures (""). ``counted``: the source knows how many
    frames the clip has. ``sha256`` is that of the annotation; ``edited`` counts by track the frames that a person
    edited, None where the source does not count them. ``video`` shows the pictures once more, None where none does.
    """

    labelled: LabelledClip
    name: str
    recording: str = ""
    start: int | None = None
    pictures: tuple[Path, ...] = ()
    counted: bool = True
    sha256: str = ""
    edited: Mapping[int, int] | None = None
    video: Path | None = None

    @property
    def pictured(self) -> bool:
        """Whether the clip brings its pictures along."""
        return bool(self.pictures or self.labelled.clip.media)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of an import.

    ``format`` and ``source`` name where the masks come from and go into the provenance. ``labels`` maps foreign classes to
    ours. ``clip`` is the id of the one clip that is meant. ``auto``: the masks are a model's, nobody has looked at them.
    ``sparse``: frames without annotation keep the masks that they have. ``keep_going``: import what can be imported.
    """

    author: str
    format: str = ""
    source: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    clip: str | None = None
    auto: bool = False
    sparse: bool = False
    keep_going: bool = False
    dry_run: bool = False

    def __post_init__(self) -> None:
        """Refuse classes that nobody here could be."""
        if odd := sorted(ours for ours in self.labels.values() if ours not in KNOWN):
            raise SettingsError(f"class {odd[0]!r}: expected one of {', '.join(KNOWN)}")

    @property
    def kind(self) -> Kind:
        """Kind of the revisions that come of it."""
        return Kind.AUTO if self.auto else Kind.MANUAL

    def label(self, foreign: str) -> str:
        """Return our class for a foreign one."""
        return self.labels.get(foreign, foreign)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one clip.

    ``what`` is "imported" (as ``revision``, of which ``frames`` differ from the one before), "unchanged", or "refused" with
    the ``reason``; in a dry run "imported" means that it could be. ``new``: the workspace did not know the clip before.
    """

    source: str
    clip: str
    what: str
    revision: int | None = None
    frames: int = 0
    new: bool = False
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every clip of the source, in its order; ``unknown`` are the classes that nobody here has."""

    outcomes: tuple[Outcome, ...]
    unknown: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def refused(self) -> tuple[Outcome, ...]:
        """The clips that were refused."""
        return tuple(one for one in self.outcomes if one.what == "refused")

    @property
    def imported(self) -> tuple[Outcome, ...]:
        """The clips that have a new revision, or could have."""
        return tuple(one for one in self.outcomes if one.what == "imported")
