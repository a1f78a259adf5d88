"""What somebody changed on a clip's boxes, told from what they were shown and what they left. Knows no masks and no server."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.billiards.classes import BALL
from engine.types import Clip, Prompt, Track
from ml_backend import names
from ml_backend.boxes.keyframes import Shown
from ml_backend.boxes.moves import gone, prompts, unseen
from ml_backend.boxes.regions import parse, regions
from ml_backend.translate import result_to_tracks

VERDICTS: Final = (names.ACCEPTED, names.NEEDS_WORK, names.EXCLUDED)


@dataclass(frozen=True, slots=True)
class Changes:
    """What to do so that the tracks are as somebody left them; empty where nothing was touched.

    ``relabelled`` says the classes of tracks that are known, ``labels`` those of new ones. ``absent`` are the frames on which a
    track was shown and is not any more; of a new one, those after its first keyframe on which it is not shown. ``drawn`` names the
    tracks of regions that people drew by the ids of those: hand it to the next comparison as ``known``.
    """

    deleted: tuple[int, ...] = ()
    relabelled: Mapping[int, str] = field(default_factory=dict)
    absent: Mapping[int, tuple[range, ...]] = field(default_factory=dict)
    prompts: tuple[Prompt, ...] = ()
    labels: Mapping[int, str] = field(default_factory=dict)
    drawn: Mapping[str, int] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether there is anything to do."""
        return any((self.deleted, self.relabelled, self.absent, self.prompts))


def changes(
    base: Sequence[Mapping[str, Any]],
    result: Sequence[Mapping[str, Any]],
    clip: Clip,
    *,
    tracks: Sequence[Track],
    known: Mapping[str, int] | None = None,
) -> Changes:
    """Compare what was shown (``base``) with what somebody left (``result``), both as Label Studio stores them.

    ``tracks`` are those of the newest revision: a change to a track that it has no more makes it anew where it says where the ball
    is, and is dropped otherwise. ``known`` are the tracks of regions that people drew earlier (see ``Changes.drawn``); of any
    other region that is not ours, one that is not just as it was is a new track. New tracks are numbered from the highest number
    on, in the order of their regions; one that never shows a box inside the picture is none.

    Raises:
        InputError: a region is not as Label Studio stores one; the message names it.
    """
    before, after = result_to_tracks(base, clip), result_to_tracks(result, clip)
    drawn = dict(known or {})
    were, now = _owned(before, drawn), _owned(after, drawn, first=before)
    pairs = [
        _Pair(track, before.get(were.get(track, "")), after.get(now.get(track, "")))
        for track in sorted(were.keys() | now.keys())
    ]
    number = max((0, *(track.id for track in tracks), *were, *now, *drawn.values()))
    strangers = {id_: region for id_, region in after.items() if id_ not in now.values()}
    for id_, region in strangers.items():
        new = _Pair(number + 1, None, region)
        if new.prompts(clip) and _touched(before.get(id_), region, clip):
            number += 1
            drawn[id_] = number
            pairs.append(new)
    return _put(pairs, {track.id: track.label for track in tracks}, drawn, clip)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A track as it was shown and as it was left, None where it was not."""

    track: int
    before: Shown | None
    after: Shown | None

    def prompts(self, clip: Clip) -> tuple[Prompt, ...]:
        """Where somebody said that the ball is."""
        return () if self.after is None else prompts(self.track, self.before, self.after, clip)

    def absent(self) -> tuple[range, ...]:
        """Where somebody said that it is not."""
        if self.after is None:
            return ()
        return unseen(self.after) if self.before is None else gone(self.before, self.after)

    @property
    def label(self) -> str | None:
        """The class that somebody gave it, None where they left it as it was."""
        then = self.before.label if self.before else None
        now = self.after.label if self.after else None
        return now if now != then else None


def _owned(
    shown: Mapping[str, Shown], drawn: Mapping[str, int], *, first: Collection[str] = ()
) -> dict[int, str]:
    """Return the regions of tracks that are known, by the tracks; of two of one track, one of ``first`` or else the first."""
    found: dict[int, str] = {}
    for id_ in sorted(shown, key=lambda id_: id_ not in first):
        name = parse(id_)
        ours = name.track if name is not None and name.frame is None else None
        track = ours or drawn.get(id_)
        if track is not None:
            found.setdefault(track, id_)
    return found


def _touched(before: Shown | None, after: Shown, clip: Clip) -> bool:
    """Tell whether a region of nobody's track is not just as it was."""
    pair = _Pair(0, before, after)
    return before is None or bool(pair.prompts(clip) or pair.absent() or pair.label)


def _put(
    pairs: Sequence[_Pair], there: Mapping[int, str], drawn: Mapping[str, int], clip: Clip
) -> Changes:
    """Return what to do, leaving out what is about tracks that are no more and are not made anew."""
    said = {pair.track: pair.prompts(clip) for pair in pairs}
    alive = [pair for pair in pairs if pair.track in there or said[pair.track]]
    return Changes(
        tuple(pair.track for pair in alive if pair.after is None),
        {
            pair.track: pair.label
            for pair in alive
            if pair.label and pair.label != there.get(pair.track, pair.label)
        },
        {pair.track: absent for pair in alive if (absent := pair.absent())},
        tuple(
            sorted((p for found in said.values() for p in found), key=lambda p: (p.frame, p.track))
        ),
        {pair.track: _class(pair) for pair in alive if pair.track not in there},
        drawn,
    )


def _class(pair: _Pair) -> str:
    """Return the class of a new track: that of a ball of unknown kind where nobody said it."""
    labels = (shown.label for shown in (pair.after, pair.before) if shown is not None)
    return next(filter(None, labels), BALL)


def verdict(result: Sequence[Mapping[str, Any]]) -> str | None:
    """Return what somebody decided about the clip, one of the verdicts in ``names``; None where they did not.

    Raises:
        InputError: it is no list of regions.
    """
    chosen = _said(result, names.VERDICT, "choices")
    return next((choice for choice in chosen if choice in VERDICTS), None)


def note(result: Sequence[Mapping[str, Any]]) -> str:
    """Return what somebody wrote about the clip, "" where they wrote nothing; what the engine wrote there does not count.

    Raises:
        InputError: it is no list of regions.
    """
    lines = (line.strip() for line in _said(result, names.NOTE, "text"))
    return "\n".join(line for line in lines if not line.endswith(names.ELSEWHERE)).strip()


def _said(result: Sequence[Mapping[str, Any]], control: str, key: str) -> Iterator[str]:
    """Yield what a control about the whole clip holds; a single text comes without a list."""
    for region in regions(result):
        if region.control == control:
            value = region.value.get(key, ())
            lines = value if isinstance(value, list | tuple) else [value]
            yield from (line for line in lines if isinstance(line, str))
