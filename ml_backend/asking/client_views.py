"""The list of tasks that people see first in a project of ours: which columns, in which order. Asks, and makes it where there is none."""

from collections.abc import Iterator
from typing import Any, Final

from ml_backend.asking.client_connection import Connection

_PATH: Final = "/api/dm/views/"

_LITTLE_READ: Final = (
    *("data.links", "data.kind", "data.fps", "data.frames", "data.frame_numbers", "data.video"),
    *("inner_id", "annotations_results", "annotations_ids", "predictions_model_versions"),
    *("predictions_results", "file_upload", "storage_filename", "created_at", "updated_at"),
    *("updated_by", "avg_lead_time", "draft_exists"),
)
"""Columns that a list does not show; those of Label Studio are the ones that it leaves out itself."""

_BESIDE: Final = (
    *("data.seconds", "id", "completed_at", "cancelled_annotations"),
    *("total_predictions", "annotators", "predictions_score"),
)
"""Further ones for which there is no room beside an open task: the clip's name and what is done stay."""

_VIEW: Final[dict[str, Any]] = {
    "title": "Doubtful first",
    "type": "list",
    "target": "tasks",
    "ordering": ["tasks:predictions_score"],
    "filters": {"conjunction": "and", "items": []},
    "hiddenColumns": {
        "explore": [f"tasks:{one}" for one in _LITTLE_READ],
        "labeling": [f"tasks:{one}" for one in (*_LITTLE_READ, *_BESIDE)],
    },
}
"""Predictions say how sure they are: the one with most to look at comes first."""


def mend_view(connection: Connection, project: int) -> Iterator[str]:
    """Give a project a list of tasks, the most doubtful first, unless it has one; yield what was changed."""
    if not connection.get(_PATH, project=project):
        connection.post(_PATH, {"project": project, "data": _VIEW})
        yield "list of tasks"
