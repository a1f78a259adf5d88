"""`engine labelstudio setup` on a real Label Studio: it makes what is needed, mends what was broken, and changes nothing else."""

import hashlib
import json
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.config import Settings
from engine.ports import TaskKind
from ml_backend.asking.client_projects import create_project
from ml_backend.asking.setup import marker
from ml_backend.names import MODEL_VERSION, SECRET_HEADER
from ml_backend.shown import labelling

CLIPS = ["one", "two", "three", "four", "five", "six"]
"""Those with masks."""

Get = Callable[..., Any]
Run = Callable[..., subprocess.CompletedProcess[str]]
World = Callable[[Any], Any]


def of(get: Get, stack: Any, what: str, kind: TaskKind = TaskKind.CLIP) -> Any:
    """Return the things of a sort that the project has."""
    return get(f"/api/{what}/", project=stack.project(kind))


def test_everything_that_a_project_needs_is_made(settled: Any, get: Get) -> None:
    project = get(f"/api/projects/{settled.project()}/")
    assert project["show_collab_predictions"]
    assert not project["reveal_preannotations_interactively"]
    assert project["model_version"] == MODEL_VERSION
    assert project["sampling"] == "Sequential sampling"
    assert "lifespan" in project["expert_instruction"]
    assert labelling.problems(project["label_config"], kind=TaskKind.CLIP) == []
    (storage,) = of(get, settled, "storages/localfiles")
    assert storage["path"] == str(settled.workspace / "page")
    assert storage["use_blob_urls"]
    (backend,) = of(get, settled, "ml")
    assert (backend["url"], backend["state"]) == (f"http://127.0.0.1:{settled.port}", "CO")
    assert not backend["is_interactive"]
    assert backend["basic_auth_pass_is_set"]


def test_there_is_one_task_for_each_clip_with_masks_and_its_film_can_be_seen(
    settled: Any, get: Get
) -> None:
    tasks = get("/api/tasks/", project=settled.project(), fields="all")["tasks"]
    assert [task["data"]["clip"] for task in tasks] == CLIPS
    for task in tasks:
        data = task["data"]
        assert data["fps"] == 30000 / 1001
        assert (data["kind"], data["frames"]) == ("clip", 30)
        assert f"clip={data['clip']}&amp;frame=0" in data["links"]
        assert [one["model_version"] for one in task["predictions"]] == [MODEL_VERSION]
    shown = httpx.get(
        settled.studio.url + tasks[0]["data"]["video"],
        headers={"Authorization": f"Token {settled.studio.token}", "Range": "bytes=0-99"},
    )
    assert shown.status_code == 206
    assert b"ftyp" in shown.content


def test_the_list_of_tasks_begins_with_the_most_doubtful_and_shows_what_people_read(
    settled: Any, get: Get
) -> None:
    (view,) = of(get, settled, "dm/views")
    tasks = get("/api/tasks/", view=view["id"], project=settled.project(), fields="all")["tasks"]
    scores = [task["predictions"][0]["score"] for task in tasks]
    assert scores == sorted(scores)
    assert len(scores) == len(CLIPS)
    hidden = view["data"]["hiddenColumns"]
    assert "tasks:data.links" in hidden["explore"]
    assert "tasks:data.links" in hidden["labeling"]
    assert not {"tasks:data.clip", "tasks:total_annotations"} & {
        *hidden["explore"],
        *hidden["labeling"],
    }


def test_a_list_of_tasks_that_somebody_arranged_stays(settled: Any, get: Get, again: Run) -> None:
    (view,) = of(get, settled, "dm/views")
    theirs = {**view["data"], "title": "Ours", "ordering": ["-tasks:id"]}
    with settled.client() as client:
        client.connection.patch(f"/api/dm/views/{view['id']}/", {"data": theirs})
    again("labelstudio", "setup")
    (kept,) = of(get, settled, "dm/views")
    assert (kept["id"], kept["data"]["title"]) == (view["id"], "Ours")
    with settled.client() as client:
        client.connection.patch(f"/api/dm/views/{view['id']}/", {"data": view["data"]})


