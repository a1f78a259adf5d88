"""How long people were busy, from the moments at which they did something. Knows values, refuses to know stores."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise

from engine.ports.overview import PAUSE, Work


def worked(deeds: Iterable[tuple[str, str, datetime]]) -> dict[str, tuple[Work, ...]]:
    """Return what people did on each clip, from (clip, author, when) in any order."""
    moments: dict[tuple[str, str], list[datetime]] = {}
    for clip, author, at in deeds:
        moments.setdefault((clip, author), []).append(at)
    works: dict[str, tuple[Work, ...]] = {}
    for (clip, author), times in sorted(moments.items()):
        works[clip] = (*works.get(clip, ()), _work(author, sorted(times)))
    return works


def _work(author: str, times: Sequence[datetime]) -> Work:
    pauses = ((later - earlier).total_seconds() for earlier, later in pairwise(times))
    busy = sum(pause for pause in pauses if pause <= PAUSE)
    return Work(author, len(times), busy, times[0], times[-1])
