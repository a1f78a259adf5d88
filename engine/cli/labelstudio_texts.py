"""What `engine labelstudio` says: the help of its commands and their reports as text. Asks nobody and changes nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.cli.labelstudio_actions import SetUp
    from ml_backend.asking.setup import Ready
    from ml_backend.asking.standings import Standings
    from ml_backend.asking.sync import Synced, SyncReport
    from ml_backend.work.worker import Worked


MAIN = """Work with Label Studio: clips arrive there pre-annotated, corrections come back (docs/label-studio.md).

```text
engine labelstudio setup --url http://127.0.0.1:8080 --token TOKEN
engine serve ml-backend
engine labelstudio sync
engine labelstudio status
```"""

SETUP = """Make the project in Label Studio, or mend it: the labelling configuration, the permission to read the clips' videos, the connection of the backend, the webhook with its secret, and one task for each clip that has masks. What is there already stays; running it twice changes nothing. Address and token are kept in the workspace, readable by you alone.

```text
engine labelstudio setup --url http://127.0.0.1:8080 --token TOKEN
engine labelstudio setup                      again, with the address and token of the last time
pass show studio | engine labelstudio setup --url http://127.0.0.1:8080 --token -
engine labelstudio setup --key-frames         also a project of up to 10 pictures a clip, for masks
engine labelstudio setup --title "Table 3"    another title, where the project is made
engine labelstudio setup --replace-config     put our labelling configuration back
```

Label Studio must serve local files (LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true) from a folder that holds the workspace: ENGINE_LABEL_STUDIO_FILES names it, default the workspace itself. The backend (`engine serve ml-backend`) must be running, at ENGINE_ML_BACKEND_URL as Label Studio sees it. Ctrl-C stops at a safe place; the same command goes on from there. Exit status 1 if a clip failed or Label Studio or the backend did not answer, 2 if something must be changed first, 130 if interrupted."""

SYNC = """Send clips that are new or were changed, and fetch what people finished there and no webhook told. Does the work itself, also where no backend and no worker runs; running it twice changes nothing.

```text
engine labelstudio sync
engine labelstudio sync --json
engine labelstudio sync --no-work        only put the work into the queue, for the workers
```

Ctrl-C stops at a safe place. Exit status 1 if a clip or a correction failed, 130 if interrupted."""

STATUS = """Show projects, tasks, predictions, corrections that wait, those that were refused and why, and the jobs. Asks the database only.

```text
engine labelstudio status
engine labelstudio status --json | jq .refused
```"""

WORK = """Act on what people did in Label Studio and bring predictions in step, until Ctrl-C. `engine serve ml-backend` starts one of these; start more, on any machine that reaches the database and the clips, where one is too slow.

```text
engine labelstudio work
engine labelstudio work --once           until nothing is left to do
```"""


def ready(done: "SetUp") -> str:
    """Say what was made, what is wrong and where to go."""
    lines = [line for one in done.projects for line in _project(one)]
    return "\n".join([*lines, synced(done.sync), *_next(done)])


def synced(report: "SyncReport") -> str:
    """Say what was sent and fetched."""
    lines = [_sent(one) for one in report.projects]
    lines += [
        f"twice    task {task}: its clip has another task already; delete one of them in Label Studio"
        for one in report.projects
        for task in one.tasks.twins
    ]
    lines += [f"failed   {clip}: {why}" for clip, why in report.failed.items()]
    if report.worked is not None:
        lines += _worked(report.worked)
    if report.without_masks:
        lines.append(
            f"{report.without_masks} clips wait for masks: engine preannotate, then engine labelstudio sync"
        )
    if report.interrupted:
        lines.append("interrupted; the same command goes on from here")
    return "\n".join(lines)


def standing(now: "Standings") -> str:
    """Return the table of projects, and below it what waits and what somebody must do."""
    if not now.projects:
        return "nothing is set up yet: engine labelstudio setup --url ADDRESS --token TOKEN"
    lines = [f"{'project':<10}{'tasks':>7}{'predicted':>11}{'in step':>9}{'to send':>9}  address"]
    lines += [
        f"{one.kind:<10}{one.tasks:>7}{one.predicted:>11}{one.in_step:>9}{one.without_task:>9}  {one.address}"
        for one in now.projects
    ]
    jobs = now.jobs
    lines.append(f"jobs: {jobs.waiting} wait, {jobs.running} run, {jobs.failed} failed")
    lines.append(f"corrections that wait to be acted on: {now.waiting}")
    if now.without_masks:
        lines.append(f"clips without masks: {now.without_masks} (engine preannotate)")
    lines += [f"failed   {clip}: {why}" for clip, why in jobs.errors.items()]
    lines += [
        f"refused  {one.clip}, task {one.task}, {one.author}, {one.at:%Y-%m-%d %H:%M}: {one.why}"
        for one in now.refused
    ]
    return "\n".join([*lines, *_todo(now)])


def _project(one: "Ready") -> list[str]:
    """Return the lines about one project."""
    done = ", ".join(one.changed) if one.changed else "was ready"
    return [
        f"{one.title}: {done}",
        *(f"         wrong: {line}" for line in "\n".join(one.wrong).splitlines()),
        f"         {one.address}",
    ]


def _sent(one: "Synced") -> str:
    """Return the line about one project."""
    counts = {
        "new tasks": one.tasks.created,
        "found again": one.tasks.adopted,
        "gone": one.tasks.forgotten,
        "other data": one.changed,
        "annotations fetched": one.fetched,
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    return f"{one.kind:<8} {said or 'in step'}"


def _worked(worked: "Worked") -> list[str]:
    """Say what became of corrections."""
    lines = [f"corrections: {worked.done} done"] if worked.done else []
    if worked.refused or worked.failed:
        lines.append(
            f"refused: {worked.refused}, failed: {worked.failed}; engine labelstudio status says why"
        )
    return lines


def _next(done: "SetUp") -> list[str]:
    """Say what can be done now."""
    if any(one.wrong for one in done.projects):
        return []
    return ["next: open the address above; engine labelstudio status shows how things stand"]


def _todo(now: "Standings") -> list[str]:
    """Say what a lead does now."""
    steps = []
    if now.waiting or now.jobs.waiting:
        steps.append(
            "next: a worker that runs acts on what waits; where none does, start engine labelstudio work"
        )
    if any(one.tasks > one.in_step or one.without_task for one in now.projects):
        steps.append(
            "next: engine labelstudio sync sends what is new"
            if now.known
            else "next: engine labelstudio setup --url ADDRESS --token TOKEN: no token for Label Studio is kept here, "
            "which sending what is new takes"
        )
    return steps
