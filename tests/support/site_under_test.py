"""A site of one's own: the demo's two real processes over an empty folder, people, and a small folder of cases."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "frontend" / "dist" / ".vite" / "manifest.json"
PASSWORD = "a long enough password"
PEOPLE = ("pi", "coordinator", "analyst", "reader")
MAKE_PEOPLE = f"""
import django
django.setup()
from accounts.models import User
for name in {PEOPLE!r}:
    User.objects.create_user(name + "@story.invalid", {PASSWORD!r}, name=name.capitalize(), time_zone="UTC")
from segmentation.services.cases import create_dataset
from django.utils import timezone
create_dataset(name="Glioma", description="", by=User.objects.get(email="pi@story.invalid"), at=timezone.now())
"""
MAKE_CASES = """
import sys
from pathlib import Path
from hub.demo.export import write_demo
write_demo(Path(sys.argv[1]), seed=5, count=5, size=(64, 64, 48))
"""


@dataclass(frozen=True)
class Site:
    """Where the site answers, and where its folders lie."""

    address: str
    data: Path
    cases: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return _run([sys.executable, "manage.py", *arguments], self.environment)

    def browse(self, script: str, **told: str) -> subprocess.CompletedProcess[str]:
        """Run a Playwright script of this folder against the site."""
        wanted = {"address": self.address, "password": PASSWORD, "cases": str(self.cases), **told}
        environment = self.environment | {"STORY": json.dumps(wanted)}
        path = ROOT / "tests" / "browser" / script
        return _run([str(ROOT / "frontend" / "node.sh"), "node", str(path)], environment, timeout=420)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if shutil.which("chromium") is None and "CHROMIUM" not in os.environ:
        pytest.skip("no Chromium here (apt install chromium, or name it in CHROMIUM)")
    if not MANIFEST.exists():
        pytest.skip("the front end is not built (make frontend)")
    folder = tmp_path_factory.mktemp("site")
    environment = _environment(folder / "data")
    cases = folder / "cases"
    _checked(_run([sys.executable, "-c", MAKE_CASES, str(cases)], environment))
    (cases / "DEMO-001-1" / "segmentations" / "expert-1.nii.gz").write_bytes(b"<html>please sign in</html>")
    port = _free_port()
    command = [sys.executable, "manage.py", "demo", "--without-data", "--port", str(port)]
    log = (folder / "log").open("w")
    demo = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/sign-in/", demo, folder / "log")
        _checked(_run([sys.executable, "-c", MAKE_PEOPLE], environment))
        yield Site(f"http://127.0.0.1:{port}", folder / "data", cases, environment)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(timeout=60)
        log.close()


def _environment(data: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BLINDREAD_", "PYTEST_"))}
    return inherited | {
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "DJANGO_SETTINGS_MODULE": "hub.settings",
        "BLINDREAD_PROFILE": "test",
        "BLINDREAD_DATA": str(data),
        "VENV": str(Path(sys.executable).parents[1]),
    }


def _run(command: list[str], environment: dict[str, str], timeout: float = 240) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout)


def _checked(ran: subprocess.CompletedProcess[str]) -> None:
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, demo: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert demo.poll() is None, log.read_text()[-2000:]
        time.sleep(0.2)
    raise AssertionError(f"the site did not answer: {log.read_text()[-2000:]}")
