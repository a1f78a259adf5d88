"""How large predictions for Label Studio are, how long they take to make, and how fast the backend hands them out.

    python benchmarks/label_studio.py --out /scratch/labelstudio --cores 0,1

Makes a workspace whose clips show breaks of 16 balls (``label_studio_case.py``), makes the predictions of the first ones as a
worker does, keeps one for every clip, then asks ``engine serve ml-backend``, pinned to ``--cores``, over HTTP as Label Studio
does: all tasks in one request, without and with an earlier prediction in each. At last people submit: one webhook after another.
The aims: at most 60 kB a prediction, at most 2 s for 100 tasks on two cores, well under 1 s for a webhook.

The size hangs on how much the edges of masks tremble (``--noise``): as long as a box stays within the pixel that its
track may be off, it costs nothing. 0.3 comes to about the keyframes of the bundled models on real footage; 0.5 to 2.5 times
as many bytes.
"""

import argparse
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from label_studio_case import Case, make
from page_server import Server

from engine.ports import Link, OutsideProject, TaskKind
from engine.wiring import Workbench, workbench
from engine.workflows.prepare import doubts_of
from ml_backend import names
from ml_backend.shown.labelling import clip_config
from ml_backend.shown.prediction import prediction
from ml_backend.work.publishing import finding

SECRET = "swordfish-9"  # noqa: S105 - of a server that lives as long as the benchmark
PROJECT = 4
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Made:
    """What making the predictions of one revision took: bytes and seconds by kind of task, and seconds of its doubts."""

    sizes: dict[TaskKind, int]
    seconds: dict[TaskKind, float]
    doubts: float
    keyframes: tuple[int, ...]


def predictions(case: Case, shots: int) -> list[Made]:
    """Make the predictions of the first clips, which show all shots, and keep them for every clip."""
    with workbench(case.settings) as bench:
        made = [_made(bench, clip) for clip in case.clips[:shots]]
        for number, clip in enumerate(case.clips):
            shown, head = (
                bench.catalog.clip(name).head for name in (case.clips[number % shots], clip)
            )
            text = bench.desk.findings.get(shown or 0, finding(TaskKind.CLIP)) or ""
            own = text.replace(f'"r{shown}', f'"r{head}')
            bench.desk.findings.put(head or 0, finding(TaskKind.CLIP), own)
    return made


def _made(bench: Workbench, name: str) -> Made:
    """Make and keep the predictions of a clip."""
    status = bench.catalog.clip(name)
    head = bench.revisions.revision(status.head or 0)
    begun = time.perf_counter()
    doubts = doubts_of(bench.revisions, bench.desk.findings, status.clip, head, game="eight-ball")
    doubting, sizes, seconds = time.perf_counter() - begun, {}, {}
    keyframes: list[int] = []
    for kind in TaskKind:
        begun = time.perf_counter()
        rows = bench.revisions.frames(head.id)
        text = prediction(kind, status.clip, head.id, head.tracks, rows, doubts)
        seconds[kind], sizes[kind] = time.perf_counter() - begun, len(text.encode())
        bench.desk.findings.put(head.id, finding(kind), text)
        values = [region["value"] for region in json.loads(text)["result"]]
        keyframes += [len(value["sequence"]) for value in values if "sequence" in value]
    return Made(sizes, seconds, doubting, tuple(keyframes))


@contextmanager
def serving(case: Case, cores: str, workers: int) -> Iterator[Server]:
    """Run ``engine serve ml-backend`` on some cores ("" for all)."""
    begun = time.perf_counter()
    pinned = ["taskset", "-c", cores] if cores else []
    options = ["--workspace", str(case.settings.workspace)]
    command = [*pinned, sys.executable, "-m", "engine.cli", *options, "serve", "ml-backend"]
    log = case.settings.workspace / "server.log"
    with log.open("wb") as file:
        running = subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--port", "0", "--workers", str(workers)],
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "COLUMNS": "200"},
        )
    try:
        yield Server(_address(running, log), running.pid, time.perf_counter() - begun)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(PATIENCE)


