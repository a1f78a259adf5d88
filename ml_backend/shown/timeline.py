"""Ranges on Label Studio's time line: when balls are in play, where to look, what happens. Here its frames that count from 1 end.

A range there names its first and its last frame, both counted from 1 and both in it: frames ``a`` up to ``b`` are ``a + 1`` to ``b``.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.billiards.playing import fewer
from engine.doubts import PICTURE, Doubt, worst
from engine.ports.board import Happening, TableEvent
from engine.types import Clip
from ml_backend.boxes.regions import Name
from ml_backend.names import EVENT, VIDEO

PLAY, LOOK = "in play", "look"
POT, COLLISION, CUSHION = Happening.POT, Happening.COLLISION, Happening.CUSHION
EVENTS: Final = (PLAY, LOOK, *(str(kind) for kind in (POT, COLLISION, CUSHION)))
"""Labels of ranges: people set the last three, too."""

MOST: Final = 12
"""Ranges that a time line shows at most: each is a row above those of the balls."""

_MOST_LOOKS = 8
_BALL = re.compile(r"\bball (\d+) \(")
_FRAME = re.compile(r"\bon frame (\d+)")
_PLACE = re.compile(r" at -?\d+, -?\d+")


def events_to_result(
    clip: Clip,
    revision: int,
    *,
    plays: Sequence[range],
    doubts: Sequence[Doubt],
    happened: Sequence[TableEvent] = (),
) -> list[dict[str, Any]]:
    """Return the ranges of a clip's time line as regions, at most ``MOST``.

    Args:
        clip: the clip.
        revision: id of the revision whose masks they are about.
        plays: frames on which balls are in play, in order; see ``playing.Watch``. Where there are too many, the shortest rests
            between them count as play.
        doubts: of the revision; a range for each place to go to, the gravest.
        happened: what happens on the table; a kind of which there is no room for all is not shown at all.
    """
    looks = _looks(doubts, clip)
    told = [(span, PLAY, "") for span in fewer(plays, MOST - len(looks))]
    told += [(span, LOOK, why) for span, why in looks]
    told += _happenings(happened, clip, room=MOST - len(told))
    return [_region(revision, number, *one) for number, one in enumerate(told)]


def said(doubt: Doubt, labels: Mapping[int, str] | None = None) -> str:
    """Return what a doubt says, and of which track, with its class where ``labels`` knows it.

    Balls are tracks here, as their boxes say; frames count from 1; places are where the link or the range leads.
    """
    why = _BALL.sub(r"track \1 (", doubt.why)
    why = _FRAME.sub(lambda found: f"on frame {int(found[1]) + 1}", _PLACE.sub("", why))
    if doubt.track == PICTURE:
        return why
    label = (labels or {}).get(doubt.track)
    return f"track {doubt.track}{f' ({label})' if label else ''}: {why}"


def _looks(doubts: Sequence[Doubt], clip: Clip) -> list[tuple[range, str]]:
    """Return the frames of the gravest doubts, in order, and why each is one."""
    first = [visit.doubts[0] for visit in worst(doubts)]
    found = [(range(max(0, one.start), min(clip.frames, one.stop)), said(one)) for one in first]
    inside = [(span, why) for span, why in found if span][:_MOST_LOOKS]
    return sorted(inside, key=lambda look: (look[0].start, look[0].stop))


def _happenings(
    happened: Sequence[TableEvent], clip: Clip, *, room: int
) -> list[tuple[range, str, str]]:
    """Return what happens as frames, label and words: pots first, then what else there is room for."""
    told: list[tuple[range, str, str]] = []
    for kind in (POT, COLLISION, CUSHION):
        some = [_happening(one, clip) for one in happened if one.kind is kind]
        if len(told) + len(some) <= room:
            told += some
    return told


def _happening(event: TableEvent, clip: Clip) -> tuple[range, str, str]:
    """Return the frames of an event, its label, and whose it is."""
    balls = "track" if len(event.tracks) == 1 else "tracks"
    why = f"{balls} {', '.join(map(str, event.tracks))}; certainty {event.certainty:.0%}"
    return range(event.start, min(clip.frames, event.stop)), str(event.kind), why


def _region(revision: int, number: int, span: range, label: str, why: str) -> dict[str, Any]:
    """Return one range as a region; ``why`` stands beside it when it is selected."""
    return {
        "id": str(Name(revision, event=number)),
        "type": "timelinelabels",
        "from_name": EVENT,
        "to_name": VIDEO,
        "origin": "prediction",
        "value": {
            "ranges": [{"start": span.start + 1, "end": span.stop}],
            "timelinelabels": [label],
        },
        **({"meta": {"text": [why]}} if why else {}),
    }
