"""A runner that does one item after the other, here and now. Knows no process and no cluster."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class SerialRunner:
    """Runs the work in the caller's own thread; see ``engine.ports.Runner``."""

    def map(
        self, work: Callable[[Item], Result], items: Sequence[Item]
    ) -> Iterator[tuple[Item, Result | Exception]]:
        """Yield each item with its result, or with the error that it raised, in order."""
        for item in items:
            try:
                yield item, work(item)
            except Exception as error:  # noqa: BLE001 - the port: an item's error is its result
                yield item, error
