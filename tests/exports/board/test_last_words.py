"""What a database that ended wrote last of something that failed."""

import json
from pathlib import Path

import pytest

from exports.board.mongod import last_words

CALM = json.dumps({"s": "I", "msg": "Connection accepted", "attr": {}})
GRAVE = json.dumps({"s": "E", "msg": "WiredTiger error", "attr": {"error": 28}})
FATAL = json.dumps({"s": "F", "msg": "Writing fatal message"})


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], ""),
        ([CALM], ""),
        ([CALM, GRAVE, CALM], "WiredTiger error 28"),
        ([GRAVE, FATAL, "no json", "[]", "{}", '{"s": "E"}'], "Writing fatal message"),
        ([json.dumps({"s": "F", "msg": "x" * 5000})], "x" * 300),
    ],
)
def test_the_last_line_that_complains_is_told(tmp_path: Path, lines: list[str], words: str) -> None:
    (tmp_path / "mongod.log").write_text("\n".join(lines))
    assert last_words(tmp_path) == words


def test_without_a_log_nothing_is_told(tmp_path: Path) -> None:
    assert last_words(tmp_path) == ""
