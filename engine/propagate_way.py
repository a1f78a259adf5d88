"""One corrected track on its way out from a prompt: what becomes of each frame, and when the way ends.

Knows masks of one track on one frame at a time, the new one and that of the parent. Refuses to know models,
pictures and other tracks.
"""

import math
from dataclasses import dataclass, field

from engine import geometry
from engine.errors import SettingsError
from engine.rle import area, bbox, iou
from engine.types import RLE, TrackMask

ASTRAY = 0.1
SAME = 0.5
NEAR = 3.0


@dataclass(frozen=True, slots=True)
class Rule:
    """When a correction has met the parent again: masks agree on ``stable`` frames in a row.

    They agree where their IoU is ``agree`` or more, and where their edges are not further apart than ``edge`` pixels all
    around: two drawings of a ball of 16 pixels that differ by half a pixel all around have an IoU of 0.89, and are as
    good as each other. A track that the model has lost for ``lost`` frames, where the parent shows it, is followed
    no further.
    """

    agree: float = 0.95
    stable: int = 5
    lost: int = 5
    edge: float = 0.75

    def __post_init__(self) -> None:
        """Refuse rules by which no way, or every way, would end at once."""
        if not 0 < self.agree <= 1 or self.stable < 1 or self.lost < 1 or self.edge < 0:
            raise SettingsError(
                f"{self.agree = } (above 0, up to 1), {self.stable = } and {self.lost = } (1 or more), "
                f"{self.edge = } (0 or more)"
            )

    def least(self, area: float) -> float:
        """Return the IoU at which a mask of ``area`` pixels agrees: that of discs whose radii differ by ``edge``."""
        radius = math.sqrt(area / math.pi)
        return min(self.agree, (radius / (radius + self.edge)) ** 2)


@dataclass(slots=True)
class Way:
    """Where a track stands on its way.

    ``masks`` is what it has changed so far, by frame; None says that the track is taken off that frame. ``yields``
    are the tracks whose ball the track may take: they were on it where a person said whose it is. ``astray``
    says that the parent's mask was last seen on something else than the new one, ``together`` on how many frames in a
    row both were on one ball. ``before`` and ``own`` are the parent's mask and the new one of the frame before.
    """

    masks: dict[int, TrackMask | None] = field(default_factory=dict)
    yields: frozenset[int] = frozenset()
    calm: list[int] = field(default_factory=list)
    astray: bool = False
    together: int = 0
    lost: int = 0
    before: RLE | None = None
    own: RLE | None = None
    ended: bool = False


def begin(way: Way, frame: int, new: TrackMask | None, old: TrackMask | None) -> None:
    """Take a frame on which a person prompted the track: what is drawn there counts, whatever was there.

    Where nothing is drawn, the parent's mask stays. That both are on one ball here says nothing of the next frame: the parent may
    hold what the same prompts have drawn here already.
    """
    way.calm.clear()
    _compare(way, new, old)
    way.together = 0
    if new is not None:
        way.masks[frame] = new


def follow(
    way: Way, frame: int, new: TrackMask | None, old: TrackMask | None, *, rule: Rule
) -> None:
    """Take the next frame, on which the model carried the track on.

    The parent's mask gives way to the new one, unless the two part from one ball on which they were together, and it is
    not plainly the parent's that jumped: then nothing says that the new one is the better, and the way ends. Where the model sees the ball no more, the parent's mask is taken
    off only while it goes on following, without a break, the thing that it had strayed to; else it stays. Once both have
    agreed for long enough, the frames on which they agreed are given back to the parent.
    """
    if _parts(way, new, old):
        way.ended = True
        return
    _compare(way, new, old)
    if _agree(new, old, rule):
        way.calm.append(frame)
    else:
        way.calm.clear()
    if new is not None:
        way.masks[frame], way.lost = new, 0
    elif old is not None and way.astray:
        way.masks[frame] = None
    elif old is not None:
        way.lost += 1
    if len(way.calm) >= rule.stable:
        for settled in way.calm:
            way.masks.pop(settled, None)
    way.ended = len(way.calm) >= rule.stable or way.lost >= rule.lost


def _compare(way: Way, new: TrackMask | None, old: TrackMask | None) -> None:
    """Note whether the parent is on something else: seen where both have a mask, believed while its run goes on."""
    now = None if old is None else old.rle
    if new is not None and now is not None:
        common = iou(new.rle, now)
        way.astray = common < ASTRAY
        if common >= ASTRAY:
            way.together = way.together + 1 if common >= SAME else 0
    elif not continues(way.before, now):
        way.astray = False
    way.before, way.own = now, None if new is None else new.rle


def _parts(way: Way, new: TrackMask | None, old: TrackMask | None) -> bool:
    """Return whether the two, together when last seen, are apart, and not because the parent's mask alone has jumped."""
    if new is None or old is None or way.astray or not way.together:
        return False
    jumped = continues(way.own, new.rle) and not continues(way.before, old.rle)
    return iou(new.rle, old.rle) < ASTRAY and not jumped


def _agree(new: TrackMask | None, old: TrackMask | None, rule: Rule) -> bool:
    """Return whether both show the same, or both nothing."""
    if new is None or old is None:
        return new is old
    return iou(new.rle, old.rle) >= rule.least(min(area(new.rle), area(old.rle)))


def continues(before: RLE | None, now: RLE | None) -> bool:
    """Return whether two masks of frames one after the other can be one thing that moved."""
    first, second = (None if mask is None else bbox(mask) for mask in (before, now))
    if first is None or second is None:
        return False
    return geometry.common(geometry.scale(first, NEAR), second) > 0
