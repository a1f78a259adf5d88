"""The commands that train the two networks: their options and help. Each calls one function and prints its answer."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli import train_config, training
from engine.cli.console import answer
from engine.training.segmenter_options import Options, Precision, Views

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Train the segmenter or the detector, from nothing or from weights, on rendered clips or on exports of your own.

```text
engine train segmenter --data datasets/sav --init nano --out runs/mine
engine train detector --data datasets/sav --out runs/balls
```""",
)

SEGMENTER = """Train a SAM 2 on datasets with true masks: rendered clips (`engine synth`), SA-V or DAVIS (`engine export`). Without --init a LiteSAM2-nano begins from nothing. Loss and figures on held-out clips go to the terminal, RUN/curve.csv, RUN/held_out.csv and TensorBoard. Ctrl-C saves and says how to go on; a kill loses two minutes at most.

```text
engine train segmenter --data footage --out runs/nano --minutes 240 --context 3
engine train segmenter --config datasets/sav/engine_train.toml --out runs/mine
engine train segmenter --data datasets/sav --data datasets/davis --init nano --out runs/mine --minutes 30
engine train segmenter --data datasets/sav --data datasets/davis --init nano --out runs/mine --minutes 60 --resume
engine train segmenter --data datasets/sav --init sam2.1_hiera_tiny --views frame --side 512 --out runs/tiny --device cuda --precision bf16
engine train segmenter --data footage --out runs/taught --teacher sam2.1_hiera_large --device cuda
torchrun --nproc-per-node 4 -m engine.cli train segmenter --data footage --out runs/four --device cuda
```"""

DETECTOR = """Train the ball YOLO on datasets with true masks: rendered clips, SA-V or DAVIS. Without --init it begins from nothing. The confidence is calibrated on clips held out. Ctrl-C saves; the same command with --resume goes on.

```text
engine train detector --data footage --out runs/balls --minutes 85
engine train detector --data datasets/sav --init engine/assets/ball_yolo_nano.safetensors --out runs/mine
engine train detector --data datasets/sav --out runs/mine --resume
engine train detector --config datasets/sav/engine_train.toml --out runs/mine
```"""

Data = Annotated[list[Path], typer.Option(help="Folder of a dataset; may be given again.")]
Out = Annotated[Path, typer.Option(help="Folder of the run.")]
Init = Annotated[
    str | None, typer.Option(help="Weights to begin with: a model's name or a checkpoint's path.")
]
Model = Annotated[
    str, typer.Option(help="Without --init: nano, or an official model from nothing.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")]
Minutes = Annotated[
    float | None, typer.Option(help="Length of the whole run, what was before --resume included.")
]
Steps = Annotated[int | None, typer.Option(help="Length in steps instead.")]
Batch = Annotated[int, typer.Option(help="Balls a step, for each process.", min=1)]
Frames = Annotated[int, typer.Option(help="Frames that each ball is followed for.", min=2)]
Long = Annotated[
    float, typer.Option(help="Share of batches of eight frames and fewer balls.", min=0, max=1)
]
Context = Annotated[
    float | None,
    typer.Option(help="Side of a window in sizes of its ball; default: the weights', or 3.5."),
]
See = Annotated[
    Views | None,
    typer.Option(help="A window for each ball, whole frames, or both; default: as the weights."),
]
Side = Annotated[
    int | None, typer.Option(help="Square that the model sees, in pixels; default: its own.")
]
Rate = Annotated[float | None, typer.Option(help="Highest learning rate; default: as fits.")]
Exact = Annotated[Precision, typer.Option(help="bf16 is for GPUs; a CPU is slower with it.")]
Teacher = Annotated[
    str | None, typer.Option(help="Larger SAM 2 to learn from: a model's name or a path.")
]
TeacherSide = Annotated[
    int | None, typer.Option(help="Square that the teacher sees; default: 256 for windows.")
]
HeldOut = Annotated[
    list[Path] | None, typer.Option(help="Dataset to measure on, beside clips of split 'val'.")
]
Check = Annotated[float, typer.Option(help="Minutes between two measurements.")]
Threads = Annotated[int, typer.Option(help="Threads of the training process.", min=1)]
Workers = Annotated[int, typer.Option(help="Processes that prepare batches.", min=0)]
Device = Annotated[str, typer.Option(help="auto (a GPU where there is one), cpu or cuda.")]
Seed = Annotated[int, typer.Option(help="Everything is drawn from it.")]
Crops = Annotated[int, typer.Option("--batch", help="Crops a step.", min=1)]
Crop = Annotated[int, typer.Option(help="Side of a crop, a multiple of 32 pixels.", min=32)]
Size = Annotated[int, typer.Option(help="Longer side of pictures when detecting.", min=64)]
Stills = Annotated[int, typer.Option(help="Frames taken of each clip.", min=1)]
Config = Annotated[
    Path | None,
    typer.Option(
        help="File of options, as exports have one (engine_train.toml); the command line wins.",
        callback=train_config.take,
        is_eager=True,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
_OURS = ("config", "json")  # options of the command line, not of the training


@app.command(help=SEGMENTER)
def segmenter(  # noqa: PLR0913 - an option is an argument
    *,
    data: Data,
    out: Out,
    init: Init = None,
    model: Model = "nano",
    resume: Resume = False,
    minutes: Minutes = None,
    steps: Steps = None,
    batch: Batch = 24,
    frames: Frames = 4,
    long: Long = 0.33,
    context: Context = None,
    views: See = None,
    side: Side = None,
    rate: Rate = None,
    precision: Exact = "fp32",
    teacher: Teacher = None,
    teacher_side: TeacherSide = None,
    held_out: HeldOut = None,
    check: Check = 10.0,
    threads: Threads = 2,
    workers: Workers = 1,
    device: Device = "auto",
    seed: Seed = 0,
    config: Config = None,
    json: Json = False,
) -> None:
    """Train the segmenter."""
    chosen = {name: value for name, value in locals().items() if name not in _OURS}
    report = training.segmenter(
        Options(**{**chosen, "data": tuple(data), "held_out": tuple(held_out or ())})
    )
    if report.leads:
        answer(report, as_json=json, text=training.told(report))
    raise typer.Exit(130 if report.interrupted else 0)


@app.command(help=DETECTOR)
def detector(  # noqa: PLR0913 - an option is an argument
    *,
    data: Data,
    out: Out,
    init: Annotated[Path | None, typer.Option(help="Weights to begin with.")] = None,
    resume: Resume = False,
    minutes: Annotated[float, typer.Option(help="Length of the whole run.", min=0.001)] = 50.0,
    batch: Crops = 16,
    crop: Crop = 320,
    size: Size = 1024,
    stills: Stills = 2,
    rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 1.5e-3,
    threads: Threads = 2,
    workers: Workers = 1,
    device: Device = "auto",
    seed: Seed = 0,
    config: Config = None,
    json: Json = False,
) -> None:
    """Train the detector."""
    chosen = {name: value for name, value in locals().items() if name not in _OURS}
    report = training.detector(training.DetectorTask(**{**chosen, "data": tuple(data)}))
    answer(report, as_json=json, text=training.detector_told(report))
    raise typer.Exit(130 if report.interrupted else 0)
