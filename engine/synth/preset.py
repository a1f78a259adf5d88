"""Kinds of footage by name: which games, cameras and lenses, with what odds. Draws nothing itself."""

from dataclasses import dataclass, field
from typing import TypeAlias

from engine.errors import InputError

Odds: TypeAlias = tuple[tuple[str, float], ...]
"""Names and their shares, which add up to 1."""

TABLES: Odds = (("pool", 0.52), ("bar", 0.12), ("snooker", 0.28), ("carom", 0.08))
POOL: Odds = (("pool", 0.75), ("bar", 0.25))
TRAINED: Odds = (("overhead", 0.3), ("oblique", 0.5), ("close", 0.2))
EVERY_VIEW: Odds = (
    ("overhead", 0.2), ("oblique", 0.24), ("close", 0.14), ("broadcast", 0.18), ("corner", 0.12),
    ("tele", 0.12),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preset:
    """One kind of footage.

    ``tables`` are odds of ``table.KINDS``, ``nine`` the share of nine-ball on pool tables, ``views`` odds of
    ``views.VIEWS``, ``bent`` the share of clips with lens distortion, ``shaken`` that with a camera that moves;
    ``varied`` lets every clip have a size of its own, near the one asked for; ``frames`` is the usual length.
    """

    name: str
    about: str
    tables: Odds = field(default=TABLES, repr=False)
    nine: float = 0.3
    views: Odds = field(default=EVERY_VIEW, repr=False)
    bent: float = 0.6
    shaken: float = 0.35
    varied: bool = False
    frames: int = 240


def _game(name: str, about: str, tables: Odds, nine: float = 0.0) -> Preset:
    return Preset(name, about, tables, nine)


def _view(name: str, about: str, *, shaken: float = 0.35) -> Preset:
    return Preset(name, about, views=((name, 1.0),), shaken=shaken)


_ALL = (
    _game("eight-ball", "8-ball on pool and bar tables, solids and stripes, every camera", POOL),
    _game("nine-ball", "9-ball on pool tables, every camera", (("pool", 1.0),), 1.0),
    _game("snooker", "snooker with up to 22 balls, every camera", (("snooker", 1.0),)),
    _game("carom", "three balls on a table without pockets, every camera", (("carom", 1.0),)),
    _view("overhead", "any game from straight above, the camera fixed", shaken=0.1),
    _view("broadcast", "any game from behind the short side, as on television"),
    _view("corner", "any game from a corner of the room, wide lens"),
    _view("tele", "any game from far away through a long lens"),
    Preset("mixed", "every game and every camera, lens distortion and shake in a share of the clips"),
    Preset(
        "training",
        "what the detector and the segmenter are trained on: short clips, sizes varied, straight lenses",
        views=TRAINED,
        bent=0.0,
        shaken=0.0,
        varied=True,
        frames=12,
    ),
)  # fmt: skip
PRESETS: dict[str, Preset] = {preset.name: preset for preset in _ALL}
TRAINING = PRESETS["training"]


def named(name: str) -> Preset:
    """Return the preset called ``name``; raises ``InputError`` that lists those there are."""
    if name not in PRESETS:
        raise InputError(f"there is no preset {name!r}; take one of {', '.join(PRESETS)}")
    return PRESETS[name]
