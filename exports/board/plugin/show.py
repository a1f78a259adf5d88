"""Shows one of the saved views. Knows their names only."""

from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types


class ShowView(foo.Operator):  # type: ignore[misc]  # FiftyOne ships no types
    """Asks which view, and opens it."""

    @property
    def config(self) -> Any:
        """Say what the operator is called."""
        return foo.OperatorConfig(name="engine_show_view", label="Show a view", icon="visibility")

    def resolve_input(self, ctx: Any) -> Any:
        """Return the choice."""
        form = types.Object()
        names = ctx.dataset.list_saved_views()
        form.enum("view", names, required=True, label="View", view=types.AutocompleteView())
        return types.Property(form, view=types.View(label="Show a view"))

    def execute(self, ctx: Any) -> None:
        """Open it."""
        ctx.ops.set_view(name=ctx.params["view"])
