"""The command `engine duplicates`: its help and its words. Groups clips that show almost the same; excludes none."""

from functools import partial
from typing import Annotated

import typer

from engine import wiring
from engine.cli.console import answer, bars
from engine.cli.interrupt import stop_on_interrupt
from engine.config import Settings, read_settings
from engine.workflows.likeness.groups import Member, NearDuplicates, near_duplicates

HELP = """Find clips that show almost the same, before anybody annotates them twice: recordings that were cut or encoded again, parts of each other, the same balls at rest. Two shots on one table are no duplicates: where the balls lie, and how they move, must agree.

```text
engine duplicates                                 groups of clips that are alike
engine duplicates --json > alike.json             for scripts
engine accept --exclude game-0a1b2c3d-001 --note "shows what another clip shows"
```

Every clip is looked at once, two pictures a second; what was seen is kept in the folder `likeness` of the workspace. Ctrl-C stops at a safe place, and the same command goes on from there. Excluded clips are left out. Exit status 1 if a clip could not be read, 130 if interrupted."""

NOTE = "shows what another clip shows"


def duplicates(
    context: typer.Context,
    *,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as JSON, for scripts.")
    ] = False,
) -> None:
    """Find clips that show almost the same."""
    report = run(read_settings(**context.obj))
    answer(report, as_json=json, text=said(report))
    raise typer.Exit(130 if report.interrupted else 1 if report.failed else 0)


def run(settings: Settings) -> NearDuplicates:
    """Look at all clips, with one bar for them, and compare them."""
    with (
        wiring.workbench(settings) as bench,
        stop_on_interrupt() as stop,
        bars("look at") as progress,
    ):
        gallery = wiring.gallery(bench)
        return near_duplicates(
            gallery, bench.catalog, stop=stop, progress=partial(progress, "clips")
        )


def said(report: NearDuplicates) -> str:
    """Return the groups, line by line, and what to do about them."""
    lines = [f"failed   {clip}: {why}" for clip, why in report.failed.items()]
    if report.interrupted:
        return "\n".join([*lines, "interrupted; the same command goes on from here"])
    if not report.groups:
        return "\n".join([*lines, f"{report.compared} clips compared: no two show the same"])
    for number, group in enumerate(report.groups, 1):
        lines += [f"group {number}: {len(group)} clips", *map(_line, group), ""]
    lines.append("next:")
    if report.spare:
        lines.append(f'  engine accept --exclude {" ".join(report.spare)} --note "{NOTE}"')
    return "\n".join([*lines, "  engine fiftyone       look at them: the saved view of clips that are almost alike"])  # fmt: skip


def _line(one: Member) -> str:
    """Say of a clip where it stands, and how much of it another one shows."""
    head = f"  {one.clip}  {one.stage}, {one.seconds:.1f} s"
    if one.of is None:
        return head
    where = f"frames {one.of.start} to {one.of.stop} are {one.of.clip} from frame {one.of.there} on"
    rest = "; nothing moves" if one.of.still else ""
    return (
        f"{head}: {one.share:.0%} known, {where}{rest}{'; shows nothing new' if one.spare else ''}"
    )
