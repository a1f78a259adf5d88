"""The ways from a clip in the app to where people work on it: the correction page and Label Studio. Reads addresses only."""

from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types


def chosen(ctx: Any) -> list[str]:
    """Return the samples that somebody means: those selected, else the one that is open."""
    picked = list(ctx.selected or [])
    return picked or ([ctx.current_sample] if ctx.current_sample else [])


class _Open(foo.Operator):  # type: ignore[misc]  # FiftyOne ships no types
    """Shows links to the clips that are chosen; browsers open a new tab only where somebody clicks on a link."""

    _name, _label, _icon, _field, _lacking = "", "", "", "", ""

    @property
    def config(self) -> Any:
        """Say what the operator is called."""
        return foo.OperatorConfig(name=self._name, label=self._label, icon=self._icon, dynamic=True)

    def resolve_placement(self, ctx: Any) -> Any:  # noqa: ARG002 - FiftyOne's signature
        """Stand among the actions of an open clip."""
        button = types.Button(label=self._label, icon=self._icon, prompt=True)
        return types.Placement(types.Places.SAMPLES_VIEWER_ACTIONS, button)

    def resolve_input(self, ctx: Any) -> Any:
        """Return a link for each clip, or what to do first."""
        form, picked = types.Object(), chosen(ctx)
        rows = ctx.dataset.select(picked).values(["clip", self._field]) if picked else ([], [])
        for clip, address in zip(*rows, strict=True):
            form.md(f"[{clip}]({address})" if address else f"{clip}: {self._lacking}", name=clip)
        if not picked:
            form.md("Open a clip, or select some, first.", name="none")
        return types.Property(
            form, view=types.PromptView(label=self._label, submit_button_label="Done")
        )

    def execute(self, ctx: Any) -> None:
        """Do nothing: the links were there before."""


class OpenPage(_Open):
    """Leads to the correction page."""

    _name, _label, _icon = "engine_open_page", "Open in the correction page", "edit"
    _field, _lacking = "page", "no address; start the page with `engine serve ui`"


class OpenTask(_Open):
    """Leads to the task in Label Studio."""

    _name, _label, _icon = "engine_open_task", "Open the Label Studio task", "assignment"
    _field, _lacking = "label_studio", "no task; `engine labelstudio sync` makes one"
