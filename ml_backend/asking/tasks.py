"""Which tasks there should be and what they hold, and what to do about those that there are. Asks no server and changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from engine.config import Settings
from engine.errors import SettingsError
from engine.media.page_folder import page_copy_path
from engine.ports import ClipStatus, Link, TaskKind
from engine.stages import Stage
from engine.wiring import Workbench
from ml_backend.pages.frame_files import FOLDER, frame_path
from ml_backend.work.publishing import pages_of
from ml_backend.work.telling import words

CLIP: Final = "clip"
"""The field of a task's data by which the engine knows it again."""

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: clips to make tasks for, links to forget, tasks of ours to link.

    ``twins`` are tasks about a clip that another one is about already; they are left alone.
    """

    create: tuple[str, ...] = ()
    forget: tuple[Link, ...] = ()
    adopt: tuple[tuple[int, str], ...] = ()
    twins: tuple[int, ...] = ()


def sendable(clips: Sequence[ClipStatus]) -> tuple[ClipStatus, ...]:
    """Return the clips that can be corrected or looked at: with masks, and not excluded."""
    return tuple(one for one in clips if one.head is not None and one.stage is not Stage.EXCLUDED)


def without_masks(clips: Sequence[ClipStatus]) -> int:
    """Count the clips that wait for their masks."""
    return sum(1 for one in clips if one.head is None and one.stage is not Stage.EXCLUDED)


def plan(clips: Sequence[str], links: Sequence[Link], present: Mapping[int, Data]) -> Plan:
    """Compare the clips that should have a task with the links and the tasks that there are, by number with their data.

    A task that names a clip, and that no link knows, was made just before something broke: it is linked, not made again.
    """
    forget = tuple(link for link in links if link.task not in present)
    kept = {link.clip for link in links if link.task in present}
    linked = {link.task for link in links}
    adopt: dict[str, int] = {}
    twins: list[int] = []
    for task, data in present.items():
        clip = str(data.get(CLIP, ""))
        if task in linked or clip not in clips:
            continue
        if clip in kept or clip in adopt:
            twins.append(task)
        else:
            adopt[clip] = task
    create = tuple(clip for clip in clips if clip not in kept and clip not in adopt)
    return Plan(create, forget, tuple((n, clip) for clip, n in adopt.items()), tuple(twins))


def changes(
    wanted: Mapping[str, Data], links: Sequence[Link], present: Mapping[int, Data]
) -> tuple[tuple[int, Data], ...]:
    """Return the tasks that hold other data than they should, with what to give them; fields that others added stay."""
    found = []
    for link in links:
        data = present.get(link.task)
        want = wanted.get(link.clip)
        if data is not None and want is not None and {**data, **want} != data:
            found.append((link.task, {**data, **want}))
    return tuple(found)


def data_of(bench: Workbench, kind: TaskKind, status: ClipStatus) -> Data:
    """Return what a task of this kind holds about a clip that has masks.

    Raises:
        SettingsError: Label Studio could not be told where the pictures are.
    """
    clip, settings = status.clip, bench.settings
    shown: dict[str, Any] = {
        CLIP: clip.id,
        "kind": str(kind),
        **words(bench, kind, status),
    }
    if kind is TaskKind.CLIP:
        copy = page_copy_path(settings.workspace.absolute(), clip)
        return shown | {
            "video": served(settings, copy),
            "fps": float(clip.rate),
            "frames": clip.frames,
            "seconds": round(clip.seconds, 3),
        }
    numbers = frames_of(bench, status)
    paths = [frame_path(settings.workspace.absolute(), clip, frame) for frame in numbers]
    return shown | {
        "frames": [served(settings, path) for path in paths],
        "frame_numbers": list(numbers),
    }


def frames_of(bench: Workbench, status: ClipStatus) -> tuple[int, ...]:
    """Return the frames that the pages of a clip's task show; none where it has no masks."""
    if status.head is None:
        return ()
    return pages_of(bench, status.clip, bench.revisions.revision(status.head))


def document_root(settings: Settings) -> Path:
    """Return the folder whose files Label Studio serves."""
    return (settings.label_studio_files or settings.workspace).absolute()


def storage(settings: Settings, kind: TaskKind) -> Path:
    """Return the folder whose files tasks of a kind show.

    Raises:
        SettingsError: it lies outside what Label Studio serves.
    """
    path = settings.workspace.absolute() / ("page" if kind is TaskKind.CLIP else FOLDER)
    _inside(settings, path)
    return path


def served(settings: Settings, path: Path) -> str:
    """Return where Label Studio shows a file.

    Raises:
        SettingsError: it lies outside what Label Studio serves.
    """
    return f"/data/local-files/?d={quote(_inside(settings, path).as_posix())}"


def _inside(settings: Settings, path: Path) -> Path:
    """Return where a file lies below the folder that Label Studio serves."""
    root = document_root(settings)
    try:
        return path.relative_to(root)
    except ValueError:
        raise SettingsError(
            f"Label Studio serves files of {root} (ENGINE_LABEL_STUDIO_FILES), but the workspace is at "
            f"{settings.workspace.absolute()}: name a folder that holds the workspace, the one that Label Studio was "
            "started with as LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT"
        ) from None
