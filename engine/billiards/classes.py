"""Knows which kinds of balls there are and which of them each game uses; knows no picture and no network.

A detector first decides that something is a ball, whatever its kind. The kind is then the best among those
that the game's profile has, so a wrong kind never costs a ball its box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.errors import SettingsError

BALL = "ball"
POCKET = "pocket"
KINDS = (
    *("cue", "solid", "stripe", "eight"),
    *("red", "yellow", "green", "brown", "blue", "pink", "black", "plain"),
)
SNOOKER_VALUES = ("red", "yellow", "green", "brown", "blue", "pink", "black")


@dataclass(frozen=True, slots=True)
class Profile:
    """One game's set of balls: ``most`` says of each kind how many there can be at once."""

    name: str
    most: Mapping[str, int]

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of this game, in the order of the vocabulary."""
        return tuple(kind for kind in KINDS if kind in self.most)

    @property
    def balls(self) -> int:
        """Most balls that can lie on the table at once."""
        return sum(self.most.values())


def _profile(name: str, **most: int) -> tuple[str, Profile]:
    """Return an entry of the table of profiles."""
    return name, Profile(name, MappingProxyType(most))


PROFILES: Mapping[str, Profile] = MappingProxyType(
    dict(
        (
            _profile("eight-ball", cue=1, solid=7, stripe=7, eight=1),
            _profile("nine-ball", cue=1, solid=7, stripe=1, eight=1),
            _profile("snooker", cue=1, red=15, **dict.fromkeys(SNOOKER_VALUES[1:], 1)),
            _profile("carom", cue=2, plain=4),
            _profile("any", **dict.fromkeys(KINDS, 22)),
        )
    )
)


def profile(name: str) -> Profile:
    """Return a profile by its name.

    Raises:
        SettingsError: there is none of this name; the known ones are listed.
    """
    if name not in PROFILES:
        raise SettingsError(f"profile={name!r}: expected one of {', '.join(PROFILES)}")
    return PROFILES[name]


def kind_of(label: str, number: int, *, game: str | None = None) -> str:
    """Return the kind of a ball of rendered footage from its label and number.

    Footage that names no game calls snooker balls "plain" and gives their value as the number; there the
    value says the colour. Labels outside the vocabulary are a ball of unknown kind.
    """
    if label == "plain" and game is None and 1 <= number <= len(SNOOKER_VALUES):
        return SNOOKER_VALUES[number - 1]
    return label if label in KINDS else BALL


def rows(classes: Sequence[str]) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Return which of a network's classes say that there is a ball, which say its kind, and which say pocket.

    A network of ours has one class "ball" besides the kinds. In any other every class is a ball of its own kind,
    but for one that is called "pocket".
    """
    pockets = tuple(index for index, name in enumerate(classes) if name == POCKET)
    others = tuple(index for index, name in enumerate(classes) if name != POCKET)
    if BALL in classes and any(name in KINDS for name in classes):
        ball = classes.index(BALL)
        return (ball,), tuple(index for index in others if index != ball), pockets
    return others, others, pockets


def named(classes: Sequence[str], game: str) -> tuple[int, ...]:
    """Return which of a network's kinds a ball of this game can be called.

    Kinds that the network does not know are plain balls to it. Where nothing is left, its own names stay.

    Raises:
        SettingsError: there is no profile of this name.
    """
    _, own, _ = rows(classes)
    wanted = set(profile(game).kinds)
    if not wanted <= set(classes):
        wanted.add("plain")
    return tuple(index for index in own if classes[index] in wanted) or own
