"""The demonstration: the whole way once, from a video to two datasets and pictures of what was found."""

from importlib.resources import as_file, files
from pathlib import Path

from engine.cli import actions, exported, exporting, texts
from engine.cli.console import say
from engine.config import Settings, read_settings
from engine.errors import EngineError
from engine.stages import Move, Stage
from engine.workflows.selection import Selection


def run(clip: Path | None, out: Path) -> str:
    """Run every step on ``clip`` (None: the bundled one), writing below ``out``; return where everything is."""
    with as_file(files("engine").joinpath("assets/demo.mp4")) as bundled:
        source = clip or bundled
        folder = (out / source.stem).absolute()
        settings = read_settings(workspace=folder / "workspace", database_url="")
        clips = _prepare(settings, source)
        drawn = actions.preannotate(settings, [])
        say(texts.preannotated(drawn))
        if drawn.interrupted:
            raise KeyboardInterrupt
        if drawn.failed:
            raise EngineError(texts.preannotated(drawn))
        say()
        say(texts.status(actions.status(settings).summary))
    pictures = [_show(settings, folder, name) for name in clips]
    _accept(settings, clips)
    for name in ("sav", "davis"):
        say(exported.written(_export(settings, name, folder), name))
    say()
    say(texts.status(actions.status(settings).summary))
    return _summary(folder, pictures)


def _prepare(settings: Settings, source: Path) -> list[str]:
    """Make the workspace and ingest the video; return the ids of its clips."""
    actions.init(settings)
    report = actions.ingest(settings, [source], split="train")
    if report.failed:
        raise EngineError(texts.ingested(report))
    say(texts.ingested(report))
    added = [name for file in report.added for name in file.clips]
    return added + [name for file in report.known for name in file.clips]


def _show(settings: Settings, folder: Path, clip: str) -> actions.Shown:
    """Draw one clip."""
    return actions.show(settings, clip, out=folder / "pictures", revision=None, film=True)


def _accept(settings: Settings, clips: list[str]) -> None:
    """Accept what is not accepted yet, and say that a person would have looked first."""
    standing = {line.clip.id: line.stage for line in actions.status(settings).clips}
    waiting = [name for name in clips if standing[name] is not Stage.ACCEPTED]
    if waiting:
        say(
            "\naccepting unseen, for the demonstration only: a person would look at the pictures first"
        )
        note = "accepted unseen by the demonstration"
        actions.accept(settings, waiting, every=False, move=Move.ACCEPT, by="demo", note=note)


def _export(settings: Settings, name: str, folder: Path) -> exporting.Written:
    """Write one dataset of all accepted clips."""
    return exporting.export(settings, exporting.Shape(name), folder / name, Selection())


def _summary(folder: Path, pictures: list[actions.Shown]) -> str:
    """Say where everything is and what to do next."""
    drawn = [f"  {shown.sheet}\n  {shown.film}" for shown in pictures]
    return "\n".join(
        [
            "",
            "look at the contact sheet and the overlay film:",
            *drawn,
            "datasets for SAM 2's training code:",
            f"  {folder / 'sav'}     SA-V: masklets as JSON, videos, frames, and the yaml that loads them",
            f"  {folder / 'davis'}   DAVIS 2017",
            "the page where masks are corrected, on this clip:",
            f"  .venv/bin/engine --workspace {folder / 'workspace'} serve ui --open",
            "next, with your own recordings:",
            "  make demo CLIP=my.mp4              the same with your video",
            "  .venv/bin/engine init              a workspace of your own in ./workspace",
            "  .venv/bin/engine ingest VIDEO...   then: .venv/bin/engine preannotate",
        ]
    )
