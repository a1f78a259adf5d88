"""The command that brings masks from outside: what it takes, how it asks and what it says. Reads no format itself."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from engine import wiring
from engine.cli.console import answer, bars
from engine.config import Settings, read_settings
from engine.datasets.files import read_size
from engine.datasets.incoming import AUTO, FORMATS, format_of, incoming
from engine.errors import SettingsError
from engine.workflows.importing import import_dataset
from engine.workflows.importing_newcomers import Newcomers
from engine.workflows.importing_values import ImportReport, Incoming, Outcome, Wishes

HELP = """Bring masks from outside: datasets (DAVIS, SA-V, MOSE, YouTube-VIS, COCO, MOTS, plain frames) and the annotations of CVAT, Label Studio and X-AnyLabeling. Every clip is checked first; one that does not fit stops all of them, unless --keep-going. Each becomes one revision of its clip, submitted for a verdict. Clips that the workspace does not know come with their pictures.

```text
engine import datasets/davis
engine import datasets/foreign --class cueball=cue --class 8ball=eight --dry-run
engine import corrected/ --clip game-1a2b3c4d-000 --by maria
engine import datasets/sav-6fps --sparse
engine import annotations.xml --clip game-1a2b3c4d-000
engine import datasets/sav --auto && engine import datasets/sav
```"""

Classes = Annotated[
    list[str] | None,
    typer.Option(
        "--class", help="FOREIGN=OURS: a class of theirs is one of ours; may be repeated."
    ),
]
Clip = Annotated[str | None, typer.Option("--clip", help="The clip that the masks belong to.")]
Auto = Annotated[bool, typer.Option("--auto", help="A model drew them, nobody looked at them.")]
Sparse = Annotated[
    bool, typer.Option("--sparse", help="Frames without annotation keep the masks they have.")
]
Hold = Annotated[
    bool, typer.Option("--hold-keyframes", help="CVAT: a shape stands until the next one.")
]
Format = Annotated[str, typer.Option("--format", help=f"{AUTO}, {', '.join(FORMATS)}.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, write nothing.")]
Going = Annotated[bool, typer.Option("--keep-going", help="Import the clips that can be.")]
Who = Annotated[str, typer.Option("--by", help="Whose work it is.", envvar="USER")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


def import_(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="Folder of a dataset, or a file of annotations.")],
    *,
    format_name: Format = AUTO,
    clip: Clip = None,
    classes: Classes = None,
    auto: Auto = False,
    sparse: Sparse = False,
    hold_keyframes: Hold = False,
    dry_run: DryRun = False,
    keep_going: Going = False,
    by: Who = "",
    json: Json = False,
) -> None:
    """Import masks."""
    wishes = Wishes(
        by or "import",
        format_of(path, format_name),
        path.name or path.absolute().name,
        renames(classes or ()),
        clip,
        auto,
        sparse,
        keep_going,
        dry_run,
    )
    read = partial(incoming, path, format_name=format_name, hold=hold_keyframes)
    report = bring(read_settings(**context.obj), read, wishes)
    answer(report, as_json=json, text=told(report))
    raise typer.Exit(1 if report.refused else 0)


def renames(pairs: Sequence[str]) -> Mapping[str, str]:
    """Return what ``FOREIGN=OURS`` says; raises ``SettingsError`` where it says nothing."""
    found = {}
    for pair in pairs:
        foreign, equals, ours = pair.rpartition("=")
        if not foreign or not equals or not ours:
            raise SettingsError(f"--class {pair}: expected FOREIGN=OURS, such as cueball=cue")
        found[foreign] = ours
    return found


def bring(
    settings: Settings, read: Callable[..., tuple[Incoming, ...]], wishes: Wishes
) -> ImportReport:
    """Read the source and import it, with a bar for each clip that is checked."""
    damaged: dict[str, str] = {}
    with wiring.workbench(settings) as bench, bars("check") as progress:
        sources = read(
            masks="auto" if wishes.auto else "manual",
            damaged=lambda name, error: damaged.update({name: str(error)}),
        )
        return import_dataset(
            bench.catalog,
            bench.revisions,
            sources,
            wishes=wishes,
            newcomers=Newcomers(
                bench.catalog, wiring.prober(), settings.workspace.absolute() / "media", read_size
            ),
            damaged=damaged,
            progress=progress,
        )


def told(report: ImportReport) -> str:
    """Say what became of each clip and what is next."""
    lines = [line for one in report.outcomes for line in _lines(one, dry=report.dry_run)]
    if report.unknown:
        lines.append("unknown classes: " + " ".join(f"--class '{x}=...'" for x in report.unknown))
    return "\n".join([*lines, *_next(report)])


def _lines(one: Outcome, *, dry: bool) -> list[str]:
    """Return the lines of one clip."""
    name = (
        one.clip if one.source in ("", one.clip) or not one.clip else f"{one.source} as {one.clip}"
    )
    if one.what == "refused":
        return [f"refused    {name or one.source}: {one.reason}"]
    new = "new clip, " if one.new else ""
    changed = f"{new}{one.frames} frames differ"
    said = "nothing differs" if one.what == "unchanged" else changed
    at = f", revision {one.revision}" if one.revision and one.what == "imported" else ""
    verb = "would be" if dry and one.what == "imported" else one.what
    return [f"{verb:<10} {name}: {said}{at}", *(f"           note: {note}" for note in one.notes)]


def _next(report: ImportReport) -> list[str]:
    """Say what can be done now."""
    if report.dry_run:
        return ["dry run: nothing was written"]
    clips = [one.clip for one in report.imported]
    if clips:
        return [f"next: engine accept {' '.join(clips[:3])}{' ...' if len(clips) > 3 else ''}"]
    return ["nothing was written"] if report.refused else []
