"""Whatever a store or the way to it does wrong ends in one clear error with the next step, or passes after a pause."""

import errno
import threading
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from engine.errors import DiskFull, EngineError, ExportError, InputError
from exports.remote.faults import ATTEMPTS, FIRST_WAIT, patiently, said, transient
from exports.remote.place import place_of
from exports.remote.sending import check, upload

Make = Callable[..., Path]


def test_work_that_stumbles_is_tried_again_with_growing_pauses():
    pauses: list[float] = []
    errors = iter([ConnectionResetError(), TimeoutError()])

    def work() -> str:
        for error in errors:
            raise error
        return "done"

    assert patiently(work, sleep=pauses.append) == "done"
    assert pauses == [FIRST_WAIT, 2 * FIRST_WAIT]


def test_work_that_stumbles_for_ever_raises_what_it_stumbled_over():
    tried: list[float] = []

    def work() -> None:
        tried.append(0)
        raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError, match="gone"):
        patiently(work, sleep=lambda _: None)
    assert len(tried) == ATTEMPTS


@pytest.mark.parametrize(
    "error", [PermissionError("no"), FileNotFoundError("no"), ValueError("no")]
)
def test_work_that_can_never_succeed_is_not_tried_again(error: Exception):
    tried: list[int] = []

    def work() -> None:
        tried.append(1)
        raise error

    with pytest.raises(type(error)):
        patiently(work, sleep=lambda _: pytest.fail("waited"))
    assert len(tried) == 1


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (ConnectionRefusedError(), True),
        (BrokenPipeError(errno.EPIPE, "gone"), True),
        (OSError(errno.EBUSY, "slow down"), True),
        (TimeoutError(), True),
        (OSError(errno.ENOSPC, "full"), False),
        (PermissionError(errno.EACCES, "no"), False),
        (KeyError("x"), False),
    ],
)
def test_only_what_may_pass_is_worth_a_second_try(error: Exception, *, passes: bool):
    assert transient(error) is passes


def named(name: str, text: str) -> Exception:
    """Return an error of a library that is not installed."""
    return type(name, (Exception,), {})(text)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (PermissionError("Access Denied"), ExportError, "check the keys"),
        (named("NoCredentialsError", "none found"), ExportError, "set AWS_ACCESS_KEY_ID"),
        (named("DefaultCredentialsError", "none found"), ExportError, "no credentials"),
        (named("EndpointConnectionError", "no route"), ExportError, "check the network"),
        (TimeoutError(), ExportError, "TimeoutError"),
        (OSError(errno.ENOSPC, "No space left"), DiskFull, "free some"),
        (ImportError("Install s3fs"), ExportError, r"pip install 'billiards-engine\[s3\]'"),
        (OSError("something odd"), ExportError, "something odd"),
        (RuntimeError("odder"), ExportError, "odder"),
    ],
)
def test_what_libraries_raise_is_said_with_the_address_and_the_next_step(
    error: Exception, kind: type[EngineError], words: str
):
    with pytest.raises(kind, match=words) as caught, said("s3://lab/sets"):
        raise error
    assert str(caught.value).startswith("s3://lab/sets")
    assert caught.value.__cause__ is error


def test_a_missing_file_is_no_fault_while_reading_and_a_missing_bucket_while_writing():
    with pytest.raises(FileNotFoundError), said("s3://lab"):
        raise FileNotFoundError("x")
    with pytest.raises(ExportError, match="make it first"), said("s3://lab", writing=True):
        raise FileNotFoundError("x")


def test_errors_of_our_own_pass_as_they_are():
    with pytest.raises(InputError, match=r"^ours$"), said("s3://lab"):
        raise InputError("ours")


def test_a_kind_of_store_that_nobody_knows_is_named():
    with pytest.raises(ExportError, match="gopher"):
        place_of("gopher://lab/sets")


def test_a_store_whose_library_is_missing_says_what_to_install(make_dataset: Make):
    if find_spec("gcsfs"):
        pytest.skip("gcsfs is installed")
    with pytest.raises(ExportError, match="pip install gcsfs"):
        upload(make_dataset("one", {"a": {}}), "gs://lab/sets")


def test_a_bucket_that_is_not_there_is_named(make_dataset: Make, bucket: str):
    with pytest.raises(ExportError, match=r"s3://not-there.*make it first"):
        upload(make_dataset("one", {"a": {}}), "s3://not-there/sets")
    assert place_of(bucket).sizes() == {}


def test_missing_keys_are_said_with_how_to_set_them(
    make_dataset: Make, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    import s3fs  # noqa: PLC0415 - optional

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(ExportError, match=r"no credentials.*AWS_ACCESS_KEY_ID"):
        upload(make_dataset("one", {"a": {}}), f"{bucket}/sets")


@pytest.mark.slow
def test_a_network_that_is_gone_is_said_and_the_dataset_stays(
    make_dataset: Make, bucket: str, monkeypatch: pytest.MonkeyPatch
):
    import s3fs  # noqa: PLC0415 - optional

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    folder = make_dataset("one", {"a": {}})
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(ExportError, match=r"cannot be reached.*check the network"):
        upload(folder, f"{bucket}/sets")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.fixture
def stumbling(s3_server: str) -> Iterator[tuple[str, list[int]]]:  # noqa: ARG001 - its objects are shared
    """Yield the address of a server on which every third request is told to slow down, and what it answered."""
    moto, serving = pytest.importorskip("moto.server"), pytest.importorskip("werkzeug.serving")
    inner = moto.DomainDispatcherApplication(moto.create_backend_app)
    answers: list[int] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        answers.append(503 if len(answers) % 3 == 2 else 200)
        if answers[-1] == 200:
            return inner(environ, start)
        chunked = environ.get("wsgi.input_terminated")
        environ["wsgi.input"].read(-1 if chunked else int(environ.get("CONTENT_LENGTH") or 0))
        start("503 Slow Down", [("Content-Type", "application/xml")])
        return [b"<Error><Code>SlowDown</Code><Message>slow</Message></Error>"]

    server = serving.make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", answers
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_a_store_that_is_busy_now_and_then_gets_everything_all_the_same(
    make_dataset: Make,
    bucket: str,
    stumbling: tuple[str, list[int]],
    monkeypatch: pytest.MonkeyPatch,
):
    import s3fs  # noqa: PLC0415 - optional

    monkeypatch.setenv("AWS_ENDPOINT_URL", stumbling[0])
    s3fs.S3FileSystem.clear_instance_cache()
    upload(make_dataset("one", {f"g{k}": {"masks": b"%d" % k} for k in range(6)}), bucket)
    assert stumbling[1].count(503) > 5
    assert not check(bucket, deep=True).faults


def test_a_file_where_the_folder_should_be_is_said(make_dataset: Make, tmp_path: Path):
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(ExportError, match="taken"):
        upload(make_dataset("one", {"a": {}}), f"{tmp_path}/taken")
    assert (tmp_path / "taken").read_text() == "mine"
