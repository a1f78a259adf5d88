"""The command that renders footage: presets, sizes, progress, and what became of it. Renders nothing itself."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import answer, bars
from engine.cli.interrupt import stop_on_interrupt
from engine.errors import InputError
from engine.synth.preset import PRESETS, Preset, named

HELP = """Render clips of billiards with exact masks, boxes, identities, pockets and events: shots played by physics, seen by cameras of every kind. Each NAME.mp4 has its truth beside it as NAME.json, and ingests like any other video. The same preset, seed, size and length give the same bytes. Ctrl-C leaves whole clips only; the same command goes on where it stopped.

```text
engine synth --list
engine synth --preset snooker --out footage/ --clips 20 --seconds 8
engine synth --preset training --out train/ --clips 900 --frames 12 --seed 11 --workers 4
engine synth --preset broadcast --out uhd/ --clips 1 --seconds 2 --size 4k
```"""
SIZES = {"720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
USUAL = "1024x576"
RATE = 30

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]
Clips = Annotated[int, typer.Option(help="Number of clips.", min=1)]
Seconds = Annotated[float | None, typer.Option(help="Length of each clip; default: the preset's.")]
Frames = Annotated[int | None, typer.Option(help="The same in frames, at 30 a second.", min=1)]
Workers = Annotated[int, typer.Option(help="Processes; they change no byte.", min=1)]
Name = Annotated[str, typer.Option("--preset", help="Kind of footage; --list shows them.")]
Out = Annotated[Path | None, typer.Option(help="Folder to write to.")]
Size = Annotated[str, typer.Option(help="720p, 1080p, 4k or WIDTHxHEIGHT.")]
Seed = Annotated[int, typer.Option(help="Everything is drawn from it.", min=0)]


def synth(  # noqa: PLR0913 - an option is an argument
    *,
    preset: Name = "mixed",
    out: Out = None,
    clips: Clips = 10,
    seconds: Seconds = None,
    frames: Frames = None,
    seed: Seed = 1,
    size: Size = USUAL,
    workers: Workers = 1,
    list_: Annotated[bool, typer.Option("--list", help="Show the presets.")] = False,
    json: Json = False,
) -> None:
    """Render footage."""
    if list_:
        answer(list(PRESETS.values()), as_json=json, text=listed())
        return
    chosen = named(preset)
    shape = (length(chosen, seconds, frames), pixels(size))
    report = render(chosen, out, clips=clips, seed=seed, shape=shape, workers=workers)
    answer(report, as_json=json, text=rendered(report))
    raise typer.Exit(130 if report.interrupted else 0)


@dataclass(frozen=True, slots=True)
class Report:
    """What was rendered: the names of clips ``written`` now and ``kept`` from before."""

    out: str
    preset: str
    seed: int
    frames: int
    written: tuple[str, ...]
    kept: tuple[str, ...]
    interrupted: bool


def listed() -> str:
    """Return a line for each preset."""
    return "\n".join(f"{preset.name:<11} {preset.about}" for preset in PRESETS.values())


def length(preset: Preset, seconds: float | None, frames: int | None) -> int:
    """Return the frames of each clip; raises ``InputError`` when both are given or nothing is left."""
    if seconds is not None and frames is not None:
        raise InputError(f"--seconds {seconds} and --frames {frames} both say how long; give one")
    if seconds is None:
        return frames or preset.frames
    if round(seconds * RATE) < 1:
        raise InputError(f"--seconds {seconds} is less than one frame at {RATE} a second")
    return round(seconds * RATE)


def pixels(size: str) -> tuple[int, int]:
    """Return width and height of a name or of "WIDTHxHEIGHT"; raises ``InputError`` for anything else."""
    if size.lower() in SIZES:
        return SIZES[size.lower()]
    width, _, height = size.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise InputError(f"--size {size}: expected {', '.join(SIZES)} or like {USUAL}")
    found = int(width), int(height)
    if min(found) < 64 or found[0] % 2 or found[1] % 2 or max(found) > 7680:
        raise InputError(f"--size {size}: expected even numbers from 64 to 7680, like {USUAL}")
    return found


def render(
    preset: Preset,
    out: Path | None,
    *,
    clips: int,
    seed: int,
    shape: tuple[int, tuple[int, int]],
    workers: int,
) -> Report:
    """Render clips of ``shape`` (frames, (width, height)); return what was written.

    Raises ``InputError`` without a folder, and as ``write_orders`` does.
    """
    if out is None:
        raise InputError("where to? give a folder, for example: engine synth --out footage/")
    from engine.synth.dataset import Order, write_orders  # noqa: PLC0415 - slow to import

    orders = [Order(out, preset, seed, k, *shape) for k in range(clips)]
    with bars("render") as show, stop_on_interrupt() as stop:
        made = write_orders(
            orders,
            workers=workers,
            progress=lambda done, total: show(preset.name, done, total),
            stop=stop,
        )
    frames = shape[0]
    return Report(
        str(out), preset.name, seed, frames, made.written, made.kept, interrupted=made.interrupted
    )


def rendered(report: Report) -> str:
    """Say what was written and what is next."""
    written, kept = len(report.written), len(report.kept)
    done = f"{written} clips rendered, {kept} there already: {report.out}"
    if report.interrupted:
        return f"{done}\ninterrupted; the same command goes on where it stopped"
    return f"{done}\nnext: engine ingest {report.out}"
