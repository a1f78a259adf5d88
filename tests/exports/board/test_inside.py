"""A FiftyOne that is inside other than the one we know is refused with what to install, not met by chance."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from engine.errors import SettingsError
from exports.board import inside


def other(**has: Any) -> Any:
    """Return a FiftyOne of another version, which has only what is named."""
    return SimpleNamespace(__version__="9.0.0", **has)


USES: list[Callable[[Any], object]] = [
    inside.templates,
    inside.database,
    lambda strange: inside.inside(strange, SimpleNamespace()),
    lambda strange: inside.new_field(strange, "clip", object),
    lambda strange: inside.add_sample_fields(strange, SimpleNamespace(), {}),
    lambda strange: inside.add_frame_fields(strange, SimpleNamespace(), {}),
]


@pytest.mark.parametrize("use", USES)
def test_what_is_missing_is_told_with_the_version_to_install(use: Callable[[Any], object]) -> None:
    with pytest.raises(SettingsError, match=r"FiftyOne 9\.0\.0 .*pip install fiftyone==1\.22\.1"):
        use(other())


def test_calls_that_take_other_arguments_than_we_know_are_told_too() -> None:
    def create_field(name: str) -> None: ...

    strange = other(core=SimpleNamespace(odm=SimpleNamespace(create_field=create_field)))
    with pytest.raises(SettingsError, match=r"pip install"):
        inside.new_field(strange, "clip", object, description="a clip")


def test_a_version_that_does_not_even_tell_itself_is_told() -> None:
    with pytest.raises(SettingsError, match="of an unknown version"):
        inside.database(SimpleNamespace())
