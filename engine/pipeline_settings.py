"""What a run of Det-SAM2 is given: its numbers and its parts. Knows no loop and no model."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.association import Rules
from engine.errors import SettingsError
from engine.ports import Detector, FrameSource, Segmenter
from engine.types import Detection, Image

Filter: TypeAlias = Callable[[tuple[Detection, ...], Image], tuple[Detection, ...]]


@dataclass(frozen=True, slots=True)
class DetSam2:
    """Det-SAM2's settings in frames, with the published n, K and M as defaults.

    Attributes:
        every: n, the detector looks at every n-th frame and at the last one.
        buffer: K, frames in a block; after each block the run can be stopped and taken up again.
        repair: M, the furthest that new evidence reaches back.
        lost: frames after the loss of a ball at which the detector looks out of turn; 0 for never, as published.
        refresh: whether a detection corrects only a mask that disagrees with it, or each ("always", as published).
        rules: thresholds of identity.
    """

    every: int = 30
    buffer: int = 30
    repair: int = 60
    lost: int = 3
    refresh: Literal["disagree", "always"] = "disagree"
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        for name, least in (("every", 1), ("buffer", 1), ("repair", 0), ("lost", 0)):
            if getattr(self, name) < least:
                raise SettingsError(
                    f"{name}={getattr(self, name)}: expected {least} frames or more"
                )

    @property
    def hold(self) -> int:
        """Frames that may still change: those of the repair, and those until a false mask is found out."""
        return self.repair + max(self.rules.misses, self.rules.ghost) * self.every


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run works with; ``keep_only`` filters detections by what the picture shows around them."""

    source: FrameSource
    detector: Detector
    segmenter: Segmenter
    keep_only: Filter | None = None
