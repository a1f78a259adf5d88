"""What travels between the page's server and the process that draws. Knows nouns and asked work, no pipes and no models."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from engine.errors import EngineError
from engine.propagate import Correction
from engine.types import Clip, FrameMasks
from engine.workflows.correct import Asked


@dataclass(frozen=True, slots=True)
class ModelState:
    """How a model process is; ``why`` says more where it died."""

    state: Literal["starting", "ready", "died"]
    why: str = ""
    process: int = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn, and the ``names`` of the models that drew it, for the record of a revision."""

    correction: Correction
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Draw:
    """One frame for a person who waits for it."""

    id: int
    clip: Clip
    asked: Asked
    who: str


@dataclass(frozen=True, slots=True)
class Spread:
    """Prompts through time, in turns with the spreads of others."""

    id: int
    clip: Clip
    asked: Asked
    who: str


@dataclass(frozen=True, slots=True)
class Warm:
    """The playhead rests at ``frame`` of ``clip``, whose masks are those of ``revision``."""

    clip: Clip
    frame: int
    revision: int | None


@dataclass(frozen=True, slots=True)
class Stop:
    """The spread of this id ends now and keeps what is done."""

    id: int


@dataclass(frozen=True, slots=True)
class Ready:
    """The process has its model and draws from now on."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The process cannot start, and a new one could not either."""

    error: EngineError


@dataclass(frozen=True, slots=True)
class Progress:
    """A row of the spread ``id``, after ``done`` of at most ``total`` frames that the model takes."""

    id: int
    row: FrameMasks
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Done:
    """The work of this id is done."""

    id: int
    drawn: Drawn


@dataclass(frozen=True, slots=True)
class Failed:
    """The work of this id is not done, and why."""

    id: int
    error: EngineError


Request: TypeAlias = Draw | Spread
"""What is answered by ``Done`` or ``Failed``."""

Answer: TypeAlias = Progress | Done | Failed
"""What belongs to one request."""