def test_the_webhook_shows_a_secret_of_which_the_engine_keeps_only_the_hash(
    settled: Any, get: Get
) -> None:
    (webhook,) = of(get, settled, "webhooks")
    secret = webhook["headers"][SECRET_HEADER]
    assert webhook["url"] == f"http://127.0.0.1:{settled.port}/webhook"
    assert webhook["send_payload"]
    assert {"ANNOTATION_CREATED", "ANNOTATION_UPDATED"} <= set(webhook["actions"])
    with settled.database() as database:
        project = database.bridge.projects()[0]
    assert project.secret == hashlib.sha256(secret.encode()).hexdigest()
    held = [path.read_bytes() for path in settled.workspace.rglob("*") if path.is_file()]
    assert len(secret) > 30
    assert not any(secret.encode() in each for each in held)


def test_running_it_again_changes_nothing_on_either_side(
    settled: Any, world: World, again: Run
) -> None:
    again("labelstudio", "sync")
    before = world(settled)
    second = again("labelstudio", "setup", "--title", "another title")
    assert "was ready" in second.stdout
    assert world(settled) == before


def test_key_frames_are_a_project_of_their_own_with_a_few_pictures_a_clip(
    settled: Any, get: Get, world: World, again: Run
) -> None:
    again("labelstudio", "setup", "--key-frames")
    number = settled.project(TaskKind.FRAMES)
    tasks = get("/api/tasks/", project=number, fields="all")["tasks"]
    assert [task["data"]["clip"] for task in tasks] == CLIPS
    for task in tasks:
        data = task["data"]
        assert len(data["frames"]) == len(data["frame_numbers"]) <= 10
        assert {one["type"] for one in task["predictions"][0]["result"]} == {"brushlabels"}
    picture = httpx.get(
        settled.studio.url + tasks[0]["data"]["frames"][0],
        headers={"Authorization": f"Token {settled.studio.token}"},
    )
    assert picture.content[:2] == b"\xff\xd8"
    before = world(settled)
    again("labelstudio", "setup")  # what is there is kept, asked for or not
    assert world(settled) == before


def test_address_and_token_are_kept_for_the_owner_alone_and_never_printed(
    stack: Any, run: Run
) -> None:
    studio, bare = stack.studio, {"ENGINE_LABEL_STUDIO_URL": "", "ENGINE_LABEL_STUDIO_TOKEN": ""}
    told = ("--url", studio.url + "/", "--token", studio.token)
    first = run("labelstudio", "setup", *told, **bare)
    file = stack.workspace / "label-studio.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text()) == {"url": studio.url, "token": studio.token}
    assert studio.token not in first.stdout + first.stderr
    later = run("labelstudio", "sync", **bare)
    assert later.returncode == 0, later.stderr


def test_a_backend_that_is_down_is_told_and_connected_by_the_next_run(
    stack: Any, get: Get, run: Run
) -> None:
    first = run("labelstudio", "setup")
    assert first.returncode == 1
    assert "engine serve ml-backend" in first.stdout
    assert "<a href" not in first.stdout
    assert of(get, stack, "ml") == []
    assert len(of(get, stack, "webhooks")) == 1
    assert len(get("/api/tasks/", project=stack.project())["tasks"]) == len(CLIPS)
    stack.start()
    second = run("labelstudio", "setup")
    assert "connection to the backend" in second.stdout
    assert [one["state"] for one in of(get, stack, "ml")] == ["CO"]


def test_an_address_that_label_studio_does_not_reach_is_explained_and_leaves_nothing_half_made(
    stack: Any, run: Run, get: Get
) -> None:
    stack.start()
    refused = run("labelstudio", "setup", ENGINE_ML_BACKEND_URL="http://192.168.7.7:9090")  # fmt: skip
    assert refused.returncode == 1
    assert "USER_ADDITIONAL_BANNED_SUBNETS" in refused.stderr
    number = stack.project()
    assert of(get, stack, "ml") == []
    run("labelstudio", "setup")
    assert stack.project() == number
    assert len(of(get, stack, "ml")) == len(of(get, stack, "webhooks")) == 1


