"""SAM 2 as a ``Segmenter``: one network, opened for any number of passes; knows no video."""

import hashlib
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, get_args

import torch

from engine.adapters.sam2.bank import Reach
from engine.adapters.sam2.encoding import Encoder
from engine.adapters.sam2.session import Sam2Session, WholeSession
from engine.adapters.sam2.windowed import WindowSession
from engine.errors import SettingsError
from engine.models.folding import folded
from engine.types import Clip

Mode = Literal["windows", "frame"]


class Sam2Segmenter:
    """Draws masks with a ``SAM2Base`` network.

    ``mode`` "frame" encodes the whole picture once for all balls; "windows" gives each ball a square of
    its own, ``context`` times its size, and drops the less certain of two masks of one ball (see
    ``rivals.thieves``). ``max_cond`` prompted frames are remembered per ball. A click on a new ball
    opens a window for a ball of ``default_ball_px``; a ball not seen for ``patience`` frames is given up.
    ``edge`` is the mask logit at which masks from windows end: below 0 they take in the mixed pixels of a rim, as
    people do who draw around a ball.
    """

    def __init__(
        self,
        model: Any,
        *,
        mode: Mode = "frame",
        max_cond: int = 4,
        context: float = 4.0,
        default_ball_px: float = 24.0,
        patience: int = 90,
        edge: float = 0.0,
    ) -> None:
        """Take a network as it is, on the device where it lies.

        Raises:
            SettingsError: a setting is outside its range.
        """
        if mode not in get_args(Mode):
            raise SettingsError(f"{mode = }: expected one of {get_args(Mode)}")
        if max_cond < 1 or context <= 1 or default_ball_px <= 0:
            raise SettingsError(
                f"{max_cond = } (1 or more), {context = } (above 1), {default_ball_px = } (above 0)"
            )
        self.fingerprint = f"{_fingerprint(model)}-{mode}-{max_cond}-{context}-{edge}"
        self.model = folded(model.eval())
        self.encoder = Encoder(self.model)
        # Balls are rows of one batch here; upstream's rule would take pixels from one for another.
        self.model.non_overlap_masks_for_mem_enc = False
        self.windows = mode == "windows"
        self.max_cond, self.context = max_cond, context
        self.default_ball_px, self.patience, self.edge = default_ball_px, patience, edge
        self.device: torch.device = next(model.parameters()).device

    def open(
        self, clip: Clip, *, backward: bool = False, snapshot: bytes | None = None
    ) -> Sam2Session:
        """Begin a pass, or go on from a snapshot; see ``engine.ports.Segmenter``."""
        kind = WindowSession if self.windows else WholeSession
        session = kind(self, clip, backward=backward)
        if snapshot is not None:
            session.restore(snapshot)
        return session

    def reach(self, clip: Clip) -> Reach:
        """Return how far a ball's memory reaches in this clip."""
        model = self.model
        return Reach(
            spatial=model.num_maskmem,
            pointers=min(clip.frames, model.max_obj_ptrs_in_encoder),
            conditioning=self.max_cond,
            stride=model.memory_temporal_stride_for_eval,
        )

    def precision(self) -> AbstractContextManager[Any]:
        """Return the context to compute in: bfloat16 on a GPU, float32 elsewhere."""
        if self.device.type == "cuda":
            return torch.autocast("cuda", torch.bfloat16)
        return nullcontext()


def _fingerprint(model: Any) -> str:
    """Return a short name of the weights by their content."""
    digest = hashlib.blake2b(digest_size=8)
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(
            value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes()
        )
    return digest.hexdigest()
