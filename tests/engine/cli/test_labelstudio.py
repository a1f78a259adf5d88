"""`engine labelstudio`: what it says of how things stand, and what it asks for where something lacks."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.cli import labelstudio_actions as actions
from engine.cli import labelstudio_texts as texts
from engine.cli.console import plain
from engine.ports import JobCounts, TaskKind
from ml_backend.asking.setup import Ready
from ml_backend.asking.standings import Project, Refused, Standings
from ml_backend.asking.sync import Synced, SyncReport
from ml_backend.asking.sync_tasks import Sent
from ml_backend.work.worker import Worked

Run = Callable[..., subprocess.CompletedProcess[str]]

ADDRESS = "http://127.0.0.1:8080/projects/5/data"
NOTHING = SyncReport((Synced(TaskKind.CLIP, 5, ADDRESS),))
READY = Ready(TaskKind.CLIP, 5, "Billiards clips", ADDRESS)
NOW = Standings(
    (Project(TaskKind.CLIP, 5, ADDRESS, 12, 11, 10, 0),), 0, 0, (), JobCounts(0, 0, 0, {})
)
REFUSED = Refused(
    "one", 7, "ada", datetime(2026, 11, 21, 12, tzinfo=UTC), "the clip is accepted: reopen it first"
)


@pytest.mark.parametrize("command", ["setup", "sync", "status", "work"])
def test_every_command_shows_examples(run: Run, command: str) -> None:
    shown = run("labelstudio", command, "--help")
    assert shown.returncode == 0
    assert f"engine labelstudio {command}" in shown.stdout


@pytest.mark.parametrize("command", ["setup", "sync", "status"])
def test_without_a_workspace_it_says_how_to_make_one(run: Run, command: str) -> None:
    refused = run("labelstudio", command)
    assert refused.returncode == 2
    assert "engine init" in refused.stderr


@pytest.mark.parametrize("command", ["setup", "sync"])
def test_without_address_and_token_it_asks_for_them(run: Run, command: str) -> None:
    run("init")
    refused = run("labelstudio", command)
    assert refused.returncode == 2
    assert "engine labelstudio setup --url ADDRESS --token TOKEN" in refused.stderr


def test_a_token_can_be_piped_in_and_is_not_kept_unless_it_works(
    run: Run, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("init")
    monkeypatch.setattr(sys, "stdin", io.StringIO("abcdef0123\n"))
    refused = run("labelstudio", "setup", "--url", "http://127.0.0.1:9", "--token", "-")
    assert refused.returncode == 1
    assert "http://127.0.0.1:9 does not answer" in refused.stderr
    assert "abcdef0123" not in refused.stdout + refused.stderr
    assert not (tmp_path / "workspace" / "label-studio.json").exists()


def test_an_empty_token_is_refused_and_no_other_one_taken(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("init")
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    kept = {"ENGINE_LABEL_STUDIO_URL": "http://127.0.0.1:9", "ENGINE_LABEL_STUDIO_TOKEN": "abc"}
    for words in (("--token", "-"), ("--token", "")):
        refused = run("labelstudio", "setup", *words, **kept)
        assert refused.returncode == 2
        assert "--token is empty" in refused.stderr


def test_before_anything_is_set_up_status_says_how(run: Run) -> None:
    run("init")
    shown = run("labelstudio", "status")
    assert shown.returncode == 0
    assert "engine labelstudio setup --url" in shown.stdout
    assert json.loads(run("labelstudio", "status", "--json").stdout)["projects"] == []


def test_what_was_done_is_counted_and_nothing_is_in_step() -> None:
    assert texts.synced(NOTHING) == "clip     in step"
    some = replace(NOTHING.projects[0], tasks=Sent(3, 1, 2, (9,)), fetched=4, changed=5)
    said = texts.synced(SyncReport((some,)))
    assert "3 new tasks, 1 found again, 2 gone, 5 other data, 4 annotations fetched" in said
    assert "task 9: its clip has another task" in said


def test_what_became_of_corrections_is_told_and_where_the_reasons_are() -> None:
    said = texts.synced(replace(NOTHING, worked=Worked(3, 2, 1, 0, 0)))
    assert "corrections: 2 done" in said
    assert "engine labelstudio status says why" in said
    assert "engine labelstudio status" not in texts.synced(replace(NOTHING, worked=Worked(3, 2)))


def test_clips_that_wait_or_failed_are_told_with_the_next_step() -> None:
    said = texts.synced(replace(NOTHING, without_masks=2, failed={"one": "no film"}, interrupted=True))  # fmt: skip
    assert "2 clips wait for masks: engine preannotate" in said
    assert "failed   one: no film" in said
    assert "goes on from here" in said


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (NOTHING, 0),
        (replace(NOTHING, worked=Worked(2, 2, 0, 1, 0)), 0),
        (replace(NOTHING, without_masks=1), 0),
        (replace(NOTHING, failed={"one": "no film"}), 1),
        (replace(NOTHING, worked=Worked(1, 0, 1, 0, 0)), 1),
        (replace(NOTHING, worked=Worked(1, 0, 0, 0, 1)), 1),
        (replace(NOTHING, interrupted=True, failed={"one": "no film"}), 130),
    ],
)
def test_the_exit_status_tells_scripts(report: SyncReport, status: int) -> None:
    assert actions.exit_status(report) == status
    assert actions.SetUp((READY,), report).status == status


def test_what_set_up_made_and_what_is_wrong_is_told() -> None:
    done = actions.SetUp((replace(READY, changed=("project", "webhook to X")),), NOTHING)
    said = texts.ready(done)
    assert "Billiards clips: project, webhook to X" in said
    assert ADDRESS in said
    assert "next: open the address" in said
    wrong = actions.SetUp((replace(READY, wrong=("no backend",)),), NOTHING)
    assert "wrong: no backend" in texts.ready(wrong)
    assert "next:" not in texts.ready(wrong)
    assert wrong.status == 1


def test_how_things_stand_is_a_table_with_what_to_do_below() -> None:
    said = texts.standing(replace(NOW, waiting=3, without_masks=2, refused=(REFUSED,)))
    header, line, *below = said.splitlines()
    assert header.split() == [
        "project",
        "tasks",
        "predicted",
        "in",
        "step",
        "to",
        "send",
        "address",
    ]
    assert line.split() == ["clip", "12", "11", "10", "0", ADDRESS]
    assert "corrections that wait to be acted on: 3" in below
    assert "clips without masks: 2 (engine preannotate)" in below
    assert (
        "refused  one, task 7, ada, 2026-11-21 12:00: the clip is accepted: reopen it first"
        in below
    )
    assert any("engine labelstudio work" in each for each in below)
    assert any("engine labelstudio sync" in each for each in below)


def test_what_would_fail_here_is_not_proposed() -> None:
    said = texts.standing(replace(NOW, known=False))
    assert "engine labelstudio sync" not in said
    assert "next: engine labelstudio setup --url ADDRESS --token TOKEN" in said


def test_where_all_is_in_step_there_is_nothing_to_do() -> None:
    same = replace(NOW, projects=(replace(NOW.projects[0], predicted=12, in_step=12),))
    assert "next:" not in texts.standing(same)


def test_everything_can_be_read_by_scripts() -> None:
    assert (
        json.loads(json.dumps(plain(replace(NOW, refused=(REFUSED,)))))["refused"][0]["task"] == 7
    )
    assert json.loads(json.dumps(plain(actions.SetUp((READY,), NOTHING))))["projects"][0]["number"] == 5  # fmt: skip
