"""The command `engine evaluate`: its options and help. Calls one action and prints its answer."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import answer
from engine.config import read_settings
from engine.evaluation.modes import Mode

HELP = """Say how good masks are, in the field's own measures, and what correcting them costs a person: J, F and J&F (DAVIS), box and mask AP (COCO), HOTA, MOTA, IDF1 and identity switches (TrackEval), centre errors, ends of tracks, clicks, seconds. Judged are the masks of a dataset, or what the engine draws now.

```text
engine evaluate OURS --truth CHECKED           judge masks that exist
engine evaluate --truth clips/ --out report/   draw now, with a page to look at
engine evaluate --truth clips/ --mode boxes    true boxes, then follow
engine evaluate --truth clips/ --segmenter best.safetensors --json
engine evaluate --truth clips/ --clicks        NoC@85, NoC@90, IoU by click
engine evaluate --truth clips/ --annotator     what correction costs a person
```

A dataset is a folder of rendered clips (`engine synth`), a SA-V export or a DAVIS export. Every figure is defined in docs/evaluation.md. Exit status 1 only if nothing could be evaluated."""

Truth = Annotated[Path, typer.Option(help="Dataset with true masks.")]
Given = Annotated[
    Path | None, typer.Argument(help="Dataset of masks to judge; without it the engine draws.")
]


def evaluate(  # noqa: PLR0913 - an option is an argument
    context: typer.Context,
    truth: Truth,
    predicted: Given = None,
    *,
    mode: Annotated[Mode, typer.Option(help="Who prompts when the engine draws.")] = Mode.AUTO,
    segmenter: Annotated[
        str | None, typer.Option(help="A model's name or a checkpoint's path.")
    ] = None,
    detector: Annotated[str | None, typer.Option(help="Checkpoint of the detector.")] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda.")] = None,
    split: Annotated[str | None, typer.Option(help="Only clips of this split.")] = None,
    clips: Annotated[
        list[str] | None, typer.Option("--clip", help="Only this clip; may be given again.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for report.json and report.html.")
    ] = None,
    clicks: Annotated[
        bool, typer.Option("--clicks", help="Count the clicks that a ball needs on a single frame.")
    ] = False,
    annotator: Annotated[
        bool, typer.Option("--annotator", help="Let a simulated person correct the masks.")
    ] = False,
    threshold: Annotated[
        float, typer.Option(help="J that the person wants on every frame.", min=0, max=1)
    ] = 0.85,
    looks: Annotated[
        int, typer.Option(help="How often the person looks through a clip, at most.", min=1)
    ] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Say how good masks are."""
    from engine.cli import evaluating  # noqa: PLC0415 - heavy, and no other command needs it

    settings = read_settings(
        **context.obj, model=segmenter, detector_weights=detector, device=device
    )
    task = evaluating.Task(
        truth,
        predicted,
        mode,
        split,
        clips=tuple(clips or ()),
        out=out,
        clicks=clicks,
        annotator=annotator,
        threshold=threshold,
        looks=looks,
    )
    done = evaluating.run(settings, task)
    answer(done.as_json, as_json=json, text=done.text)
    raise typer.Exit(0 if done.judged else 1)
