"""Asks a Label Studio over HTTP, in JSON, and turns all that can go wrong into one error that says what to do. Knows no route.

The sdk brings the tokens of both kinds (a personal one is exchanged for short-lived ones) and waits where the server is busy.
Answers are not read into the sdk's types: what somebody delivered must stay as it was sent.
"""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx
from label_studio_sdk.core.api_error import ApiError
from label_studio_sdk.core.client_wrapper import SyncClientWrapper
from label_studio_sdk.core.request_options import RequestOptions

from engine.errors import ServerError
from ml_backend.asking.credentials import Credentials

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 60.0

_RESERVED: Final = ("reserved network address", "private network addresses")
"""What Label Studio says of an address that it will not talk to."""


class Connection:
    """An open connection to a Label Studio, to be closed."""

    def __init__(self, credentials: Credentials, *, seconds: float = ANSWER_SECONDS) -> None:
        """Connect with the first question; each may take ``seconds``."""
        self.server = credentials.url
        timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        self._http = httpx.Client(timeout=timeout, follow_redirects=False)
        self._seconds = seconds
        self._credentials = credentials
        self._wrapper: SyncClientWrapper | None = None

    def __enter__(self) -> Self:
        """Return the connection."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection, for good."""
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """Return what lies under a path; None where nothing does.

        Raises:
            ServerError: Label Studio refuses, or does not answer.
        """
        return self._ask("GET", path, params=params, again=2, missing=True)

    def post(self, path: str, body: Any, **params: Any) -> Any:
        """Send something new, return the answer.

        Raises:
            ServerError: as in ``get``; also where there is no such path.
        """
        return self._ask("POST", path, body=body, params=params)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change what lies under a path, return the answer.

        Raises:
            ServerError: as in ``post``.
        """
        return self._ask("PATCH", path, body=body, again=2)

    def delete(self, path: str) -> None:
        """Remove what lies under a path; what is gone already is no error.

        Raises:
            ServerError: as in ``get``.
        """
        self._ask("DELETE", path, again=2, missing=True)

    def reaches(self, path: str) -> bool:
        """Say whether a file lies under a path, and may be seen.

        Raises:
            ServerError: Label Studio does not answer.
        """
        first = RequestOptions(max_retries=2, additional_headers={"Range": "bytes=0-0"})
        return self._answer("GET", path, None, first).is_success

    def _ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, Any] | None = None,
        again: int = 0,
        missing: bool = False,
    ) -> Any:
        """Ask up to 1 + ``again`` times, but no more than once what must not be done twice."""
        options = RequestOptions(max_retries=again)
        if params:
            options["additional_query_parameters"] = dict(params)
        answer = self._answer(method, path, body, options)
        if answer.status_code == httpx.codes.NOT_FOUND and missing:
            return None
        if answer.is_redirect or answer.is_error:
            said = _said(answer).replace(self._credentials.token, "(the token)")
            raise ServerError(self._refused(answer.status_code, said, f"{method} {path}"))
        return self._read(answer)

    def _answer(self, method: str, path: str, body: Any, options: RequestOptions) -> httpx.Response:
        """Return whatever is answered."""
        try:
            return self._sdk().httpx_client.request(
                path.lstrip("/"), method=method, json=body, request_options=options
            )
        except httpx.HTTPError as error:
            raise ServerError(self._silent(error)) from error
        except ApiError as error:
            raise ServerError(
                self._refused(error.status_code or httpx.codes.UNAUTHORIZED, "", path)
            ) from None

    def _sdk(self) -> SyncClientWrapper:
        """Return what adds the token to a question; made late, since it reads the token and may refuse it."""
        if self._wrapper is None:
            self._wrapper = SyncClientWrapper(
                api_key=self._credentials.token,
                base_url=self.server,
                timeout=self._seconds,
                httpx_client=self._http,
            )
        return self._wrapper

    def _read(self, answer: httpx.Response) -> Any:
        """Return the JSON of an answer, None of an empty one."""
        if not answer.content:
            return None
        try:
            return answer.json()
        except ValueError:
            raise ServerError(unlike(self.server, answer.text)) from None

    def _silent(self, error: httpx.HTTPError) -> str:
        """Say that there was no answer."""
        why = (
            f"within {self._seconds:g} s"
            if isinstance(error, httpx.TimeoutException)
            else f"({error})"
        )
        return (
            f"Label Studio at {self.server} does not answer {why}; start it, or name the right address with "
            "--url or ENGINE_LABEL_STUDIO_URL. Nothing is lost: run the command again"
        )

    def _refused(self, status: int, said: str, what: str) -> str:
        """Say why Label Studio refused and what to do."""
        if any(words in said for words in _RESERVED):
            return reserved(self.server)
        if status == httpx.codes.UNAUTHORIZED:
            return (
                f"Label Studio at {self.server} does not accept the token: copy one from Account & Settings there "
                "(a legacy token must be allowed by its organization) and give it with --token or "
                "ENGINE_LABEL_STUDIO_TOKEN"
            )
        if status == httpx.codes.FORBIDDEN:
            return (
                f"Label Studio at {self.server} does not let the token's user do this ({what}): {said[:300]}; "
                "take the token of an administrator"
            )
        return f"Label Studio at {self.server} refuses {what} with {status}: {said[:600]}"


def _said(answer: httpx.Response) -> str:
    """Return what an error says, without the page around it that browsers get."""
    if answer.is_redirect:
        return f"it sends us on to {answer.headers.get('location')}: give the address there"
    if "json" not in answer.headers.get("content-type", ""):
        return answer.reason_phrase
    try:
        found = answer.json()
    except ValueError:
        return answer.text
    told = (
        found.get("validation_errors") or found.get("detail") if isinstance(found, dict) else None
    )
    return "; ".join(_texts(told or found))


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in nested answers, each with the name of the field that it is about."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            for text in _texts(one):
                yield text if name == "non_field_errors" else f"{name}: {text}"
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    else:
        yield str(value)


def unlike(server: str, said: str = "") -> str:
    """Say that something else is at an address."""
    shown = f" ({said[:60]!r})" if said else ""
    return (
        f"{server} answers, but not as Label Studio does{shown}; is the address right? "
        "expected one like http://127.0.0.1:8080"
    )


def reserved(server: str) -> str:
    """Say what to set where Label Studio does not talk to addresses of private networks, as a backend's mostly is."""
    return (
        f"Label Studio at {server} refuses to talk to an address in a private network, where the backend is. Start Label Studio "
        "with ML_BLOCK_LOCAL_IP=false, USE_DEFAULT_BANNED_SUBNETS=false and USER_ADDITIONAL_BANNED_SUBNETS=... naming the "
        "private ranges that it must still not reach, without the backend's own (docs/label-studio.md lists them), "
        "then run `engine labelstudio setup` again: it goes on from here"
    )