def _address(running: subprocess.Popen[bytes], log: Path) -> str:
    """Return where the server says it is."""
    while running.poll() is None:
        found = re.search(r"backend is at (http://[\w.:]+)", log.read_text())
        if found:
            return found[1]
        time.sleep(0.1)
    raise SystemExit(f"the server did not start:\n{log.read_text()}")


def request(case: Case, many: int, *, earlier: bool) -> bytes:
    """Return a request for ``many`` predictions as Label Studio sends it; ``earlier`` ones come along with their tasks."""
    with workbench(case.settings) as bench:
        tasks = [
            _task(number, clip, _stored(bench, clip) if earlier else None)
            for number, clip in enumerate(case.clips[:many], 1)
        ]
    params = {"login": None, "password": None, "context": None}
    project = {"project": f"{PROJECT}.1790000000", "label_config": clip_config()}
    return json.dumps({**project, "tasks": tasks, "params": params}).encode()


def _task(number: int, clip: str, stored: dict[str, Any] | None) -> dict[str, Any]:
    """Return a task with what else Label Studio tells of it."""
    data = {"video": f"/data/local-files/?d=browser/{clip}.mp4", "fps": 30.0}
    known = [] if stored is None else [{**stored, "id": number, "task": number}]
    return {
        "id": number,
        "data": {**data, "clip": clip, "kind": str(TaskKind.CLIP)},
        "meta": {},
        "project": PROJECT,
        "is_labeled": False,
        "annotations": [],
        "predictions": known,
        "drafts": [],
    }


def _stored(bench: Workbench, clip: str) -> dict[str, Any]:
    """Return the prediction that is kept of a clip's newest revision."""
    head = bench.catalog.clip(clip).head or 0
    text = bench.desk.findings.get(head, finding(TaskKind.CLIP)) or "{}"
    kept: dict[str, Any] = json.loads(text)
    return {"model_version": names.MODEL_VERSION, **kept}


def asked(server: Server, body: bytes, *, rounds: int) -> tuple[list[float], int]:
    """Ask for the same predictions again and again; return the seconds of each round and the bytes of an answer."""
    took, size = [], 0
    with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
        for _ in range(rounds):
            begun = time.perf_counter()
            answer = client.post(
                "/predict", content=body, headers={"Content-Type": "application/json"}
            )
            took.append(time.perf_counter() - begun)
            answer.raise_for_status()
            results, size = answer.json()["results"], len(answer.content)
            if not all(one and one["result"] for one in results):
                raise SystemExit("a prediction that is stored was not handed out")
    return took, size


def link(case: Case) -> None:
    """Tie a task to each clip, so that webhooks about it are ours."""
    digest = hashlib.sha256(SECRET.encode()).hexdigest()
    with workbench(case.settings) as bench:
        given = OutsideProject("http://127.0.0.1:8080", TaskKind.CLIP, PROJECT, digest)
        project = bench.bridge.put_project(given)
        for number, clip in enumerate(case.clips, 1):
            bench.bridge.put_link(Link(project.id, number, clip))


def submitted(server: Server, case: Case, many: int) -> list[float]:
    """Let people submit ``many`` tasks as they were predicted; return the seconds of each webhook."""
    with workbench(case.settings) as bench:
        results = [_stored(bench, clip)["result"] for clip in case.clips[:many]]
    took = []
    headers = {names.SECRET_HEADER: SECRET}
    with httpx.Client(base_url=server.url, timeout=PATIENCE, headers=headers) as client:
        for number, result in enumerate(results, 1):
            hook = _hook(number, result)
            begun = time.perf_counter()
            answer = client.post("/webhook", json=hook)
            took.append(time.perf_counter() - begun)
            if answer.raise_for_status().json()["status"] != "stored":
                raise SystemExit(f"a webhook was not stored: {answer.text}")
    return took


