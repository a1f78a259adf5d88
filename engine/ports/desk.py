"""What the page where people correct remembers: actions, claims on clips, people, pins, looks. Knows no database and no screens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol


class State(StrEnum):
    """What became of an action: asked for and not yet done, done, failed with a reason, or given up by the person."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person did to a clip; ``seq`` grows, over all clips.

    ``body`` is JSON, as ``annotator_ui.session`` reads it. ``before`` and ``after`` are ids of the clip's newest revision when
    it was asked for and when it was done; they are equal where it changed no masks, and None where there was no revision.
    """

    seq: int
    clip: str
    author: str
    body: Mapping[str, Any]
    before: int | None
    at: datetime
    state: State = State.ASKED
    after: int | None = None
    note: str = ""


class ActionLog(Protocol):
    """Keeps what people did, in order, from before it is acted on."""

    def put(
        self, clip: str, author: str, body: Mapping[str, Any], *, before: int | None, tab: str
    ) -> Action:
        """Store an action that was asked for, in the transaction that makes sure that ``tab`` holds the clip.

        Raises:
            ClaimLost: ``tab`` does not hold the clip; nothing was stored.
            SelectionError: there is no such clip.
        """
        ...

    def settle(self, seq: int, state: State, *, after: int | None = None, note: str = "") -> Action:
        """Say what became of an action; saying the same twice is fine.

        Raises:
            SelectionError: there is no such action.
            StoreError: it was settled otherwise before.
        """
        ...

    def of(self, clip: str) -> tuple[Action, ...]:
        """Return a clip's actions, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """``user`` works on ``clip`` in the browser tab ``tab`` since then, until ``until`` unless it is renewed."""

    clip: str
    user: str
    tab: str
    since: datetime
    until: datetime


class Claims(Protocol):
    """Who works on which clip: one tab at a time."""

    def claim(
        self, clip: str, *, user: str, tab: str, seconds: float = 30.0, force: bool = False
    ) -> Claim:
        """Take a clip, or renew one's claim; return the claim that holds afterwards, which may be somebody else's.

        A claim that has run out is anybody's. ``force`` takes it from whoever holds it.

        Raises:
            SelectionError: there is no such clip.
        """
        ...

    def release(self, clip: str, *, tab: str) -> None:
        """Give a clip back; one that ``tab`` does not hold stays as it is."""
        ...

    def holders(self) -> Mapping[str, Claim]:
        """Return the claims that hold now, by clip."""
        ...


class Role(StrEnum):
    """What somebody may do: correct; also judge; also manage people and take clips from others."""

    ANNOTATOR = "annotator"
    REVIEWER = "reviewer"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in. ``password`` is a salted hash that says how it was made, never the password."""

    name: str
    role: Role
    password: str = field(repr=False)
    active: bool = True


class Users(Protocol):
    """Who may use the page, and who has logged in. Times are the store's own clock's."""

    def add(self, user: User) -> None:
        """Store a new user.

        Raises:
            InputError: the name is taken, or empty, or longer than 100 characters.
        """
        ...

    def change(
        self,
        name: str,
        *,
        role: Role | None = None,
        password: str | None = None,
        active: bool | None = None,
    ) -> User:
        """Change what is not None; a new password and ``active=False`` end all of the user's logins.

        Raises:
            SelectionError: there is no such user.
        """
        ...

    def user(self, name: str) -> User | None:
        """Return a user by name, or None."""
        ...

    def users(self) -> tuple[User, ...]:
        """Return all users in the order of their names."""
        ...

    def log_in(self, name: str, *, token: str, lasts: timedelta) -> None:
        """Remember a login by the hash of its ``token``, never by the token itself."""
        ...

    def logged_in(self, token: str) -> User | None:
        """Return the active user of a login that has not run out, or None."""
        ...

    def log_out(self, token: str) -> None:
        """End a login; an unknown one is ignored."""
        ...


@dataclass(frozen=True, slots=True)
class Pin:
    """A comment on a frame, about one track or (``track`` 0) the picture; open until somebody resolves it."""

    id: int
    clip: str
    frame: int
    track: int
    author: str
    text: str
    at: datetime
    resolved_by: str = ""


class Pins(Protocol):
    """Comments on frames."""

    def put(self, clip: str, *, frame: int, track: int, author: str, text: str) -> Pin:
        """Store a comment.

        Raises:
            SelectionError: there is no such clip.
            InputError: the frame is outside the clip, or the text is empty or longer than 2,000 characters.
        """
        ...

    def resolve(self, pin: int, *, by: str) -> Pin:
        """Close a comment; twice is fine, the first name stands.

        Raises:
            SelectionError: there is no such pin.
        """
        ...

    def of(self, clip: str) -> tuple[Pin, ...]:
        """Return a clip's comments, oldest first."""
        ...


class Looks(Protocol):
    """What people have looked at."""

    def put(self, clip: str, *, author: str, start: int, stop: int, track: int = 0) -> None:
        """Store that somebody looked at frames ``start`` up to ``stop`` of a track, of all for 0.

        Raises:
            SelectionError: there is no such clip.
        """
        ...

    def of(self, clip: str) -> Sequence[tuple[int, int, int]]:
        """Return what was looked at in a clip as (start, stop, track), overlapping ones of a track joined, in order."""
        ...


class Findings(Protocol):
    """What was computed about a revision and is worth keeping: JSON by revision and kind. Lost, it is computed anew."""

    def put(self, revision: int, kind: str, text: str) -> None:
        """Keep a finding; an earlier one of this kind is replaced.

        Raises:
            SelectionError: there is no such revision.
        """
        ...

    def get(self, revision: int, kind: str) -> str | None:
        """Return what was kept, or None."""
        ...


@dataclass(frozen=True, slots=True)
class DeskStores:
    """All that the page remembers."""

    actions: ActionLog
    claims: Claims
    users: Users
    pins: Pins
    looks: Looks
    findings: Findings
