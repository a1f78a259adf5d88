"""Keeps strangers out of the backend: a login for Label Studio's own requests, a secret for its webhooks. Knows no clips.

Label Studio's requests carry basic authentication where the connection was made with it, but its webhooks never do: they
carry whatever headers were written into the webhook, and so a secret of their own.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.config import Settings
from engine.errors import AccessError, SettingsError
from engine.ports import OutsideProject

WEBHOOK: Final = "/webhook"
"""The one place that a login is not asked for: it asks for a secret itself."""


@dataclass(frozen=True, slots=True)
class Login:
    """What requests must show; nothing where ``digest`` is empty."""

    digest: bytes = field(default=b"", repr=False)

    @property
    def required(self) -> bool:
        """Whether anything must be shown."""
        return bool(self.digest)

    def admits(self, authorization: str) -> bool:
        """Say whether a header shows it."""
        scheme, _, code = authorization.partition(" ")
        try:
            shown = base64.b64decode(code.strip(), validate=True)
        except (binascii.Error, ValueError):
            shown = b""
        same = hmac.compare_digest(hashlib.sha256(shown).digest(), self.digest)
        return not self.required or (same and scheme.lower() == "basic")


def login_of(settings: Settings) -> Login:
    """Return the login that the settings ask for.

    Raises:
        SettingsError: half of it is set.
    """
    user, password = settings.ml_backend_user, settings.ml_backend_password.get_secret_value()
    if bool(user) != bool(password) or ":" in user:
        raise SettingsError(
            "the backend's login is a name without a colon and a password: set both "
            "ENGINE_ML_BACKEND_USER and ENGINE_ML_BACKEND_PASSWORD, or neither"
        )
    return Login(hashlib.sha256(f"{user}:{password}".encode()).digest() if user else b"")


def showing(projects: Iterable[OutsideProject], secret: str) -> tuple[OutsideProject, ...]:
    """Return the projects whose secret this is; all are compared, in a time that tells nothing.

    Raises:
        AccessError: it is none's.
    """
    digest = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
    found = [project for project in projects if _same(digest, project.secret)]
    if not found:
        raise AccessError(
            "the secret of this webhook is no project's: run `engine labelstudio setup` again"
        )
    return tuple(found)


def _same(digest: str, secret: str) -> bool:
    return hmac.compare_digest(digest.encode(), secret.lower().encode())


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets requests pass that show the login. Where none is required, only those that come to this machine by its own name.

    (Else any page on the web could lead a browser here under a name of its own.)
    """

    app: ASGIApp
    login: Login

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and (refusal := self._refusal(scope)) is not None:
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        if not self.login.required:
            host = headers.get(b"host", "")
            return None if _local(host) else _refused(403, f"this backend is not at {host[:100]!r}")
        admitted = self.login.admits(headers.get(b"authorization", ""))
        return None if admitted or scope["path"] == WEBHOOK else _refused(401, "log in")


def _refused(status: int, why: str) -> JSONResponse:
    """Return the answer to a stranger."""
    text = f"{why}: ENGINE_ML_BACKEND_USER and ENGINE_ML_BACKEND_PASSWORD say who may ask"
    headers = {"WWW-Authenticate": 'Basic realm="billiards"'} if status == 401 else {}
    return JSONResponse({"error": text, "kind": "AccessError"}, status, headers)


def _local(host: str) -> bool:
    """Say whether a Host header names this machine as itself."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
