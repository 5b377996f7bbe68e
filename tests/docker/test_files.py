"""The container files hold together without a container engine: what they name exists, and nothing runs as root."""

import re
from pathlib import Path

import pytest
import yaml
from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
DOCKERFILES = sorted(DOCKER.glob("*.Dockerfile"))
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())


def instructions(path: Path, *names: str) -> list[str]:
    parser = DockerfileParser(path=str(path), cache_content=True)
    return [step["value"] for step in parser.structure if step["instruction"] in names]


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_an_image_ends_as_an_ordinary_user_on_a_named_version(path):
    users = instructions(path, "USER")

    assert users
    assert users[-1] not in ("root", "0")
    for base in instructions(path, "FROM"):
        assert re.match(r"^[\w./-]+:\d[\w.-]+( AS \w+)?$", base), base


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_an_image_copies_only_what_exists(path):
    for value in instructions(path, "COPY", "ADD"):
        *sources, _ = [word for word in value.split() if not word.startswith("--")]
        if "--from=" in value:
            continue
        for source in sources:
            assert (ROOT / source).exists(), source


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_an_image_holds_no_secret_and_runs_its_command_without_a_shell(path):
    for value in instructions(path, "ENV", "ARG"):
        assert not re.search(r"(SECRET|PASSWORD|TOKEN)\w*=", value)
    for value in instructions(path, "CMD", "ENTRYPOINT"):
        assert value.startswith("[")


def test_the_worker_s_image_holds_nothing_of_the_site():
    copied = " ".join(instructions(DOCKER / "worker.Dockerfile", "COPY"))

    for room in ("platform/hub", "accounts", "audit", "segmentation", "readerstudy", "manage.py"):
        assert room not in copied


def test_every_service_names_its_image_and_every_volume_and_secret_is_declared():
    for name, service in COMPOSE["services"].items():
        assert service.get("image"), name
        for secret in service.get("secrets", []):
            assert secret in COMPOSE["secrets"]
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source.startswith(".") or source in COMPOSE["volumes"], volume
        for other in service.get("depends_on", {}):
            assert other in COMPOSE["services"]


def test_only_nginx_is_reachable_from_outside():
    assert [name for name, service in COMPOSE["services"].items() if service.get("ports")] == ["nginx"]


def test_the_site_s_services_may_do_little_and_keep_passwords_out_of_their_variables():
    for name in ("migrate", "web", "celery"):
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        for variable, value in service["environment"].items():
            assert not re.search(r"://[^@/]*:[^@/]+@", value), variable


def test_every_variable_that_the_site_reads_is_explained_and_no_other():
    source = "".join((ROOT / "platform/hub" / name).read_text() for name in ("settings.py", "environment.py"))
    read = set(re.findall(r'(?:ENV|environment)\.(?:text|choice|flag|integer|folder|hosts)\(\s*"(\w+)"', source))
    explained = set(re.findall(r"^#? ?BLINDREAD_(\w+)=", (DOCKER / "example.env").read_text(), re.MULTILINE))

    assert read == explained
    for service in COMPOSE["services"].values():
        for variable in service.get("environment", {}):
            if variable.startswith("BLINDREAD_"):
                assert variable.removeprefix("BLINDREAD_") in read
