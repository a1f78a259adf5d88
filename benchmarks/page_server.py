"""The page's server as a process of its own: starts it, asks it as annotators would, weighs it. Knows no browser."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
from page_case import Case

ENGINE = (sys.executable, "-m", "engine.cli")
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at ``url``; ``seconds`` is how long it took to."""

    url: str
    process: int
    seconds: float

    def memory(self) -> float:
        """Return the MiB that the server and all its processes hold, shared pages counted once."""
        return sum(map(_held, _family(self.process))) / 1024


@contextmanager
def serving(case: Case, cores: str) -> Iterator[Server]:
    """Run ``engine serve ui`` on some cores ("" for all)."""
    begun = time.perf_counter()
    pinned = ["taskset", "-c", cores] if cores else []
    options = ["--workspace", str(case.settings.workspace)]
    command = [*pinned, *ENGINE, *options, "serve", "ui", "--port", "0", "--by", "benchmark"]
    threads = {"ENGINE_THREADS": str(case.settings.threads)} if case.settings.threads else {}
    running = subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **threads, "COLUMNS": "200"},
    )
    try:
        url = _address(running)
        yield Server(url, running.pid, time.perf_counter() - begun)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(PATIENCE)


def prepare(case: Case, clips: Sequence[str]) -> None:
    """Make clips ready, as somebody does who wants them to open at once."""
    options = ["--workspace", str(case.settings.workspace), "prepare", "--no-witnesses", *clips]
    command = [*ENGINE, *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command


def _address(running: subprocess.Popen[str]) -> str:
    """Return where the server says it is."""
    said = []
    for line in running.stdout or ():
        said.append(line)
        found = re.search(r"http://[\w.:]+", line)
        if found:
            return found[0]
    raise SystemExit("the server did not start:\n" + "".join(said))


def _family(process: int) -> list[int]:
    """Return a process and those that it started."""
    listed = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(one) for file in listed for one in file.read_text().split()]
    return [process, *(member for child in children for member in _family(child))]


def _held(process: int) -> int:
    """Return the KiB of a process, pages that it shares divided by those who share them; 0 where it has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return int(text.split("\nPss:")[1].split()[0])


@dataclass(slots=True)
class Annotator:
    """One person with a tab and a clip, who clicks at balls without a browser."""

    url: str
    case: Case
    number: int
    head: int | None = None
    took: list[float] = field(default_factory=list)

    def open(self, client: httpx.Client) -> None:
        """Take the clip and rest at the middle of it."""
        client.headers["X-CSRF-Token"] = client.get("/api/me").json()["csrf"]
        self._post(client, "claim", {"tab": self.tab})
        self.head = client.get(f"/api/clips/{self.clip}", params={"tab": self.tab}).json()["head"]
        self._post(client, "warm", {"frame": len(self.case.truth) // 2})

    def click(self, client: httpx.Client, turn: int) -> None:
        """Click at one ball on one frame, both by turns."""
        frame = len(self.case.truth) // 2 + turn % 10
        balls = self.case.truth[frame].masks
        track = balls[(turn // 10 + self.number) % len(balls)].track
        action = {
            "kind": "prompt",
            "frame": frame,
            "track": track,
            "point": [*self.case.click(frame, track), True],
        }
        begun = time.perf_counter()
        body = {"tab": self.tab, "head": self.head, "action": action}
        self.head = self._post(client, "actions", body)["head"]
        self.took.append(1000 * (time.perf_counter() - begun))

    @property
    def tab(self) -> str:
        """The name of the tab."""
        return f"benchmark-{self.number}"

    @property
    def clip(self) -> str:
        """The clip that this person works on."""
        return self.case.clips[self.number % len(self.case.clips)]

    def _post(self, client: httpx.Client, what: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = client.post(f"/api/clips/{self.clip}/{what}", json=body)
        answer.raise_for_status()
        said: dict[str, Any] = answer.json() if answer.content else {}
        return said


def crowd(
    server: Server, case: Case, *, people: int, each: int, pause: float
) -> tuple[list[float], float]:
    """Let people click ``each`` times, all at one moment or about every ``pause`` seconds; return ms, and clicks a second."""
    together = Barrier(people)

    def work(number: int) -> list[float]:
        person, chance = Annotator(server.url, case, number), random.Random(number)  # noqa: S311 - no secret
        with httpx.Client(base_url=server.url, timeout=PATIENCE) as client:
            person.open(client)
            time.sleep(2)
            for turn in range(each):
                together.wait()
                time.sleep(chance.uniform(0, 2 * pause))
                person.click(client, turn)
            client.delete(f"/api/clips/{person.clip}/claim", params={"tab": person.tab})
        return person.took

    begun = time.perf_counter()
    with ThreadPoolExecutor(people) as pool:
        took = [ms for own in pool.map(work, range(people)) for ms in own]
    return took, len(took) / (time.perf_counter() - begun)
