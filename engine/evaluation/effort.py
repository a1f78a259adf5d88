"""What corrections cost a person, in seconds. Knows counts of actions, no mask.

Looking, finding and clicking cost what Ravi et al., "SAM 2: Segment Anything in Images and Videos", 2024, charge where they
compare annotation speed: 30 s to look through a clip of 300 frames, 1 s to find an object on a frame, 1.5 s for a click. A key
costs 0.28 s: the keystroke of a person who is no typist in Card, Moran, Newell, "The keystroke-level model", 1980.
"""

from dataclasses import dataclass

LOOK = 30.0 / 300  # seconds a frame
FIND = 1.0
CLICK = 1.5
KEY = 0.28


@dataclass(frozen=True, slots=True)
class Effort:
    """Frames looked through, objects found on a frame, clicks, keys."""

    looked: int = 0
    finds: int = 0
    clicks: int = 0
    keys: int = 0

    @property
    def seconds(self) -> float:
        """Seconds of a person."""
        return LOOK * self.looked + FIND * self.finds + CLICK * self.clicks + KEY * self.keys

    def __add__(self, other: "Effort") -> "Effort":
        """Return both together."""
        return Effort(
            self.looked + other.looked,
            self.finds + other.finds,
            self.clicks + other.clicks,
            self.keys + other.keys,
        )
