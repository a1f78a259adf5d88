"""Who may use the page, in memory, exact and gone with the process. Refuses to know passwords and browsers."""

import dataclasses
from datetime import datetime, timedelta

from engine.errors import InputError, SelectionError
from engine.fakes.store import Shelf
from engine.ports import Role, User
from engine.ports.desk_rules import refuse_name


class MemoryUsers:
    """``engine.ports.Users`` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the time from ``shelf``."""
        self._shelf = shelf
        self._users: dict[str, User] = {}
        self._logins: dict[str, tuple[str, datetime]] = {}

    def add(self, user: User) -> None:
        """Store a new user, or raise InputError."""
        refuse_name(user.name)
        if user.name in self._users:
            raise InputError(f"there is a user {user.name!r} already: choose another name")
        self._users[user.name] = user

    def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        password: str | None = None,
        active: bool | None = None,
    ) -> User:
        """Change what is not None; a new password and ``active=False`` end all of the user's logins."""
        user = self._known(name)
        if password is not None or active is False:
            self._logins = {token: it for token, it in self._logins.items() if it[0] != name}
        self._users[name] = dataclasses.replace(
            user,
            role=user.role if role is None else role,
            password=user.password if password is None else password,
            active=user.active if active is None else active,
        )
        return self._users[name]

    def user(self, name: str) -> User | None:
        """Return a user by name, or None."""
        return self._users.get(name)

    def users(self) -> tuple[User, ...]:
        """Return all users in the order of their names."""
        return tuple(user for _, user in sorted(self._users.items()))

    def log_in(self, name: str, *, token: str, lasts: timedelta) -> None:
        """Remember a login, or prolong the one of this token."""
        if not self._known(name).active:
            raise SelectionError(f"user {name!r} may not log in: enable them first")
        self._logins[token] = (name, self._shelf.now() + lasts)

    def logged_in(self, token: str) -> User | None:
        """Return the active user of a login that has not run out, or None."""
        name, until = self._logins.get(token, ("", self._shelf.now()))
        user = self._users.get(name)
        return user if user is not None and user.active and until > self._shelf.now() else None

    def log_out(self, token: str) -> None:
        """End a login; an unknown one is ignored."""
        self._logins.pop(token, None)

    def _known(self, name: str) -> User:
        if name not in self._users:
            raise SelectionError(f"no user {name!r}; add them first")
        return self._users[name]
