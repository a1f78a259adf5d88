"""With which settings models drew, as far as that tells two drawings of the same models apart. Pure; knows provenance, not what settings mean."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

RECIPE: Final = "det_sam2"
"""Entry of a provenance: all settings, as JSON."""


def told_apart(drawn: Iterable[tuple[str, Mapping[str, str]]]) -> list[str]:
    """Return a name for each drawing out of its models in words and its provenance.

    It is that of the models, followed by those settings that differ among drawings of these models,
    as in ``nano 14d9c3d49bcf (confidence 0.25, every 10)``.
    """
    known = [(models, settings(provenance)) for models, provenance in drawn]
    values: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for models, found in known:
        for name, value in found.items():
            values[models][name].add(value)
    return [
        _named(models, {name: one for name, one in found.items() if len(values[models][name]) > 1})
        for models, found in known
    ]


def names_it(name: str, models: str, provenance: Mapping[str, str]) -> bool:
    """Say whether ``name`` means a drawing: by its models alone, or with settings after them, which are all its own."""
    head, _, told = name.partition(" (")
    own = {f"{key} {value}" for key, value in settings(provenance).items()}
    return name == models or (
        head == models and told.endswith(")") and set(told[:-1].split(", ")) <= own
    )


def settings(provenance: Mapping[str, str]) -> dict[str, str]:
    """Return the settings that a provenance records, by name, in words; none where it holds none that can be read."""
    try:
        raw = json.loads(provenance.get(RECIPE, "{}"))
        return dict(_flat(raw))
    except (ValueError, AttributeError, RecursionError):
        return {}


def _flat(raw: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield settings, those within others by their own name."""
    for name, value in sorted(raw.items()):
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield name, str(value)


def _named(models: str, apart: Mapping[str, str]) -> str:
    """Return the name of models with the settings that tell them apart."""
    told = ", ".join(f"{name} {value}" for name, value in sorted(apart.items()))
    return f"{models} ({told})" if told else models
