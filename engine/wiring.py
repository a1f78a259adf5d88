"""The composition root: the only module that puts concrete parts together. Decides nothing else."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from db.connect import Database, open_database
from engine import registry
from engine.adapters.video_pyav import PyavFrameSource
from engine.association import Rules
from engine.billiards.plausible import plausible
from engine.config import Settings
from engine.errors import SelectionError
from engine.evaluation.agreement import agree
from engine.media.page_folder import make_page_copy, page_copy_path
from engine.media.prober import PyavProber
from engine.media.thumbnail import thumbnail
from engine.models.catalogue import BUNDLED_DETECTORS, fingerprint
from engine.pipeline import DetSam2
from engine.ports import (
    Board,
    Bridge,
    Catalog,
    DeskStores,
    Detector,
    ExportItem,
    FrameSource,
    JobQueue,
    Overview,
    RevisionStore,
    Segmenter,
)
from engine.workflows.board.desk import BoardDesk
from engine.workflows.correct import Model
from engine.workflows.ingest import Prober
from engine.workflows.likeness.gallery import Gallery
from engine.workflows.likeness.kept import Studio
from exports import fiftyone
from exports.board.database import database
from exports.board.identity import identity


@dataclass(frozen=True, slots=True)
class Workbench:
    """A workspace with its stores open, and what its settings choose."""

    settings: Settings
    catalog: Catalog
    revisions: RevisionStore
    queue: JobQueue
    source: FrameSource
    desk: DeskStores
    bridge: Bridge
    overview: Overview


@contextmanager
def workbench(settings: Settings, *, create: bool = False) -> Iterator[Workbench]:
    """Open a workspace; with ``create`` make it, or bring its tables up to date.

    Raises:
        SelectionError: there is no workspace, and ``create`` is off.
        StoreError: the database does not answer, or is of a newer version.
    """
    if create:
        settings.workspace.mkdir(parents=True, exist_ok=True)
    else:
        _refuse_missing(settings)
    database = Database(settings.database) if create else open_database(settings.database)
    try:
        if create:
            database.upgrade()
        yield Workbench(
            settings,
            database.catalog,
            database.revisions,
            database.queue,
            PyavFrameSource(),
            database.desk,
            database.bridge,
            database.overview,
        )
    finally:
        database.close()


def crowded_source() -> FrameSource:
    """Return the source of pictures for work on many clips side by side: each decodes in one thread."""
    return PyavFrameSource(threads=1)


def prober() -> Prober:
    """Return what looks at recordings and makes working copies of them."""
    return PyavProber()


def preannotation(settings: Settings) -> dict[str, Any]:
    """Build what ``pre_annotate`` works with: detector, segmenter, filter, settings and what is recorded of them."""
    device = _device(settings)
    _set_threads(settings)
    return {
        "detector": detector(settings, device=device),
        "segmenter": segmenter(settings, device=device),
        "keep_only": plausible,
        "settings": DetSam2(
            every=settings.every,
            buffer=settings.buffer,
            repair=settings.repair,
            rules=_rules(settings),
        ),
        "worker": worker_name(),
        "lease": settings.lease_seconds,
        "models": models(settings),
    }


def drawing(settings: Settings, source: FrameSource) -> Model:
    """Build what draws corrections on pictures of ``source``, and name it as a revision records it."""
    _set_threads(settings)
    return Model(source, segmenter(settings, device=_device(settings)), _segmenter_names(settings))


@contextmanager
def interruptible(pause: Callable[[], None]) -> Iterator[None]:
    """Have every layer of every network in this process call ``pause`` first: a step can then wait in the middle."""
    import torch  # noqa: PLC0415 - heavy, and only drawing needs it

    hook = torch.nn.modules.module.register_module_forward_pre_hook(lambda _module, _given: pause())
    try:
        yield
    finally:
        hook.remove()


def models(settings: Settings) -> dict[str, str]:
    """Return what a revision records of the models that drew it: their names, and which weights those meant then."""
    weights = settings.detector_weights or BUNDLED_DETECTORS.get(settings.detector, "")
    named = {
        **_segmenter_names(settings),
        "detector": settings.detector_weights or settings.detector,
    }
    return named | ({"detector_sha256": fingerprint(weights)} if weights else {})


def detector(settings: Settings, *, device: str) -> Detector:
    """Build the detector that the settings name."""
    given = {"weights": settings.detector_weights} if settings.detector_weights else {}
    opened: Detector = registry.load(registry.DETECTORS, settings.detector)(
        **given, confidence=settings.confidence, device=device, profile=settings.profile
    )
    return opened


def segmenter(settings: Settings, *, device: str) -> Segmenter:
    """Build the segmenter that the settings name."""
    opened: Segmenter = registry.load(registry.SEGMENTERS, "sam2")(
        model=settings.model, mode=settings.segment_mode, device=device
    )
    return opened


def _segmenter_names(settings: Settings) -> dict[str, str]:
    """Return the segmenter's name and which weights that means now."""
    return {"segmenter": settings.model, "segmenter_sha256": fingerprint(settings.model)}


