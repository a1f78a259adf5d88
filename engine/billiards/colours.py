"""The colour of each kind of ball and of each thing that happens on a table, wherever people see them listed; "#rrggbb"."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

KIND_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cue": "#a3997a",
        "solid": "#ff8c1a",
        "stripe": "#0a9be8",
        "eight": "#3a3a3a",
        "red": "#e6261f",
        "yellow": "#dcae00",
        "green": "#1fa64a",
        "brown": "#8f5a2b",
        "blue": "#2f5bff",
        "pink": "#f06fb0",
        "black": "#111111",
        "plain": "#8f78f0",
        "ball": "#00a99c",
    }
)
"""One colour for each kind; a kind that is not here is ``OTHER``."""

EVENT_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {"pot": "#7a5cff", "collision": "#ff9f1c", "cushion": "#2ec4b6"}
)
"""One colour for each thing that happens."""

OTHER: Final = "#9aa0a6"
"""The colour of kinds of balls that this product has no name for."""
