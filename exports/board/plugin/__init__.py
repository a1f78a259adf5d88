"""What FiftyOne's server loads for us: a panel and operators. Imports nothing of the engine; all it shows stands in the dataset."""

from typing import Any


def register(plugin: Any) -> None:
    """Tell FiftyOne what there is; called by its server, with its own idea of a plugin."""
    from .decide import Decide, DecideHere  # noqa: PLC0415 - FiftyOne is an extra; charts and texts are read without it
    from .links import OpenPage, OpenTask  # noqa: PLC0415 - as above
    from .panel import ProgressPanel  # noqa: PLC0415 - as above
    from .show import ShowView  # noqa: PLC0415 - as above

    for each in (ProgressPanel, Decide, DecideHere, OpenPage, OpenTask, ShowView):
        plugin.register(each)
