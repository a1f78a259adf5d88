"""The state machine of a correction: clicks, prompts in force, what is held and pending, undo and redo. Pure; knows no storage.

This is the door to the modules beside it: deeds and their JSON, what is in force, the session as a value, its replay from the
log, what makes sense now, what a deed asks of the engine, and how it is counted.
"""

from annotator_ui.session_asking import to_draw, to_spread, to_store
from annotator_ui.session_check import check
from annotator_ui.session_counts import Counts
from annotator_ui.session_deeds import (
    ConfirmDeed,
    Deed,
    EditDeed,
    HideDeed,
    PromptDeed,
    Redo,
    SpreadDeed,
    Undo,
    Why,
    describe,
)
from annotator_ui.session_evidence import Evidence, Spoken
from annotator_ui.session_json import parse, to_body
from annotator_ui.session_replay import STOPPED, replay
from annotator_ui.session_state import Session, Step, applied, begin, dropped

__all__ = [
    "STOPPED",
    "ConfirmDeed",
    "Counts",
    "Deed",
    "EditDeed",
    "Evidence",
    "HideDeed",
    "PromptDeed",
    "Redo",
    "Session",
    "Spoken",
    "SpreadDeed",
    "Step",
    "Undo",
    "Why",
    "applied",
    "begin",
    "check",
    "describe",
    "dropped",
    "parse",
    "replay",
    "to_body",
    "to_draw",
    "to_spread",
    "to_store",
]
