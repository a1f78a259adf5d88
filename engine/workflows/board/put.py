"""Puts on the board what differs there: cards, the sum of all, masks. Knows digests and revisions; does nothing that takes long."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from engine.ports.board import Card, Held, Progress
from engine.workflows.board.cards import Facts, cards, gathered, told
from engine.workflows.board.desk import BoardDesk
from engine.workflows.board.lacking import NOTHING
from engine.workflows.board.layers import judged_again, put_layers, wanted
from engine.workflows.board.memory import digest_of, remember, with_said
from engine.workflows.board.report import Answer
from engine.workflows.board.run import Run
from engine.workflows.board.tags import off
from engine.workflows.findings import kept_doubts

BLOCK: Final = 250
"""Cards that are put at once: few enough that an interrupted sync has put some."""


def put_cards(
    run: Run, held: Mapping[str, Held], answers: Sequence[Answer]
) -> tuple[Facts, tuple[Card, ...]]:
    """Put the cards that differ, those whose tags were answered first, and take away those of clips that are gone.

    Return what was read of the workspace, and the cards of the clips wished for.

    Raises:
        ServerError: the board does not answer.
        StoreError: the database does not answer.
    """
    facts = gathered(run.desk)
    made = cards(facts, film=run.desk.film, page_url=run.desk.page_url)
    remember(run.desk.memory, answers, made)
    made = with_said(run.desk.memory, made)
    chosen = tuple(card for card in made if run.wish.takes(card.clip.id))
    run.tally.counts["clips"] = len(chosen)
    differ = [
        card
        for card in chosen
        if digest_of(run.desk.memory, card) != held.get(card.clip.id, NOTHING).digest
    ]
    asked = {answer.clip for answer in answers}
    _tell_answers(run, [card for card in chosen if card.clip.id in asked], answers)
    _put_blocks(run, [card for card in differ if card.clip.id not in asked])
    gone = [] if run.wish.clips else sorted(held.keys() - {card.clip.id for card in made})
    if gone:
        run.desk.board.drop(gone)
        run.tally.count("dropped", len(gone))
    _put_progress(run.desk, told(facts, run.desk), changed=bool(differ or gone))
    return facts, chosen


def put_masks(
    run: Run, facts: Facts, held: Mapping[str, Held], made: Sequence[Card]
) -> frozenset[str]:
    """Put the masks of clips whose revisions are not those that the board shows, what was drawn last first.

    Return the clips whose masks were put with the doubts about them.
    """
    pairs = [(card, wanted(card, facts.lines.get(card.clip.id))) for card in in_order(made)]
    differ = [(card, pair) for card, pair in pairs if _shown(held, card) != pair]
    whole: set[str] = set()
    for place, (card, pair) in enumerate(differ):
        if run.ended():
            return frozenset(whole)
        run.tally.progress("masks", place, len(differ))
        with run.tally.trying(card.clip.id):
            known = pair[0] is not None and kept_doubts(run.desk.findings, pair[0]) is not None
            if put_layers(run.desk, card, pair, how=judged_again(run.desk, card)):
                run.tally.count("masks")
                whole |= {card.clip.id} if known else set()
    run.tally.progress("masks", len(differ), len(differ))
    return frozenset(whole)


def in_order(made: Sequence[Card]) -> list[Card]:
    """Return cards in the order of work: what was drawn last comes first."""
    return sorted(made, key=lambda card: -(card.revision or 0))


def _shown(held: Mapping[str, Held], card: Card) -> tuple[int | None, int | None]:
    """Return whose masks the board shows of a clip."""
    known = held.get(card.clip.id, NOTHING)
    return known.masks, known.drawn


def _tell_answers(run: Run, asked: Sequence[Card], answers: Sequence[Answer]) -> None:
    """Put what became of tags before they are taken off: words that a crash loses were never heard."""
    if asked:
        run.desk.board.put_cards(asked)
        run.tally.carded(asked)
    for answer in answers:
        if off(answer):
            run.desk.board.untag(answer.clip, off(answer))


def _put_blocks(run: Run, differ: Sequence[Card]) -> None:
    """Put cards block by block."""
    for start in range(0, len(differ), BLOCK):
        if run.ended():
            return
        run.tally.progress("cards", start, len(differ))
        block = differ[start : start + BLOCK]
        run.desk.board.put_cards(block)
        run.tally.carded(block)
    run.tally.progress("cards", len(differ), len(differ))


def _put_progress(desk: BoardDesk, now: Progress, *, changed: bool) -> None:
    """Put the sum of all, unless this process has put the same and nothing else changed since."""
    before = desk.memory.progress
    if changed or before is None or replace(now, at=before.at) != before:
        desk.board.put_progress(now)
        desk.memory.progress = now