def test_a_half_made_connection_without_a_webhook_is_mended(
    settled: Any, get: Get, again: Run
) -> None:
    with settled.client() as client:
        (webhook,) = of(get, settled, "webhooks")
        client.connection.delete(f"/api/webhooks/{webhook['id']}/")
    again("labelstudio", "setup")
    (mended,) = of(get, settled, "webhooks")
    assert mended["headers"][SECRET_HEADER] != webhook["headers"][SECRET_HEADER]


def test_a_backend_that_moved_is_followed_and_its_old_address_told_nothing_more(
    settled: Any, get: Get, again: Run
) -> None:
    moved = "http://127.0.0.1:9"
    away = again("labelstudio", "setup", check=False, ENGINE_ML_BACKEND_URL=moved)
    assert "removed" in away.stdout
    assert "engine serve ml-backend" in away.stdout
    assert [one["url"] for one in of(get, settled, "webhooks")] == [f"{moved}/webhook"]
    again("labelstudio", "setup")
    here = f"http://127.0.0.1:{settled.port}"
    assert [one["url"] for one in of(get, settled, "webhooks")] == [f"{here}/webhook"]
    assert [(one["url"], one["state"]) for one in of(get, settled, "ml")] == [(here, "CO")]


def test_a_wrong_password_of_the_backend_is_told_and_the_right_one_mends_it(
    settled: Any, get: Get, again: Run
) -> None:
    wrong = again("labelstudio", "setup", check=False, ENGINE_ML_BACKEND_USER="somebody")
    assert wrong.returncode == 1
    assert "ENGINE_ML_BACKEND_PASSWORD" in wrong.stdout
    again("labelstudio", "setup")
    assert [one["state"] for one in of(get, settled, "ml")] == ["CO"]


@pytest.mark.parametrize(
    "broken",
    [
        {"headers": {}},
        {"headers": {SECRET_HEADER: "somebody else's"}},
        {"is_active": False},
        {"send_payload": False},
        {"actions": ["ANNOTATIONS_DELETED"]},
    ],
)
def test_a_webhook_that_somebody_changed_is_mended(
    settled: Any, get: Get, broken: dict[str, Any], again: Run
) -> None:
    (webhook,) = of(get, settled, "webhooks")
    with settled.client() as client:
        client.connection.patch(f"/api/webhooks/{webhook['id']}/", broken)
    assert "webhook" in again("labelstudio", "setup").stdout
    (mended,) = of(get, settled, "webhooks")
    assert mended["id"] == webhook["id"]
    assert mended["is_active"]
    assert mended["send_payload"]
    assert "ANNOTATION_CREATED" in mended["actions"]
    with settled.database() as database:
        project = database.bridge.projects()[0]
    shown = mended["headers"][SECRET_HEADER]
    assert project.secret == hashlib.sha256(shown.encode()).hexdigest()


def test_a_configuration_that_somebody_extended_stays(settled: Any, get: Get, again: Run) -> None:
    number = settled.project()
    ours = get(f"/api/projects/{number}/")["label_config"]
    theirs = ours.replace("</Labels>", '<Label value="chalk"/></Labels>')
    with settled.client() as client:
        client.connection.patch(f"/api/projects/{number}/", {"label_config": theirs})
    again("labelstudio", "setup")
    assert get(f"/api/projects/{number}/")["label_config"] == theirs


def test_a_configuration_that_does_not_fit_is_refused_with_what_to_change_or_replaced(
    settled: Any, get: Get, again: Run
) -> None:
    number = settled.project()
    theirs = labelling.clip_config().replace('framerate="$fps"', 'framerate="30"').replace('value="solid"', 'value="full"')  # fmt: skip
    with settled.client() as client:
        client.connection.patch(f"/api/projects/{number}/", {"label_config": theirs})
    for command in ("setup", "sync"):
        refused = again("labelstudio", command, check=False)
        assert refused.returncode == 2
        assert 'framerate="$fps"' in refused.stderr
        assert '<Labels name="ball"> lacks <Label value="solid">' in refused.stderr
        assert "--replace-config" in refused.stderr
    again("labelstudio", "setup", "--replace-config")
    assert get(f"/api/projects/{number}/")["label_config"] == labelling.clip_config()


