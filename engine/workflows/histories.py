"""What the history of one clip says: since when it stands where it is, who worked on it, how verdicts went. Pure; reads no store.

Histories are a clip's events, oldest first, as the catalog gives them. Events that leave the stage as it was are no arrival.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from engine.ports.catalog import Event
from engine.stages import Move, Stage

BY_HAND: Final = (Move.CORRECT, Move.SUBMIT)
VERDICTS: Final = (Move.ACCEPT, Move.REJECT)
SENT: Final = (Move.REJECT, Move.EXCLUDE, Move.REOPEN)


def arrivals(history: Sequence[Event]) -> Iterator[Event]:
    """Yield the events that brought a clip into another stage than the one before."""
    stage = Stage.INGESTED
    for event in history:
        if event.stage is not stage:
            yield event
        stage = event.stage


def arrival(history: Sequence[Event]) -> Event | None:
    """Return what brought a clip into its stage; None where it never left the first one."""
    *_, last = (None, *arrivals(history))
    return last


def since(history: Sequence[Event]) -> datetime | None:
    """Return when a clip came into its stage; None where it never left the first one."""
    last = arrival(history)
    return None if last is None else last.at


def reason(history: Sequence[Event]) -> str:
    """Return what was said when a clip was sent back, left out or reopened, as long as it stands where that brought it."""
    last = arrival(history)
    return last.note if last is not None and last.move in SENT else ""


def judged(history: Sequence[Event]) -> Event | None:
    """Return how a clip was judged last: accepted, rejected, excluded or reopened.

    Who takes the own submission back judges nothing.
    """
    places = range(len(history) - 1, -1, -1)
    found = (n for n in places if history[n].move in (Move.ACCEPT, *SENT))
    return next((history[n] for n in found if not _taken_back(history[:n], history[n])), None)


def last_of(history: Sequence[Event], moves: Sequence[Move]) -> Event | None:
    """Return the newest event of these kinds, or None."""
    return next((event for event in reversed(history) if event.move in moves), None)


def rejections(history: Sequence[Event]) -> int:
    """Return how often a clip was rejected."""
    return sum(event.move is Move.REJECT for event in history)


def worker(history: Sequence[Event]) -> str:
    """Return who corrected or submitted a clip last before it was accepted last; "" where nobody did.

    Of a clip that was never accepted it is who worked on it last.
    """
    ends = [place for place, event in enumerate(history) if event.move is Move.ACCEPT]
    last = last_of(history[: ends[-1]] if ends else history, BY_HAND)
    return "" if last is None else last.actor


def first_verdict(history: Sequence[Event]) -> Event | None:
    """Return the first verdict on a person's work, or on the models' where no person's was judged; None without any.

    A lead who sends masks that models drew to be corrected does not judge who will correct them.
    """
    begun = next((n for n, event in enumerate(history) if event.move in BY_HAND), 0)
    judged = [n for n, event in enumerate(history) if event.move in VERDICTS]
    chosen = next((n for n in judged if n >= begun), min(judged, default=None))
    return None if chosen is None else history[chosen]


def _taken_back(before: Sequence[Event], event: Event) -> bool:
    """Say whether an event takes back what the same person submitted."""
    submitted = last_of(before, (Move.SUBMIT,)) if event.move is Move.REOPEN else None
    theirs = submitted is not None and submitted.actor == event.actor
    return theirs and before[-1].stage is Stage.SUBMITTED
