"""The command `engine fiftyone compare`: its options, its help, and what it says. Knows no masks and no database."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from engine.cli.console import answer
from engine.config import read_settings
from engine.errors import InputError

if TYPE_CHECKING:
    from engine.workflows.comparing.choice import Model
    from engine.workflows.comparing.clips import BadFrame, ClipLine, Comparison

HELP = """Compare, on the same clips, what models drew with what people accepted, or with what other models drew: J by clip and by class, and the worst frames first, each with its address in the correction page. In FiftyOne it is a dataset of its own, the one masks beside the other.

```text
engine fiftyone compare                      what models drew last with what people accepted
engine fiftyone compare --list               which models drew, and on how many clips
engine fiftyone compare nano                 what this model drew with what people accepted
engine fiftyone compare 14d9c3d4 7b1fe07c    two models, by the first digits of their weights, with each other
engine fiftyone compare --clip CLIP          only this clip
engine fiftyone compare --no-board --json | jq .worst
```

A model is named as `--list` shows it, or by the name or the first digits (four or more) of one of its weights. Another model draws beside the first where nobody has begun to correct: `ENGINE_MODEL=OTHER engine preannotate CLIP`, which takes the place of the masks that people see. Of two models the first one counts as true. J is the mean over frames on which either shows the ball. In FiftyOne the saved views "worst clips first" and "worst frames first" show where to look; of a clip the worst frames are a second apart, and with a short --worst no clip takes the places of others. A ball that only one side shows is red (missed) or blue (extra). --evaluate adds FiftyOne's own evaluation of the clips that are compared, with some minutes for each of 300 frames with 16 balls; tags that are set there are not read. Exit status 1 if a clip could not be compared, 2 if there is nothing to compare, 130 if interrupted."""

MOST_CLIPS: Final = 40
"""Clips that are printed; --json has all."""

Models = Annotated[
    list[str] | None,
    typer.Argument(help="None: the newest with people. One: it with people. Two: with each other."),
]
Clips = Annotated[list[str] | None, typer.Option("--clip", help="Only this clip; may be repeated.")]
Listed = Annotated[
    bool, typer.Option("--list", help="Show which models drew, and compare nothing.")
]
Worst = Annotated[
    int,
    typer.Option(
        "--worst",
        help="How many of the worst frames are told at most: those of a clip are a second apart, and each clip has its share.",
        min=0,
    ),
]
Shown = Annotated[
    bool, typer.Option("--board/--no-board", help="Put it into FiftyOne, or only print it.")
]
Evaluate = Annotated[
    bool, typer.Option("--evaluate", help="Let FiftyOne evaluate the masks, too: minutes a clip.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


def compare(
    context: typer.Context,
    models: Models = None,
    *,
    clips: Clips = None,
    listed: Listed = False,
    worst: Worst = 20,
    board: Shown = True,
    evaluate: Evaluate = False,
    json: Json = False,
) -> None:
    """Compare models with people, or with each other."""
    from engine.cli.fiftyone import comparing as actions  # noqa: PLC0415 - opens workspaces, where it is asked

    names = models or []
    if len(names) > 2:
        raise InputError(f"{len(names)} models, {', '.join(names)}: name two at most")
    if evaluate and not board:
        raise InputError("--evaluate is FiftyOne's: leave out --no-board")
    settings = read_settings(**context.obj)
    if listed:
        known = actions.known(settings, clips or [])
        answer(known, as_json=json, text=table(known))
        return
    wishes = actions.Wishes(names, clips or [], worst, board, evaluate)
    report = actions.compare(settings, wishes)
    answer(report, as_json=json, text=compared(report))
    raise typer.Exit(130 if report.interrupted else 1 if report.failed else 0)


def table(models: Sequence["Model"]) -> str:
    """Say which models drew, and on how many clips."""
    if not models:
        return "no model has drawn anything yet; `engine preannotate` lets one"
    lines = (f"{one.clips:>7}{one.accepted:>10}  {one.name}" for one in models)
    return "\n".join([f"{'clips':>7}{'accepted':>10}  drawn with", *lines])


def compared(report: "Comparison") -> str:
    """Say how the two agree."""
    j = "-" if report.j is None else f"{report.j:.3f}"
    lines = [f"{report.what}: {_clips(len(report.clips))}, J {j}"]
    lines += _labels(report.by_label)
    lines += _lines(report.clips)
    lines += _worst(report.worst)
    lines += [f"failed   {clip}: {why}" for clip, why in report.failed.items()]
    lines += [f"left out: {_clips(many)} ({why})" for why, many in Counter(report.left_out.values()).most_common()]  # fmt: skip
    if report.evaluation:
        figures = ", ".join(f"{name} {value:.3f}" for name, value in report.evaluation.items())
        lines.append(f"FiftyOne's evaluation of {_clips(len(report.clips))}: {figures}")
    if report.dataset:
        lines.append(f"in FiftyOne: dataset {report.dataset} (`engine fiftyone`, then choose it at the top)")  # fmt: skip
    return "\n".join([*lines, *(["interrupted; the same command goes on"] if report.interrupted else [])])  # fmt: skip


def _labels(by_label: Mapping[str, float]) -> list[str]:
    """Say how well each class agrees, the worst first."""
    if not by_label:
        return []
    ordered = sorted(by_label.items(), key=lambda one: one[1])
    return ["by class: " + ", ".join(f"{label} {j:.3f}" for label, j in ordered)]


def _lines(clips: Sequence["ClipLine"]) -> Iterator[str]:
    """Say how well each clip agrees, the worst first."""
    if clips:
        yield f"{'J':>7}{'balls':>7}{'missed':>8}{'extra':>7}  clip"
    for one in clips[:MOST_CLIPS]:
        yield f"{one.j:>7.3f}{len(one.balls):>7}{one.missed:>8}{one.extra:>7}  {one.clip} ({one.model})"
    if len(clips) > MOST_CLIPS:
        yield f"  ... and {_clips(len(clips) - MOST_CLIPS)} that agree better"


def _worst(frames: Sequence["BadFrame"]) -> Iterator[str]:
    """Say where to look."""
    if frames:
        yield "worst frames, those of a clip a second apart:"
    for one in frames:
        yield f"{one.j:>7.3f}  {one.clip} frame {one.frame}: {one.page}"


def _clips(many: int) -> str:
    return "1 clip" if many == 1 else f"{many} clips"
