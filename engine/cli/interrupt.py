"""Ctrl-C as a wish, with a word to the person who pressed it."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from engine.cli.console import say
from engine.stopping import stop_when_asked


def stop_on_interrupt() -> AbstractContextManager[Callable[[], bool]]:
    """Return what yields a question, "should I stop?", that turns true with Ctrl-C or a polite kill (SIGTERM)."""
    return stop_when_asked(_told)


def _told() -> None:
    """Say what happens now."""
    say("stopping after this block; press Ctrl-C again to stop at once (nothing saved is lost)")
