"""The fields that SA-V derives from a masklet, by the definitions of its example file; pure arithmetic.

Checked against the example of facebookresearch/sam2 (``sav_dataset/example``): recomputed from its masks,
all of them agree to the last digit printed.
"""

from collections.abc import Sequence
from itertools import pairwise

MEDIUM, LARGE = 32.0**2, 96.0**2


def mean_area(areas: Sequence[int]) -> float:
    """Return the mean area in pixels over the frames where the ball is seen, 0 where it never is."""
    seen = [area for area in areas if area > 0]
    return sum(seen) / len(seen) if seen else 0.0


def bucket(area: float) -> str:
    """Return small, medium or large, as COCO counts sizes."""
    return "small" if area < MEDIUM else "medium" if area < LARGE else "large"


def visibility_changes(areas: Sequence[int]) -> int:
    """Return how often the ball comes or goes after it first appeared."""
    seen = [area > 0 for area in areas]
    later = seen[first_appearance(areas) :]
    return sum(before != after for before, after in pairwise(later))


def first_appearance(areas: Sequence[int]) -> int:
    """Return the index of the first annotated frame where the ball is seen, 0 where it never is."""
    return next((index for index, area in enumerate(areas) if area > 0), 0)
