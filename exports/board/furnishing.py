"""How a dataset meets people: its looks, its saved views and the workspace that opens with it, all at once. Knows no clips."""

from typing import Any

from exports.board.faults import translated
from exports.board.looks import put_looks
from exports.board.views import put_views
from exports.board.workspace import put_workspace


def furnish(dataset: Any) -> bool:
    """Put what is missing or no longer right, for today's people and cameras; return whether anything was.

    Raises:
        ServerError: the database does not answer, or has no room.
    """
    with translated():
        return any([put_looks(dataset), put_views(dataset), put_workspace(dataset)])
