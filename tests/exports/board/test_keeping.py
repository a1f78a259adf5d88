"""Where what FiftyOne keeps cannot be written, it is said why, and what to do."""

import errno
import os
from pathlib import Path

import pytest

from engine.errors import DiskFull, EngineError, ServerError
from exports.board.keeping import keeping


def refused(home: Path, error: Exception) -> EngineError:
    """Return what is said of an error on the way."""
    with pytest.raises(EngineError) as told, keeping(home):
        raise error
    return told.value


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_is_told_as_that_with_the_folder(number: int, tmp_path: Path) -> None:
    error = refused(tmp_path, OSError(number, os.strerror(number)))
    assert isinstance(error, DiskFull)
    assert str(tmp_path) in str(error)
    assert "free some" in str(error)


def test_a_real_device_without_room(tmp_path: Path) -> None:
    with pytest.raises(DiskFull), keeping(tmp_path):
        Path("/dev/full").write_text("something")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOTDIR])
def test_a_folder_that_cannot_be_written_to_is_told_with_the_reason(
    number: int, tmp_path: Path
) -> None:
    error = refused(tmp_path, OSError(number, os.strerror(number)))
    assert isinstance(error, ServerError)
    assert os.strerror(number) in str(error)


def test_errors_that_say_what_they_mean_stay_what_they_are(tmp_path: Path) -> None:
    told = ServerError("mongod does not start")
    assert refused(tmp_path, told) is told
