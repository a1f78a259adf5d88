"""What is open when a dataset is opened: clips and the panel of progress side by side, and pictures where there are some."""

from typing import Any, Final

NAME: Final = "progress"
"""The workspace's name, and its address in the app: ``?workspace=progress``."""

PANEL: Final = "engine_progress"
"""The panel, as the plugin registers it."""

_WHAT: Final = "Clips, and how far the dataset is"


def workspace() -> Any:
    """Return the clips, and beside them the panel, as FiftyOne's space."""
    import fiftyone as fo  # noqa: PLC0415 - an extra, which takes seconds to load

    return fo.Space(
        component_id="root",
        orientation="horizontal",
        sizes=[0.6, 0.4],
        children=[_alone(fo, "Samples", pinned=True), _alone(fo, PANEL)],
    )


def pictures_workspace() -> Any:
    """Return pictures, and beside them the map of what looks alike, as FiftyOne's space."""
    import fiftyone as fo  # noqa: PLC0415 - an extra, which takes seconds to load

    return fo.Space(
        component_id="root",
        orientation="horizontal",
        sizes=[0.5, 0.5],
        children=[_alone(fo, "Samples", pinned=True), _alone(fo, "Embeddings")],
    )


def put_workspace(dataset: Any) -> bool:
    """Keep the workspace with its dataset, so that leads find back to it; return whether it was not there."""
    if dataset.has_workspace(NAME):
        return False
    dataset.save_workspace(NAME, workspace(), description=_WHAT)
    return True


def _alone(fo: Any, kind: str, *, pinned: bool = False) -> Any:
    """Return a space with one panel; the names are fixed, so that the same workspace is equal to itself."""
    panel = fo.Panel(component_id=f"{kind}-panel", type=kind, pinned=pinned)
    return fo.Space(component_id=f"{kind}-space", children=[panel], active_child=f"{kind}-panel")
