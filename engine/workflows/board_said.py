"""Remembers what was answered to tags for as long as it is true of the clip. Knows cards and answers; the workspace keeps none of it."""

from collections.abc import Sequence
from dataclasses import replace

from engine.ports.board import Card
from engine.workflows.board_desk import Memory
from engine.workflows.board_report import Answer


def remember(memory: Memory, answers: Sequence[Answer], made: Sequence[Card]) -> None:
    """Keep what was answered, with how the clips stand now; of clips that went on since, answers are forgotten."""
    standing = {card.clip.id: _standing(card) for card in made}
    for id_, (then, _) in tuple(memory.said.items()):
        if standing.get(id_) != then:
            del memory.said[id_]
    words: dict[str, list[str]] = {}
    for answer in answers:
        words.setdefault(answer.clip, []).append(answer.said)
    for id_, said in words.items():
        if id_ in standing:
            memory.said[id_] = standing[id_], "; ".join(said)


def with_said(memory: Memory, made: Sequence[Card]) -> tuple[Card, ...]:
    """Return cards with what was answered."""
    silent = (None, "")
    return tuple(
        replace(card, said=said) if (said := memory.said.get(card.clip.id, silent)[1]) else card
        for card in made
    )


def _standing(card: Card) -> tuple[object, ...]:
    """Return how a clip stands: while it does, an answer about it is of interest."""
    return card.stage, card.since, card.revision, card.priority
