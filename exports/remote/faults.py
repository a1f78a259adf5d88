"""What can go wrong between this machine and a store, in the product's own errors. Knows no datasets.

The stores' libraries are not imported here: their errors are known by name, because most people have none of them.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EAGAIN, EBUSY, EIO, EPIPE
from typing import Final, TypeVar

from engine.errors import NO_ROOM, DiskFull, EngineError, ExportError

Result = TypeVar("Result")
ATTEMPTS: Final = 3
FIRST_WAIT: Final = 0.5  # seconds; doubled each time
_EXTRAS: Final = {"s3": "'billiards-engine[s3]'", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs"}
_NO_KEYS: Final = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"}
    | {"DefaultCredentialsError", "TokenRetrievalError", "NoAuthTokenError", "ProfileNotFound"}
)
_NETWORK: Final = frozenset(
    {"HTTPClientError", "ConnectionError", "ClientConnectionError", "ClientPayloadError"}
    | {"TimeoutError", "EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError"}
    | {"ConnectionClosedError", "ServerDisconnectedError", "FSTimeoutError"}
)
_BUSY: Final = frozenset({EAGAIN, EBUSY, EIO, EPIPE})


def transient(error: BaseException) -> bool:
    """Say whether trying again may help: the network stumbled, or the store is busy."""
    busy = isinstance(error, OSError) and error.errno in _BUSY
    return busy or not _NETWORK.isdisjoint(_names(error))


def patiently(
    work: Callable[[], Result],
    *,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """Return the result of ``work``, tried again with growing pauses while its errors may pass."""
    for attempt in range(attempts - 1):
        try:
            return work()
        except Exception as error:
            if not transient(error):
                raise
            sleep(FIRST_WAIT * 2**attempt)
    return work()


@contextmanager
def said(url: str, *, writing: bool = False) -> Iterator[None]:
    """Translate what a store's library raises; a missing file passes, unless it shows that the bucket is missing.

    Raises:
        ExportError: the store cannot be reached or refuses.
        DiskFull: no room.
        FileNotFoundError: while reading, there is no such file.
    """
    try:
        yield
    except EngineError:
        raise
    except FileNotFoundError as error:
        if not writing:
            raise
        raise ExportError(
            f"{url}: the bucket or folder is not there ({error}); make it first, or correct the address"
        ) from error
    except Exception as error:
        raise _translated(url, error) from error


def _translated(url: str, error: Exception) -> EngineError:
    """Return the product's error for one of a store's library."""
    kind, names = url.partition("://")[0], _names(error)
    if isinstance(error, ImportError):
        extra = _EXTRAS.get(kind, f"what fsspec needs for {kind}")
        return ExportError(f"{url}: needs a library that is not here: pip install {extra}")
    if not _NO_KEYS.isdisjoint(names):
        return ExportError(
            f"{url}: no credentials ({error}); set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or what "
            "your store asks for"
        )
    if isinstance(error, PermissionError):
        return ExportError(
            f"{url}: refused ({error}); check the keys, and that they may list, read and write there"
        )
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return DiskFull(f"{url}: no room left ({error.strerror}); free some and repeat")
    if transient(error):
        return ExportError(
            f"{url}: cannot be reached ({_words(error)}); check the network and the address, then repeat: what has "
            "arrived is not sent again"
        )
    return ExportError(f"{url}: {_words(error)}; correct the address, or look at the store")


def _names(error: BaseException) -> set[str]:
    """Return the names of an error's classes, and of those of its cause."""
    below = error.__cause__
    return {kind.__name__ for kind in type(error).__mro__} | (_names(below) if below else set())


def _words(error: BaseException) -> str:
    """Return what an error says, its class where it says nothing."""
    return str(error) or type(error).__name__
