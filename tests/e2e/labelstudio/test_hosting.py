"""What a Label Studio that was started for us answers."""

import httpx


def test_it_answers_and_knows_who_we_are(label_studio):
    found = httpx.get(
        f"{label_studio.url}/api/current-user/whoami",
        headers={"Authorization": f"Token {label_studio.token}"},
    )
    assert found.status_code == 200
    assert found.json()["email"] == label_studio.login.name


def test_a_wrong_token_is_refused(label_studio):
    headers = {"Authorization": f"Token {'f' * 40}"}
    assert httpx.get(f"{label_studio.url}/api/projects", headers=headers).status_code == 401
