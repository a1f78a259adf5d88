"""Which windows show what they showed before; knows pixels, no network.

A ball at rest under a camera at rest gives the same window again and again. Its mask is taken over instead of drawn
anew: that costs nothing, and the mask does not tremble with the noise of the video.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from engine.adapters.sam2.colours import Colours
from engine.models.windows import View
from engine.types import TrackMask

_BLOCK = 6
_CHANGE = 7.0


@dataclass(frozen=True, slots=True)
class Rest:
    """A mask as it was drawn last, and what the model saw then: ``picture`` uint8 (3, S, S) of ``view``.

    ``colours`` are those under the mask; None in what was stored without them.
    """

    view: View
    picture: Tensor
    mask: TrackMask
    colours: Colours | None = None


def unchanged(before: Tensor, now: Tensor) -> Tensor:
    """Return for each pair of windows, uint8 (N, 3, S, S), whether no part of it has changed, bool (N,).

    A part is a square of 6 x 6 window pixels; it has changed when its mean difference is 7 levels of 255. Video noise
    stays below; a ball that has moved by a third of a pixel does not. Windows are compared with the one that was drawn,
    not with the frame before, so that slow changes add up.
    """
    if not len(before):
        return torch.zeros(0, dtype=torch.bool)
    difference = (before.float() - now.float()).abs().mean(1, keepdim=True)
    parts = functional.avg_pool2d(difference, _BLOCK, ceil_mode=True)
    calm: Tensor = parts.amax((1, 2, 3)) < _CHANGE
    return calm
