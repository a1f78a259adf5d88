"""A workspace with the clip that ships with the engine and its exact masks, and one model process for many tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

import engine
from annotator_ui.model import ModelClient, ModelState
from engine.cli import actions
from engine.config import Settings
from engine.datasets import read_dataset
from engine.evaluation.clicking import click_into
from engine.types import Clip, FrameMasks, Kind, Origin, Prompt, Revision, Track
from engine.wiring import workbench
from engine.workflows.correct import Asked

ASSETS = Path(engine.__file__).parent / "assets"


@dataclass(frozen=True)
class Demo:
    """The clip in a workspace; ``revision`` holds its exact masks, ``truth``."""

    settings: Settings
    clip: Clip
    truth: tuple[FrameMasks, ...]
    revision: int

    def click(self, frame: int, track: int) -> Prompt:
        mask = self.truth[frame].by_track()[track]
        return Prompt(frame, track, points=(click_into(mask.rle),), origin=Origin.PERSON)

    def one(self, frame: int, track: int) -> Asked:
        """Return a click that is drawn on its own frame."""
        frames = range(frame, frame + 1)
        return Asked(self.clip.id, self.revision, (self.click(frame, track),), frames=frames)

    def all_balls(self, *, stop: int | None = None) -> Asked:
        """Return clicks on all balls of the first frame, for a clip without masks: no pass ends early."""
        prompts = tuple(self.click(0, mask.track) for mask in self.truth[0].masks)
        frames = None if stop is None else range(stop)
        labels = {prompt.track: "solid" for prompt in prompts}
        return Asked(self.clip.id, None, prompts, frames=frames, labels=labels)


class Heard:
    """How the model processes were, as told."""

    def __init__(self) -> None:
        self._states: SimpleQueue[ModelState] = SimpleQueue()
        self._all: list[ModelState] = []

    def __call__(self, state: ModelState) -> None:
        self._all.append(state)
        self._states.put(state)

    def all(self) -> tuple[ModelState, ...]:
        """Return everything that was told so far."""
        return tuple(self._all)

    def until(self, state: str, *, seconds: float = 60.0) -> ModelState:
        """Return the next one of this name."""
        try:
            while (found := self._states.get(timeout=seconds)).state != state:
                pass
        except Empty:
            pytest.fail(f"the model process was never {state}")
        return found


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    settings = Settings(workspace=tmp_path_factory.mktemp("model") / "workspace", threads=2)
    actions.init(settings)
    added = actions.ingest(settings, [ASSETS / "demo.mp4"], split="train").added
    truth = tuple(next(o for o in read_dataset(ASSETS) if o.clip.id == "demo").frames())
    tracks = tuple(Track(mask.track, "solid") for mask in truth[0].masks)
    with workbench(settings) as bench:
        clip = bench.catalog.clip(added[0].clips[0]).clip
        first = Revision(clip.id, None, Kind.AUTO, "test", tracks)
        number = bench.revisions.append(first, truth).id
    return Demo(settings, clip, truth, number)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def client(demo: Demo, heard: Heard) -> Iterator[ModelClient]:
    with ModelClient(demo.settings, events=heard) as found:
        yield found


@pytest.fixture(scope="session")
def shared(demo: Demo) -> Iterator[ModelClient]:
    """Return a client whose process no test kills."""
    with ModelClient(demo.settings) as found:
        yield found
