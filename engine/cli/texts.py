"""The words of the command line: help with examples, and results as text. Computes nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.cli.outlook import outlook
from engine.ports import ClipStatus
from engine.workflows.review import Verdict
from engine.workflows.status import StatusReport

if TYPE_CHECKING:
    from engine.cli.actions import Shown
    from engine.workflows.ingest import IngestReport
    from engine.workflows.pre_annotate import PreAnnotateReport

MAIN = """Turn raw billiards video into training masks for every ball.

**The whole way:**

```text
engine init                                make a workspace here
engine ingest game.mp4 recordings/         add videos, cut into clips
engine preannotate                         Det-SAM2 draws every ball
engine status                              how far is the dataset, and what is next
engine show CLIP                           look at the masks of a clip
engine accept CLIP                         a person agrees
engine export --format sav OUT             a dataset that SAM 2's training code loads
```

The workspace is the folder `workspace` unless `--workspace` or `ENGINE_WORKSPACE` says otherwise. Every
setting can also come from the environment as `ENGINE_<NAME>`. Exit status: 0 done, 1 something failed, 2 what was
asked for cannot be, 130 interrupted."""

INIT = """Make a workspace: a folder with a database, or the tables on a server. Running it again changes nothing but brings older tables up to date.

```text
engine init
engine --workspace /data/billiards init
engine --database-url postgresql+psycopg://user:secret@127.0.0.1/billiards init
```"""

INGEST = """Add recordings. Each file is decoded once and checked, long ones are cut into clips. A file that was added before is recognised (a camera or licence given with it replaces what was known), a broken one is named and the others go on.

```text
engine ingest game.mp4
engine ingest recordings/ --clip-seconds 20
engine ingest final.mkv --split val
engine ingest recordings/ --camera overhead --licence CC-BY-4.0
```"""

PREANNOTATE = """Draw the masks of every ball in all clips that have none (or in those named) with Det-SAM2: a detector prompts SAM 2 by itself and the recent past is repaired when new evidence comes. Ctrl-C loses nothing: the next run goes on where this one stopped. Several of these may run at once, also on several machines with one database.

```text
engine preannotate
engine preannotate game-1a2b3c4d-000 --every 10
engine preannotate --model sam2.1_hiera_large --device cuda
```"""

STATUS = """Show clips by stage, seconds accepted and pre-annotated of the target, when it will be reached at the pace of the last days at work, and what to do next.

```text
engine status
engine status --clips
engine status --json | jq .summary.accepted_seconds
```"""

SHOW = """Draw a clip's masks: a contact sheet (PNG) with frames and each ball through time, and an overlay film (MP4).

```text
engine show game-1a2b3c4d-000
engine show game-1a2b3c4d-000 --no-film --out pictures/
```"""

ACCEPT = """Accept clips whose masks are right; only accepted ones count and are exported. Reject those that are not, exclude those that the dataset shall not have.

```text
engine accept game-1a2b3c4d-000
engine accept --all --by maria
engine accept --reject game-1a2b3c4d-001 --note "cue ball lost at frame 40"
engine accept --exclude game-1a2b3c4d-002 --note "shows what another clip shows"
engine accept --reopen game-1a2b3c4d-002
```"""

DEMO = """Run the whole way once on a bundled clip, or on yours: ingest, pre-annotate, status, accept, export to SA-V and DAVIS, overlay film and contact sheet.

