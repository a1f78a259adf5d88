"""The panel's charts as plotly's own JSON: burn-up with forecast, stages, work of people. Knows figures; asks nothing."""

from collections.abc import Mapping
from typing import Any, Final

GREEN, BAND, GREY, TEXT = "#2fb170", "rgba(47, 177, 112, 0.18)", "#8a93a6", "#c8ccd4"
STAGES: Final = {
    "accepted": GREEN,
    "submitted": "#a970ff",
    "in correction": "#f5a524",
    "rejected": "#f0524f",
    "pre-annotated": "#4d96ff",
    "ingested": GREY,
    "excluded": "#5b5f6b",
}
"""The stages in the order of the bar, what is done first; colours as those of the saved views."""

_AXIS: Final = {"gridcolor": "rgba(138, 147, 166, 0.25)", "zeroline": False, "automargin": True}


def burn_up(progress: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the curve of accepted seconds, the forecast from today on with its band, and the target as a line."""
    days = [day for day, _ in progress["curve"]]
    seconds = [value for _, value in progress["curve"]]
    done = {
        "type": "scatter", "mode": "lines" if len(days) > 1 else "markers", "name": "accepted",
        "x": days, "y": seconds, "line": {"color": GREEN, "width": 3}, "marker": {"color": GREEN, "size": 9},
        "hovertemplate": "%{x|%d %b %Y}<br>%{y:.0f} s accepted<extra></extra>",
    }  # fmt: skip
    return [*_forecast(progress), done, _target(progress)]


def stages(progress: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one bar of all clips by stage, as wide as they are long; stages without clips are left out."""
    known = {one["stage"]: one for one in progress["stages"]}
    order = [*STAGES, *(name for name in known if name not in STAGES)]
    return [
        {
            "type": "bar", "orientation": "h", "name": f"{name} {known[name]['clips']}", "y": [""],
            "x": [known[name]["seconds"]], "marker": {"color": STAGES.get(name, GREY)},
            "hovertemplate": f"{name}: {known[name]['clips']} clips, %{{x:.0f}} s<extra></extra>",
        }
        for name in order if name in known and known[name]["clips"]
    ]  # fmt: skip


def burn_up_layout(progress: Mapping[str, Any]) -> dict[str, Any]:
    """Return axes: days, and seconds up to a little over the target."""
    top = max([progress["target"], *(value for _, value in progress["curve"])]) * 1.08
    return _layout(
        height=310,
        xaxis=_AXIS | {"type": "date"},
        yaxis=_AXIS | {"range": [0, top], "ticksuffix": " s"},
    )


def stages_layout() -> dict[str, Any]:
    """Return the layout of one bar with its legend below."""
    return _layout(
        height=170, barmode="stack", xaxis={"visible": False},
        yaxis={"visible": False}, legend={"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "traceorder": "normal"},
    )  # fmt: skip


def _forecast(progress: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the way to the target at today's rate, and the band between the best and the worst."""
    if not progress["curve"] or progress["accepted"] >= progress["target"]:
        return []
    today, target = progress["at"][:10], progress["target"]
    start, found = progress["accepted"], []
    if progress["early"] and progress["late"] and progress["early"] != progress["late"]:
        found.append({
            "type": "scatter", "mode": "lines", "name": "best to worst", "fill": "toself", "hoverinfo": "skip",
            "x": [today, progress["early"], progress["late"], today], "y": [start, target, target, start],
            "line": {"width": 0}, "fillcolor": BAND,
        })  # fmt: skip
    if progress["done_by"]:
        found.append({
            "type": "scatter", "mode": "lines", "name": "at today's rate", "line": {"color": GREEN, "dash": "dot", "width": 2},
            "x": [today, progress["done_by"]], "y": [start, target],
            "hovertemplate": "%{x|%d %b %Y}: %{y:.0f} s<extra></extra>",
        })  # fmt: skip
    return found


def _target(progress: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line to reach, as long as the rest of the chart."""
    days = [day for day, _ in progress["curve"]] or [progress["at"][:10]]
    ends = [progress[key] for key in ("late", "done_by", "early") if progress[key]]
    return {
        "type": "scatter", "mode": "lines", "name": f"target {progress['target']:,.0f} s",
        "x": [min(days), max([*days, *ends])], "y": [progress["target"]] * 2,
        "line": {"color": GREY, "width": 1, "dash": "dash"}, "hoverinfo": "skip",
    }  # fmt: skip


def _layout(**own: Any) -> dict[str, Any]:
    """Return what all charts have in common, on the panel's own ground."""
    return {
        "paper_bgcolor": "rgba(0, 0, 0, 0)", "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"color": TEXT, "size": 12}, "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {"orientation": "h", "x": 0, "y": -0.24, "yanchor": "top"}, "autosize": True, "showlegend": True,
    } | own  # fmt: skip
