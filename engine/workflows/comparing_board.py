"""Puts a comparison on a board of its own: the one masks beside the other, with their J. Knows ports; the board keeps what did not change."""

from collections.abc import Callable
from dataclasses import replace

from engine.ports.board_rules import digest
from engine.workflows.agreeing import Judged
from engine.workflows.board_cards import cards, gathered, told
from engine.workflows.board_desk import BoardDesk
from engine.workflows.board_layers import put_layers
from engine.workflows.comparing import Show
from engine.workflows.comparing_choice import Choice, Pair


def shown_on(
    desk: BoardDesk, choice: Choice, *, whole: bool, stop: Callable[[], bool] = lambda: False
) -> Show:
    """Return what puts compared clips on ``desk.board``, with a browser copy of each; ``whole``: other clips leave the board.

    Raises:
        ServerError: the board does not answer.
    """
    facts = gathered(desk)
    known = {card.clip.id: card for card in cards(facts, film=desk.film, page_url=desk.page_url)}
    held = desk.board.held()
    if whole:
        desk.board.drop(sorted(held.keys() - {pair.clip.id for pair in choice.pairs}))
    desk.board.put_progress(told(facts, desk))

    def show(pair: Pair, found: Judged) -> None:
        card = replace(
            known[pair.clip.id], revision=pair.true, model=pair.model, agreement=found.agreement
        )
        there = held.get(card.clip.id)
        if there is None or there.digest != digest(card):
            desk.board.put_cards([card])
        if there is None or (there.masks, there.drawn) != (pair.true, pair.drawn):
            put_layers(desk, card, (pair.true, pair.drawn), how=found)
        if desk.copy is not None:
            desk.copy(card.clip, stop=stop, progress=lambda *_: None)

    return show
