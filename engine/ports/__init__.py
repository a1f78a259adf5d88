"""What the core asks of the outside: one Protocol per outside thing, with the values that pass. Knows no implementation.

Every port has a tiny exact fake in ``engine.fakes`` and a contract suite in ``tests/contracts`` that each
implementation passes.
"""

from engine.ports.board import Board
from engine.ports.bridge import Bridge, Delivery, Link, OutsideProject, TaskKind
from engine.ports.catalog import Catalog, ClipStatus, Event
from engine.ports.desk import (
    Action,
    ActionLog,
    Claim,
    Claims,
    DeskStores,
    Findings,
    Looks,
    Pin,
    Pins,
    Role,
    State,
    User,
    Users,
)
from engine.ports.embedder import Embedder
from engine.ports.exporter import Exporter, ExportItem, ExportReport
from engine.ports.frames import Detector, FrameSource
from engine.ports.jobs import Checkpoint, Job, JobCounts, JobQueue
from engine.ports.labelled import LabelledClip
from engine.ports.overview import Overview
from engine.ports.revisions import RevisionStore
from engine.ports.runner import Runner
from engine.ports.segmenter import Segmenter, Session

__all__ = [
    "Action",
    "ActionLog",
    "Board",
    "Bridge",
    "Catalog",
    "Checkpoint",
    "Claim",
    "Claims",
    "ClipStatus",
    "Delivery",
    "DeskStores",
    "Detector",
    "Embedder",
    "Event",
    "ExportItem",
    "ExportReport",
    "Exporter",
    "Findings",
    "FrameSource",
    "Job",
    "JobCounts",
    "JobQueue",
    "LabelledClip",
    "Link",
    "Looks",
    "OutsideProject",
    "Overview",
    "Pin",
    "Pins",
    "RevisionStore",
    "Role",
    "Runner",
    "Segmenter",
    "Session",
    "State",
    "TaskKind",
    "User",
    "Users",
]
