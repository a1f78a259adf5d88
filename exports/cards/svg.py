"""Small plots as SVG text: bars and columns. Knows no dataset, no clock and no font file: the same numbers give the same bytes.

A plot stands on a panel of its own and asks the viewer whether it is dark around it, so it can be read either way.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final, TypeAlias
from xml.sax.saxutils import escape, quoteattr

Values: TypeAlias = Sequence[tuple[str, float]]

WIDTH: Final = 640
_PAD, _HEAD, _ROW, _LETTER = 18, 50, 26, 7.2  # pixels; letters of 13 px are about 7 wide
_TALL, _FOOT, _LEFT = 170, 62, 64
_LONGEST: Final = 26  # letters of a name
_STYLE: Final = (
    "text{font:13px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:#22302a}"
    ".title{font-size:15px;font-weight:600}.soft{fill:#5d6b64;font-size:12px}"
    ".panel{fill:#fff;stroke:#dfe7e2}.bar{fill:#1f7a54}.line{stroke:#dfe7e2}"
    "@media(prefers-color-scheme:dark){text{fill:#e3ebe6}.soft{fill:#9fb0a7}"
    ".panel{fill:#161b19;stroke:#2c3632}.bar{fill:#46b98a}.line{stroke:#2c3632}}"
)


def bars(title: str, values: Values, *, unit: str = "") -> str:
    """Return one horizontal bar for each name, in the order given, its value written behind it."""
    names = [_cut(name) for name, _ in values]
    left = _PAD + max((len(name) for name in names), default=0) * _LETTER + 10
    room = WIDTH - left - _PAD - 90
    most = max((value for _, value in values), default=0) or 1
    parts = []
    for row, (name, (_, value)) in enumerate(zip(names, values, strict=True)):
        top = _HEAD + row * _ROW
        parts.append(_text(left - 10, top + 15, name, anchor="end"))
        parts.append(_bar(left, top + 2, value / most * room, _ROW - 9))
        said = f"{number(value)} {unit}".strip()
        parts.append(_text(left + value / most * room + 8, top + 15, said, style="soft"))
    return _panel(title, _HEAD + len(values) * _ROW + 10, parts)


def columns(title: str, values: Values, *, below: str, unit: str) -> str:
    """Return one upright column for each name; ``below`` says what the names are, ``unit`` what is counted."""
    most = max((value for _, value in values), default=0)
    top_value, marks = _scale(most)
    base, step = _HEAD + 14 + _TALL, (WIDTH - _LEFT - _PAD) / max(1, len(values))
    parts = [_text(_PAD, _HEAD - 2, unit, style="soft")]
    for mark in marks:
        level = base - mark / top_value * _TALL
        parts.append(
            f'<line class="line" x1="{_LEFT}" x2="{WIDTH - _PAD}" y1="{_at(level)}" y2="{_at(level)}"/>'
        )
        parts.append(_text(_LEFT - 8, level + 4, number(mark), style="soft", anchor="end"))
    wide = min(step * 0.78, 56)
    skip = _skip([name for name, _ in values], step)
    for place, (name, value) in enumerate(values):
        middle, high = _LEFT + (place + 0.5) * step, value / top_value * _TALL
        parts.append(_bar(middle - wide / 2, base - high, wide, high))
        if place % skip == 0:
            parts.append(_text(middle, base + 18, _cut(name), style="soft", anchor="middle"))
    parts.append(_text((_LEFT + WIDTH - _PAD) / 2, base + 42, below, anchor="middle", style="soft"))
    return _panel(title, base + _FOOT - 8, parts)


def number(value: float) -> str:
    """Return a number for people: groups of three, at most one decimal."""
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:,.1f}"


def _panel(title: str, height: float, parts: Sequence[str]) -> str:
    """Return the whole picture."""
    high = round(height)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{high}" viewBox="0 0 {WIDTH} {high}" '
        f'role="img" aria-label={quoteattr(_printable(title))}>'
    )
    panel = f'<rect class="panel" x=".5" y=".5" width="{WIDTH - 1}" height="{high - 1}" rx="10"/>'
    lines = [head, f"<style>{_STYLE}</style>", panel, _text(_PAD, 28, title, style="title")]
    return "\n".join([*lines, *parts, "</svg>\n"])


def _bar(x: float, y: float, wide: float, high: float) -> str:
    """Return a bar; something is never nothing to the eye, nothing always is."""
    if not wide or not high:
        return ""
    size = f'width="{_at(max(wide, 1.5))}" height="{_at(max(high, 1.5))}"'
    return f'<rect class="bar" x="{_at(x)}" y="{_at(min(y, y + high - 1.5))}" {size} rx="2"/>'


def _text(x: float, y: float, words: str, *, style: str = "", anchor: str = "") -> str:
    """Return words at a place."""
    kind = f' class="{style}"' if style else ""
    held = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{_at(x)}" y="{_at(y)}"{kind}{held}>{escape(_printable(words))}</text>'


def _printable(words: str) -> str:
    """Return words without the characters that XML cannot hold."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in words
    )


def _at(value: float) -> str:
    """Return a coordinate to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def _cut(name: str) -> str:
    """Return a name that is not too long."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _scale(most: float) -> tuple[float, list[float]]:
    """Return the end of an axis and three to five round marks on it, the end among them."""
    step = next(step for step in _round_steps() if step * 4 >= most)
    marks = [step * k for k in range(1, 5) if step * (k - 1) < most or k == 1]
    return marks[-1], marks


def _round_steps() -> Iterator[float]:
    """Yield 1, 2, 5, 10, 20, 50, ..."""
    for power in count():
        yield from (10**power, 2 * 10**power, 5 * 10**power)


def _skip(names: Sequence[str], step: float) -> int:
    """Return how many names apart two can stand without touching."""
    widest = max((len(_cut(name)) for name in names), default=0) * _LETTER
    return max(1, -(-int(widest + 6) // max(1, int(step))))