def _hook(number: int, result: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what Label Studio tells when a task is submitted."""
    annotation = {
        "id": number,
        "task": number,
        "result": result,
        "completed_by": 1,
        "was_cancelled": False,
        "ground_truth": False,
        "updated_at": "2030-05-01T12:00:00.000000Z",
    }
    project, task = {"id": PROJECT}, {"id": number}
    return {
        "action": "ANNOTATION_CREATED",
        "annotation": annotation,
        "project": project,
        "task": task,
    }


def show(name: str, *cells: str) -> None:
    """Print a row of the table."""
    print(f"| {name:<46} |" + "".join(f" {cell:>13} |" for cell in cells), flush=True)


def show_made(made: Sequence[Made], noise: float) -> None:
    """Print what predictions take."""
    show(f"made by a worker, one clip, noise {noise:g} px", "median", "worst", "bytes, worst")
    for kind in TaskKind:
        seconds, sizes = [one.seconds[kind] for one in made], [one.sizes[kind] for one in made]
        cells = f"{median(seconds):.2f} s", f"{max(seconds):.2f} s", f"{max(sizes):,}"
        show(f"prediction of a {kind} task", *cells)
    doubts = [one.doubts for one in made]
    show("doubts, found once a revision", f"{median(doubts):.2f} s", f"{max(doubts):.2f} s", "")
    keyframes = [count for one in made for count in one.keyframes]
    show("keyframes a track", f"{median(keyframes):g}", f"{max(keyframes)}", "")


def show_asked(server: Server, case: Case, counts: Sequence[int], rounds: int) -> None:
    """Ask, and print how long it took."""
    show("/predict over HTTP", "median", "worst", "server, MiB")
    show("before the first request", "", "", f"{server.memory():.0f}")
    for many in counts:
        for earlier in (False, True):
            body = request(case, many, earlier=earlier)
            took, size = asked(server, body, rounds=rounds)
            name = f"{many} tasks, {len(body) / 1e6:.2f} MB in, {size / 1e6:.2f} MB out"
            cells = f"{median(took):.2f} s", f"{max(took):.2f} s", f"{server.memory():.0f}"
            show(name, *cells)


def show_submitted(took: Sequence[float]) -> None:
    """Print how long webhooks take."""
    ordered = sorted(took)
    late = ordered[int(0.95 * (len(ordered) - 1))]
    show("/webhook over HTTP", "median", "95 %", "worst")
    cells = (f"{1000 * seconds:.0f} ms" for seconds in (median(took), late, ordered[-1]))
    show(f"a submitted task, {len(took)} one by one", *cells)


def main() -> None:
    """Run it all and print a table."""
    read = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    read.add_argument("--out", type=Path, required=True, help="an empty folder for the workspace")
    read.add_argument("--tasks", type=int, nargs="+", default=[100, 200])
    read.add_argument("--shots", type=int, default=6, help="different clips")
    read.add_argument("--frames", type=int, default=300)
    read.add_argument("--size", type=int, nargs=2, default=[1920, 1080])
    read.add_argument("--noise", type=float, default=0.3, help="pixels by which edges tremble")
    read.add_argument("--cores", default="", help="of the server, as taskset names them")
    read.add_argument("--workers", type=int, default=0, help="beside the server")
    read.add_argument("--rounds", type=int, default=5)
    given = read.parse_args()
    case = make(
        given.out,
        clips=max(given.tasks),
        shots=given.shots,
        frames=given.frames,
        size=tuple(given.size),
        noise=given.noise,
    )
    show_made(predictions(case, given.shots), given.noise)
    link(case)
    with serving(case, given.cores, given.workers) as server:
        show_asked(server, case, given.tasks, given.rounds)
        show_submitted(submitted(server, case, min(100, len(case.clips))))


if __name__ == "__main__":
    main()
