"""One job: acts on what people did to a clip in Label Studio, in the order they did it. Knows no server and no queue.

Everything is stored step by step, each with the delivery that it came of: work that dies anywhere is gone over again, and comes to
the same as if it had not died.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from engine.errors import (
    DamagedChunk,
    InputError,
    SettingsError,
    StageError,
    StaleParent,
    StoreError,
    VideoError,
)
from engine.ports import Delivery, State, TaskKind
from engine.stages import Stage
from engine.types import Clip, Revision
from engine.wiring import Workbench
from engine.workflows.correct import Desk, Model
from ml_backend.asking.client import is_verdict
from ml_backend.boxes.changes import note, verdict
from ml_backend.boxes.regions import revision_of
from ml_backend.names import ACCEPTED
from ml_backend.serving.logs import fields
from ml_backend.work.acting import decide, made_for, open_for_edits, was_taken, was_taken_back
from ml_backend.work.applying import GoOn, carry_out
from ml_backend.work.base import Result, base_of, made_by, result_of
from ml_backend.work.planning import plan
from ml_backend.work.publishing import kept, pages_of

LOG = logging.getLogger(__name__)

TRIES: Final = 5
"""How often a delivery is planned anew because somebody else's revision came in between, before it waits."""

_UNSEEN: Final = (
    "not accepted: {} changed the clip since; look at the newest prediction (the tab billiards-engine, "
    "Duplicate Annotation) and accept that"
)


@dataclass(frozen=True, slots=True)
class Stepped:
    """What became of a clip's deliveries: how many were acted on, refused, and dropped; why each of the second was."""

    done: int = 0
    failed: int = 0
    dropped: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there was anything to act on."""
        return bool(self.done or self.failed or self.dropped)

    def __str__(self) -> str:
        """Say it in words."""
        counts = {"acted on": self.done, "refused": self.failed, "dropped": self.dropped}
        said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return "; ".join([said or "nothing new", *self.reasons])


def step(
    bench: Workbench,
    clip: str,
    *,
    model: Callable[[], Model],
    go_on: GoOn = lambda: None,
    name: Callable[[str], str] = str,
) -> Stepped:
    """Act on each waiting delivery of a clip, in order; one that is refused stops no other.

    ``go_on`` is asked between all steps and frames; what it raises ends the work, and nothing half done is stored. ``name`` says who
    an author is.

    Raises:
        StaleParent: others change the clip all the time; it can be tried again.
        WeightsError, VideoError, SettingsError, DiskFull, StoreError: nothing can be drawn or stored now; what was stored counts.
    """
    became: list[tuple[State, str]] = []
    for delivery in bench.bridge.waiting(clip=clip):
        go_on()
        signed = replace(delivery, author=name(delivery.author))
        became.append(_settled(bench, signed, model, go_on))
    done, failed, dropped = (
        [said for state, said in became if state is one]
        for one in (State.DONE, State.FAILED, State.DROPPED)
    )
    return Stepped(len(done), len(failed), len(dropped), tuple(failed))


def _settled(
    bench: Workbench, delivery: Delivery, model: Callable[[], Model], go_on: GoOn
) -> tuple[State, str]:
    """Act on a delivery and write down what became of it; return that, with a word where it is not plain."""
    facts = {"clip": delivery.clip, "delivery": delivery.id, "author": delivery.author}
    LOG.info("acting", extra=fields(**facts))
    try:
        state, said = _acted(bench, delivery, model, go_on)
    except (
        VideoError,
        SettingsError,
    ):  # nothing that the annotator could help: it waits until that is put right
        raise
    except (InputError, StageError, DamagedChunk) as error:
        state, said = State.FAILED, str(error)
    after = bench.catalog.clip(delivery.clip).head if state is State.DONE else None
    _settle(bench, delivery, state, after=after, note=said)
    level = logging.WARNING if state is State.FAILED else logging.INFO
    LOG.log(level, "delivery %s", _in_words(state, said), extra=fields(**facts, revision=after))
    return state, said


def _in_words(state: State, said: str) -> str:
    """Say on one line what became of a delivery; what somebody wrote cannot begin a line of its own."""
    what = "refused" if state is State.FAILED else str(state)
    printed = "".join(letter if letter.isprintable() else " " for letter in said)
    return f"{what}: {printed}" if said else what


def _settle(
    bench: Workbench, delivery: Delivery, state: State, *, after: int | None, note: str
) -> None:
    """Settle a delivery, unless a worker that took the job over has done so."""
    try:
        bench.bridge.settle(delivery.id, state, after=after, note=note)
    except StoreError:
        if any(one.id == delivery.id for one in bench.bridge.waiting(clip=delivery.clip)):
            raise


def _acted(
    bench: Workbench, delivery: Delivery, model: Callable[[], Model], go_on: GoOn
) -> tuple[State, str]:
    """Act on a delivery; return what became of it, with a word where it is not plain."""
    if is_verdict(delivery.body):
        return State.DROPPED, "this is what the engine itself decided"
    if delivery.body.get("was_cancelled"):
        return State.DROPPED, "the task was skipped"
    kind = next(one.kind for one in bench.bridge.projects() if one.id == delivery.project)
    result = result_of(delivery)
    events = bench.catalog.events(delivery.clip)
    wants = verdict(result) or (ACCEPTED if delivery.body.get("ground_truth") else None)
    if not any(made_for(event, delivery) for event in events):  # moves come after all edits
        _corrected(bench, delivery, kind, wants, model, go_on)
    said, line = "", bench.revisions.history(delivery.clip)
    judges = wants == ACCEPTED and not _is_accepted(bench, delivery)
    if judges and (other := _changed_since(bench, delivery, line)):
        wants, said = None, _UNSEEN.format(other)
    back = was_taken_back(bench.catalog.events(delivery.clip), delivery)
    if wants is not None or kind is TaskKind.CLIP or back:
        judged = line[-1].id if line else None
        decide(bench.catalog, delivery, wants, note=note(result), judged=judged)
    return State.DONE, said


def _corrected(
    bench: Workbench,
    delivery: Delivery,
    kind: TaskKind,
    wants: str | None,
    model: Callable[[], Model],
    go_on: GoOn,
) -> None:
    """Store what was changed on boxes or masks."""
    clip = bench.catalog.clip(delivery.clip).clip
    shown = partial(_shown, bench, clip, kind)
    base = base_of(bench.bridge, bench.revisions, delivery, shown=shown)
    desk = Desk(bench.catalog, bench.revisions, _author(bench, delivery))
    for _ in range(TRIES):
        line = bench.revisions.history(clip.id)
        steps = plan(delivery, base, clip, line, pages=_pages(bench, delivery.clip, kind))
        if not steps:
            return
        open_for_edits(bench.catalog, delivery, wants)
        try:
            carry_out(desk, delivery, steps, model=model, go_on=go_on)
        except StaleParent:
            continue
        return
    raise StaleParent(
        f"clip {delivery.clip}: others changed it {TRIES} times while delivery {delivery.id} was being stored; "
        "it is tried again later"
    )


def _shown(bench: Workbench, clip: Clip, kind: TaskKind, revision: Revision) -> Result:
    """Return the regions of a revision's prediction."""
    return kept(bench, clip, revision, kind).result


