"""How a Label Studio of one's own runs on this machine: its environment, its login, its database. Knows nothing of clips."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from engine.errors import InputError
from ml_backend.service import Service

BANNED = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10"),
    *("169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"),
)
"""Networks that Label Studio must not be talked into asking: all private ones but 127.0.0.0/8, where our backend listens."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who Label Studio knows from its first start on: a name that is an e-mail address, a password, a token (40 hexadecimal digits).

    ``backend`` is the password that Label Studio shows our backend.
    """

    name: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    backend: str = field(default="", repr=False)


def login(path: Path) -> Login:
    """Return the login that is kept in a file, one with a fresh password and token where there is none yet.

    Raises:
        InputError: the file is no login.
    """
    if not path.exists():
        words = (secrets.token_urlsafe(12), secrets.token_hex(20), secrets.token_urlsafe(24))
        made = Login("admin@example.test", *words)
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(asdict(made), file)
    try:
        return Login(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise InputError(
            f"{path}: not a login ({error}); expected name, password, token and backend as JSON. Move it away for a new one: "
            "Label Studio's database, which knows the old one, must go with it"
        ) from error


def environment(
    data: Path, *, files: Path, url: str, login: Login, database: str = ""
) -> dict[str, str]:
    """Return what Label Studio reads from its environment.

    ``data`` is its own folder, ``files`` the one whose files it serves, ``database`` the address of a PostgreSQL database for its
    tables, a SQLite file in ``data`` where it is empty. The token of the old kind is allowed: it is the one that is known beforehand.
    """
    return {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data.absolute()),
        "LABEL_STUDIO_HOST": url,
        "LABEL_STUDIO_USERNAME": login.name,
        "LABEL_STUDIO_PASSWORD": login.password,
        "LABEL_STUDIO_USER_TOKEN": login.token,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "true",
        "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT": str(files.absolute()),
        "ML_BLOCK_LOCAL_IP": "false",
        "USE_DEFAULT_BANNED_SUBNETS": "false",
        "USER_ADDITIONAL_BANNED_SUBNETS": ",".join(BANNED),
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "LATEST_VERSION_CHECK": "false",
    } | (_postgres(database) if database else {"DJANGO_DB": "sqlite"})


def _postgres(database: str) -> dict[str, str]:
    """Return how Label Studio finds its tables in PostgreSQL.

    Raises:
        InputError: the address is none of a PostgreSQL database.
    """
    parts = urlsplit(database)
    if not parts.scheme.startswith("postgresql") or not parts.path.strip("/"):
        raise InputError(
            f"{parts.scheme}://{parts.hostname}{parts.path}: not the address of a PostgreSQL database; "
            "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        )
    return {
        "DJANGO_DB": "default",
        "POSTGRE_NAME": unquote(parts.path.strip("/")),
        "POSTGRE_USER": unquote(parts.username or "postgres"),
        "POSTGRE_PASSWORD": unquote(parts.password or ""),
        "POSTGRE_HOST": parts.hostname or "127.0.0.1",
        "POSTGRE_PORT": str(parts.port or 5432),
    }


@dataclass(frozen=True, slots=True)
class LabelStudio:
    """A Label Studio that runs: where it is, who may log in, and its process."""

    url: str
    login: Login
    service: Service

    def wait(self) -> "LabelStudio":
        """Wait until it answers and knows our token: on its port there might be another.

        The first start makes the tables, about a minute; later ones take some 15 s.

        Raises:
            ServerError: it ended, or does not answer.
        """
        self.service.wait(f"{self.url}/health", within=300.0)
        known = {"Authorization": f"Token {self.login.token}"}
        self.service.wait(f"{self.url}/api/current-user/whoami", within=30.0, headers=known)
        return self


def start(
    program: Path,
    data: Path,
    *,
    port: int,
    files: Path,
    login: Login,
    log: Path,
    database: str = "",
) -> LabelStudio:
    """Start Label Studio on a port of this machine, to be waited for; see ``environment`` for the rest."""
    url = f"http://127.0.0.1:{port}"
    data.mkdir(parents=True, exist_ok=True)
    told = environment(data, files=files, url=url, login=login, database=database)
    service = Service(
        "Label Studio",
        [program, "start", "--no-browser", *("--internal-host", "127.0.0.1"), "--port", str(port)],
        log=log,
        environment=told,
    )
    service.start()
    return LabelStudio(url, login, service)
