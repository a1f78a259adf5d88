"""Who asks, and what their role allows. Knows people; refuses to know how they proved who they are."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import Request

from engine.errors import AccessError
from engine.ports import Role

_RANK = (Role.ANNOTATOR, Role.REVIEWER, Role.LEAD)


class NotLoggedIn(AccessError):  # noqa: N818 - the page reads the name as what happened
    """Who asks is not known."""

    status = 401


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a browser, with what they may do."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Say whether this person may do what takes ``role``; each role may do what those below it may."""
        return _RANK.index(self.role) >= _RANK.index(role)


def person_of(request: Request) -> Person:
    """Return who asks, as the gate found out.

    Raises:
        NotLoggedIn: nobody that is known.
    """
    person = getattr(request.state, "person", None)
    if not isinstance(person, Person):
        raise NotLoggedIn("log in first: the page /login asks for name and password")
    return person


def needing(role: Role) -> Callable[[Request], Awaitable[Person]]:
    """Return a dependency that lets nobody below ``role`` pass."""

    async def person(request: Request) -> Person:
        found = person_of(request)
        if not found.may(role):
            raise AccessError(
                f"{found.name} is {found.role.value} and may not do this: it takes a {role.value}; "
                f"`engine users role {found.name} {role.value}` changes that"
            )
        return found

    return person
