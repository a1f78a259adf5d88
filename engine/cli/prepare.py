"""The command `engine prepare`: its options and help. Makes clips ready to be opened; prints what was made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import typer

from engine import wiring
from engine.cli.console import answer, bars, say
from engine.cli.interrupt import stop_on_interrupt
from engine.config import Settings, read_settings
from engine.media.page_folder import make_page_copy
from engine.types import Clip
from engine.workflows.prepare import EVERY
from engine.workflows.prepare_clips import Prepared, PrepareReport, Tools, prepare
from engine.workflows.witnessing import detector_name

HELP = """Make clips ready for the page: the browser's copy of the video, what the detector sees, and the list of places where a person should look. `engine serve ui` does it for clips that are opened; done before, every clip opens at once.

```text
engine prepare                        every clip that is neither accepted nor excluded
engine prepare game-0a1b2c3d-001      this one
engine prepare --no-witnesses         without the detector: faster, and fewer doubts are found
engine prepare --passes               also follow all balls backwards, as slow as drawing: overnight
engine prepare --json > ready.json    for scripts
```

What is there already is not made again; Ctrl-C stops at a safe place, and the same command goes on from there. Exit status 1 if a clip failed, 130 if interrupted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which witnesses are asked: the detector on every ``every``-th frame, and a second pass."""

    witnesses: bool
    passes: bool
    every: int


def prepare_clips(
    context: typer.Context,
    clips: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of clips, as `engine status --clips` lists them."),
    ] = None,
    *,
    witnesses: Annotated[
        bool, typer.Option(help="Ask the detector too: it sees balls that have no mask.")
    ] = True,
    passes: Annotated[
        bool, typer.Option("--passes", help="Follow all balls backwards too, and compare.")
    ] = False,
    every: Annotated[
        int, typer.Option(help="Frames from one look of the detector to the next.", min=1)
    ] = EVERY,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as JSON, for scripts.")
    ] = False,
) -> None:
    """Make clips ready to be opened."""
    settings = read_settings(**context.obj)
    report = run(settings, clips or [], Wanted(witnesses, passes, every))
    answer(report, as_json=json, text=said(report))
    raise typer.Exit(130 if report.interrupted else 1 if report.failed else 0)


def run(settings: Settings, clips: Sequence[str], wanted: Wanted) -> PrepareReport:
    """Prepare clips, with one bar for all of them; Ctrl-C stops at the next frame."""
    with wiring.workbench(settings) as bench, stop_on_interrupt() as stop:
        tools = _tools(settings, bench, wanted)
        with bars("prepare") as progress:
            return prepare(tools, clips, stop=stop, progress=partial(progress, "clips"))


def _tools(settings: Settings, bench: wiring.Workbench, wanted: Wanted) -> Tools:
    """Put together what clips are prepared with; models are loaded where they are asked."""
    tools = Tools(
        bench.catalog,
        bench.revisions,
        bench.desk.findings,
        bench.source,
        partial(_copy, settings),
        every=wanted.every,
        game=settings.profile,
    )
    if not (wanted.witnesses or wanted.passes):
        return tools
    say(f"loading {settings.model} and {settings.detector}")
    parts = wiring.preannotation(settings)
    return replace(
        tools,
        detector=parts["detector"] if wanted.witnesses else None,
        detector_name=detector_name(parts["models"]),
        segmenter=parts["segmenter"] if wanted.passes else None,
    )


def _copy(
    settings: Settings,
    clip: Clip,
    *,
    stop: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> bool:
    """Make a clip's copy where the page looks for it."""
    return make_page_copy(settings.workspace.absolute(), clip, stop=stop, progress=progress)


def said(report: PrepareReport) -> str:
    """Say what became of the clips."""
    lines = [_line(one) for one in report.ready]
    lines += [f"failed   {clip}: {why}" for clip, why in report.failed.items()]
    if report.interrupted:
        lines.append("interrupted; the same command goes on from here")
    return "\n".join(
        lines or ["no clip waits to be prepared; `engine status` shows where they stand"]
    )


def _line(one: Prepared) -> str:
    """Say what became of one clip."""
    made = f"made {', '.join(one.made)}" if one.made else "was ready"
    if one.doubts is None:
        return f"prepared {one.clip}: {made}; no masks yet"
    places = "nothing doubtful" if not one.visits else f"{one.visits} places to look at"
    return f"prepared {one.clip}: {made}; {places}"
