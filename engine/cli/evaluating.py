"""What `engine evaluate` does: read the datasets, draw where asked, judge, correct, write. Prints no result."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

from annotator_ui.simulated import page_tool
from engine.cli.console import Bars, bars, say
from engine.cli.evaluated import text
from engine.config import Settings
from engine.datasets import LabelledClip, read_dataset
from engine.errors import EngineError, SelectionError
from engine.evaluation.annotator import Corrected, Person, correct
from engine.evaluation.extras import need_all
from engine.evaluation.interactive import Clicked, click_clip, click_figures
from engine.evaluation.modes import Mode
from engine.evaluation.page import page
from engine.evaluation.pictures import scenes
from engine.evaluation.report import Report, report, to_json
from engine.evaluation.running import Drawer, Models, draw, judge_all, matcher_of, predicted
from engine.evaluation.worst import worst_frames
from engine.types import FrameMasks

Progress = Callable[[str, int, int], None]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be evaluated; see the command's options."""

    truth: Path
    predicted: Path | None = None
    mode: Mode = Mode.AUTO
    split: str | None = None
    clips: tuple[str, ...] = ()
    out: Path | None = None
    clicks: bool = False
    annotator: bool = False
    threshold: float = Person().threshold
    looks: int = Person().looks


@dataclass(frozen=True, slots=True)
class Done:
    """A finished evaluation, ready to be printed; ``judged`` counts clips."""

    judged: int
    as_json: dict[str, Any]
    text: str


