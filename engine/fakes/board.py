"""A board in memory, exact and gone with the process, on which tests play the lead. Refuses to know threads, files and tools."""

import dataclasses
from collections.abc import Mapping, Sequence

from engine.errors import SelectionError
from engine.ports.board import Card, Held, Layer, Progress, Still, Tag
from engine.ports.board_rules import digest, meant, still_asked, tags_after
from engine.types import Clip


class MemoryBoard:
    """``engine.ports.Board`` in memory.

    ``cards``, ``masks``, ``drawn``, ``stills`` and ``progress`` are what was put, to be looked at.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.cards: dict[str, Card] = {}
        self.masks: dict[str, Layer] = {}
        self.drawn: dict[str, Layer] = {}
        self.stills: dict[str, tuple[Still, ...]] = {}
        self.progress: Progress | None = None
        self._held: dict[str, Held] = {}

    def held(self) -> Mapping[str, Held]:
        """Return what is held, by clip."""
        return dict(self._held)

    def put_cards(self, cards: Sequence[Card]) -> None:
        """Add clips, or replace what is said of them."""
        for card in cards:
            id_ = card.clip.id
            before = self._held.get(id_, Held(""))
            tags = tags_after(before.tags, told=before.priority, priority=card.priority)
            self._held[id_] = dataclasses.replace(
                before, digest=digest(card), tags=tags, priority=card.priority
            )
            self.cards[id_] = card

    def put_masks(self, clip: Clip, masks: Layer, drawn: Layer | None = None) -> None:
        """Replace all masks of a clip."""
        self._refuse_unknown(clip.id)
        self.drop_masks(clip.id)
        read = [(self.masks, _read(masks))]
        read += [] if drawn is None else [(self.drawn, _read(drawn))]
        for place, layer in read:
            place[clip.id] = layer
        self._change(clip.id, masks=masks.revision, drawn=drawn.revision if drawn else None)

    def drop_masks(self, clip: str) -> None:
        """Take a clip's masks away."""
        self._change(clip, masks=None, drawn=None)
        self.masks.pop(clip, None)
        self.drawn.pop(clip, None)

    def drop(self, clips: Sequence[str]) -> None:
        """Take clips away with all that is said of them."""
        for clip in clips:
            for place in (self.cards, self.masks, self.drawn, self.stills, self._held):
                place.pop(clip, None)

    def untag(self, clip: str, tags: Sequence[Tag]) -> None:
        """Take tags off a clip; once it asks for nothing more, what was said with them is forgotten."""
        if clip in self._held:
            self._change(clip, tags=self._held[clip].tags - set(tags))
        if clip in self._held and not still_asked(self._held[clip].tags):
            self._change(clip, by="", note="")

    def put_progress(self, progress: Progress) -> None:
        """Replace what is said of the dataset as a whole."""
        self.progress = progress

    def put_stills(self, clip: str, stills: Sequence[Still], *, made: str) -> None:
        """Replace a clip's pictures."""
        self._refuse_unknown(clip)
        self.stills[clip] = tuple(stills)
        self._change(clip, stills=made)

    def tag(self, clip: str, *tags: Tag, by: str = "", note: str = "") -> None:
        """Tag a clip as a lead does, who may say who he is and why."""
        self._change(clip, tags=self._held[clip].tags | set(tags), by=by, note=note)

    def scribble(self, clip: str, *tags: str) -> None:
        """Give a clip tags as somebody types them, in place of those that are none of ours."""
        ours = {tag for one in tags if (tag := meant(one)) is not None}
        others = tuple(sorted(one for one in tags if meant(one) is None))
        self._change(clip, tags=self._held[clip].tags | ours, others=others)

    def take_off(self, clip: str, tag: Tag) -> None:
        """Take a tag off as a lead does: nothing else changes."""
        self._change(clip, tags=self._held[clip].tags - {tag})

    def _change(self, clip: str, **fields: object) -> None:
        if clip in self._held:
            changed: Held = dataclasses.replace(self._held[clip], **fields)  # type: ignore[arg-type] # of Held's own fields
            self._held[clip] = changed

    def _refuse_unknown(self, clip: str) -> None:
        if clip not in self.cards:
            raise SelectionError(f"no card of clip {clip!r} on the board: put it first")


def _read(layer: Layer) -> Layer:
    """Return a layer whose rows were read, so that they are there as often as somebody looks."""
    return dataclasses.replace(layer, rows=tuple(layer.rows))
