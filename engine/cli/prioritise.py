"""The command `engine prioritise`: its options and help. Says which clips are to be taken first; draws and judges nothing."""

from collections.abc import Sequence
from typing import Annotated

import typer

from engine import wiring
from engine.cli.console import answer
from engine.config import read_settings
from engine.stages import Move
from engine.workflows.review import Verdict, decide

HELP = """Have clips taken first: of all clips that wait at the same stage, those with priority are offered on the page, and drawn by `engine preannotate`, before the others. Priority stays through corrections and verdicts until it is taken back.

```text
engine prioritise game-0a1b2c3d-001                    take it first
engine prioritise game-0a1b2c3d-001 --note "for Friday"
engine prioritise --defer game-0a1b2c3d-001            in its turn again
engine status --clips                                  says which have it
```

A clip that is accepted or excluded waits for nobody and can get no priority. Exit status 1 if a clip was refused; the others are done."""


def prioritise(
    context: typer.Context,
    clips: Annotated[
        list[str], typer.Argument(help="Ids of clips, as `engine status --clips` lists them.")
    ],
    *,
    defer: Annotated[
        bool, typer.Option("--defer", help="Take the priority back: the clip waits its turn.")
    ] = False,
    by: Annotated[
        str, typer.Option("--by", help="Your name, for the clip's history.", envvar="USER")
    ] = "unknown",
    note: Annotated[str, typer.Option(help="A remark for the clip's history.")] = "",
    json: Annotated[
        bool, typer.Option("--json", help="Print the result as JSON, for scripts.")
    ] = False,
) -> None:
    """Say which clips are wanted first."""
    move = Move.DEFER if defer else Move.PRIORITISE
    with wiring.workbench(read_settings(**context.obj)) as bench:
        named = tuple(dict.fromkeys(clips))
        made = decide(bench.catalog, named, move=move, actor=by, note=note)
    answer(made, as_json=json, text=wishes(made, move))
    raise typer.Exit(1 if any(one.error for one in made) else 0)


def wishes(made: Sequence[Verdict], move: Move) -> str:
    """Return one line for each clip."""
    done = "first" if move is Move.PRIORITISE else "in turn"
    lines = (
        f"failed   {one.clip}: {one.error}" if one.error else f"{done:<8} {one.clip} ({one.stage})"
        for one in made
    )
    return "\n".join(lines)