@dataclass(slots=True)
class _Bench:
    """What the stages of an evaluation share: models once they are loaded, every clip's masks, what failed."""

    settings: Settings
    models: Models | None = None
    about: dict[str, str] = field(default_factory=dict)
    rows: dict[str, tuple[FrameMasks, ...]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def load(self) -> Models:
        """Return the models that the settings name, loaded at the first call."""
        if self.models is None:
            from engine import wiring  # noqa: PLC0415 - stored masks are judged without the networks

            say(f"loading {self.settings.model} and {self.settings.detector}")
            made = wiring.preannotation(self.settings)
            self.about |= made["models"]
            self.models = Models(
                made["detector"], made["segmenter"], made["keep_only"], made["settings"]
            )
        return self.models

    def hold(self, drawer: Drawer) -> Drawer:
        """Return the drawer, with its masks kept."""

        def drawn(labelled: LabelledClip) -> Sequence[FrameMasks]:
            self.rows[labelled.clip.id] = rows = tuple(drawer(labelled))
            return rows

        return drawn


def run(settings: Settings, task: Task) -> Done:
    """Evaluate, with a bar for each stage.

    Raises:
        SelectionError: no clip is chosen, or one that there is not.
        InputError: a dataset cannot be read.
        WeightsError: weights cannot be read.
        SettingsError: a library of the extra ``evaluate`` is not installed.
    """
    need_all(page=task.out is not None)
    clips = chosen(read_dataset(task.truth, split=task.split), task.clips)
    bench = _Bench(settings, about={"truth": str(task.truth)})
    said = _judged(bench, task, clips)
    if said is None:
        return Done(0, {"failed": _told(bench.failed)}, "nothing could be evaluated")
    kept = [one for one in clips if one.clip.id in said.single]
    clicked = _clicked(bench, kept) if task.clicks else ()
    person = Person(threshold=task.threshold, looks=task.looks)
    corrected = _corrected(bench, kept, person) if task.annotator else ()
    said = replace(
        said,
        about=bench.about,
        failed=_told(bench.failed),
        clicks=click_figures(clicked) if clicked else None,
        corrected=tuple(corrected),
    )
    files = write(said, clips, task.out) if task.out else ()
    return Done(len(said.clips), json.loads(to_json(said)), text(said, files))


def chosen(clips: Sequence[LabelledClip], names: Sequence[str]) -> tuple[LabelledClip, ...]:
    """Return the clips named, all without names.

    Raises:
        SelectionError: there is none of a name.
    """
    known = {one.clip.id: one for one in clips}
    if unknown := [name for name in names if name not in known]:
        raise SelectionError(
            f"no clip {', '.join(unknown)}; the dataset has {', '.join(list(known)[:20])}"
        )
    return tuple(known[name] for name in names) if names else tuple(clips)


def write(said: Report, clips: Sequence[LabelledClip], out: Path) -> tuple[Path, ...]:
    """Write report.json and report.html; return where they are.

    Raises:
        InputError: a picture cannot be read again.
        SettingsError: matplotlib is not installed.
    """
    out.mkdir(parents=True, exist_ok=True)
    known = {one.clip.id: one for one in clips}
    shown = scenes(worst_frames(said.clips), [(known[one.id], one.compared) for one in said.clips])
    files = {"report.json": to_json(said), "report.html": page(said, shown)}
    for name, content in files.items():
        (out / name).write_text(content, encoding="utf-8")
    return tuple(out / name for name in files)


def _judged(bench: _Bench, task: Task, clips: Sequence[LabelledClip]) -> Report | None:
    """Return the report of what exists or is drawn; None where no clip could be judged."""
    if task.predicted is not None:
        bench.about["masks"] = str(task.predicted)
        drawer, matcher = predicted(read_dataset(task.predicted)), matcher_of(Mode.AUTO)
        outcome = judge_all(clips, bench.hold(drawer), matcher=matcher)
    else:
        bench.about["masks"] = f"drawn, mode {task.mode}"
        models = bench.load()
        with bars("draw") as bar:
            progress = _overall(bar, clips)
            outcome = judge_all(
                clips,
                bench.hold(lambda one: draw(one, models, mode=task.mode, progress=progress)),
                matcher=matcher_of(task.mode),
            )
    bench.failed |= outcome.failed
    if not outcome.judged:
        return None
    return report(outcome.judged, about=bench.about, failed=bench.failed)


def _clicked(bench: _Bench, clips: Sequence[LabelledClip]) -> tuple[Clicked, ...]:
    """Return what clicking at single frames came to."""
    tool = page_tool(bench.load().segmenter)
    with bars("click at") as bar:
        found = _each(bench, clips, lambda one: click_clip(one, tool), bar)
    return tuple(clicked for of in found for clicked in of)


def _corrected(bench: _Bench, clips: Sequence[LabelledClip], person: Person) -> list[Corrected]:
    """Return the clips corrected by a simulated person."""
    tool = page_tool(bench.load().segmenter)
    with bars("correct") as bar:
        return _each(
            bench,
            clips,
            lambda one: correct(one, bench.rows[one.clip.id], tool, person=person),
            bar,
        )


def _each(
    bench: _Bench,
    clips: Sequence[LabelledClip],
    work: Callable[[LabelledClip], Result],
    bar: Bars,
) -> list[Result]:
    """Do the work clip by clip; one that fails is noted and the others go on."""
    tell = _overall(bar, clips)
    results = []
    for one in clips:
        tell(one.clip.id, 0, 0)
        try:
            results.append(work(one))
        except (EngineError, OSError) as error:
            bench.failed[one.clip.id] = str(error)
        tell(one.clip.id, one.clip.frames, 0)
    return results


def _overall(bar: Bars, clips: Sequence[LabelledClip]) -> Progress:
    """Return a progress that shows one bar for all clips, in frames, with the time that remains."""
    ends = list(accumulate(one.clip.frames for one in clips))
    begins = {one.clip.id: end - one.clip.frames for one, end in zip(clips, ends, strict=True)}

    def tell(name: str, done: int, _: int) -> None:
        bar(f"{len(clips)} clips", begins[name] + done, ends[-1])

    return tell


def _told(failed: Mapping[str, str]) -> dict[str, str]:
    """Name what failed on the error stream; return it."""
    for name, why in failed.items():
        say(f"{name}: {why}", style="bold red")
    return dict(failed)
