"""The text below a task's picture, as HTML: how the clip stands, links to the correction page at its seconds and doubtful frames. Knows no server.

Label Studio's ``HyperText`` shows them where it is ``inline``, takes its text from the task, and lets links be clicked
(``valueType="text" inline="true" clickableLinks="true"``); otherwise it shows a frame that opens no tabs.
"""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil
from typing import Final
from urllib.parse import urlencode

from engine.doubts import Visit
from engine.types import Clip
from ml_backend.shown.timeline import said

MOST: Final = 10
"""Doubtful frames that are listed."""

_SECONDS = 60  # links to seconds at most: a longer clip has one every few seconds


def links_html(
    clip: Clip,
    *,
    page_url: str,
    visits: Sequence[Visit] = (),
    labels: Mapping[int, str] | None = None,
    state: str = "",
    undone: str = "",
) -> str:
    """Return HTML: how the clip stands, and links that open it in the correction page at ``page_url``, each in a tab of its own.

    Args:
        clip: the clip.
        page_url: address of the correction page.
        visits: the places where somebody should look, the gravest first; the first ten are listed, in their order.
        labels: the classes of tracks.
        state: how the clip stands; "" says nothing.
        undone: why what somebody did last was not done; "" where it was.
    """
    step = max(1, ceil(clip.seconds / _SECONDS))
    seconds = [
        _link(clip, page_url, frame, f"{second} s")
        for second in range(0, ceil(clip.seconds), step)
        if (frame := ceil(second * clip.rate)) < clip.frames
    ]
    title = _link(clip, page_url, 0, f"Open {clip.id} in the correction page")
    parts = [f"<p><b>{escape(state)}</b></p>"] if state else []
    parts += [f"<p><b>Not done:</b> {escape(undone)}</p>"] if undone else []
    parts += [f"<p>{title}, where masks are edited; or at</p>", f"<p>{' · '.join(seconds)}</p>"]
    inside = [visit for visit in visits if 0 <= visit.frame < clip.frames][:MOST]
    if inside:
        lines = "".join(f"<li>{_visit(clip, page_url, visit, labels)}</li>" for visit in inside)
        parts.append(
            f"<p>Look here, the gravest first (frames as Label Studio counts them, from 1; the page counts from 0):</p><ol>{lines}</ol>"
        )
    return f"<div>{''.join(parts)}</div>"


def address(clip: Clip, *, page_url: str, frame: int) -> str:
    """Return the address of the correction page that shows a frame, counted from 0, of a clip."""
    return f"{page_url.rstrip('/')}/ui/?{urlencode({'clip': clip.id, 'frame': frame})}"


def _link(clip: Clip, page_url: str, frame: int, text: str) -> str:
    """Return one link that opens a tab of its own."""
    where = escape(address(clip, page_url=page_url, frame=frame))
    return f'<a href="{where}" target="_blank" rel="noopener">{escape(text)}</a>'


def _visit(clip: Clip, page_url: str, visit: Visit, labels: Mapping[int, str] | None) -> str:
    """Return a link to a doubtful frame, and why it is one; Label Studio's number of the frame, which counts from 1, is what it names."""
    more = f", and {len(visit.doubts) - 1} more" if len(visit.doubts) > 1 else ""
    link = _link(clip, page_url, visit.frame, f"frame {visit.frame + 1}")
    return f"{link} {escape(said(visit.doubts[0], labels) + more)}"
