"""The Label Studio that a workspace knows now, connected; anew where its address or token was set otherwise. Asks it nothing."""

from types import TracebackType
from typing import Self

from engine.config import Settings
from ml_backend.asking.client import Client
from ml_backend.asking.credentials import Credentials, recall


class Reach:
    """A connection that follows the set-up, which may come while a worker runs; to be closed."""

    def __init__(self, settings: Settings) -> None:
        """Connect to nothing yet."""
        self._settings = settings
        self._found: Credentials | None = None
        self._client: Client | None = None

    def __call__(self) -> Client | None:
        """Return a client, None where no address and token are known.

        Raises:
            SettingsError: what is kept of them cannot be read.
        """
        found = recall(self._settings)
        if found != self._found:
            self.close()
            self._client = None if found is None else Client(found)
            self._found = found
        return self._client

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        if self._client is not None:
            self._client.close()
        self._client = self._found = None
