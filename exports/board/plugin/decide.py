"""What leads ask for: correct again, leave out, take first. Tags clips and says who and why; the engine acts on it with its next sync."""

from typing import Any, Final

import fiftyone.operators as foo
from fiftyone.operators import types

from .asking import NOT_YET, counted, lacking, outcome, what_first
from .deciding import DECISIONS, decide
from .links import chosen

_BY: Final = "Left empty: the name that the sync was started with"
_NOTE: Final = "People read it on the clip: what is wrong, and where. Needed for redo and exclude"


class Decide(foo.Operator):  # type: ignore[misc]  # FiftyOne ships no types
    """Asks for a decision, a name and a note, for the clips that are chosen; stands above the grid."""

    _name, _place = "engine_decide", types.Places.SAMPLES_GRID_ACTIONS

    @property
    def config(self) -> Any:
        """Say what the operator is called."""
        return foo.OperatorConfig(name=self._name, label="Decide", icon="gavel", dynamic=True)

    def resolve_placement(self, ctx: Any) -> Any:  # noqa: ARG002 - FiftyOne's signature
        """Stand among the actions of its place."""
        button = types.Button(label="Decide", icon="gavel", prompt=True)
        return types.Placement(self._place, button)

    def resolve_input(self, ctx: Any) -> Any:
        """Return the form, or what to do first."""
        form, picked = types.Object(), chosen(ctx)
        first = what_first(ctx.dataset, picked)
        if first:
            view = types.PromptView(label="Decide", submit_button_label="Decide")
            form.md(first, name="first")
            return types.Property(form, view=view, invalid=True, error_message=NOT_YET)
        title = f"Decide about {counted(len(picked))}"
        view = types.PromptView(label=title, submit_button_label=title)
        clips = ctx.dataset.select(picked).values("clip")
        form.md(
            f"**{', '.join(clips[:5])}**{f' and {len(clips) - 5} more' if len(clips) > 5 else ''}",
            name="clips",
        )
        asked = types.RadioGroup(orientation="vertical")
        for name, label in DECISIONS.items():
            asked.add_choice(name, label=label)
        form.enum("decision", asked.values(), label="What is asked for", view=asked)
        form.str("by", label="Your name", description=_BY)
        form.str("note", label="Why", description=_NOTE)
        # required fields would stand in red before anybody has typed
        lacks = lacking(ctx.params)
        return types.Property(form, view=view, invalid=bool(lacks), error_message=lacks)

    def execute(self, ctx: Any) -> None:
        """Tag the clips, and tell when it will count."""
        picked, decision = chosen(ctx), ctx.params.get("decision")
        if what_first(ctx.dataset, picked) or lacking(ctx.params):
            ctx.ops.notify("Nothing was decided: say what is asked for, and why.", variant="error")
            return
        said = {name: (ctx.params.get(name) or "").strip() for name in ("by", "note")}
        left = decide(ctx.dataset, picked, decision, **said)
        ctx.ops.clear_selected_samples()
        _show_tags(ctx)
        ctx.ops.reload_samples()
        done = len(picked) - len(left)
        ctx.ops.notify(outcome(decision, done, left), variant="warning" if left else "success")


def _show_tags(ctx: Any) -> None:
    """Write tags on clips, so that what waits is seen; FiftyOne shows none at first, whatever a dataset says."""
    shown = list(ctx.active_fields or ())
    if shown and "tags" not in shown:
        ctx.ops.set_active_fields(["tags", *shown])


class DecideHere(Decide):
    """The same above an open clip: FiftyOne gives an operator one place only."""

    _name, _place = "engine_decide_here", types.Places.SAMPLES_VIEWER_ACTIONS

    @property
    def config(self) -> Any:
        """Say what the operator is called; one of the two is enough in the list of operators."""
        found = super().config
        found.unlisted = True
        return found
