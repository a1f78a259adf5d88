"""Small datasets that are whole, written by the code that writes real ones: files, records, manifest."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from exports.files import Files
from exports.manifest import manifest, marker
from exports.records import Half, Record

STATISTICS: Mapping[str, Any] = {
    "frames": 30,
    "annotated": 30,
    "masklets": 2,
    "masks": 50,
    "labels": {"cue": 30, "solid": 20},
    "areas": [0, 0, 0, 0, 0, 0, 0, 10, 40],
    "balls": {"1": 10, "2": 20},
    "edited": 3,
}


def record(files: Files, clip: str, *, pictures: bytes, masks: bytes, **facts: Any) -> Record:
    """Write two files of a clip and return what is known of it."""
    names = f"JPEGImages/{clip}/00000.jpg", f"{clip}_manual.json"
    for name, data in zip(names, (pictures, masks), strict=True):
        files.write(name, data)
    halves = [Half(name[:4] * 16, {name: files.made[name]}) for name in names]
    statistics = {**STATISTICS, **facts.pop("statistics", {})}
    said = {
        "revision": 1,
        "recording": "f00d" * 16,
        "start": 0,
        "camera": "north",
        "licence": "CC BY 4.0",
        "split": "train",
        "frames": 30,
        "rate": [30, 1],
        "size": [1080, 1920],
        "step": 1,
        "provenance": {"segmenter": "litesam2-nano", "detector": "ball-yolo-nano"},
        **facts,
    }
    return Record(clip, said, statistics, (f"{clip}: track 4 is a speck",), *halves)


@pytest.fixture
def make_dataset(tmp_path: Path) -> Callable[..., Path]:
    """Return what writes a dataset: ``make(name, clips={"game-1": {facts}}, settings=...)``."""

    def make(
        name: str,
        clips: Mapping[str, Mapping[str, Any]],
        *,
        format_name: str = "sav",
        settings: Mapping[str, Any] | None = None,
    ) -> Path:
        folder, aside = tmp_path / name, tmp_path / f"{name}.aside"
        aside.mkdir()
        files = Files(folder, aside)
        given = {"pictures": b"jpeg of the clip", "masks": b"{}"}
        records = [record(files, clip, **{**given, **facts}) for clip, facts in clips.items()]
        halves = [half for one in records for half in (one.pictures, one.annotation)]
        files.json("engine.json", marker(format_name, "dense", records, ["a note"]), indent=1)
        files.write("README.md", b"# card\n")
        listed = {path for half in halves for path in half.files}
        rest = {path: fact for path, fact in files.made.items() if path not in listed}
        said = manifest(format_name, "dense", records, rest, settings or {"min_area": 20})
        files.json("manifest.json", said, indent=1)
        return folder

    return make


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Start a server that speaks S3 over HTTP and yield its address."""
    server = pytest.importorskip("moto.server", reason="needs moto[server] and s3fs")
    pytest.importorskip("s3fs", reason="needs moto[server] and s3fs")
    started = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the address of a new bucket; keys and server are in the environment, as people set them."""
    import s3fs  # noqa: PLC0415 - optional

    for name, value in {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    name = f"lab-{uuid.uuid4().hex[:12]}"
    s3fs.S3FileSystem().mkdir(name)
    return f"s3://{name}"


@pytest.fixture(params=["memory", "file", "s3"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an address below which nothing lies, in each kind of store."""
    if request.param == "memory":
        return f"memory://{uuid.uuid4().hex}/sets"
    if request.param == "file":
        return f"file://{tmp_path}/store/sets"
    return f"{request.getfixturevalue('bucket')}/sets"
