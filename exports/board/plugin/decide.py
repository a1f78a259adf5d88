"""What leads ask for: correct again, leave out, take first. Tags clips and says who and why; the engine acts on it with its next sync."""

from typing import Any, Final

import fiftyone.operators as foo
from fiftyone.operators import types

from .deciding import DECISIONS, VERDICTS, decide
from .links import chosen

_BY: Final = "Left empty: the name that the sync was started with"
_NOTE: Final = "People read it on the clip: what is wrong, and where"


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
        view = types.PromptView(label="Decide", submit_button_label="Decide")
        if not picked:
            form.message("none", "Open a clip, or select some, first.")
            return types.Property(form, view=view, invalid=True)
        clips = ctx.dataset.select(picked).values("clip")
        form.md(
            f"**{', '.join(clips[:5])}**{f' and {len(clips) - 5} more' if len(clips) > 5 else ''}",
            name="clips",
        )
        asked = types.RadioGroup(orientation="vertical")
        for name, label in DECISIONS.items():
            asked.add_choice(name, label=label)
        form.enum("decision", asked.values(), required=True, label="What is asked for", view=asked)
        form.str("by", label="Your name", description=_BY)
        form.str(
            "note", label="Why", required=ctx.params.get("decision") in VERDICTS, description=_NOTE
        )
        return types.Property(form, view=view)

    def execute(self, ctx: Any) -> None:
        """Tag the clips, and tell when it will count."""
        picked, decision = chosen(ctx), ctx.params["decision"]
        said = {"by": ctx.params.get("by") or "", "note": ctx.params.get("note") or ""}
        decide(ctx.dataset, picked, decision, **said)
        ctx.ops.reload_samples()
        ctx.ops.notify(
            f"{decision}: {len(picked)} clips. It counts with the next sync.", variant="success"
        )


class DecideHere(Decide):
    """The same above an open clip: FiftyOne gives an operator one place only."""

    _name, _place = "engine_decide_here", types.Places.SAMPLES_VIEWER_ACTIONS

    @property
    def config(self) -> Any:
        """Say what the operator is called; one of the two is enough in the list of operators."""
        found = super().config
        found.unlisted = True
        return found
