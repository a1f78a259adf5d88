"""Who the people are whom Label Studio names by a number. Asks about each once, and takes the number for the name where it is not told."""

import logging
import re
from collections.abc import Callable
from typing import Any, Final, Protocol

from engine.errors import ServerError

LOG = logging.getLogger(__name__)

_NUMBERED: Final = re.compile(r"label-studio user (\d{1,18})")
"""What deliveries are signed with that came without an e-mail address, as those of webhooks do."""


class Asked(Protocol):
    """What answers under a path."""

    def get(self, path: str) -> Any:
        """Return what lies there, None where nothing does; ServerError where it is refused."""
        ...


class People:
    """E-mail addresses by what deliveries are signed with; ``reach`` gives whom to ask, None for nobody."""

    def __init__(self, reach: Callable[[], Asked | None]) -> None:
        """Know nobody yet."""
        self._reach = reach
        self._known: dict[str, str] = {}

    def __call__(self, author: str) -> str:
        """Return an author's e-mail address, or the author as given."""
        numbered = _NUMBERED.fullmatch(author)
        if numbered and author not in self._known:
            found = self._told(numbered[1])
            if not found:
                return author
            self._known[author] = found
        return self._known.get(author, author)

    def _told(self, number: str) -> str:
        """Return the address of a user, "" where nobody tells."""
        asked = self._reach()
        try:
            found = asked.get(f"/api/users/{number}/") if asked is not None else None
        except ServerError as error:
            LOG.info("user %s is not told: %s", number, error)
            return ""
        return str(found.get("email") or "") if isinstance(found, dict) else ""
