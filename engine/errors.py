"""The errors this product raises on purpose, and nothing about how anybody shows them.

Every message names the value, what was expected and the next step.

    EngineError
    ├── InputError            what the user handed in cannot be used
    │   ├── VideoError        a video cannot be read, or holds no pictures
    │   ├── SelectionError    a clip, revision or workspace that is not there, or an empty choice
    │   └── SettingsError     a setting outside its range, an unknown name in a registry
    ├── WeightsError          a checkpoint is missing, truncated, of another model, or fails its checksum
    ├── StoreError            the database refuses
    │   ├── StaleParent       somebody else's revision came in between
    │   ├── StageError        this step is not allowed from the clip's present stage
    │   ├── LeaseLost         another worker took the job over
    │   ├── ClaimLost         somebody else works on the clip
    │   └── DamagedChunk      stored masks do not decode
    ├── AccessError           who asks is not known, or may not do this
    ├── ModelError            the process that draws died, or does not answer
    ├── ServerError           a server that we ask refuses, or does not answer
    ├── ExportError           a dataset could not be written
    │   └── VerificationError what lies on disk breaks a guarantee of its format
    └── DiskFull              no room; what was complete before is still complete
"""

import errno
from typing import Final

NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where there is no room: a full disk, a quota, a file that may grow no more."""


class EngineError(Exception):
    """Root of every error that the product raises on purpose."""


class InputError(EngineError):
    """What the user handed in cannot be used."""


class VideoError(InputError):
    """A video cannot be read, or holds no pictures."""


class SelectionError(InputError):
    """A clip, revision or workspace that is not there, or a choice that selects nothing."""


class SettingsError(InputError):
    """A setting outside its range, or an unknown name."""


class WeightsError(EngineError):
    """A checkpoint is missing, truncated, of another model, or fails its checksum."""


class StoreError(EngineError):
    """The database refuses."""


class StaleParent(StoreError):  # noqa: N818 - the name says what happened, as the port's callers read it
    """The parent is not the clip's newest revision any more."""


class StageError(StoreError):
    """This step is not allowed from the clip's present stage."""


class LeaseLost(StoreError):  # noqa: N818 - see StaleParent
    """The lease ran out and another worker holds the job."""


class ClaimLost(StoreError):  # noqa: N818 - see StaleParent
    """Somebody else works on the clip."""


class DamagedChunk(StoreError):  # noqa: N818 - see StaleParent
    """Stored masks do not decode: truncated, of an unknown version, or with a wrong checksum."""


class AccessError(EngineError):
    """Who asks is not known, or may not do this."""


class ModelError(EngineError):
    """The process that draws died, or does not answer."""


class ServerError(EngineError):
    """A server that we ask refuses, or does not answer."""


class ExportError(EngineError):
    """A dataset could not be written."""


class VerificationError(ExportError):
    """What lies on disk breaks a guarantee of its format."""


class DiskFull(EngineError):  # noqa: N818 - see StaleParent
    """No room left; what was complete before is still complete."""