```text
engine demo
engine demo --clip my.mp4
```"""

BAR = 32


def status(report: StatusReport) -> str:
    """Return progress, stages and next steps as text."""
    lines = [
        f"{report.target_seconds:,.0f} seconds wanted",
        _bar("accepted", report.accepted_seconds, report.target_seconds),
        _bar("pre-annotated", report.preannotated_seconds, report.target_seconds),
        *(f"  {line}" for line in outlook(report)),
        "",
    ]
    if report.clips:
        lines.append(f"  {'stage':<16}{'clips':>7}{'seconds':>11}")
        lines += [f"  {x.stage:<16}{x.clips:>7}{x.seconds:>11.1f}" for x in report.lines if x.clips]
        lines.append("")
    else:
        lines.append("The workspace is empty.")
    jobs = report.jobs
    if jobs.waiting or jobs.running or jobs.failed:
        lines.append(f"jobs: {jobs.waiting} waiting, {jobs.running} running, {jobs.failed} failed")
    lines += [f"  failed: {clip}: {error}" for clip, error in jobs.errors.items()]
    return "\n".join([*lines, "next:", *(f"  {step}" for step in report.next_steps)])


def clip_list(clips: Sequence[ClipStatus], *, wanted: bool) -> str:
    """Return one line for each clip, or nothing when nobody wants them."""
    if not wanted:
        return ""
    width = max((len(line.clip.id) for line in clips), default=0) + 2
    rows = (
        f"  {x.clip.id:<{width}}{x.stage:<16}{x.clip.seconds:>7.1f} s  {x.clip.split}"
        + ("  priority" if x.priority else "")
        for x in clips
    )
    return "\n\n" + "\n".join(rows)


def ingested(report: "IngestReport") -> str:
    """Return what became of each file."""
    lines = [f"added   {x.path}: {len(x.clips)} clips{_why(x.reasons)}" for x in report.added]
    lines += [
        f"known   {x.path}: ingested before as {', '.join(x.clips)}{_news(x.changed)}"
        for x in report.known
    ]
    lines += [f"failed  {x.path}: {x.error}" for x in report.failed]
    return "\n".join([*lines, *_after_ingest(report)])


def _after_ingest(report: "IngestReport") -> tuple[str, ...]:
    """Return the next steps; clips that may show what others show are best found before work goes into them."""
    if not (report.added or report.known):
        return ("",)
    clips = [clip for file in report.added for clip in file.clips]
    clips += [clip for file in report.known for clip in file.clips]
    duplicates = "      engine duplicates   (names clips that show the same)"
    return ("next: engine preannotate", *([duplicates] if report.added and clips[1:] else []))


def preannotated(report: "PreAnnotateReport") -> str:
    """Return what became of each clip."""
    lines = [
        f"drawn   {x.clip}: {x.tracks} tracks, {x.frames} frames"
        + (f" (before with {x.replaced})" if x.replaced else "")
        for x in report.done
    ]
    lines += [f"failed  {clip}: {error}" for clip, error in report.failed.items()]
    if report.interrupted:
        lines.append("interrupted; the same command goes on from the last block")
    elif not lines:
        lines.append("nothing to do: every clip has masks; `engine status` says what is next")
    return "\n".join(lines)


def shown(report: "Shown") -> str:
    """Return a clip's facts and where its pictures are."""
    tracks = ", ".join(f"{track.id} {track.label}" for track in report.tracks)
    lines = [
        f"{report.clip}: {report.stage}, revision {report.revision} ({report.kind} by {report.author})",
        f"tracks: {tracks or 'none'}",
        f"contact sheet: {report.sheet}",
    ]
    lines += [f"overlay film:  {report.film}"] if report.film else []
    return "\n".join([*lines, *([f"drawn with: {report.drawn_with}"] if report.drawn_with else [])])


def verdicts(made: Sequence[Verdict]) -> str:
    """Return one line for each verdict."""
    lines = (
        f"failed  {x.clip}: {x.error}"
        if x.error
        else f"{x.stage}  {x.clip}" + (f" (revision {x.revision})" if x.revision else "")
        for x in made
    )
    return "\n".join(lines)


def _bar(name: str, seconds: float, target: float) -> str:
    """Draw one bar of progress."""
    share = min(1.0, seconds / target)
    full = round(share * BAR)
    return f"  {name:<14} {'█' * full}{'░' * (BAR - full)} {seconds:>9.1f} s {100 * share:>6.2f} %"


def _news(changed: Sequence[str]) -> str:
    """Say what is known anew of a recording."""
    return f"; {', '.join(changed)}" if changed else ""


def _why(reasons: Sequence[str]) -> str:
    """Say why a working copy was made."""
    return f" (working copy: {'; '.join(reasons)})" if reasons else ""
