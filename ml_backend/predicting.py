"""Answers a request for predictions with those that are stored. Draws nothing, and reads none of them: they are handed on as text."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.ports import ClipStatus, Findings
from engine.ports.bridge import TaskKind
from engine.stages import Stage
from engine.wiring import Workbench
from engine.workflows import pre_annotate
from ml_backend import names
from ml_backend.prediction import VERSION
from ml_backend.publishing import finding
from ml_backend.receiving import WHAT
from ml_backend.schemas import Predict, Task

_BEGINNING: Final = re.compile(rf'\{{\s*"version"\s*:\s*{VERSION}\s*,')
_EMPTY: Final = json.dumps({"model_version": names.MODEL_VERSION, "score": 0, "result": []})


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer's text, the clips that were asked for, and those without a prediction or without masks."""

    text: str
    clips: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()


def predict(bench: Workbench, asked: Predict) -> Answer:
    """Return the stored predictions of the tasks' clips, in the tasks' order.

    A task without one gets none (an empty list, not an empty prediction: Label Studio would keep that, and never ask
    again). Somebody who waits for what a stroke brings about gets an empty prediction at once.
    """
    if asked.params is not None and asked.params.context is not None:
        return Answer(_joined([_EMPTY] * len(asked.tasks)))
    known = {status.clip.id: status for status in bench.catalog.clips()}
    wanted = [_wanted(task, known) for task in asked.tasks]
    found = [_stored(bench.desk.findings, *one) if one else None for one in wanted]
    lacking = [one[0] for one, text in zip(wanted, found, strict=True) if one and text is None]
    return Answer(
        _joined([text or "[]" for text in found]),
        _once(one[0] for one in wanted if one),
        _once(status for status in lacking if status.head is not None),
        _once(status for status in lacking if status.stage is Stage.INGESTED),
    )


def ask_for(bench: Workbench, answer: Answer) -> None:
    """Put jobs for what was missing: predictions, and masks where nobody drew any and drawing them did not fail before."""
    for clip in answer.missing:
        bench.queue.put(WHAT, clip)
    failed = bench.queue.counts(pre_annotate.WHAT).errors if answer.bare else {}
    for clip in answer.bare:
        if clip not in failed:
            bench.queue.put(pre_annotate.WHAT, clip)


def _wanted(task: Task, known: Mapping[str, ClipStatus]) -> tuple[ClipStatus, TaskKind] | None:
    """Return what a task of ours is about, None for others."""
    clip, kind = task.data.get("clip"), task.data.get("kind")
    status = known.get(clip) if isinstance(clip, str) else None
    if status is None or kind not in list(TaskKind):
        return None
    return status, TaskKind(str(kind))


def _stored(findings: Findings, status: ClipStatus, kind: TaskKind) -> str | None:
    """Return a clip's prediction as it goes out, None where there is none of this version."""
    if status.head is None:
        return None
    text = findings.get(status.head, finding(kind))
    begun = _BEGINNING.match(text) if text else None
    if text is None or begun is None:
        return None
    return f'{{"model_version":{json.dumps(names.MODEL_VERSION)},{text[begun.end() :]}'


def _joined(items: list[str]) -> str:
    return f'{{"results":[{",".join(items)}]}}'


def _once(clips: Any) -> tuple[str, ...]:
    """Return the ids of clips, each once, in their order."""
    return tuple(dict.fromkeys(status.clip.id for status in clips))
