"""`manage.py demo` as a person starts it: two real children, an answer on the port, an end with Ctrl+C."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BLINDREAD_")}
    return {
        **inherited,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        "PYTHONUNBUFFERED": "1",
        "BLINDREAD_PROFILE": "test",
        "BLINDREAD_DATA": str(folder),
    }


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "demo", "--without-data", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def children_of(pid: int) -> dict[str, int]:
    """Return gunicorn's and celery's process ids among the children of a process."""
    found = {}
    for name in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        line = Path(f"/proc/{name}/cmdline").read_text()
        found["worker" if "celery" in line else "web"] = int(name)
    return found


def wait_for(condition, within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/sign-in/").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_demo_serves_revives_and_stops_with_one_signal(tmp_path):
    port = free_port()
    demo = start(tmp_path, "--port", str(port))
    try:
        wait_for(lambda: answers(port))
        before = children_of(demo.pid)
        os.kill(before["worker"], signal.SIGKILL)
        wait_for(lambda: children_of(demo.pid).get("worker", before["worker"]) != before["worker"])
        after = children_of(demo.pid)
        assert after["web"] == before["web"]

        demo.send_signal(signal.SIGINT)
        said, _ = demo.communicate(timeout=40)
    finally:
        demo.kill()

    assert demo.returncode == 0
    assert f"http://127.0.0.1:{port}/" in said
    assert "The worker ended (signal SIGKILL); it is started again." in said
    assert "Stopped. Everything entered is kept." in said
    assert not any(Path(f"/proc/{pid}").exists() for pid in after.values())
    assert not answers(port)


def test_a_taken_port_is_said_before_anything_is_done(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        said, _ = start(tmp_path, "--port", str(port)).communicate(timeout=60)

    assert f"Port {port} is taken by another program; choose another, as in: make demo PORT={port + 1}" in said
    assert not (tmp_path / "blindread.sqlite3").exists() or (tmp_path / "blindread.sqlite3").stat().st_size == 0


def test_an_older_database_is_copied_before_it_is_brought_up_to_date(tmp_path):
    manage = [sys.executable, "manage.py", "migrate", "contenttypes", "--verbosity", "0"]
    subprocess.run(manage, cwd=ROOT, env=environment(tmp_path), check=True)

    said, _ = start(tmp_path, "--prepare-only").communicate(timeout=120)

    (copy,) = (tmp_path / "backups").iterdir()
    assert f"The database was copied to {copy} before it is brought up to date." in said
    again, _ = start(tmp_path, "--prepare-only").communicate(timeout=120)
    assert again == ""
    assert list((tmp_path / "backups").iterdir()) == [copy]
