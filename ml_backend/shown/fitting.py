"""Says which of many predictions a project would show. Knows a labelling configuration and regions; no clips and no server."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from engine.ports import TaskKind
from ml_backend.shown.labelling import check

LONGEST: Final = 1 << 20
"""Characters of a labelling configuration that are read."""

_Shape = tuple[str, ...]
_Result = Sequence[Mapping[str, Any]]
_Regions = Mapping[_Shape, Mapping[str, Any]]


def unfit(config: str, kind: TaskKind, results: Sequence[_Result]) -> list[tuple[str, ...]]:
    """Return for each prediction why a project of this configuration would not show it; nothing where it would.

    Label Studio takes whatever it is sent and then shows what it can, so it is not sent what it cannot show. Where it does
    not say how the project is configured, there is nothing to compare. What the predictions have in common is checked once.
    """
    if not config or not results:
        return [()] * len(results)
    if len(config) > LONGEST or "<!" in config.replace("<!--", ""):
        why = "the labelling configuration is too long, or declares what none needs: take that out"
        return [(why,)] * len(results)
    samples = [_sample(result) for result in results]
    if not _wrong(config, kind, samples):
        return [()] * len(results)
    return [_wrong(config, kind, [one]) for one in samples]


def _wrong(config: str, kind: TaskKind, samples: Iterable[_Regions]) -> tuple[str, ...]:
    """Return what a configuration lacks for some samples."""
    regions = {shape: region for sample in samples for shape, region in sample.items()}
    return tuple(check(config, list(regions.values()), kind=kind))


def _sample(result: _Result) -> _Regions:
    """Return a region of each control and class in a prediction, of each track's keyframes only the first."""
    return {_shape(region): _short(region) for region in result}


def _shape(region: Mapping[str, Any]) -> _Shape:
    """Return by what a configuration tells regions apart."""
    value = region.get("value", {})
    labels = [name for name in value if name.endswith(("labels", "choices"))]
    said = [str(region.get(name)) for name in ("from_name", "to_name", "type")]
    return (*said, *(json.dumps([name, value[name]]) for name in labels))


def _short(region: Mapping[str, Any]) -> Mapping[str, Any]:
    value = region.get("value", {})
    if "sequence" not in value:
        return region
    return {**region, "value": {**value, "sequence": value["sequence"][:1]}}