def _pages(bench: Workbench, clip: str, kind: TaskKind) -> tuple[int, ...] | None:
    """Return the frames that a clip's task of key frames shows; None for another task, or one of a clip without masks."""
    status = bench.catalog.clip(clip)
    if kind is not TaskKind.FRAMES or status.head is None:
        return None if kind is not TaskKind.FRAMES else ()
    return pages_of(bench, status.clip, bench.revisions.revision(status.head))


def _author(bench: Workbench, delivery: Delivery) -> str:
    """Return in whose name revisions are stored; who has the clip open on the page is to see where they come from."""
    beside = delivery.clip in bench.desk.claims.holders()
    return f"{delivery.author} (in Label Studio)" if beside else delivery.author


def _is_accepted(bench: Workbench, delivery: Delivery) -> bool:
    """Say whether a clip is accepted, or was for this delivery, whatever became of it since: then there is nothing to judge."""
    events = bench.catalog.events(delivery.clip)
    stage = bench.catalog.clip(delivery.clip).stage
    return stage is Stage.ACCEPTED or was_taken(events, delivery, Stage.ACCEPTED)


def _changed_since(bench: Workbench, delivery: Delivery, line: Sequence[Revision]) -> str:
    """Return who changed the clip behind the back of a delivery's author, so that they cannot have seen it; "" for nobody.

    They saw the newest revision that the ids of their regions name, and what their own annotation came to is theirs. Where no
    region is ours, they saw what was there at the time.
    """
    seen = revision_of(result_of(delivery))
    own = made_by(bench.bridge, delivery, line)
    for made in line:
        if seen is None:
            later = made.created is not None and made.created > delivery.at
        else:
            later = made.id > seen
        if later and made.id not in own:
            return made.author
    return ""
