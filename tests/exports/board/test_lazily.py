"""Who does not look at FiftyOne does not pay for it: neither it nor its driver is loaded before a board is opened."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["exports.fiftyone", "engine.wiring"])
def test_the_adapter_is_imported_without_fiftyone(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], stdout=-1, check=True, text=True)
    loaded = set(done.stdout.split())
    assert "exports" in loaded
    assert loaded.isdisjoint({"fiftyone", "eta", "pymongo", "bson", "mongoengine", "plotly"})


def test_the_adapter_is_imported_where_the_extra_is_not_installed() -> None:
    code = """
import sys
for name in ("fiftyone", "eta", "pymongo", "bson", "mongoengine", "psutil"):
    sys.modules[name] = None
import exports.fiftyone
print(exports.fiftyone.FiftyOneBoard.__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], stdout=-1, check=True, text=True)
    assert done.stdout == "FiftyOneBoard\n"
