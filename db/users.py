"""Who may use the page, and who has logged in; knows no password, only what it was hashed to."""

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.desk_tables import LoginRow, UserRow
from db.rows import whole
from db.transactions import Transactions
from engine.errors import InputError, SelectionError
from engine.ports.desk import Role, User
from engine.ports.desk_rules import refuse_name


class SqlUsers:
    """``engine.ports.Users`` on a database."""

    def __init__(self, transactions: Transactions) -> None:
        """Use these transactions; nothing is read yet."""
        self._transactions = transactions

    def add(self, user: User) -> None:
        """Store a new user; see the port."""
        refuse_name(user.name)
        values = {"name": user.name, "role": user.role.value, "password": user.password}
        with self._transactions.write() as connection:
            try:
                with connection.begin_nested():
                    connection.execute(insert(UserRow).values(**values, active=user.active))
            except IntegrityError:
                raise InputError(
                    f"there is a user {user.name!r} already: choose another name"
                ) from None

    def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        password: str | None = None,
        active: bool | None = None,
    ) -> User:
        """Change what is not None, ending logins where the port says so."""
        given = {
            "role": None if role is None else role.value,
            "password": password,
            "active": active,
        }
        values = {key: value for key, value in given.items() if value is not None}
        with self._transactions.write() as connection:
            _locked(connection, name)
            if values:
                connection.execute(update(UserRow).where(UserRow.name == name).values(**values))
            if password is not None or active is False:
                connection.execute(delete(LoginRow).where(LoginRow.name == name))
            return _locked(connection, name)

    def user(self, name: str) -> User | None:
        """Return a user by name, or None."""
        query = select(UserRow.__table__).where(UserRow.name == name)
        with self._transactions.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _user(row)

    def users(self) -> tuple[User, ...]:
        """Return all users in the order of their names, the same on every server."""
        with self._transactions.read() as connection:
            rows = connection.execute(select(UserRow.__table__)).all()
        return tuple(sorted((_user(row) for row in rows), key=lambda user: user.name))

    def log_in(self, name: str, *, token: str, lasts: timedelta) -> None:
        """Remember a login, or prolong the one of this token; those that have run out are forgotten.

        Raises:
            SelectionError: there is no active user of this name.
        """
        digest = _digest(token)
        with self._transactions.write() as connection:
            user = _locked(connection, name)
            if not user.active:
                raise SelectionError(f"user {name!r} may not log in: `engine users enable {name}`")
            now = self._transactions.now(connection)
            gone = (LoginRow.until <= now) | (LoginRow.token == digest)
            connection.execute(delete(LoginRow).where(gone))
            connection.execute(insert(LoginRow).values(token=digest, name=name, until=now + lasts))

    def logged_in(self, token: str) -> User | None:
        """Return the active user of a login that has not run out, or None."""
        query = select(UserRow.__table__).join(LoginRow, LoginRow.name == UserRow.name)
        with self._transactions.read() as connection:
            now = self._transactions.now(connection)
            holds = (LoginRow.token == _digest(token), LoginRow.until > now, UserRow.active)
            row = connection.execute(query.where(*holds)).one_or_none()
        return None if row is None else _user(row)

    def log_out(self, token: str) -> None:
        """End a login; an unknown one is ignored."""
        with self._transactions.write() as connection:
            connection.execute(delete(LoginRow).where(LoginRow.token == _digest(token)))


def _digest(token: str) -> str:
    """Return what is stored of a token; tokens are long and random, so one round without salt is enough."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def _locked(connection: Connection, name: str) -> User:
    """Return a user whom nobody else changes before the transaction ends."""
    query = select(UserRow.__table__).where(UserRow.name == name).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise SelectionError(f"no user {name!r}: `engine users list` shows all")
    return _user(row)


@whole("users")
def _user(row: Row[Any]) -> User:
    return User(row.name, Role(row.role), row.password, row.active)
