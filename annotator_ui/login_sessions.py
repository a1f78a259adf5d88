"""Logins as cookies: made, recognised, renewed, ended. Knows tokens; refuses to know passwords and addresses.

The token against forged requests is computed from the login's own token, so it holds as long as the login does, also
when the server starts anew.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Lock

from fastapi import Request, Response

from engine.errors import SelectionError
from engine.ports import User, Users

LASTS = timedelta(hours=12)
_RENEW = 3600.0  # seconds after which a login that is used is prolonged
_MOST = 10_000  # logins whose renewal is remembered


class Sessions:
    """The cookie of a browser, and whose it is. Without ``users`` it only tells browsers apart."""

    def __init__(self, users: Users | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Use this store; ``clock`` is in seconds."""
        self.cookie = "engine_local" if users is None else "engine_login"
        self._users = users
        self._clock = clock
        self._renewed: dict[str, float] = {}
        self._lock = Lock()

    def token(self, request: Request) -> str:
        """Return the token that a browser sent, or nothing."""
        return request.cookies.get(self.cookie, "")

    def user(self, token: str) -> User | None:
        """Return whose login this is."""
        return self._users.logged_in(token) if self._users is not None and token else None

    def begin(self, name: str) -> str:
        """Log a user in; return the token that the browser is to keep.

        Raises:
            SelectionError: there is no active user of this name.
        """
        token = secrets.token_urlsafe(32)
        if self._users is not None:
            self._users.log_in(name, token=token, lasts=LASTS)
            self._note(token)
        return token

    def prolong(self, token: str, name: str) -> bool:
        """Let a login that is used last on; return False where that was done a moment ago."""
        if self._users is None or self._clock() - self._renewed.get(token, -_RENEW) < _RENEW:
            return False
        with suppress(SelectionError):  # disabled a moment ago: the next request finds out
            self._users.log_in(name, token=token, lasts=LASTS)
        self._note(token)
        return True

    def end(self, token: str) -> None:
        """Log out."""
        with self._lock:
            self._renewed.pop(token, None)
        if self._users is not None and token:
            self._users.log_out(token)

    def keep(self, response: Response, token: str, *, secure: bool) -> None:
        """Tell the browser to send the token with its own requests, and to show it to no script."""
        response.set_cookie(
            self.cookie,
            token,
            max_age=int(LASTS.total_seconds()),
            path="/",
            secure=secure,
            httponly=True,
            samesite="strict",
        )

    def forget(self, response: Response) -> None:
        """Tell the browser to drop the token."""
        response.delete_cookie(self.cookie, path="/", httponly=True, samesite="strict")

    def _note(self, token: str) -> None:
        """Remember when a login was renewed; forgotten, it is renewed once more."""
        with self._lock:
            if len(self._renewed) >= _MOST:
                self._renewed.clear()
            self._renewed[token] = self._clock()


def csrf(token: str) -> str:
    """Return the token that every change must carry; it says nothing about the one that it is made of."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest() if token else ""


def same(given: str, expected: str) -> bool:
    """Compare two secrets in a time that tells nothing; nothing equals nothing is no match."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
