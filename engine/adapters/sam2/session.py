"""One pass through a clip: frames in, masks out, a memory of fixed size; knows no file and no weights."""

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import rle
from engine.adapters.sam2 import bank, drawing, network, place, state, views
from engine.adapters.sam2.drawing import Task
from engine.adapters.sam2.network import Drawn, Features
from engine.adapters.sam2.rivals import thieves
from engine.adapters.sam2.state import Header, TrackState
from engine.asking import Ask, check_frame, gather
from engine.errors import InputError
from engine.models.windows import View, window
from engine.types import Box, Clip, FrameMasks, Image, Prompt, TrackMask

if TYPE_CHECKING:
    from engine.adapters.sam2.segmenter import Sam2Segmenter

_DELTA = 1.0  # logits; stability as in Segment Anything's automatic mask generator


class Sam2Session:
    """See ``engine.ports.Session``; opened by ``Sam2Segmenter.open``."""

    def __init__(self, owner: "Sam2Segmenter", clip: Clip, *, backward: bool) -> None:
        """Begin with no track."""
        self._owner, self._clip, self._backward = owner, clip, backward
        self._reach = owner.reach(clip)
        self._last: int | None = None
        self._tracks: dict[int, TrackState] = {}
        self._open = True

    def step(self, frame: int, rgb: Image, prompts: Sequence[Prompt] = ()) -> FrameMasks:
        """Take the next frame, uint8 (H, W, 3); return the masks of the visible tracks."""
        if not self._open:
            raise InputError("the session is closed; open another")
        check_frame(self._clip, frame, rgb, last=self._last, backward=self._backward)
        asks = gather(prompts, frame=frame, width=rgb.shape[1], height=rgb.shape[0])
        self._refuse_empty_start(asks)
        looks = self._views(rgb, asks)
        with torch.inference_mode(), self._owner.precision():
            masks = self._frame(frame, rgb, asks, looks)
        self._last = frame
        return FrameMasks(frame, masks)

    def forget(self, track: int) -> None:
        """End a track."""
        self._tracks.pop(track, None)

    def snapshot(self) -> bytes:
        """Return the state as safetensors bytes."""
        return state.pack(self._header(), self._tracks)

    def restore(self, snapshot: bytes) -> None:
        """Go on from a snapshot; see ``state.unpack`` for what it refuses."""
        device = self._owner.device
        self._last, self._tracks = state.unpack(snapshot, self._header(), device=device)

    def close(self) -> None:
        """Free the memory."""
        self._open = False
        self._tracks.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _header(self) -> Header:
        return Header(self._owner.fingerprint, self._clip.id, self._backward, self._last)

    def _refuse_empty_start(self, asks: dict[int, Ask]) -> None:
        """Refuse a new track of which only is said what it is not."""
        for track, ask in asks.items():
            wanted = ask.box or ask.mask or any(point.positive for point in ask.points)
            if track not in self._tracks and not wanted:
                raise InputError(
                    f"track {track} cannot begin with 'not this' alone; click on the ball or box it"
                )

    def _views(self, rgb: Image, asks: dict[int, Ask]) -> dict[int, View]:
        """Return where the model looks for each track of this frame."""
        tracks = [*self._tracks, *(track for track in asks if track not in self._tracks)]
        if not self._owner.windows:
            return dict.fromkeys(tracks, views.whole(rgb))
        return {track: self._window(track, asks.get(track, Ask())) for track in tracks}

    def _window(self, track: int, ask: Ask) -> View:
        """Return a track's window: around what was asked, else where the ball is expected."""
        known = self._tracks.get(track)
        box = ask.box or (rle.bbox(ask.mask) if ask.mask else None)
        if box is None and known is not None and known.place is not None:
            view = window(place.expected(known.place), context=self._owner.context)
            if all(views.contains(view, point.x, point.y) for point in ask.points):
                return view
        return window(box or self._around(ask), context=self._owner.context)

    def _around(self, ask: Ask) -> Box:
        """Return a box of the default size around the first wanted click."""
        point = next((p for p in ask.points if p.positive), ask.points[0])
        half = self._owner.default_ball_px / 2
        return point.x - half, point.y - half, point.x + half, point.y + half

    def _frame(
        self, frame: int, rgb: Image, asks: dict[int, Ask], looks: dict[int, View]
    ) -> tuple[TrackMask, ...]:
        """Draw, take down thieves, remember."""
        if not looks:
            return ()
        features = self._see(rgb, looks)
        tasks = [
            self._task(frame, track, i, asks.get(track), look)
            for i, (track, look) in enumerate(looks.items())
        ]
        drawn = drawing.draw(self._owner.model, features, tasks)
        masks = self._paint(drawn, asks, looks, rgb.shape[:2])
        lost = thieves(masks, prompted=asks) if self._owner.windows else set()
        kept = {mask.track: mask for mask in masks if mask.track not in lost}
        self._remember(frame, features, [t for t in tasks if t.track not in lost], drawn, asks)
        self._move(kept, looks, asks)
        return tuple(kept.values())

    def _see(self, rgb: Image, looks: dict[int, View]) -> Features:
        """Encode the picture once, or every window in one batch; one view is encoded once."""
        side = self._owner.model.image_size
        pictures = (
            views.crop(rgb, list(looks.values()), side)
            if self._owner.windows
            else views.shrink(rgb, side)
        )
        return network.encode(self._owner.model, pictures.to(self._owner.device))

    def _task(self, frame: int, track: int, row: int, ask: Ask | None, look: View) -> Task:
        """Put together what the network needs to know of one track; a box or a mask starts it afresh."""
        known = self._tracks.get(track)
        fresh = known is None or (ask is not None and (ask.box is not None or ask.mask is not None))
        memory = None
        if known is not None and not fresh:
            memory = bank.recall(known.bank, frame, backward=self._backward, reach=self._reach)
        return Task(
            track,
            row if self._owner.windows else 0,
            memory,
            self._clicks(ask, look) if ask and (ask.box or ask.points) else None,
            self._seen(ask, look) if ask and ask.mask else None,
        )

    def _clicks(self, ask: Ask, look: View) -> tuple[Tensor, Tensor]:
        """Return box corners, then clicks: float (P, 2) in model pixels, and labels int32 (P,)."""
        places = [(p.x, p.y) for p in ask.points]
        labels = [int(p.positive) for p in ask.points]
        if ask.box is not None:
            places = [ask.box[:2], ask.box[2:], *places]
            labels = [2, 3, *labels]
        side, device = self._owner.model.image_size, self._owner.device
        inside = [views.to_model(x, y, look, side) for x, y in places]
        return torch.tensor(inside, device=device), torch.tensor(
            labels, dtype=torch.int32, device=device
        )

    def _seen(self, ask: Ask, look: View) -> Tensor | None:
        """Return the mask as the model sees it."""
        if ask.mask is None:
            return None
        return views.see_mask(ask.mask, look, self._owner.model.image_size).to(self._owner.device)

    def _paint(
        self,
        drawn: dict[int, Drawn],
        asks: dict[int, Ask],
        looks: dict[int, View],
        size: tuple[int, ...],
    ) -> list[TrackMask]:
        """Return the masks of what is there; a mask that was given comes back as it is."""
        joined = drawing.join(list(drawn.values()))
        low = joined.low[:, 0].cpu().numpy()
        scores = torch.sigmoid(joined.score[:, 0]).cpu().numpy()
        painted = []
        for i, track in enumerate(drawn):
            ask = asks.get(track)
            if ask is not None and ask.mask is not None and not ask.points:
                painted.append(TrackMask(track, ask.mask))
            elif scores[i] > 0.5:
                mask = views.paint(low[i], looks[track], (size[0], size[1]))
                if mask is not None:
                    painted.append(TrackMask(track, mask, float(scores[i]), _stability(low[i])))
        return painted

    def _remember(
        self,
        frame: int,
        features: Features,
        tasks: Sequence[Task],
        drawn: dict[int, Drawn],
        asks: dict[int, Ask],
    ) -> None:
        """Add this frame to the memories, in one batch for prompted and one for other tracks."""
        for group in drawing.grouped(tasks, lambda t: t.track in asks):
            prompted = group[0].track in asks
            rows = drawing.join([drawn[t.track] for t in group])
            own = features.take([t.row for t in group])
            memory = network.remember(self._owner.model, own, rows, prompted=prompted)
            for i, task in enumerate(group):
                known = self._tracks.get(task.track, TrackState(bank.Bank()))
                entry = bank.Entry(frame, memory[i].clone(), rows.pointer[i].clone())
                grown = bank.add(known.bank, entry, conditioned=prompted, reach=self._reach)
                self._tracks[task.track] = TrackState(grown, known.place)

    def _move(
        self, kept: dict[int, TrackMask], looks: dict[int, View], asks: dict[int, Ask]
    ) -> None:
        """Note where the balls were seen; give up those that were absent for too long."""
        if not self._owner.windows:
            return
        for track, known in list(self._tracks.items()):
            box = rle.bbox(kept[track].rle) if track in kept else None
            spot = known.place
            if box is not None:
                spot = place.begin(box) if spot is None or track in asks else place.seen(spot, box)
            else:
                spot = place.missed(spot or place.begin(_inner(looks[track], self._owner.context)))
            self._tracks[track] = TrackState(known.bank, spot)
            if spot.absent > self._owner.patience:
                self.forget(track)


def _inner(look: View, context: float) -> Box:
    """Return the box that a window was made for."""
    x, y, half = (look[0] + look[2]) / 2, (look[1] + look[3]) / 2, (look[2] - look[0]) / context / 2
    return x - half, y - half, x + half, y + half


def _stability(logits: NDArray[np.float32]) -> float:
    """Return intersection over union of the masks at logits above and below 0, 0..1."""
    wide = int((logits > -_DELTA).sum())
    return float((logits > _DELTA).sum() / wide) if wide else 1.0
