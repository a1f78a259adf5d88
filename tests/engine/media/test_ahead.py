"""Working ahead: bounded, in order, closed with its user, errors where they belong."""

import gc
import threading
from collections.abc import Generator
from time import sleep

import pytest

from engine.media.ahead import ahead


class Source:
    """Counts how many items were begun, and notes when it is closed."""

    def __init__(self, length: int, *, fails: bool = False) -> None:
        self.length, self.fails, self.begun, self.closed = length, fails, 0, False

    def __call__(self) -> Generator[int, None, None]:
        try:
            for number in range(self.length):
                self.begun += 1
                yield number
            if self.fails:
                raise ZeroDivisionError("at the end")
        finally:
            self.closed = True


def test_items_come_in_order_and_the_source_is_closed() -> None:
    source = Source(50)
    assert list(ahead(source, depth=2)) == list(range(50))
    assert source.closed


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_never_more_than_depth_items_are_begun_and_unused(depth: int) -> None:
    source = Source(50)
    items = ahead(source, depth=depth)
    for used in range(1, 6):
        next(items)
        sleep(0.02)
        assert source.begun <= used + depth
    items.close()  # type: ignore[attr-defined]  # it is a generator
    assert source.closed


def test_it_works_while_its_user_does_not() -> None:
    source = Source(50)
    items = ahead(source, depth=3)
    next(items)
    sleep(0.1)
    assert source.begun == 4
    items.close()  # type: ignore[attr-defined]  # it is a generator


def test_an_error_is_raised_after_the_items_before_it() -> None:
    items = ahead(Source(3, fails=True), depth=2)
    assert [next(items), next(items), next(items)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError, match="at the end"):
        next(items)


def test_nothing_is_begun_before_the_first_item_is_asked_for() -> None:
    source = Source(3)
    ahead(source, depth=2)
    assert source.begun == 0


def test_a_generator_that_is_forgotten_takes_its_thread_with_it() -> None:
    before, source = threading.active_count(), Source(50)
    items = ahead(source, depth=2)
    next(items)
    del items
    gc.collect()
    assert source.closed
    assert threading.active_count() == before
