"""How long clicks wait for the model process: alone, while a long spread goes on, ten people at once, and far from any keyframe.

    python benchmarks/model_worker.py [--data FOLDER --clip NAME] [--threads 2] [--processes 1]
    taskset -c 0,1 python benchmarks/model_worker.py

Clicks go into the middle of balls whose true masks are known, by default those of the clip that ships with the engine,
over the pipe and back, pictures and masks read as the page's server has them read. "cold" are clicks at frames whose picture is not in memory;
"fair" is how many frames each of three spreads has when the first of them ends.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

from annotator_ui.model import ModelClient, ModelState
from engine.cli import actions
from engine.config import Settings
from engine.datasets import read_dataset
from engine.evaluation.clicking import click_into
from engine.types import Clip, FrameMasks, Kind, Origin, Prompt, Revision, Track
from engine.wiring import workbench
from engine.workflows.correct import Asked

ASSETS = Path(__file__).parents[1] / "engine" / "assets"
BALLS = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A clip in a workspace of its own, with its true masks as ``revision``."""

    settings: Settings
    clip: Clip
    truth: Sequence[FrameMasks]
    revision: int

    def prompt(self, frame: int, track: int) -> Prompt:
        """Return a click into a ball."""
        point = click_into(self.truth[frame].by_track()[track].rle)
        return Prompt(frame, track, points=(point,), origin=Origin.PERSON)

    def one(self, frame: int) -> Asked:
        """Return a click into a ball of a frame, by turns."""
        seen = self.truth[frame].masks
        prompt = self.prompt(frame, seen[frame % len(seen)].track)
        return Asked(self.clip.id, self.revision, (prompt,), frames=range(frame, frame + 1))

    def spread(self) -> Asked:
        """Return clicks on the first balls of the first frame, on no masks, so that no pass ends early."""
        prompts = tuple(self.prompt(0, mask.track) for mask in self.truth[0].masks[:BALLS])
        return Asked(self.clip.id, None, prompts, labels={p.track: "solid" for p in prompts})


@contextmanager
def case(data: Path, name: str, threads: int) -> Iterator[Case]:
    """Put a clip of a dataset into a workspace that is gone afterwards."""
    one = next(entry for entry in read_dataset(data) if entry.clip.id == name)
    truth = tuple(one.frames())
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(workspace=Path(folder) / "workspace", threads=threads)
        actions.init(settings)
        added = actions.ingest(settings, [Path(one.clip.media)], split="train").added
        with workbench(settings) as bench:
            clip = bench.catalog.clip(added[0].clips[0]).clip
            known = {mask.track for row in truth for mask in row.masks}
            tracks = tuple(Track(track, "solid") for track in sorted(known))
            rows = truth[: clip.frames]
            first = Revision(clip.id, None, Kind.AUTO, "benchmark", tracks)
            yield Case(settings, clip, rows, bench.revisions.append(first, rows).id)


def timed(act: Callable[[], object]) -> float:
    """Return the milliseconds that something takes."""
    begun = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begun)


def show(name: str, found: Sequence[float]) -> None:
    """Print a line of figures."""
    p50, p95, worst = np.percentile(found, [50, 95, 100])
    print(
        f"{name:36} p50 {p50:5.0f} ms   p95 {p95:5.0f} ms   worst {worst:5.0f} ms   of {len(found)}"
    )


def clicks(
    model: ModelClient, one: Case, frames: Sequence[int], *, who: str = "ann"
) -> list[float]:
    """Click at frames one after the other, as soon as each is answered."""
    return [timed(lambda f=f: model.draw(one.clip, one.one(f), who=who)) for f in frames]


def around(one: Case, frame: int, count: int) -> list[int]:
    """Return so many frames next to ``frame`` that show a ball, some more than once."""
    near = [f for f in range(frame - 6, frame + 7) if one.truth[f].masks]
    return [f for f, _ in zip(cycle(near), range(count), strict=False)]


