"""Answers a request for predictions with those that are stored and that the project would show. Draws nothing; they are handed on as text."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from engine.ports import ClipStatus, Findings
from engine.ports.bridge import TaskKind
from engine.stages import Stage
from engine.wiring import Workbench
from engine.workflows import pre_annotate
from ml_backend import names
from ml_backend.serving.receiving import WHAT
from ml_backend.serving.schemas import Predict, Task
from ml_backend.shown.fitting import unfit
from ml_backend.shown.prediction import VERSION, parse
from ml_backend.work.publishing import finding

_BEGINNING: Final = re.compile(rf'\{{\s*"version"\s*:\s*{VERSION}\s*,')
_EMPTY: Final = json.dumps({"model_version": names.MODEL_VERSION, "score": 0, "result": []})


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept for a task of ours: its prediction as it goes out, and its regions; "" where there is none."""

    status: ClipStatus
    kind: TaskKind
    text: str = ""
    result: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer's text, the clips that were asked for, and those without a prediction or without masks.

    ``unfit`` says why the project would not show what was left out.
    """

    text: str
    clips: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()


def predict(bench: Workbench, asked: Predict) -> Answer:
    """Return the stored predictions of the tasks' clips, in the tasks' order.

    A task without one gets none (an empty list, not an empty prediction: Label Studio would keep that, and never ask
    again), and so does one whose project would not show it. Somebody who waits for what a stroke brings about gets an empty prediction at once.
    """
    if asked.params is not None and asked.params.context is not None:
        return Answer(_joined([_EMPTY] * len(asked.tasks)))
    known = {status.clip.id: status for status in bench.catalog.clips()}
    kept = [_kept(bench.desk.findings, task, known) for task in asked.tasks]
    ours = [one for one in kept if one is not None]
    lacking = [one.status for one in ours if not one.text]
    wrong = _wrong(asked.label_config or "", kept)
    return Answer(
        _joined(one.text if one and not why else "" for one, why in zip(kept, wrong, strict=True)),
        _once(one.status for one in ours),
        _once(status for status in lacking if status.head is not None),
        _once(status for status in lacking if status.stage is Stage.INGESTED),
        tuple(dict.fromkeys(each for why in wrong for each in why)),
    )


def ask_for(bench: Workbench, answer: Answer) -> None:
    """Put jobs for what was missing: predictions, and masks where nobody drew any and drawing them did not fail before."""
    for clip in answer.missing:
        bench.queue.put(WHAT, clip)
    failed = bench.queue.counts(pre_annotate.WHAT).errors if answer.bare else {}
    for clip in answer.bare:
        if clip not in failed:
            bench.queue.put(pre_annotate.WHAT, clip)


def _kept(findings: Findings, task: Task, known: Mapping[str, ClipStatus]) -> _Kept | None:
    """Return what is kept for a task, None for one that is not ours. Another version, or a damaged one, is as good as none."""
    clip, kind = task.data.get("clip"), task.data.get("kind")
    status = known.get(clip) if isinstance(clip, str) else None
    if status is None or kind not in list(TaskKind):
        return None
    about = _Kept(status, TaskKind(str(kind)))
    text = None if status.head is None else findings.get(status.head, finding(about.kind))
    read, begun = parse(text), _BEGINNING.match(text or "")
    if text is None or read is None or begun is None:
        return about
    out = f'{{"model_version":{json.dumps(names.MODEL_VERSION)},{text[begun.end() :]}'
    return replace(about, text=out, result=read.result)


def _wrong(config: str, kept: Sequence[_Kept | None]) -> list[tuple[str, ...]]:
    """Return for each task why its project would not show what is kept."""
    found: list[tuple[str, ...]] = [()] * len(kept)
    for kind in TaskKind:
        there = [place for place, one in enumerate(kept) if one and one.text and one.kind is kind]
        results = [one.result for one in kept if one and one.text and one.kind is kind]
        for place, why in zip(there, unfit(config, kind, results), strict=True):
            found[place] = why
    return found


def _joined(texts: Iterable[str]) -> str:
    """Return the whole answer; no prediction for a task is an empty list."""
    return f'{{"results":[{",".join(text or "[]" for text in texts)}]}}'


def _once(clips: Iterable[ClipStatus]) -> tuple[str, ...]:
    """Return the ids of clips, each once, in their order."""
    return tuple(dict.fromkeys(status.clip.id for status in clips))