def _rules(settings: Settings) -> Rules:
    """Return the thresholds of identity; a person who asks for weaker detections is listened to."""
    if settings.confidence is None:
        return Rules()
    return Rules(confidence=min(Rules().confidence, settings.confidence))


def _set_threads(settings: Settings) -> None:
    """Bound the threads of each network operation; too many wait for each other longer than they work."""
    import torch  # noqa: PLC0415 - heavy, and only drawing needs it

    if settings.threads or settings.model == "nano":
        torch.set_num_threads(settings.threads or min(2, os.cpu_count() or 1))


def _device(settings: Settings) -> str:
    """Return the device to compute on; "auto" is a GPU where torch sees one."""
    if settings.device != "auto":
        return settings.device
    import torch  # noqa: PLC0415 - heavy, and only drawing needs it

    return "cuda" if torch.cuda.is_available() else "cpu"


def open_clip(bench: Workbench, clip: str, *, revision: int | None = None) -> ExportItem:
    """Return a clip with its newest revision (or the one named), ready to be read any number of times.

    Raises:
        SelectionError: no such clip or revision, or it has no masks yet.
    """
    status = bench.catalog.clip(clip)
    chosen = revision or status.head
    if chosen is None:
        raise SelectionError(f"clip {clip} has no masks yet; run `engine preannotate {clip}`")
    return ExportItem(
        status.clip,
        bench.revisions.revision(chosen),
        partial(bench.revisions.frames, chosen),
        partial(bench.source.batches, status.clip),
    )


def board_home(settings: Settings) -> Path:
    """Return the folder of what FiftyOne keeps for a workspace: its database, its logs."""
    return settings.workspace / "fiftyone"


def given_database(settings: Settings) -> str:
    """Return the address of the MongoDB that somebody named for FiftyOne, or ""."""
    return settings.fiftyone_database_uri.get_secret_value() or os.environ.get(
        "FIFTYONE_DATABASE_URI", ""
    )


def board_database(settings: Settings) -> AbstractContextManager[str]:
    """Return what yields the address of FiftyOne's database: the one that is named, else the workspace's own, which is started.

    Raises:
        SettingsError: FiftyOne is not installed, or the name is no address.
        ServerError: the database does not start or answer, or is too old.
    """
    return database(board_home(settings), given=given_database(settings))


@contextmanager
def board(
    settings: Settings, *, uri: str = "", dataset: str = "", rebuild: bool = False
) -> Iterator[fiftyone.FiftyOneBoard]:
    """Open the board in the database at ``uri``, or in the one of ``board_database``; another ``dataset`` than the usual is named.

    Raises:
        SettingsError: also where the dataset of that name is not this workspace's.
        ServerError: also where a newer program made the dataset.
    """
    with ExitStack() as ends:
        found = uri or ends.enter_context(board_database(settings))
        yield ends.enter_context(
            fiftyone.open_board(
                found,
                home=board_home(settings),
                dataset=dataset or settings.fiftyone_dataset,
                workspace=identity(board_home(settings), server=_server(settings)),
                rebuild=rebuild,
            )
        )


def board_desk(bench: Workbench, shown: Board) -> BoardDesk:
    """Return what a sync of the board works with."""
    folder, pictures = bench.settings.workspace.absolute(), gallery(bench)
    return BoardDesk(
        shown,
        bench.catalog,
        bench.revisions,
        bench.overview,
        bench.desk.findings,
        bench.bridge,
        film=lambda clip: str(page_copy_path(folder, clip)),
        page_url=bench.settings.page_url,
        target=bench.settings.target_seconds,
        game=bench.settings.profile,
        copy=partial(make_page_copy, folder),
        judge=agree,
        stills=pictures,
        alike=pictures.alike,
    )


def gallery(bench: Workbench) -> Gallery:
    """Return what makes stills of a workspace's clips and compares them; the network is loaded when a clip is looked at."""
    settings = bench.settings
    embedder = registry.load(registry.EMBEDDERS, "balls")(device=partial(_device, settings))
    folder = settings.workspace.absolute() / "likeness"
    return Gallery(Studio(folder, bench.source, embedder, thumbnail), bench.catalog)


def worker_name() -> str:
    """Return a name for this process that no other living one has."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _server(settings: Settings) -> str:
    """Say where the workspace's database is served, "" where it is a file."""
    url = make_url(settings.database)
    return (
        "" if url.get_backend_name() == "sqlite" else f"{url.host}:{url.port or ''}/{url.database}"
    )


def _refuse_missing(settings: Settings) -> None:
    """Refuse a SQLite workspace that nobody made; a server says so itself."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise SelectionError(
            f"no workspace at {settings.workspace.absolute()}; make one with `engine init`, "
            "or name yours with --workspace or ENGINE_WORKSPACE"
        )
