"""Pictures in memory within a budget of bytes: the least lately used go first, those around a playhead last. Knows no source."""

from collections import OrderedDict
from itertools import islice
from typing import Final

from engine.types import Image

NEAR: Final = 8
"""Frames on either side of a resting playhead that are kept longest."""

Place = tuple[str, int]
"""A clip's id and a frame of it."""


class Shelf:
    """Pictures by clip and frame; whoever uses it sees to it that one thread does so at a time."""

    def __init__(self, limit: int) -> None:
        """Hold at most ``limit`` bytes."""
        self._limit, self._bytes = limit, 0
        self._pictures: OrderedDict[Place, Image] = OrderedDict()
        self._playheads: dict[str, int] = {}

    @property
    def bytes(self) -> int:
        """Bytes that all pictures here take."""
        return self._bytes

    def __contains__(self, place: Place) -> bool:
        """Say whether a picture is here, without using it."""
        return place in self._pictures

    def rest(self, clip: str, frame: int) -> None:
        """Note where the clip's playhead rests."""
        self._playheads[clip] = frame

    def get(self, place: Place) -> Image | None:
        """Return a picture that is used now; None where it is not here."""
        picture = self._pictures.get(place)
        if picture is not None:
            self._pictures.move_to_end(place)
        return picture

    def put(self, place: Place, picture: Image) -> None:
        """Add a picture, and let go of others until all fit; one that never could is not taken."""
        old = self._pictures.pop(place, None)
        self._bytes -= 0 if old is None else old.nbytes
        if picture.nbytes > self._limit:
            return
        self._pictures[place] = picture
        self._bytes += picture.nbytes
        while self._bytes > self._limit:
            self._bytes -= self._pictures.pop(self._last_wanted()).nbytes

    def _last_wanted(self) -> Place:
        """Return the least lately used place that is near no playhead, or else of all but the newest."""
        others = islice(self._pictures, len(self._pictures) - 1)
        far = (place for place in others if not self._is_near(place))
        return next(far, next(iter(self._pictures)))

    def _is_near(self, place: Place) -> bool:
        clip, frame = place
        return clip in self._playheads and abs(frame - self._playheads[clip]) <= NEAR
