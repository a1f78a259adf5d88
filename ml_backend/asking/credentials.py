"""Which Label Studio a workspace talks to, and the token it shows there. Never prints a token, and knows no server."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from engine.config import Settings
from engine.errors import SettingsError

FILE: Final = "label-studio.json"
"""Where the last set-up left address and token; only the owner may read it."""

_SETUP: Final = "`engine labelstudio setup --url ADDRESS --token TOKEN`"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The address of a Label Studio, without a slash at the end, and a token of one of its users."""

    url: str
    token: str = field(repr=False)


def credentials(url: str, token: str) -> Credentials:
    """Return credentials in the form that is compared and stored.

    Raises:
        SettingsError: that is no address, or there is no token.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(
            f"Label Studio's address {_shown(url)!r}: expected one like http://127.0.0.1:8080"
        )
    if parts.username or parts.password:
        raise SettingsError(
            f"Label Studio's address {_shown(url)!r} holds a user: take it out, the token says who asks"
        )
    if not token.strip() or not token.strip().isascii() or not token.strip().isprintable():
        raise SettingsError(
            f"no token for Label Studio at {url}: copy one from Account & Settings there and give it "
            "with --token or ENGINE_LABEL_STUDIO_TOKEN"
        )
    return Credentials(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}", token.strip())


def remember(workspace: Path, found: Credentials) -> Path:
    """Keep credentials in the workspace, readable by its owner alone; return the file.

    Raises:
        SettingsError: the file cannot be written.
    """
    path = workspace / FILE
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    text = json.dumps({"url": found.url, "token": found.token}, indent=2) + "\n"
    try:
        part.unlink(missing_ok=True)  # one that a crash left behind may be readable by others
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        part.replace(path)
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be written ({error.strerror}); make the workspace writable, or set "
            "ENGINE_LABEL_STUDIO_URL and ENGINE_LABEL_STUDIO_TOKEN instead"
        ) from error
    return path


def recall(settings: Settings) -> Credentials | None:
    """Return the credentials that the settings name, else those of the last set-up, else None.

    A setting wins over the file, each for itself; a token of the file is shown to no other address than its own.

    Raises:
        SettingsError: what is set or kept is no address, or not readable.
    """
    url, token = settings.label_studio_url, settings.label_studio_token.get_secret_value()
    if url and token:
        return credentials(url, token)
    kept = _kept(settings.workspace / FILE)
    if kept is None:
        return None
    if token:
        return credentials(url or kept.url, token)
    return kept if not url or credentials(url, kept.token).url == kept.url else None


def required(settings: Settings) -> Credentials:
    """Return the credentials.

    Raises:
        SettingsError: none are known.
    """
    found = recall(settings)
    if found is None:
        raise SettingsError(
            f"no address and token of a Label Studio are known in {settings.workspace.absolute()}: run {_SETUP} "
            "first, or set ENGINE_LABEL_STUDIO_URL and ENGINE_LABEL_STUDIO_TOKEN"
        )
    return found


def _kept(path: Path) -> Credentials | None:
    """Return what the file holds, or None where there is none."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return credentials(str(raw["url"]), str(raw["token"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{path}: not readable; remove it and run {_SETUP} again") from error


def _shown(url: str) -> str:
    """Return an address without what stands before an @, which may be a password."""
    return url.rpartition("@")[2]
