"""`engine models` as a person runs it: a real server, damage, interruption, choice, and processes that are killed."""

import http.server
import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest
import torch
from safetensors.torch import load_file, save_file

from engine.models.catalogue import ASSETS, CATALOGUE, NANO

Run = Callable[..., subprocess.CompletedProcess[str]]
TINY = "sam2.1_hiera_tiny"
DETECTOR = ASSETS / CATALOGUE["ball_yolo_nano"].file


class Slow(http.server.SimpleHTTPRequestHandler):
    """Serves a folder, honours ranges, and takes its time."""

    pause: ClassVar[float] = 0.0
    asked: ClassVar[list[str | None]]

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        wanted = self.headers.get("Range")
        self.asked.append(wanted)
        if not path.is_file():
            return self.send_error(404)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        content = path.read_bytes()[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            for first in range(0, len(content), 1 << 17):
                self.wfile.write(content[first : first + (1 << 17)])
                time.sleep(self.pause)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return None

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path, type[Slow]]]:
    """Return an address, the folder behind it, and how the server behaves."""
    folder = tmp_path / "site"
    folder.mkdir()
    handler = type("Handler", (Slow,), {"asked": []})
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(handler, directory=str(folder))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder, handler
    server.shutdown()
    thread.join()
    server.server_close()


def listed(run: Run, **more: str) -> dict[str, Any]:
    return {row["name"]: row for row in json.loads(run("models", "list", "--json", **more).stdout)}


def test_the_list_shows_every_model_with_size_licence_state_and_use(run: Run) -> None:
    answer = run("models", "list")
    assert answer.returncode == 0
    lines = {line[2:].split()[0]: line for line in answer.stdout.splitlines()[1:] if line.strip()}
    assert set(CATALOGUE) <= set(lines)
    assert lines["nano"].startswith("* nano")
    assert "bundled" in lines["ball_yolo_nano"]
    assert lines[TINY].split() == [TINY, "segmenter", "156.0", "MB", "missing", "Apache-2.0"]


def test_the_list_as_json_has_the_checksums(run: Run) -> None:
    rows = listed(run)
    assert all(len(row["sha256"]) == 64 for row in rows.values())
    assert [name for name, row in rows.items() if row["in_use"]] == ["nano", "ball_yolo_nano"]


def test_a_cached_file_of_another_size_is_listed_and_verified_as_damaged(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / f"{TINY}.pt").write_bytes(b"<html>not found</html>")
    assert listed(run)[TINY]["state"] == "damaged"
    answer = run("models", "verify", TINY)
    assert answer.returncode == 1
    assert f"broken  {TINY}" in answer.stdout
    assert f"engine models pull {TINY}" in answer.stdout


@pytest.mark.slow
def test_verify_checks_what_is_bundled(run: Run) -> None:
    answer = run("models", "verify")
    assert answer.returncode == 0, answer.stdout
    assert answer.stdout.count("(as expected)") == 2


def test_verify_of_one_file_says_what_does_not_fit(run: Run, tmp_path: Path) -> None:
    tensors = load_file(ASSETS / NANO)
    tensors.pop("no_mem_embed")
    save_file(tensors, tmp_path / "mine.safetensors")
    answer = run("models", "verify", "mine.safetensors")
    assert answer.returncode == 1
    assert "1 missing (no_mem_embed)" in answer.stdout
    report = json.loads(run("models", "verify", "mine.safetensors", "--json").stdout)
    assert "no_mem_embed" in report[0]["problem"]


def test_pull_fetches_an_address_notes_its_checksum_and_says_how_to_use_it(
    run: Run, site: tuple[str, Path, type[Slow]], tmp_path: Path
) -> None:
    url, folder, _ = site
    shutil.copy(ASSETS / NANO, folder / "ours.safetensors")
    answer = run("models", "pull", f"{url}/ours.safetensors")
    path = tmp_path / "cache" / "ours.safetensors"
    assert answer.returncode == 0, answer.stdout
    assert f"next: engine models use {path}" in answer.stdout
    assert run("models", "verify", str(path)).stdout.count("as expected") == 1
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    assert "checksum" in run("models", "verify", str(path)).stdout


def test_pull_of_several_goes_on_after_a_failure_and_ends_with_status_1(
    run: Run, site: tuple[str, Path, type[Slow]]
) -> None:
    url, folder, _ = site
    (folder / "b.pt").write_bytes(b"abc")
    answer = run("models", "pull", f"{url}/a.pt", "sam3", f"{url}/b.pt", "nano", "--json")
    report = json.loads(answer.stdout)
    assert answer.returncode == 1
    assert "404" in report["failed"][f"{url}/a.pt"]
    assert "known are nano" in report["failed"]["sam3"]
    assert set(report["fetched"]) == {f"{url}/b.pt", "nano"}


