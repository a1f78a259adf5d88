"""The panel "Progress": figures that a sync left in the dataset, drawn. Asks the dataset alone, and changes nothing in it."""

from collections.abc import Mapping
from typing import Any

import fiftyone.operators as foo
from fiftyone.operators import types

from . import charts, texts

_NO_BAR = {"displayModeBar": False, "responsive": True}
"""How charts behave; their width follows the panel's."""


class ProgressPanel(foo.Panel):  # type: ignore[misc]  # FiftyOne ships no types
    """How far the dataset is, for people who look once a day."""

    @property
    def config(self) -> Any:
        """Say what the panel is called and where it can stand."""
        return foo.PanelConfig(
            name="engine_progress", label="Progress", icon="trending_up", surfaces="grid"
        )

    def on_load(self, ctx: Any) -> None:
        """Take today's figures when the panel is opened."""
        self._draw(ctx)

    def on_change_dataset(self, ctx: Any) -> None:
        """Take the figures of the dataset that is opened now."""
        self._draw(ctx)

    def refresh(self, ctx: Any) -> None:
        """Take the figures again, and show the clips as they are now."""
        self._draw(ctx)
        ctx.ops.reload_dataset()

    def render(self, ctx: Any) -> Any:
        """Return the panel: figures, or what to do where there are none."""
        panel, progress = types.Object(), _progress(ctx)
        trouble = texts.trouble(progress)
        if progress is None or trouble:
            panel.md(trouble or texts.NOTHING, name="trouble")
        else:
            _figures(panel, progress)
            panel.md(
                "##### Look at next\n" + texts.next_clips(progress, _links(ctx, progress)),
                name="next",
            )
            panel.md("##### People\n" + texts.people(progress), name="people")
            panel.md(texts.at(progress), name="at")
        panel.btn(
            "refresh", label="Refresh", icon="refresh", variant="outlined", on_click=self.refresh
        )
        return types.Property(panel, view=types.GridView(orientation="vertical", gap=2, pad=2))

    def _draw(self, ctx: Any) -> None:
        """Hand the charts their lines; a panel without figures has none."""
        progress = _progress(ctx)
        if progress is not None and texts.trouble(progress) is None:
            ctx.panel.set_data("burn_up", charts.burn_up(progress))
            ctx.panel.set_data("stages", charts.stages(progress))


def _figures(panel: Any, progress: Mapping[str, Any]) -> None:
    """Add headline and charts."""
    panel.md(texts.headline(progress), name="headline")
    _chart(panel, "burn_up", charts.burn_up_layout(progress))
    panel.md("##### Clips by stage", name="by_stage")
    _chart(panel, "stages", charts.stages_layout())
    panel.md(texts.agreement(progress), name="agreement")


def _chart(panel: Any, name: str, layout: Mapping[str, Any]) -> None:
    """Add a chart that takes its height before it is drawn: else it is measured late, and lies over what follows."""
    high = f"{layout['height']}px"
    room = {"container": {"style": {"height": high, "overflow": "hidden"}}}
    panel.plot(name, layout=layout, config=_NO_BAR, height=high, componentsProps=room)


def _progress(ctx: Any) -> dict[str, Any] | None:
    """Return the figures of the dataset that is open."""
    if ctx.dataset is None:
        return None
    found = (ctx.dataset.info.get("engine") or {}).get("progress")
    return found if isinstance(found, dict) else None


def _links(ctx: Any, progress: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return where each of the clips to look at can be opened, in one query."""
    wanted = [one["clip"] for one in progress["next"]]
    found = ctx.dataset.match({"clip": {"$in": wanted}})
    columns = found.values(["clip", "id", "page", "label_studio"])
    return {
        clip: {"here": f"/datasets/{ctx.dataset.slug}?id={sample}", "page": page or "", "task": task or ""}
        for clip, sample, page, task in zip(*columns, strict=True)
    }  # fmt: skip
