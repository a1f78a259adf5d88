"""The process that draws, and the way to it: turns, pictures kept, deaths survived. Knows no routes and no database tables."""

from annotator_ui.model.client import ModelClient
from annotator_ui.model.messages import Drawn, ModelState

__all__ = ["Drawn", "ModelClient", "ModelState"]
