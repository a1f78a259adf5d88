"""What the correction page remembers, in memory, exact and gone with the process. Refuses to know threads and files."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from engine.errors import SelectionError, StoreError
from engine.fakes.store import Shelf
from engine.fakes.users import MemoryUsers
from engine.ports import Action, Claim, DeskStores, Pin, State
from engine.ports.desk_rules import (
    Look,
    joined,
    refuse_look,
    refuse_pin,
    refuse_stranger,
    settled,
)


class MemoryClaims:
    """``engine.ports.Claims`` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        """Share ``shelf`` with the other stores."""
        self._shelf = shelf
        self._claims: dict[str, Claim] = {}

    def claim(
        self, clip: str, *, user: str, tab: str, seconds: float = 30.0, force: bool = False
    ) -> Claim:
        """Take a clip, or renew one's claim; return the claim that holds afterwards."""
        self._shelf.clip(clip)
        now = self._shelf.now()
        held = self.holders().get(clip)
        mine = held is not None and (held.user, held.tab) == (user, tab)
        if held is not None and not mine and not force:
            return held
        since = held.since if held is not None and mine else now
        self._claims[clip] = Claim(clip, user, tab, since, now + timedelta(seconds=seconds))
        return self._claims[clip]

    def release(self, clip: str, *, tab: str) -> None:
        """Give a clip back; one that ``tab`` does not hold stays as it is."""
        if clip in self._claims and self._claims[clip].tab == tab:
            del self._claims[clip]

    def holders(self) -> Mapping[str, Claim]:
        """Return the claims that hold now, by clip."""
        now = self._shelf.now()
        return {clip: claim for clip, claim in sorted(self._claims.items()) if claim.until > now}

    def last(self, clip: str) -> Claim | None:
        """Return the claim that was made last, also one that has run out, or None."""
        return self._claims.get(clip)


class MemoryActionLog:
    """``engine.ports.ActionLog`` in memory."""

    def __init__(self, shelf: Shelf, claims: MemoryClaims) -> None:
        """Share ``shelf`` with the other stores, and ask ``claims`` who holds a clip."""
        self._shelf = shelf
        self._claims = claims
        self._actions: dict[int, Action] = {}

    def put(
        self, clip: str, author: str, body: Mapping[str, Any], *, before: int | None, tab: str
    ) -> Action:
        """Store an action that was asked for, where ``tab`` holds the clip."""
        self._shelf.clip(clip)
        refuse_stranger(clip, tab, self._claims.last(clip))
        self._refuse_unknown(before)
        seq = len(self._actions) + 1
        kept = json.loads(json.dumps(dict(body)))
        self._actions[seq] = Action(seq, clip, author, kept, before, self._shelf.now())
        return self._actions[seq]

    def settle(self, seq: int, state: State, *, after: int | None = None, note: str = "") -> Action:
        """Say what became of an action; saying the same twice is fine."""
        if seq not in self._actions:
            raise SelectionError(f"no action {seq}: read the clip's actions again")
        action = self._actions[seq]
        if not settled(action, state, after=after):
            self._refuse_unknown(after)
            action = dataclasses.replace(action, state=state, after=after, note=note)
            self._actions[seq] = action
        return action

    def of(self, clip: str) -> tuple[Action, ...]:
        """Return a clip's actions, oldest first."""
        return tuple(action for action in self._actions.values() if action.clip == clip)

    def _refuse_unknown(self, revision: int | None) -> None:
        if revision is not None and revision not in self._shelf.revisions:
            raise StoreError(f"no revision {revision}: read the clip's newest one")


class MemoryPins:
    """``engine.ports.Pins`` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        """Share ``shelf`` with the other stores."""
        self._shelf = shelf
        self._pins: dict[int, Pin] = {}

    def put(self, clip: str, *, frame: int, track: int, author: str, text: str) -> Pin:
        """Store a comment."""
        refuse_pin(self._shelf.clip(clip), frame=frame, track=track, text=text)
        number = len(self._pins) + 1
        self._pins[number] = Pin(number, clip, frame, track, author, text, self._shelf.now())
        return self._pins[number]

    def resolve(self, pin: int, *, by: str) -> Pin:
        """Close a comment; twice is fine, the first name stands."""
        if pin not in self._pins:
            raise SelectionError(f"no comment {pin}: read the clip's comments again")
        found = self._pins[pin]
        self._pins[pin] = dataclasses.replace(found, resolved_by=found.resolved_by or by)
        return self._pins[pin]

    def of(self, clip: str) -> tuple[Pin, ...]:
        """Return a clip's comments, oldest first."""
        return tuple(pin for pin in self._pins.values() if pin.clip == clip)


class MemoryLooks:
    """``engine.ports.Looks`` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        """Share ``shelf`` with the other stores."""
        self._shelf = shelf
        self._looks: dict[str, list[Look]] = {}

    def put(self, clip: str, *, author: str, start: int, stop: int, track: int = 0) -> None:  # noqa: ARG002 - the port's signature
        """Store that somebody looked."""
        refuse_look(self._shelf.clip(clip), start=start, stop=stop, track=track)
        self._looks.setdefault(clip, []).append((start, stop, track))

    def of(self, clip: str) -> Sequence[Look]:
        """Return what was looked at in a clip, joined, in order."""
        return joined(self._looks.get(clip, ()))


class MemoryFindings:
    """``engine.ports.Findings`` in memory."""

    def __init__(self, shelf: Shelf) -> None:
        """Share ``shelf`` with the other stores."""
        self._shelf = shelf
        self._findings: dict[tuple[int, str], str] = {}

    def put(self, revision: int, kind: str, text: str) -> None:
        """Keep a finding in place of an earlier one of this kind."""
        if revision not in self._shelf.revisions:
            raise SelectionError(f"no revision {revision}; name one that is stored")
        self._findings[revision, kind] = text

    def get(self, revision: int, kind: str) -> str | None:
        """Return what was kept, or None."""
        return self._findings.get((revision, kind))


def memory_desk(shelf: Shelf) -> DeskStores:
    """Return stores that know the clips and revisions of ``shelf``."""
    claims = MemoryClaims(shelf)
    return DeskStores(
        actions=MemoryActionLog(shelf, claims),
        claims=claims,
        users=MemoryUsers(shelf),
        pins=MemoryPins(shelf),
        looks=MemoryLooks(shelf),
        findings=MemoryFindings(shelf),
    )
