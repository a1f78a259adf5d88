"""Puts a comparison on a board of its own: the one masks beside the other, with their J. Knows ports; the board keeps what did not change."""

from collections.abc import Callable
from dataclasses import replace

from engine.ports.board import Agreement
from engine.ports.board_rules import digest
from engine.workflows.board.cards import cards, gathered, told
from engine.workflows.board.desk import BoardDesk
from engine.workflows.board.layers import put_layers
from engine.workflows.comparing.agreeing import Judge, judged
from engine.workflows.comparing.choice import Choice, Pair
from engine.workflows.comparing.clips import How


def judged_on(desk: BoardDesk, choice: Choice, *, judge: Judge, whole: bool) -> How:
    """Return what tells how two revisions agree, and puts both on ``desk.board``; ``whole``: other clips leave the board now.

    Raises:
        ServerError: the board does not answer.
    """
    facts = gathered(desk)
    known = {card.clip.id: card for card in cards(facts, film=desk.film, page_url=desk.page_url)}
    held = desk.board.held()
    if whole:
        desk.board.drop(sorted(held.keys() - {pair.clip.id for pair in choice.pairs}))
    desk.board.put_progress(told(facts, desk))

    def how(pair: Pair) -> Agreement:
        found = judged(desk.revisions, true=pair.true, drawn=pair.drawn, judge=judge)
        card = replace(
            known[pair.clip.id], revision=pair.true, model=pair.model, agreement=found.agreement
        )
        there = held.get(card.clip.id)
        if there is None or there.digest != digest(card):
            desk.board.put_cards([card])
        if there is None or (there.masks, there.drawn) != (pair.true, pair.drawn):
            put_layers(desk, card, (pair.true, pair.drawn), how=found)
        return found.agreement

    return how


def filmed(desk: BoardDesk, *, stop: Callable[[], bool]) -> Callable[[Pair], object]:
    """Return what makes the browser copy of a clip that was put on the board."""

    def film(pair: Pair) -> bool:
        return desk.copy is not None and desk.copy(pair.clip, stop=stop, progress=_silent)

    return film


def _silent(_done: int, _of: int) -> None:
    """Hear of progress and tell nobody."""