def alone(model: ModelClient, one: Case, count: int) -> None:
    """Measure clicks where nobody else wants anything."""
    middle = one.clip.frames // 2
    far = [f for f in range(10, one.clip.frames - 10, 7) if abs(f - middle) > 20]
    show("click, cold", clicks(model, one, [f for f in far if one.truth[f].masks]))
    model.warm(one.clip, middle, one.revision)
    model.draw(one.clip, one.one(around(one, middle, 1)[0]), who="ann")
    time.sleep(1)
    show("click", clicks(model, one, around(one, middle, count)))


def during(model: ModelClient, one: Case) -> None:
    """Measure clicks, one every 200 ms, while all balls are spread over the clip."""
    found: list[float] = []
    frames = iter(cycle(around(one, one.clip.frames // 2, 13)))
    with ThreadPoolExecutor(1) as people:
        begun = time.perf_counter()
        spread = people.submit(model.spread, one.clip, one.spread(), who="ben")
        while not spread.done():
            found += clicks(model, one, [next(frames)])
            time.sleep(0.2)
        steps, took = spread.result().correction.steps, time.perf_counter() - begun
    show(f"click during a spread of {steps} frames", found)
    print(f"{'':36} the spread: {steps / took:.1f} frames/s with them")
    took = timed(lambda: model.spread(one.clip, one.spread(), who="ben")) / 1000
    print(f"{'':36} the spread: {steps / took:.1f} frames/s alone")


def fair(model: ModelClient, one: Case) -> None:
    """Let three people spread at once."""
    counts = {"ann": 0, "ben": 0, "cleo": 0}
    over = threading.Event()

    def tell(who: str, left: int) -> None:
        counts[who] += 0 if over.is_set() else 1
        if left == 0:
            over.set()

    with ThreadPoolExecutor(3) as people:
        for who in counts:
            people.submit(
                model.spread,
                one.clip,
                one.spread(),
                who=who,
                progress=lambda _, done, total, who=who: tell(who, total - done),
                stop=over.is_set,
            )
    print(f"{'fair':36} frames of three spreads at the end of the first: {[*counts.values()]}")


def crowd(model: ModelClient, one: Case, people: int, each: int) -> None:
    """Let people click at the very same time, and again when all are answered; then each every two seconds."""
    frames = around(one, one.clip.frames // 2, people)
    with ThreadPoolExecutor(people) as pool:
        found: list[float] = []
        for _ in range(each):
            asked = [pool.submit(clicks, model, one, [f], who=str(n)) for n, f in enumerate(frames)]
            found += [seconds for person in asked for seconds in person.result()]
        show(f"{people} people click at one moment", found)

        def at_ease(person: int) -> list[float]:
            rng, own = np.random.default_rng(person), []
            for _ in range(each):
                time.sleep(rng.uniform(0.5, 3.5))
                own += clicks(model, one, [frames[person]], who=str(person))
            return own

        found = [seconds for own in pool.map(at_ease, range(people)) for seconds in own]
        show(f"{people} people, a click every 2 s each", found)


def memory(model: ModelClient) -> str:
    """Return the memory that the processes hold now."""
    sizes = []
    for pid in model.pids:
        status = Path(f"/proc/{pid}/status").read_text()
        sizes.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    return ", ".join(f"{size:.0f} MiB" for size in sizes)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ASSETS)
    parser.add_argument("--clip", default="demo")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--clicks", type=int, default=100)
    chosen = parser.parse_args()
    begun = time.perf_counter()

    def tell(state: ModelState) -> None:
        print(
            f"{time.perf_counter() - begun:6.1f} s  process {state.process} {state.state} {state.why}"
        )

    with case(chosen.data, chosen.clip, chosen.threads) as one:
        clip = one.clip
        print(f"{clip.id}: {clip.width} x {clip.height}, {clip.frames} frames, {chosen}")
        begun = time.perf_counter()
        with ModelClient(one.settings, processes=chosen.processes, events=tell) as model:
            model.draw(clip, one.one(around(one, clip.frames // 2, 1)[0]), who="ann")
            print(f"memory at first {memory(model)}")
            alone(model, one, chosen.clicks)
            during(model, one)
            fair(model, one)
            crowd(model, one, 10, max(2, chosen.clicks // 10))
            print(f"memory in the end {memory(model)}")


if __name__ == "__main__":
    main()
