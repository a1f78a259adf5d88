"""The text of a data card as Markdown: tables and sections from a manifest. Writes no file, draws nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from exports.cards import loading as card_loading
from exports.cards.svg import number
from exports.cards.tree import tree
from exports.manifest import totals, version_of

_UNSTATED: Final = "not stated: set it with `engine ingest --licence`"
_LONGEST: Final = 40  # lines of a table or list; the manifest has all
_CHECK: Final = """import hashlib, json, pathlib

said = json.load(open("manifest.json"))
halves = [clip[half] for clip in said["clips"].values() for half in ("pictures", "annotation")]
for files in [said["files"], *(half["files"] for half in halves)]:
    for name, (digest, size) in files.items():
        assert hashlib.sha256(pathlib.Path(name).read_bytes()).hexdigest() == digest, name
print("every file is as it was written")"""


def page(
    manifest: Mapping[str, Any],
    *,
    notes: Sequence[str],
    plots: Mapping[str, str],
    pictures: Mapping[str, str],
) -> str:
    """Return the card as Markdown; ``plots`` and ``pictures`` map paths to words for those who do not see them.

    ``notes`` are of the whole dataset; those of the clips that it holds may be among them.
    """
    sections = [
        _head(manifest),
        _gallery("Samples", pictures),
        _statistics(manifest),
        _gallery("", plots),
        _sources(manifest),
        _models(manifest),
        _limits(manifest, notes),
        _files(manifest),
        _loading(manifest),
        _checking(),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def seconds_of(manifest: Mapping[str, Any]) -> dict[str, float]:
    """Return the seconds of each pair of split and camera, as one name."""
    found: dict[str, float] = {}
    stated = any(clip.get("camera") for clip in manifest["clips"].values())
    for clip in manifest["clips"].values():
        camera = clip.get("camera") or "camera not stated"
        name = f"{_split(clip)} · {camera}" if stated else _split(clip)
        found[name] = found.get(name, 0.0) + _seconds(clip)
    return {name: round(seconds, 1) for name, seconds in found.items()}


def _head(manifest: Mapping[str, Any]) -> str:
    """Return title, one sentence and the table of what it is."""
    counted = _counted(manifest)
    layout, settings = manifest.get("layout", ""), manifest.get("settings") or {}
    licences = sorted({clip.get("licence") or _UNSTATED for clip in manifest["clips"].values()})
    rows = [
        ("format", f"{card_loading.title(manifest)} (`{manifest['format']}`, layout `{layout}`)"),
        ("version", "`version` in `manifest.json`: the SHA-256 over all files, this card included"),
        ("fingerprint of the data", f"`{_data(manifest)[:16]}`, without this card"),
        ("licence", "; ".join(_cell(licence) for licence in licences)),
        ("written by", f"billiards-engine {manifest.get('code', '')}"),
        ("settings", ", ".join(f"`{key}` {_cell(_plain(one))}" for key, one in settings.items())),
    ]
    about = (
        f"Masks of billiard balls through time: {number(counted['masklets'])} masklets with {number(counted['masks'])} "
        f"masks in {_many(counted['clips'], 'clip')}, {_duration(counted['seconds'])} of video."
    )
    title = f"# Billiards: {card_loading.title(manifest)}"
    return f"{title}\n\n{about}\n\n{_table(('', ''), [row for row in rows if row[1]])}"


def _statistics(manifest: Mapping[str, Any]) -> str:
    """Return the numbers, for all and by split."""
    clips = manifest["clips"]
    splits = sorted({_split(clip) for clip in clips.values()})
    columns = [{k: v for k, v in clips.items() if _split(v) == split} for split in splits]
    sums = [_counted(manifest), *(totals(column) for column in columns if len(splits) > 1)]
    names = ["all", *(splits if len(splits) > 1 else ())]
    rows = [
        ("clips", "clips"),
        ("seconds", "seconds"),
        ("frames", "frames"),
        ("annotated frames", "annotated"),
        ("masklets (a ball through a clip)", "masklets"),
        ("masks", "masks"),
        ("masks that a person changed", "edited"),
    ]
    lines = [(name, *(number(one[key]) for one in sums)) for name, key in rows]
    lines += _classes(sums)
    return f"## Statistics\n\n{_table(('', *names), lines, right=True)}"


def _classes(sums: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, ...]]:
    """Yield a line for each class: the masks of it."""
    for label in sorted({label for one in sums for label in one["labels"]}):
        yield f"masks of {_cell(label)}", *(number(one["labels"].get(label, 0)) for one in sums)


def _sources(manifest: Mapping[str, Any]) -> str:
    """Return the recordings that the clips are of."""
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for clip in manifest["clips"].values():
        facts = (str(clip.get("recording", ""))[:12], _split(clip))
        about = (str(clip.get("camera") or "not stated"), str(clip.get("licence") or "not stated"))
        found.setdefault((*facts, *about), []).append(clip)
    lines = [
        (f"`{key[0]}`", *map(_cell, key[1:]), str(len(clips)), number(sum(map(_seconds, clips))))
        for key, clips in sorted(found.items())
    ]
    head = ("recording (SHA-256)", "split", "camera", "licence", "clips", "seconds")
    return f"## Sources\n\n{_table(head, lines)}"


_JSON: Final = ("{", "[")


def _models(manifest: Mapping[str, Any]) -> str:
    """Return what drew the masks, and how many clips each has."""
    found: dict[tuple[str, str], int] = {}
    for clip in manifest["clips"].values():
        for key, value in (clip.get("provenance") or {}).items():
            if not str(value).startswith(_JSON):  # settings and clicks are in the manifest
                found[key, str(value)] = found.get((key, str(value)), 0) + 1
    if not found:
        return ""
    lines = [(_cell(key), _cell(value), str(n)) for (key, value), n in sorted(found.items())]
    table = _table(("", "", "clips"), lines)
    return f"## What drew the masks\n\nAs the revisions that were exported say it; people correct and accept what models draw.\n\n{table}"


def _limits(manifest: Mapping[str, Any], notes: Sequence[str]) -> str:
    """Return what the dataset does not hold, in the words of its notes."""
    least = (manifest.get("settings") or {}).get("min_area")
    lines = [f"Masks under {least} pixels count as not visible."] if least else []
    each = [note for clip in manifest["clips"].values() for note in clip.get("notes") or ()]
    lines += dict.fromkeys([*sorted(notes, key=lambda note: note in each), *each])
    cut = [f"{len(lines) - _LONGEST:,} more: see `engine.json`."] if len(lines) > _LONGEST else []
    said = "\n".join(f"- {_cell(line)}" for line in [*lines[:_LONGEST], *cut])
    return f"## Known limits\n\n{said}" if said else ""


def _files(manifest: Mapping[str, Any]) -> str:
    """Return the tree of folders."""
    drawn = tree(manifest, more=("manifest.json", "README.md", "card/*.svg", "card/*.jpg"))
    words = "`CLIP` stands for the name of a clip, `NNNNN` for the number of a frame or an object."
    return f"## Files\n\n{words}\n\n```\n{drawn}\n```"


def _loading(manifest: Mapping[str, Any]) -> str:
    """Return how to read the dataset."""
    parts = [
        _code("sh", card_loading.shell(manifest)),
        _code("python", card_loading.python(manifest)),
    ]
    said = "\n\n".join(part for part in parts if part)
    return f"## How to load it\n\nIn this folder:\n\n{said}" if said else ""


def _checking() -> str:
    """Return how to find out whether the dataset is whole."""
    commands = "engine verify .                        # every guarantee of the format\n"
    commands += "engine verify . --against WORKSPACE    # and its pixels against the database"
    words = "Without the engine, file by file:"
    return f"## How to check it\n\n{_code('sh', commands)}\n\n{words}\n\n{_code('python', _CHECK)}"


def _gallery(title: str, images: Mapping[str, str]) -> str:
    """Return pictures, two in a row where the page is wide enough."""
    shown = "\n".join(
        f'<img src={quoteattr(path)} alt={quoteattr(alt)} width="49%">'
        for path, alt in images.items()
    )
    return (f"## {title}\n\n" if title and shown else "") + shown


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: bool = False) -> str:
    """Return a table; all but the first column on the right where they are numbers."""
    lines = list(rows)
    rest = len(lines) - _LONGEST
    if rest > 0:
        lines = [
            *lines[:_LONGEST],
            (f"{rest:,} more: see `manifest.json`", *[""] * (len(head) - 1)),
        ]
    rule = ["---", *(["---:" if right else "---"] * (len(head) - 1))]
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *lines])


def _code(language: str, lines: str) -> str:
    """Return lines that are shown as they are."""
    return f"```{language}\n{lines}\n```" if lines else ""


def _cell(words: str) -> str:
    """Return words that stay within a cell, and are no tags."""
    plain = " ".join(str(words).split())
    return plain.replace("|", "\\|").replace("<", "&lt;")


def _plain(value: Any) -> str:
    """Return a setting's value for people."""
    listed = value if isinstance(value, list | tuple) else [value]
    return " ".join(str(one) for one in listed)


def _counted(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the statistics of the whole dataset."""
    counted: Mapping[str, Any] = manifest.get("statistics") or totals(manifest["clips"])
    return counted


def _data(manifest: Mapping[str, Any]) -> str:
    """Return what names the content of the dataset without its card."""
    rest = {
        name: fact
        for name, fact in manifest["files"].items()
        if name != "README.md" and not name.startswith("card/")
    }
    return version_of(manifest["clips"], rest)


def _split(clip: Mapping[str, Any]) -> str:
    """Return the split of a clip."""
    return str(clip.get("split") or "train")


def _seconds(clip: Mapping[str, Any]) -> float:
    """Return how long a clip lasts."""
    above, below = clip["rate"]
    return float(clip["frames"] * below / above)


def _duration(seconds: float) -> str:
    """Return seconds as people say them."""
    if seconds < 120:
        return _many(round(seconds, 1), "second")
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def _many(count: float, noun: str) -> str:
    """Return a count with its noun."""
    return f"{number(count)} {noun}" + ("" if count == 1 else "s")
