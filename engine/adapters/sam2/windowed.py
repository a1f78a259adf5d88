"""A pass in which each ball is seen in a window of its own; knows places and colours of balls, no file and no weights.

A frame goes: take over what has not changed, draw the rest in one batch, take down masks on balls of others, seek
around for balls that are not in their windows, remember.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import torch

from engine import rle
from engine.adapters.sam2 import bank, fitting, motion, shape, sighting, views
from engine.adapters.sam2.colours import Palette, likeness, mix, strangers
from engine.adapters.sam2.contest import Claim, settle, trim
from engine.adapters.sam2.fitting import Fitted, Fitter, Guess
from engine.adapters.sam2.motion import Small
from engine.adapters.sam2.resting import Rest, unchanged
from engine.adapters.sam2.rivals import thieves
from engine.adapters.sam2.searching import Ground, search
from engine.adapters.sam2.seeking import LONGEST, Sought, ball_sized, due, whole
from engine.adapters.sam2.session import Sam2Session
from engine.adapters.sam2.sighting import Sighting, Want
from engine.adapters.sam2.state import TrackState
from engine.asking import Ask
from engine.models import place
from engine.models.windows import View, window
from engine.types import Box, Image, TrackMask

_SURE = 0.75  # likeness that makes up for a low object score
_CRUMB = 0.2


class WindowSession(Sam2Session):
    """Each ball has a window of its own."""

    _palette: Palette

    def _take(self, frame: int, rgb: Image, asks: Mapping[int, Ask]) -> Iterable[TrackMask]:
        """Draw and remember one frame."""
        fitted, self._palette = self._looks(rgb, asks), Palette(rgb)
        looks = {track: one.look for track, one in fitted.items()}
        calm = self._calm(rgb, looks, asks)
        wants = [
            self._want(frame, track, look, asks.get(track))
            for track, look in looks.items()
            if track not in calm and fitted[track].seen is None
        ]
        ready = [one.seen for one in fitted.values() if one.seen is not None]
        drawn = self._judged(rgb, ready + self._draw(rgb, wants))
        masks = {one.want.track: one.mask for one in drawn if one.mask is not None}
        masks |= {track: rest.mask for track, rest in calm.items()}
        settled = self._trimmed(rgb, masks, asks)
        masks |= settled
        lost = thieves(list(masks.values()), prompted=asks)
        lost |= self._strangers(masks, asks)
        kept = {track: mask for track, mask in masks.items() if track not in lost}
        settled |= self._settled(rgb, kept, asks)
        lost |= {track for track, mask in settled.items() if not _worth(mask, masks[track])}
        lost |= self._swollen(kept | settled, asks)
        kept = {t: settled.get(t, mask) for t, mask in kept.items() if t not in lost}
        before, now = self._before, motion.small(rgb)
        found = self._seek(frame, rgb, asks, kept, now)
        self._paused = not motion.change(before, now).any() and not self._paused
        self._before = now
        kept |= {one.want.track: one.mask for one in found if one.mask is not None}
        gone = lost | {one.want.track for one in found}
        seen = [_as_settled(one, settled) for one in drawn if one.want.track not in gone] + found
        self._remember(frame, seen, asks)
        self._repeat(frame, calm.keys() - lost)
        self._note(kept, seen, looks, asks)
        self._mark(before)
        return [kept[track] for track in looks if track in kept]

    def _draw(self, rgb: Image, wants: Sequence[Want]) -> list[Sighting]:
        """Draw what is wanted, masks ending where those of this model do."""
        own = self._owner
        return sighting.draw(own.model, rgb, wants, edge=own.edge, encoder=own.encoder)

    def _looks(self, rgb: Image, asks: Mapping[int, Ask]) -> dict[int, Fitted]:
        """Return where the model looks for each track of this frame, and what was drawn there on the way to know it."""
        looks, guessed = {}, {}
        for track in self._present(asks):
            ask = asks.get(track, Ask())
            view = self._expected(track, ask)
            if view is None:
                guessed[track] = Guess(self._around(ask), ask, self._hints.get(track))
                view = window(guessed[track].box, context=self._owner.context)
            looks[track] = Fitted(view)
        own = self._owner
        fitter = Fitter(own.model, rgb, own.context, own.edge, own.encoder)
        fits = fitting.fit(fitter, guessed) if guessed else {}
        again = {
            t: Fitted(one.look) for t, one in fits.items() if t in self._tracks
        }  # these remember
        return looks | fits | again

    def _expected(self, track: int, ask: Ask) -> View | None:
        """Return a window around what was asked, else where the ball is expected; None where clicks lie elsewhere."""
        known = self._tracks.get(track)
        box = ask.box or (rle.bbox(ask.mask) if ask.mask else None)
        if box is None and known is not None and known.place is not None:
            view = window(place.expected(known.place), context=self._owner.context)
            return view if all(views.contains(view, p.x, p.y) for p in ask.points) else None
        return None if box is None else window(box, context=self._owner.context)

    def _around(self, ask: Ask) -> Box:
        """Return a box around the first wanted click, of the size that balls have in this clip."""
        point = next((p for p in ask.points if p.positive), ask.points[0])
        places = [known.place for known in self._tracks.values() if known.place is not None]
        sizes = sorted(max(spot.width, spot.height) for spot in places)
        half = (sizes[len(sizes) // 2] if sizes else self._owner.default_ball_px) / 2
        return point.x - half, point.y - half, point.x + half, point.y + half

    def _calm(
        self, rgb: Image, looks: Mapping[int, View], asks: Mapping[int, Ask]
    ) -> dict[int, Rest]:
        """Return the balls whose windows show what they showed when they were drawn last."""
        rests = {
            track: known.rest
            for track, known in self._tracks.items()
            if known.rest is not None and track not in asks and known.rest.view == looks[track]
        }
        if not rests:
            return {}
        side = self._owner.model.image_size
        now = views.crop(rgb, [rest.view for rest in rests.values()], side)
        same = unchanged(torch.stack([rest.picture for rest in rests.values()]), now).tolist()
        calm = {track: rests[track] for track, still in zip(rests, same, strict=True) if still}
        for rest in calm.values():
            if rest.colours is not None:
                self._palette.note(rest.mask.rle, rest.colours)
        return calm

    def _strangers(self, masks: Mapping[int, TrackMask], asks: Mapping[int, Ask]) -> set[int]:
        """Return the tracks whose masks show another ball's colours; what was asked for is never doubted."""
        seen = {
            track: (box, self._palette.of(mask.rle))
            for track, mask in masks.items()
            if track not in asks and (box := rle.bbox(mask.rle)) is not None
        }
        known = {
            track: (place.expected(one.place), one.colours)
            for track, one in self._tracks.items()
            if one.place is not None and one.colours is not None
        }
        return strangers(seen, known)

    def _judged(self, rgb: Image, drawn: Sequence[Sighting]) -> list[Sighting]:
        """Return what was drawn, believing in balls that the network half believes in when their looks speak for them."""
        return [sighting.believe(one) if self._likely(rgb, one) else one for one in drawn]

    def _likely(self, rgb: Image, one: Sighting) -> bool:
        """Return whether a doubtful ball was there just now, and has the size and the colours of before."""
        known = self._tracks.get(one.want.track)
        if one.doubt is None or known is None or known.place is None or known.colours is None:
            return False
        box = rle.bbox(one.doubt.mask.rle)
        if box is None or known.place.absent or not whole(box, one.want.look, rgb):
            return False
        return ball_sized(one.doubt.mask.rle, known.place) and (
            likeness(known.colours, self._palette.of(one.doubt.mask.rle)) > _SURE
        )

    def _trimmed(
        self, rgb: Image, masks: Mapping[int, TrackMask], asks: Mapping[int, Ask]
    ) -> dict[int, TrackMask]:
        """Return the masks that ran into something which their balls do not look like, without it."""
        out = {}
        for track, mask in masks.items():
            known = self._tracks.get(track)
            if track in asks or known is None or known.colours is None or not known.thickness:
                continue
            left = trim(rgb, mask.rle, known.colours, thickness=known.thickness)
            if left is not None:
                out[track] = replace(mask, rle=left)
        return out

    def _settled(
        self, rgb: Image, masks: Mapping[int, TrackMask], asks: Mapping[int, Ask]
    ) -> dict[int, TrackMask]:
        """Return the masks that had to give up pixels which other balls' masks claim too."""
        claims = {}
        for track, mask in masks.items():
            known = self._tracks.get(track)
            box = rle.bbox(mask.rle)
            if box is not None:
                spot = place.begin(box) if known is None or known.place is None else known.place
                colours = None if known is None else known.colours
                claims[track] = Claim(mask.rle, place.expected(spot), colours)
        smaller = settle(rgb, claims, firm=asks)
        return {track: replace(masks[track], rle=mask) for track, mask in smaller.items()}

    def _swollen(self, masks: Mapping[int, TrackMask], asks: Mapping[int, Ask]) -> set[int]:
        """Return the tracks whose masks are thicker than their balls, and than most balls of this clip."""
        known = sorted(one.thickness for one in self._tracks.values() if one.thickness)
        usual = known[len(known) // 2] if known else 0.0
        return {
            track
            for track, mask in masks.items()
            if track not in asks
            and (full := self._tracks[track].thickness)
            and shape.swollen(mask.rle, max(full, usual))
        }

    def _seek(
        self,
        frame: int,
        rgb: Image,
        asks: Mapping[int, Ask],
        kept: Mapping[int, TrackMask],
        now: Small,
    ) -> list[Sighting]:
        """Look around, where something has changed, for balls that are not in their windows; return those that are found."""
        found: list[Sighting] = []
        taken = [mask.rle for mask in kept.values()]
        for track, known in self._tracks.items():
            if track in kept or track in asks or known.place is None or not due(known.place):
                continue

            def draw(looks: Sequence[View], track: int = track) -> list[Sighting]:
                return self._draw(rgb, [self._want_back(frame, track, look) for look in looks])

            scene = self._before if known.scene is None else known.scene
            ground = Ground(rgb, motion.change(scene, now), taken, self._owner.context)
            one = search(Sought(known.place, known.colours), ground, draw)
            if one is not None and one.mask is not None:
                found.append(one)
                taken.append(one.mask.rle)
        return found

    def _mark(self, before: Small | None) -> None:
        """Keep for balls that are sought the picture with which they were seen last."""
        for track, known in self._tracks.items():
            absent = 0 if known.place is None else known.place.absent
            scene = (known.scene if absent > 1 else before) if 0 < absent <= LONGEST else None
            self._tracks[track] = replace(known, scene=scene)

    def _repeat(self, frame: int, tracks: set[int]) -> None:
        """Remember of balls at rest what is remembered already."""
        for track in sorted(tracks):
            last = bank.newest(self._tracks[track].bank)
            self._file(track, bank.Entry(frame, last.features, last.pointer))

    def _note(
        self,
        kept: Mapping[int, TrackMask],
        seen: Sequence[Sighting],
        looks: Mapping[int, View],
        asks: Mapping[int, Ask],
    ) -> None:
        """Note where the balls were seen and how they looked; give up those that were absent for too long."""
        drawn = {one.want.track: one for one in seen}
        for track, known in list(self._tracks.items()):
            box = rle.bbox(kept[track].rle) if track in kept else None
            if box is None:
                self._miss(track, known, looks[track])
                continue
            afresh = known.place is None or track in asks
            if known.place is None or afresh:
                spot = place.begin(box)
            elif (
                self._paused and not known.place.absent
            ):  # a picture shown twice: the ball rolls on after it
                spot = known.place
            else:
                spot = place.seen(known.place, box)
            full = shape.whole(kept[track].rle, 0.0 if afresh else known.thickness)
            self._tracks[track] = replace(known, place=spot, thickness=full)
            if track in drawn:
                self._see(drawn[track], kept[track], afresh=afresh)

    def _see(self, one: Sighting, mask: TrackMask, *, afresh: bool) -> None:
        """Note how a ball that was drawn looks."""
        known, shown = self._tracks[mask.track], self._palette.of(mask.rle)
        colours = mix(known.colours, shown, afresh=afresh)
        rest = Rest(one.want.look, one.picture.cpu(), mask, shown)
        self._tracks[mask.track] = replace(known, colours=colours, rest=rest)

    def _miss(self, track: int, known: TrackState, look: View) -> None:
        """Note that a ball was not seen, and give it up when that has lasted."""
        spot = place.missed(known.place or place.begin(_inner(look, self._owner.context)))
        self._tracks[track] = replace(known, place=spot, rest=None)
        if spot.absent > self._owner.patience:
            self.forget(track)


def _worth(mask: TrackMask, before: TrackMask) -> bool:
    """Return whether enough is left of a mask that had to give up pixels."""
    return rle.area(mask.rle) > _CRUMB * rle.area(before.rle)


def _as_settled(one: Sighting, settled: Mapping[int, TrackMask]) -> Sighting:
    """Return a sighting with what is left of its mask."""
    mask = settled.get(one.want.track)
    return one if mask is None else sighting.confine(one, mask)


def _inner(look: View, context: float) -> Box:
    """Return the box that a window was made for."""
    x, y, half = (look[0] + look[2]) / 2, (look[1] + look[3]) / 2, (look[2] - look[0]) / context / 2
    return x - half, y - half, x + half, y + half
