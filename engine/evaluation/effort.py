"""What corrections cost a person, in seconds. Knows counts of actions, no mask.

The model of Ravi et al., "SAM 2: Segment Anything in Images and Videos", 2024, where annotation speed is compared: 30 s to
look through a clip of 300 frames, 1 s to find an object on a frame, 1.5 s for a click.
"""

from dataclasses import dataclass

LOOK = 30.0 / 300  # seconds a frame
FIND = 1.0
CLICK = 1.5


@dataclass(frozen=True, slots=True)
class Effort:
    """Frames looked through, objects found on a frame, clicks."""

    looked: int = 0
    finds: int = 0
    clicks: int = 0

    @property
    def seconds(self) -> float:
        """Seconds of a person."""
        return LOOK * self.looked + FIND * self.finds + CLICK * self.clicks

    def __add__(self, other: "Effort") -> "Effort":
        """Return both together."""
        return Effort(
            self.looked + other.looked, self.finds + other.finds, self.clicks + other.clicks
        )