def test_pull_without_a_network_names_the_place_for_the_file(run: Run, tmp_path: Path) -> None:
    answer = run("models", "pull", TINY, HTTPS_PROXY="http://127.0.0.1:1")
    assert answer.returncode == 1
    assert "dl.fbaipublicfiles.com cannot be reached" in answer.stdout
    assert str(tmp_path / "cache" / f"{TINY}.pt") in answer.stdout


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_pull_that_is_stopped_is_listed_and_goes_on_with_the_same_command(
    how: signal.Signals,
    run: Run,
    site: tuple[str, Path, type[Slow]],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    url, folder, server = site
    shutil.copy(ASSETS / NANO, folder / "ours.safetensors")
    server.pause = 0.05
    stopped = subprocess.Popen(
        [sys.executable, "-c", HEARING, "models", "pull", f"{url}/ours.safetensors"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    part = tmp_path / "cache" / "ours.safetensors.partial"
    while not (part.exists() and part.stat().st_size > 1_000_000):
        assert stopped.poll() is None
        time.sleep(0.02)
    stopped.send_signal(how)
    _, said = stopped.communicate()
    assert stopped.returncode != 0
    assert b"Traceback" not in said
    have, server.pause = part.stat().st_size, 0.0
    assert run("models", "pull", f"{url}/ours.safetensors").returncode == 0
    assert (part.parent / "ours.safetensors").read_bytes() == (ASSETS / NANO).read_bytes()
    assert server.asked == [None, f"bytes={have}-"]


# A shell that starts the tests in the background makes its children deaf to Ctrl-C.
HEARING = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from engine.cli.app import main
main()
"""


def test_a_part_of_an_official_model_is_listed_as_partial(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / f"{TINY}.pt.partial").write_bytes(b"PK")
    assert listed(run)[TINY]["state"] == "partial"


def test_use_makes_a_file_the_default_until_another_is_chosen(run: Run, tmp_path: Path) -> None:
    run("init")
    shutil.copy(ASSETS / NANO, tmp_path / "mine.safetensors")
    answer = run("models", "use", "mine.safetensors")
    assert answer.returncode == 0, answer.stderr
    own = str(tmp_path / "mine.safetensors")
    assert f'model = "{own}"' in (tmp_path / "workspace" / "engine.toml").read_text()
    rows = listed(run)
    assert (rows[own]["in_use"], rows["nano"]["in_use"]) == (True, False)
    assert listed(run, ENGINE_MODEL="nano")["nano"]["in_use"]
    run("models", "use", "nano")
    assert listed(run)["nano"]["in_use"]


@pytest.mark.slow
def test_use_of_a_detector_goes_to_the_detector(run: Run, tmp_path: Path) -> None:
    run("init")
    shutil.copy(DETECTOR, tmp_path / "balls.safetensors")
    assert run("models", "use", "balls.safetensors", "--detector").returncode == 0
    rows = listed(run)
    assert rows[str(tmp_path / "balls.safetensors")]["kind"] == "detector"
    assert rows["nano"]["in_use"]
    assert run("models", "use", "ball_yolo_nano").returncode == 0
    assert listed(run)["ball_yolo_nano"]["in_use"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ((TINY,), 1, f"engine models pull {TINY}"),
        (("none.pt",), 1, "no such checkpoint"),
        (("sam3",), 1, "known are nano"),
        (("workspace",), 1, "is a folder"),
        (("nano", "--detector"), 2, "leave out --detector"),
        ((str(DETECTOR),), 1, "YOLO detector"),
        ((str(ASSETS / NANO), "--detector"), 1, "header lacks"),
    ],
)
def test_use_refuses_what_does_not_load_and_keeps_the_choice(
    words: tuple[str, ...], status: int, said: str, run: Run, tmp_path: Path
) -> None:
    run("init")
    answer = run("models", "use", *words)
    assert (answer.returncode, answer.stdout) == (status, "")
    assert said in answer.stderr
    assert not (tmp_path / "workspace" / "engine.toml").exists()


def test_use_of_a_malicious_pickle_is_refused_and_not_executed(run: Run, tmp_path: Path) -> None:
    run("init")
    torch.save({"model": Trap(tmp_path / "sprung")}, tmp_path / "evil.pt")
    for words in (("evil.pt",), ("evil.pt", "--detector")):
        answer = run("models", "use", *words)
        assert answer.returncode == 1
        assert "run code when opened" in answer.stderr
    assert not (tmp_path / "sprung").exists()


def test_use_without_a_workspace_says_how_to_make_one(run: Run) -> None:
    answer = run("models", "use", "nano")
    assert answer.returncode == 2
    assert "engine init" in answer.stderr


@pytest.mark.slow
def test_preannotation_takes_the_chosen_weights_and_records_which_they_were(
    run: Run, shot: Path, tmp_path: Path
) -> None:
    run("init")
    run("ingest", str(shot), "--split", "train", "--clip-seconds", "0.3")
    shutil.copy(ASSETS / NANO, tmp_path / "mine.safetensors")
    run("models", "use", "mine.safetensors")
    clip = json.loads(run("status", "--json").stdout)["clips"][0]["clip"]["id"]
    drawn = run("preannotate", clip, "--json")
    assert drawn.returncode == 0, drawn.stderr
    assert "mine.safetensors" in drawn.stderr
    from db.connect import open_database  # noqa: PLC0415 - only here

    database = open_database(f"sqlite:///{tmp_path / 'workspace' / 'engine.db'}")
    head = database.catalog.clip(clip).head
    assert head is not None
    recorded = database.revisions.revision(head).provenance
    database.close()
    assert recorded["segmenter"] == str(tmp_path / "mine.safetensors")
    assert recorded["segmenter_sha256"] == listed(run)["nano"]["sha256"][:12]
    assert len(recorded["detector_sha256"]) == 12


@pytest.mark.parametrize("command", ["list", "pull", "verify", "use"])
def test_every_command_helps_with_examples_on_lines_of_their_own_and_is_documented(
    command: str, run: Run
) -> None:
    answer = run("models", command, "--help")
    assert answer.returncode == 0
    examples = [x for x in answer.stdout.splitlines() if x.strip().startswith("engine models")]
    assert len(examples) >= 2
    page = (Path(__file__).parents[3] / "docs" / "models.md").read_text()
    assert f"engine models {command}" in page


class Trap:
    """Creates a file when a careless reader unpickles it."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)
