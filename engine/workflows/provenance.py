"""With which models a revision was drawn, in words, and whether others were asked for since. Pure; opens no weights."""

from collections.abc import Mapping

ROLES = ("segmenter", "detector")


def drawn_with(provenance: Mapping[str, str]) -> str:
    """Return the models that a provenance names, each with the first digits of its weights' SHA-256.

    For example ``nano 14d9c3d49bcf, yolo 3ccf55c8fd75``; "" where it names none, as for a person's work.
    """
    named = (
        f"{provenance[role]} {provenance.get(f'{role}_sha256', '')}".strip()
        for role in ROLES
        if provenance.get(role)
    )
    return ", ".join(named)


def before(recorded: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return with which other models the ``recorded`` masks were drawn; "" where they are those of ``now``.

    Names may stay while weights change, and the other way round: the weights decide where both sides know them.
    """
    same = all(_weights(recorded, role) == _weights(now, role) for role in ROLES)
    return "" if same else drawn_with(recorded)


def _weights(provenance: Mapping[str, str], role: str) -> str:
    """Return what tells the weights of a role apart."""
    return provenance.get(f"{role}_sha256") or provenance.get(role, "")
