"""Keeps strangers out of the page: one object that the application installs and asks. Knows no clips and no models."""

from collections.abc import Awaitable, Callable, Collection

from fastapi import FastAPI, Request

from annotator_ui.guard_gate import LOCAL, Gate
from annotator_ui.guard_people import NotLoggedIn, Person, needing, person_of
from annotator_ui.login import Door, routes
from annotator_ui.login_passwords import Passwords
from annotator_ui.login_patience import Patience
from annotator_ui.login_sessions import Sessions
from engine.errors import SelectionError
from engine.ports import Role, Users

__all__ = ["Guard", "NotLoggedIn", "Person", "refuse_nobody"]


class Guard:
    """Who may ask what.

    With ``required`` people log in, and any host name will do. Without, ``local_user`` is the one person there is and
    may do everything; then requests must come to one of ``hosts``, or a page on the web could lead a browser here under
    a name of its own.
    """

    def __init__(
        self,
        users: Users,
        *,
        required: bool,
        local_user: str = "",
        hosts: Collection[str] = LOCAL,
        passwords: Passwords | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Begin to guard.

        Raises:
            SelectionError: a login is required, and there is nobody who could log in.
        """
        self.required = required
        self._local = None if required else Person(local_user or "annotator", Role.LEAD)
        self._hosts = None if required else frozenset(hosts)
        self._sessions = Sessions(users if required else None)
        self._door: Door | None = None
        if required:
            refuse_nobody(users)
            self._door = Door(
                users, self._sessions, passwords or Passwords(), patience or Patience()
            )

    def install(self, app: FastAPI) -> None:
        """Put the gate before an application, and the routes of the login into it."""
        app.include_router(routes(self._door, self._sessions))
        app.add_middleware(Gate, sessions=self._sessions, local=self._local, hosts=self._hosts)

    async def person(self, request: Request) -> Person:
        """Return who asks: a dependency for routes. Raises NotLoggedIn (401)."""
        return person_of(request)

    def needs(self, role: Role) -> Callable[[Request], Awaitable[Person]]:
        """Return a dependency that lets pass who has ``role`` or a higher one, and raises AccessError (403) else."""
        return needing(role)

    async def auth_dependency(self, request: Request) -> str | None:
        """Return the name of who asks, or None: what Gradio wants to know."""
        person = getattr(request.state, "person", None)
        return person.name if isinstance(person, Person) else None


def refuse_nobody(users: Users) -> None:
    """Refuse to serve a page that nobody could enter.

    Raises:
        SelectionError: there is no active user.
    """
    if not any(user.active for user in users.users()):
        raise SelectionError(
            "everybody must log in here, and there is nobody who could; add one with "
            "`engine users add NAME --role lead`"
        )
