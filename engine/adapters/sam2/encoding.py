"""Windows through the image encoder, each once: a window that was seen before is known by its pixels. Knows no clip and no frame.

A ball that is clicked at is looked at in the same windows again and again: while its window is fitted, and by the next
click.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor

from engine.models import memory
from engine.models.memory import Features


class Encoder:
    """The image encoder of a network, and the features of the ``limit`` windows asked for last."""

    def __init__(self, model: Any, *, limit: int = 256) -> None:
        """Take a network where it lies."""
        self._model, self._limit = model, limit
        self._kept: OrderedDict[bytes, Features] = OrderedDict()
        self._lock = Lock()

    def encode(self, pictures: Tensor, *, keep: Sequence[bool]) -> Features:
        """Return the features of ``pictures``, uint8 (V, 3, S, S) on the CPU; ``keep`` names those that may come again."""
        keys = [_key(one) if known else None for one, known in zip(pictures, keep, strict=True)]
        found = {row: known for row, key in enumerate(keys) if key and (known := self._get(key))}
        rest = [row for row in range(len(keys)) if row not in found]
        if not rest:
            return _stacked([found[row] for row in range(len(keys))])
        device = next(self._model.parameters()).device
        new = memory.encode(self._model, pictures[rest].to(device))
        for place, row in enumerate(rest):
            key = keys[row]
            if key is not None:
                self._put(key, new.take([place]))
        if not found:
            return new
        made = found | {row: new.take([place]) for place, row in enumerate(rest)}
        return _stacked([made[row] for row in range(len(keys))])

    def _get(self, key: bytes) -> Features | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _put(self, key: bytes, features: Features) -> None:
        with self._lock:
            self._kept[key] = features
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)


def _key(picture: Tensor) -> bytes:
    """Return a short name of a window by its pixels."""
    return hashlib.blake2b(picture.numpy().tobytes(), digest_size=16).digest()


def _stacked(rows: Sequence[Features]) -> Features:
    """Return features of one row each as one batch."""
    levels = zip(*(row.levels for row in rows), strict=True)
    return Features(tuple(map(torch.cat, levels)), rows[0].position)
