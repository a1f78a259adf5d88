"""What syncs of one process remember from one to the next, so that answers stand and nothing is worked out twice.

None of it is a truth: lost, everything is worked out again, and a card says nothing of a tag that was answered long ago.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from engine.ports.board import Card, Progress
from engine.ports.board_rules import digest
from engine.workflows.board.report import Answer

_T = TypeVar("_T")


@dataclass(slots=True)
class Memory:
    """Answers to tags, each with how its clip stood then; the last progress; the clips at which something failed; what was read.

    ``mistyped`` are the tags of which it was said that they mean nothing, by clip.
    """

    said: dict[str, tuple[tuple[object, ...], str]] = field(default_factory=dict)
    progress: Progress | None = None
    failed: frozenset[str] = frozenset()
    texts: dict[str, dict[int, tuple[str, Any]]] = field(default_factory=dict)
    digests: dict[str, tuple[Card, str]] = field(default_factory=dict)
    mistyped: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read(
    memory: Memory, kind: str, texts: Mapping[int, str], reader: Callable[[str], _T | None]
) -> dict[int, _T]:
    """Return what ``reader`` makes of findings of a kind, by revision; those it cannot read are absent."""
    known = memory.texts.get(kind, {})
    now = {
        revision: known[revision]
        if revision in known and known[revision][0] == text
        else (text, reader(text))
        for revision, text in texts.items()
    }
    memory.texts[kind] = now
    return {revision: value for revision, (_, value) in now.items() if value is not None}


def digest_of(memory: Memory, card: Card) -> str:
    """Return a card's digest."""
    known = memory.digests.get(card.clip.id)
    if known is None or known[0] != card:
        known = memory.digests[card.clip.id] = card, digest(card)
    return known[1]


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
