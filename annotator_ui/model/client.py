"""The page's way to what draws: model processes behind plain calls that block. Knows clips and people; no database and no screens."""

from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from types import TracebackType
from typing import Final, Self

from annotator_ui.model.calls import Call
from annotator_ui.model.keeper import PATIENCE, Keeper
from annotator_ui.model.messages import (
    Answer,
    Done,
    Draw,
    Drawn,
    Failed,
    ModelState,
    Progress,
    Spread,
    Stop,
    Warm,
)
from engine.config import Settings
from engine.errors import InputError, SettingsError
from engine.types import Clip, FrameMasks
from engine.workflows.correct import Asked

PICTURES: Final = 512 * 2**20
"""Bytes of decoded pictures that a process keeps."""

_ASK_AGAIN = 0.05


class ModelClient:
    """Model processes that are started at once and looked after. Calls come from many threads and block.

    A clip stays with its process, which has its pictures.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        processes: int = 1,
        pictures: int = PICTURES,
        patience: float = PATIENCE,
        events: Callable[[ModelState], None] = lambda _: None,
    ) -> None:
        """Start ``processes``, each with ``pictures`` bytes for decoded ones; ``events`` hears how they are.

        A process that says nothing for ``patience`` seconds, while somebody waits for it, is started again.

        Raises:
            SettingsError: no process, or a negative budget.
        """
        if processes < 1 or pictures < 0:
            raise SettingsError(f"{processes = } (1 or more), {pictures = } bytes (0 or more)")
        self._lock = Lock()
        self._places: dict[str, int] = {}
        self._keepers = tuple(
            Keeper(settings, number=number, pictures=pictures, patience=patience, tell=events)
            for number in range(processes)
        )

    @property
    def pids(self) -> tuple[int | None, ...]:
        """Numbers of the processes that are there now."""
        return tuple(keeper.pid for keeper in self._keepers)

    def draw(self, clip: Clip, asked: Asked, *, who: str) -> Drawn:
        """Return what prompts come to on their one frame; before all spreads, and once more if the process dies.

        Raises:
            InputError: the range is not one frame, or as in ``engine.propagate.correct``.
            ModelError: no process can draw it.
        """
        if asked.frames is None or len(asked.frames) != 1:
            raise InputError(
                f"{asked.frames = }: a click is drawn on its own frame; spread it instead"
            )
        call = self._keeper(clip).begin(lambda number: Draw(number, clip, _portable(asked), who))
        while (drawn := _drawn(call.next())) is None:
            pass
        return drawn

    def spread(
        self,
        clip: Clip,
        asked: Asked,
        *,
        who: str,
        progress: Callable[[FrameMasks, int, int], None] = lambda _row, _done, _total: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Drawn:
        """Return what prompts come to through time, drawn in turns with the spreads of others.

        ``progress`` hears each row that was drawn, without places that are held, how many frames the model has taken and
        how many it takes at most; ``stop`` is asked all the time, and what is done by then is returned. Both in this thread.

        Raises:
            InputError: as in ``engine.propagate.correct``.
            ModelError: the process died meanwhile; ask again.
        """
        keeper = self._keeper(clip)
        call = keeper.begin(lambda number: Spread(number, clip, _portable(asked), who))
        try:
            return _followed(
                call, progress, _once(stop, lambda: keeper.tell(Stop(call.request.id)))
            )
        except BaseException:
            keeper.tell(Stop(call.request.id))
            raise

    def warm(self, clip: Clip, frame: int, revision: int | None) -> None:
        """Have ready what a click near ``frame`` needs; returns at once."""
        self._keeper(clip).tell(Warm(clip, frame, revision))

    def close(self) -> None:
        """End the processes; what they were drawing fails."""
        for keeper in self._keepers:
            keeper.close()

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes."""
        self.close()

    def _keeper(self, clip: Clip) -> Keeper:
        """Return the process of a clip: the one with the fewest clips when it came."""
        with self._lock:
            if clip.id not in self._places:
                taken = list(self._places.values())
                self._places[clip.id] = min(range(len(self._keepers)), key=taken.count)
            return self._keepers[self._places[clip.id]]


def _portable(asked: Asked) -> Asked:
    """Return what is asked for in containers that can travel: a view of a mapping cannot."""
    return replace(
        asked,
        prompts=tuple(asked.prompts),
        earlier=tuple(asked.earlier),
        labels=dict(asked.labels),
        held=frozenset(asked.held),
    )


def _followed(
    call: Call, progress: Callable[[FrameMasks, int, int], None], ask: Callable[[], None]
) -> Drawn:
    """Hand the rows of a spread on until it is done."""
    while True:
        ask()
        answer = call.next(_ASK_AGAIN)
        if isinstance(answer, Progress):
            progress(answer.row, answer.done, answer.total)
        elif (drawn := _drawn(answer)) is not None:
            return drawn


def _once(stop: Callable[[], bool], tell: Callable[[], None]) -> Callable[[], None]:
    """Return what asks ``stop`` until it says so, and tells that one time."""
    told = False

    def ask() -> None:
        nonlocal told
        if not told and stop():
            told = True
            tell()

    return ask


def _drawn(answer: Answer | None) -> Drawn | None:
    """Return what came; None where it is not the end.

    Raises:
        EngineError: the work failed.
    """
    match answer:
        case Done(_, drawn):
            return drawn
        case Failed(_, error):
            raise error
        case _:
            return None
