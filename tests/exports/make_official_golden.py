"""Writes official_golden.json: what the official code has read, by the SHA-256 of its annotation.

    ENGINE_SAM2_REPO=~/sam2 ENGINE_DAVIS_REPO=~/davis2017-evaluation python tests/exports/make_official_golden.py

Runs test_official_loaders.py with the checkouts first, of which none may fail or be skipped. The file then stands for the
official code where it is not at hand: while exports have these bytes, it reads them.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
TESTS, GOLDEN = HERE / "test_official_loaders.py", HERE / "official_golden.json"


def run(*words: str, **more: str) -> str:
    """Run the tests and return what they say; end where one fails."""
    command = [sys.executable, "-m", "pytest", "-q", "-rs", str(TESTS), *words]
    done = subprocess.run(
        command, env=os.environ | more, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


def commit(variable: str) -> str:
    """Return the commit of the checkout that a variable names."""
    command = ["git", "-C", os.environ[variable], "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main() -> None:
    """Prove, then write."""
    said = run("-k", "not has_read")
    if "SKIPPED" in said:
        sys.exit(said)
    commits = [commit("ENGINE_SAM2_REPO"), commit("ENGINE_DAVIS_REPO")]
    run("-k", "has_read", ENGINE_WRITE_GOLDEN=" ".join(commits))


if __name__ == "__main__":
    main()
