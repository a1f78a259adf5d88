"""Stores and a board that die at the step where they are told to, before the step is done or after, and let somebody in between."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any


class Killed(BaseException):
    """The process is gone: nothing in it is asked or told any more."""


class Fate:
    """Counts the steps of a sync: before step ``at`` something happens, by which the process may die."""

    def __init__(self, at: int = -1, happens: Callable[[], object] = lambda: None) -> None:
        self._at, self._happens, self.steps = at, happens, 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self._at:
            self._happens()


def die() -> None:
    raise Killed


class Mortal:
    """Any store, each call of which that writes is one step with another one after it."""

    def __init__(self, store: Any, fate: Fate, writes: Sequence[str]) -> None:
        self._store, self._fate, self._writes = store, fate, writes

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        return self._stepping(found) if name in self._writes else found

    def _stepping(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*given: Any, **named: Any) -> Any:
            self._fate.step()
            answer = call(*given, **named)
            self._fate.step()
            return answer

        return stepped


class MortalBoard(Mortal):
    """A board that puts card after card, so that it may die between two."""

    def __init__(self, board: Any, fate: Fate) -> None:
        writes = ("held", "put_masks", "drop_masks", "drop", "untag", "put_progress", "put_stills")
        super().__init__(board, fate, writes)

    def put_cards(self, cards: Sequence[Any]) -> None:
        for card in cards:
            self._fate.step()
            self._store.put_cards([card])
        self._fate.step()


class MortalRevisions(Mortal):
    """Revisions that may die between two rows."""

    def __init__(self, revisions: Any, fate: Fate) -> None:
        super().__init__(revisions, fate, ())

    def frames(self, revision: int, **span: Any) -> Iterator[Any]:
        for row in self._store.frames(revision, **span):
            if row.frame == 1:
                self._fate.step()
            yield row
