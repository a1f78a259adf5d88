"""Which costly things a clip lacks, told quickly: films, measures, agreement, pictures. Makes none of them."""

from collections.abc import Mapping
from pathlib import Path

from engine.ports.board import Card, Held
from engine.ports.overview import Line
from engine.stages import Stage
from engine.workflows.board.cards import cards, gathered
from engine.workflows.board.desk import BoardDesk

NOTHING = Held("")
"""What a board holds of a clip that it does not know."""


def lacking(desk: BoardDesk, held: Mapping[str, Held]) -> tuple[str, ...]:
    """Return the clips that lack something, where ``held`` is what the board holds.

    Raises:
        StoreError: the database does not answer.
    """
    facts = gathered(desk)
    made = cards(facts, film=desk.film, page_url=desk.page_url)
    return tuple(
        card.clip.id
        for card in made
        if lacks(desk, card, facts.lines.get(card.clip.id), held.get(card.clip.id, NOTHING))
    )


def lacks(desk: BoardDesk, card: Card, line: Line | None, held: Held) -> bool:
    """Say whether anything is to be made of a clip."""
    film = desk.copy is not None and not Path(card.film).is_file()
    pictures = desk.stills is not None and held.stills != desk.stills.made(card.clip)
    measures = unmeasured(card) or to_compare(desk, card, line) is not None
    return film or pictures or (card.revision is not None and measures)


def unmeasured(card: Card) -> bool:
    """Say whether a clip's newest masks are to be measured; of excluded clips nobody wants to know."""
    return card.measures is None and card.stage is not Stage.EXCLUDED


def to_compare(desk: BoardDesk, card: Card, line: Line | None) -> tuple[int, int] | None:
    """Return the revisions to compare, where nobody has: what was accepted, and what models drew."""
    if desk.judge is None or card.agreement is not None or card.accepted is None:
        return None
    return None if line is None or line.drawn is None else (card.accepted, line.drawn)
