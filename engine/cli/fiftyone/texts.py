"""What `engine fiftyone` says: the help of its commands and their reports as text. Asks nobody and changes nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.cli.fiftyone.standing import Standing
    from engine.ports.board import Tag
    from engine.workflows.board.report import Answer, SyncReport


MAIN = """Open the dataset in FiftyOne: every clip with its stage, people, masks, doubts and events, the progress, and the clips to look at next (docs/fiftyone.md).

```text
engine fiftyone                        bring the workspace into FiftyOne, open it in the browser, keep it current
engine fiftyone --remote --port 5200   only tell the address: for a machine without a browser, through a tunnel
engine fiftyone --no-watch             bring it in step once, then only show it
engine fiftyone --by NAME              tags that are set there act in this name, where they do not say whose they are
engine fiftyone sync --watch           keep it current without opening it
engine fiftyone status                 what it holds, what waits, where it runs
engine fiftyone compare                what models drew with what people accepted
```

Stages, people and figures are there at once; masks, films and pictures of new and changed clips come in the background. The tags redo, exclude and priority come back as decisions. Nothing that FiftyOne holds is a truth of its own: with WORKSPACE/fiftyone removed, the next start fills it again; only tags that were not acted on yet would be lost. FiftyOne keeps it in a MongoDB of the workspace's own, or in the one that ENGINE_FIFTYONE_DATABASE_URI names. Ctrl-C ends all of it and loses nothing. Exit status 2 if the port is taken or FiftyOne is not installed, 1 if its database or the app fails."""

SYNC = """Bring FiftyOne in step with the workspace: act on tags that were set there, then cards, masks, films, measures and pictures of what is new or changed. Running it twice changes nothing.

```text
engine fiftyone sync
engine fiftyone sync CLIP...             only these clips
engine fiftyone sync --watch             again and again, until Ctrl-C
engine fiftyone sync --watch --every 5   look for what changed every five seconds
engine fiftyone sync --no-masks          stages, people and figures alone: some seconds
engine fiftyone sync --rebuild           make the dataset anew
engine fiftyone sync --json | jq .decided
```

One sync works on a workspace at a time; with --watch it waits for its turn. Ctrl-C stops at a safe place; the same command goes on from there. Exit status 1 if a clip or a decision failed, 2 if another sync works, 130 if interrupted (with --watch 0: that is how it ends)."""

STATUS = """Show what FiftyOne holds of the workspace, what waits to be brought there or back, and where its database and the app run.

```text
engine fiftyone status
engine fiftyone status --json | jq .waiting
```"""

OPEN_DOOR = """{address} is not this machine alone, and FiftyOne has no login: whoever reaches this address sees every clip, can read any file that you can, and can tag, change and delete what FiftyOne holds. Put a proxy with a login in front of it, or use 127.0.0.1 and a tunnel (ssh -L {port}:127.0.0.1:{port} HOST)."""


def synced(report: "SyncReport") -> str:
    """Say what a sync did."""
    counts = {
        "with new facts": report.cards,
        "gone": report.dropped,
        "with new masks": report.masks,
        "filmed": report.films,
        "measured": report.measured,
        "compared": report.compared,
        "with new pictures": report.stills,
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    lines = [f"{_number(report.clips, 'clip')}: {said or _nothing(report)}"]
    lines += [_answered("decided", one) for one in report.decided]
    lines += [_answered("refused", one) for one in report.refused]
    lines += [f"failed   {clip}: {why}" for clip, why in report.failed.items()]
    if report.trouble:
        lines.append(f"trouble: {report.trouble}")
    if report.left:
        lines.append(
            f"waits    {_number(report.left, 'clip')}, for films, measures and pictures where they lack them"
        )
    if report.interrupted:
        lines.append("interrupted; the same command goes on from here")
    return "\n".join(lines)


def standing(now: "Standing") -> str:
    """Say what FiftyOne holds, what waits, and where it runs."""
    clips = _number(now.clips, "clip")
    lines = [f"dataset   {now.dataset}: {now.held} of {clips}, {now.masks} with masks"]
    waits = (
        (now.new, "new clip", ""),
        (now.waiting, "clip", " with new masks"),
        (now.lacking, "clip", " without films, measures or pictures"),
        (now.gone, "clip", " gone from the workspace"),
        (len(now.tagged), "decision", ""),
    )
    said = ", ".join(_number(count, what) + how for count, what, how in waits if count)
    lines.append(f"waits     {said or 'nothing'}")
    lines += [f"          {clip}: {_named(tags)}" for clip, tags in now.tagged.items()]
    lines.append(f"database  {now.database}")
    lines.append(f"app       {now.app or 'does not run: engine fiftyone'}")
    lines.append(f"sync      {now.syncing or 'none runs'}")
    if said:
        lines.append("next: engine fiftyone sync")
    return "\n".join(lines)


def _nothing(report: "SyncReport") -> str:
    """Say of a sync that made nothing whether there was nothing to make."""
    hindered = report.interrupted or report.left or report.failed or report.trouble
    unsettled = any(not one.settled for one in report.refused)
    return "nothing changed" if hindered or unsettled else "in step"


def _number(count: int, what: str) -> str:
    """Return so many of something in words."""
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _answered(how: str, one: "Answer") -> str:
    """Say what became of a clip's tags; the answer itself says of which, and in whose name."""
    return f"{how:<8} {one.clip}: {one.said}"


def _named(tags: "tuple[Tag, ...]") -> str:
    """Name tags."""
    return ", ".join(tags)
