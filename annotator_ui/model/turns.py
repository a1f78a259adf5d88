"""Whose step is next on one model: clicks first, then everybody in turn. Knows no threads, no clock and no models."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum


class Rank(IntEnum):
    """Kinds of steps, the most urgent first."""

    CLICK = 0
    WARM = 1
    SPREAD = 2
    LOOK = 3


@dataclass(frozen=True, slots=True)
class Ticket:
    """A step that waits; ``number`` says when it came."""

    number: int
    rank: Rank
    who: str


class Turns:
    """The steps that wait, and who was served when.

    Of the most urgent kind the person goes first who was served longest ago, and of one person's steps the oldest. So
    clicks never wait for a spread's next frame, and of three spreads each gets every third frame, however long they are.
    """

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._waiting: list[Ticket] = []
        self._served: dict[tuple[Rank, str], int] = {}
        self._count = 0

    def __len__(self) -> int:
        """Return how many steps wait."""
        return len(self._waiting)

    def ask(self, rank: Rank, *, who: str) -> Ticket:
        """Queue a step for ``who``."""
        self._count += 1
        ticket = Ticket(self._count, rank, who)
        self._waiting.append(ticket)
        return ticket

    def take(self, ranks: Collection[Rank] = frozenset(Rank)) -> Ticket | None:
        """Return the step of one of ``ranks`` to be done now and forget it; None where no such one waits."""
        fit = [ticket for ticket in self._waiting if ticket.rank in ranks]
        if not fit:
            return None
        chosen = min(fit, key=self._order)
        self._waiting.remove(chosen)
        self._count += 1
        self._served[chosen.rank, chosen.who] = self._count
        return chosen

    def _order(self, ticket: Ticket) -> tuple[int, int, int]:
        served = self._served.get((ticket.rank, ticket.who), 0)
        return ticket.rank, served, ticket.number
