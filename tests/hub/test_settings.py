"""The profiles as a process sees them: production refuses to start half-configured."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def production(folder: Path, **changes: str) -> dict[str, str]:
    keys = {}
    for name in ("SECRET_KEY_FILE", "AUDIT_KEY_FILE"):
        keys[f"BLINDREAD_{name}"] = str(folder / name)
        (folder / name).write_text(secrets.token_hex(32))
        (folder / name).chmod(0o400)
    complete = {
        "BLINDREAD_PROFILE": "production",
        "BLINDREAD_DATA": str(folder),
        "BLINDREAD_ALLOWED_HOSTS": "read.example.org",
        "BLINDREAD_BEHIND_TLS": "1",
        **keys,
    }
    return {**complete, **{f"BLINDREAD_{name}": value for name, value in changes.items()}}


def manage(variables: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BLINDREAD_")}
    environment = {**inherited, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}", **variables}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], env=environment, cwd=ROOT, capture_output=True, text=True
    )


def test_production_passes_django_s_deployment_checks_without_a_warning(tmp_path):
    done = manage(production(tmp_path), "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ALLOWED_HOSTS": ""}, "BLINDREAD_ALLOWED_HOSTS is empty"),
        ({"ALLOWED_HOSTS": "*"}, "without *"),
        ({"BEHIND_TLS": "0"}, "BLINDREAD_BEHIND_TLS is not set"),
        ({"SECRET_KEY_FILE": "/nowhere/secret"}, "The key file /nowhere/secret is missing"),
        ({"LOG_LEVEL": "LOUD"}, "BLINDREAD_LOG_LEVEL is 'LOUD'"),
        ({"DATABASE_URL": "oracle://x"}, "BLINDREAD_DATABASE_URL"),
    ],
)
def test_production_refuses_to_start_and_says_why(tmp_path, change, sentence):
    done = manage(production(tmp_path, **change), "check")

    assert done.returncode != 0
    assert sentence in done.stderr


def test_the_demo_refuses_to_run_as_production(tmp_path):
    done = manage(production(tmp_path), "demo", "--prepare-only")

    assert done.returncode != 0
    assert "The demo is no production server" in done.stderr


def test_argon2_is_the_first_hasher_outside_tests(tmp_path):
    show = "from django.conf import settings; print(settings.PASSWORD_HASHERS[0])"

    done = manage(production(tmp_path), "shell", "--no-imports", "-c", show)

    assert done.stdout.strip().endswith("Argon2PasswordHasher"), done.stderr


def test_settings_stay_one_short_file():
    lines = (ROOT / "platform/hub/settings.py").read_text().splitlines()

    assert len(lines) < 250