def test_predictions_that_somebody_switched_off_are_shown_again(
    settled: Any, get: Get, again: Run
) -> None:
    number = settled.project()
    with settled.client() as client:
        client.connection.patch(f"/api/projects/{number}/", {"show_collab_predictions": False})
    again("labelstudio", "setup")
    project = get(f"/api/projects/{number}/")
    assert project["show_collab_predictions"]
    assert project["model_version"] == MODEL_VERSION


def test_a_project_that_was_deleted_is_made_anew_with_all_its_tasks(
    settled: Any, get: Get, again: Run
) -> None:
    gone = settled.project()
    with settled.client() as client:
        client.connection.delete(f"/api/projects/{gone}/")
    refused = again("labelstudio", "sync", check=False)
    assert refused.returncode == 1
    assert "engine labelstudio setup" in refused.stderr
    again("labelstudio", "setup")
    assert settled.project() != gone
    assert len(get("/api/tasks/", project=settled.project())["tasks"]) == len(CLIPS)


def test_a_project_that_was_made_just_before_a_crash_is_taken_up_again(
    stack: Any, run: Run
) -> None:
    settings = Settings(workspace=stack.workspace)
    config = labelling.clip_config()
    with stack.client() as client:
        made = create_project(
            client.connection, title="Billiards clips", marker=marker(settings), config=config, instructions=""
        )  # fmt: skip
    run("labelstudio", "setup", "--no-work")
    assert stack.project() == made["id"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--token", "nonsense"), 1, "does not accept the token"),
        (("--url", "http://127.0.0.1:9"), 1, "does not answer"),
        (("--url", "127.0.0.1"), 2, "expected one like http://"),
    ],
)
def test_wrong_addresses_and_tokens_are_told_with_what_to_do(
    stack: Any, run: Run, words: tuple[str, ...], status: int, said: str
) -> None:
    refused = run("labelstudio", "setup", *words)
    assert refused.returncode == status
    assert said in refused.stderr
    assert stack.studio.token not in refused.stdout + refused.stderr
    assert not (stack.workspace / "label-studio.json").exists()


def test_a_workspace_outside_of_what_label_studio_serves_is_refused_before_anything_is_made(
    stack: Any, run: Run, tmp_path: Path
) -> None:
    refused = run("labelstudio", "setup", ENGINE_LABEL_STUDIO_FILES=str(tmp_path))
    assert refused.returncode == 2
    assert "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT" in refused.stderr
    with stack.database() as database:
        assert database.bridge.projects() == ()


def test_films_that_label_studio_cannot_show_are_refused_before_any_task_is_made(
    stack: Any, run: Run, get: Get
) -> None:
    above = str(stack.studio.root.parent)
    refused = run("labelstudio", "setup", ENGINE_LABEL_STUDIO_FILES=above)
    assert refused.returncode == 1
    assert above in refused.stderr
    assert "LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT" in refused.stderr
    assert get("/api/tasks/", project=stack.project())["tasks"] == []
    run("labelstudio", "setup")
    assert len(get("/api/tasks/", project=stack.project())["tasks"]) == len(CLIPS)


def test_a_folder_that_label_studio_may_not_serve_is_told(stack: Any, run: Run) -> None:
    outside = stack.studio.root.parent / "outside"
    shutil.copytree(stack.workspace, outside)
    refused = run(
        "--workspace", str(outside), "labelstudio", "setup",
        ENGINE_LABEL_STUDIO_FILES=str(stack.studio.root.parent),
    )  # fmt: skip
    assert refused.returncode == 1
    assert "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true" in refused.stderr
    assert str(outside / "page") in refused.stderr


def test_a_personal_token_serves_as_well_as_a_legacy_one(settled: Any, again: Run) -> None:
    with settled.client() as client:
        personal = client.connection.post("/api/token/", {})["token"]
    done = again("labelstudio", "setup", ENGINE_LABEL_STUDIO_TOKEN=personal)
    assert "was ready" in done.stdout, done.stderr
    assert personal not in done.stdout + done.stderr
