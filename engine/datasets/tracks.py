"""Tracks from the identities that other people gave, of any kind; knows no format."""

from collections.abc import Iterable, Mapping

from engine.errors import InputError
from engine.types import Track


def track_ids(
    identities: Iterable[int | str], known: Mapping[int, Track], where: str
) -> dict[int | str, int]:
    """Return the track of each identity, in the order in which they first appear.

    It is what our side file says (``known``), else the number itself, plus one where numbers begin with 0. Names, and
    numbers below 0, are counted from 1.

    Raises:
        InputError: two identities would be one track.
    """
    found = list(dict.fromkeys(identities))
    plain = all(isinstance(one, int) and one >= 0 for one in found)
    tracks: dict[int | str, int] = {}
    for count, one in enumerate(found, 1):
        own = one + (0 in found) if plain and isinstance(one, int) else count
        said = known.get(int(one)) if str(one).isdecimal() else None
        tracks[one] = said.id if said else own
    if len(set(tracks.values())) != len(tracks):
        raise InputError(
            f"{where}: two of the identities {str(found)[:80]} would be one track; the side file names only some of them"
        )
    return tracks
