"""What lives as long as the backend's server: the open workspace, the login, the threads for database work. Knows no HTTP."""

import logging
from dataclasses import dataclass, field
from functools import partial

from engine.errors import EngineError
from engine.wiring import Workbench
from ml_backend.serving import predicting
from ml_backend.serving.guard import Login
from ml_backend.serving.logs import fields
from ml_backend.serving.waiting import Hands

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backend:
    """A workspace that Label Studio asks. Readers do not wait for writers, so each have threads of their own.

    Two write: more would only wait for SQLite's one lock, in which whoever waits longest is not the next.
    """

    bench: Workbench
    login: Login
    reading: Hands = field(default_factory=lambda: Hands("reading", threads=8, most=64))
    writing: Hands = field(default_factory=lambda: Hands("writing", threads=2, most=64))

    async def ask_for(self, answer: predicting.Answer, *, patience: float) -> None:
        """Put jobs for what was missing. A database that refuses is logged: the next one who asks tries again."""
        work = partial(predicting.ask_for, self.bench, answer)
        try:
            await self.writing.do(work, patience=patience)
        except EngineError as error:
            LOG.warning("jobs were not put: %s", error, extra=fields(clips=answer.clips))

    def close(self) -> None:
        """Finish what was begun."""
        self.writing.close()
        self.reading.close()
