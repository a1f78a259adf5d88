"""The panel's words: figures in sentences and tables, and what to do where there are none yet. Markdown; asks nothing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

VERSION: Final = 1
"""The shape of the figures that this panel reads."""

NOTHING: Final = """
##### Nothing to show yet

The dataset here holds no figures. Fill it from the workspace with

    engine fiftyone sync

and press **Refresh**.
"""
OTHER: Final = """
##### Made by another version

These figures were written by another version of this program. Run `engine fiftyone sync` with the version that shows
them, and press **Refresh**.
"""
NO_CLIPS: Final = """
##### No clips yet

Bring videos in, let models draw them, and fill this board again:

    engine ingest VIDEO... --clip-seconds 10
    engine preannotate
    engine fiftyone sync
"""


def trouble(progress: Mapping[str, Any] | None) -> str | None:
    """Return what to do where there is nothing that can be shown, or None."""
    if not progress:
        return NOTHING
    if progress.get("version") != VERSION:
        return OTHER
    return None if any(one["clips"] for one in progress["stages"]) else NO_CLIPS


def headline(progress: Mapping[str, Any]) -> str:
    """Return how far the dataset is and when it will be done, in two lines."""
    share = progress["accepted"] / progress["target"] if progress["target"] else 1.0
    return (
        f"##### {_number(progress['accepted'])} of {_number(progress['target'])} s accepted ({_percent(share)})\n"
        f"{_forecast(progress)}"
    )


def agreement(progress: Mapping[str, Any]) -> str:
    """Return how often the first verdict accepts, and how well models draw, in a line."""
    first, j = progress["first_time"], progress["j"]
    said = [
        f"**{first:.0%}** of clips accepted at first sight" if first is not None else "No verdicts yet",
        f"models against accepted masks **J {j:.3f}**" if j is not None else "",
    ]  # fmt: skip
    return " · ".join(one for one in said if one)


def people(progress: Mapping[str, Any]) -> str:
    """Return who did how much, as a table, who did most first."""
    rows = [
        [plain(one["name"]), one["clips"], f"{_number(one['seconds'])} s", _share(one), _speed(one)]
        for one in sorted(progress["people"], key=lambda one: (-one["seconds"], one["name"]))
    ]
    if not rows:
        return "Nobody has submitted a clip that was accepted yet."
    return _table(["who", "clips", "accepted", "at first sight", "minutes per second"], rows)


def next_clips(progress: Mapping[str, Any], links: Mapping[str, Mapping[str, str]]) -> str:
    """Return the clips to look at as a table; ``links`` are addresses by clip: "here", "page" and "task"."""
    rows = [
        [_link(one["clip"], links.get(one["clip"], {}).get("here")), plain(one["why"]), _ways(one, links)]
        for one in progress["next"]
    ]  # fmt: skip
    unknown = progress.get("unmeasured", 0)
    of = "1 clip" if unknown == 1 else f"{unknown:,} clips"
    more = f"{of} with masks not measured yet: doubts in them will show up here." if unknown else ""
    if not rows:
        return more or "Nothing needs a look now."
    return "\n\n".join(filter(None, (_table(["clip", "why", "open"], rows), more)))


def at(progress: Mapping[str, Any]) -> str:
    """Return when the figures were taken."""
    return f"As of {datetime.fromisoformat(progress['at']):%d %B %Y, %H:%M} UTC"


def at_frame(page: str, frame: int) -> str:
    """Return the address of a frame of a clip on the correction page."""
    return f"{page}{'&' if '?' in page else '?'}frame={frame}" if frame else page


def plain(text: str) -> str:
    """Return text that people wrote so that it stays in its cell and means nothing to Markdown."""
    kept = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#|~!" else c for c in kept)


def _forecast(progress: Mapping[str, Any]) -> str:
    """Return when it will be done, or why nobody can tell."""
    if progress["accepted"] >= progress["target"]:
        return "The target is reached."
    if not progress["done_by"]:
        return "No forecast yet: it takes a few accepted clips on different days."
    band = ""
    if progress["early"] and progress["late"] and progress["early"] != progress["late"]:
        band = f" (between {_day(progress['early'])} and {_day(progress['late'])})"
    days = "day" if progress["window"] == 1 else f"{progress['window']} days"
    return (
        f"At {_number(progress['rate'])} s a day over the last {days} of work: "
        f"done by **{_day(progress['done_by'])}**{band}."
    )


def _ways(one: Mapping[str, Any], links: Mapping[str, Mapping[str, str]]) -> str:
    """Return where a clip can be opened besides here."""
    found = links.get(one["clip"], {})
    page, task = found.get("page"), found.get("task")
    return " · ".join([
        *([_link("page", at_frame(page, one["frame"]))] if page else []),
        *([_link("task", task)] if task else []),
    ])  # fmt: skip


def _link(text: str, address: str | None) -> str:
    """Return a link, or the text alone."""
    return f"[{plain(text)}](<{address}>)" if address else plain(text)


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def _share(person: Mapping[str, Any]) -> str:
    """Return how many of somebody's clips were accepted at first sight."""
    return f"{person['first_time'] / person['clips']:.0%}" if person["clips"] else ""


def _speed(person: Mapping[str, Any]) -> str:
    """Return how many minutes of work a second of accepted video took; work elsewhere than on the page is not known."""
    known = person["minutes"] and person["seconds"]
    return f"{person['minutes'] / person['seconds']:.1f}" if known else ""


def _number(value: float) -> str:
    """Return a figure as people read it."""
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}".removesuffix(".0")


def _percent(share: float) -> str:
    """Return a share; a small one is told apart from none."""
    return f"{share:.0%}" if share == 0 or share >= 0.1 else f"{share:.1%}"


def _day(text: str) -> str:
    """Return a day as people read it."""
    return f"{date.fromisoformat(text):%d %b %Y}"
