"""The commands for weights: list, pull, verify, use. Each calls one function and prints its answer."""

from typing import Annotated

import typer

from engine.cli import weights
from engine.cli.console import answer
from engine.config import read_settings

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Weights by name: what there is, fetching, checking, choosing.

```text
engine models list
engine models pull sam2.1_hiera_tiny
engine models verify
engine models use sam2.1_hiera_tiny
```""",
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
Names = Annotated[list[str], typer.Argument(help="Names, as `engine models list` shows them.")]

LIST = """Show every model: bundled, official, and your own where it is in use.

```text
engine models list
engine models list --json | jq '.[] | select(.in_use)'
```"""

PULL = """Fetch weights into the cache folder (ENGINE_CACHE, default ~/.cache/billiards-engine). An interrupted pull goes on where it stopped; what arrives is compared with the published size and SHA-256. An address of your own works too: its checksum is noted at the first pull and compared from then on.

```text
engine models pull sam2.1_hiera_tiny
engine models pull sam2.1_hiera_small sam2.1_hiera_large
engine models pull https://example.org/ours.safetensors
```"""

VERIFY = """Check weights: their SHA-256, that they can be read without running code, and that names and shapes fit the model. Without a name: everything that is bundled or fetched. Exit status 1 if anything is wrong.

```text
engine models verify
engine models verify sam2.1_hiera_tiny
engine models verify runs/best.safetensors
```"""

USE = """Make weights the default of this workspace: `engine preannotate` takes them unless it is told otherwise. Weights that do not load are refused. The choice stands in engine.toml in the workspace.

```text
engine models use sam2.1_hiera_tiny
engine models use runs/best.safetensors
engine models use runs/detector.safetensors --detector
engine models use nano
```"""


@app.command("list", help=LIST)
def list_(context: typer.Context, *, json: Json = False) -> None:
    """Show every model."""
    rows = weights.rows(read_settings(**context.obj))
    answer(rows, as_json=json, text=weights.table(rows))


@app.command(help=PULL)
def pull(names: Names, *, json: Json = False) -> None:
    """Fetch weights."""
    report = weights.pull(names)
    answer(report, as_json=json, text=weights.pulled(report))
    raise typer.Exit(1 if report.failed else 0)


@app.command(help=VERIFY)
def verify(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or paths; default: all that are there.")
    ] = None,
    *,
    detector: Annotated[
        bool, typer.Option("--detector", help="A file is meant to be a detector.")
    ] = False,
    json: Json = False,
) -> None:
    """Check weights."""
    findings = weights.verify(names or [], detector=detector)
    answer(findings, as_json=json, text=weights.verified(findings))
    raise typer.Exit(0 if all(found.good for found in findings) else 1)


@app.command(help=USE)
def use(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name, or the path of a checkpoint.")],
    *,
    detector: Annotated[
        bool,
        typer.Option("--detector", help="Use a file as the detector instead of the segmenter."),
    ] = False,
    json: Json = False,
) -> None:
    """Choose the workspace's weights."""
    chosen = weights.use(read_settings(**context.obj).workspace, name, detector=detector)
    answer(chosen, as_json=json, text=weights.used(chosen))
