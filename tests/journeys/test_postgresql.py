"""The same truths on PostgreSQL: a real server of our own, on a free port, for one part of the suite."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AGAIN = [
    "tests/audit",
    "tests/readerstudy/test_story.py",
    "tests/journeys/test_tampering.py",
    "tests/segmentation/services/test_jobs.py",
    "tests/segmentation/services/test_imports.py",
    "tests/segmentation/services/test_cases.py",
    "tests/segmentation/api/test_uploads.py",
    "tests/segmentation/api/test_imports.py",
]


def server_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def postgresql() -> Iterator[str]:
    """Start PostgreSQL on a free port of 127.0.0.1 and yield its address; it refuses to run as root."""
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed here (apt install postgresql)")
    # Not under pytest's own folder, which is closed to the account that the server runs under.
    folder, port = Path(tempfile.mkdtemp(prefix="blindread-postgresql-")), free_port()
    owner = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if owner:
        shutil.chown(folder, "postgres")
    data, log = folder / "data", folder / "log"
    quiet = {"check": True, "capture_output": True, "cwd": folder}
    subprocess.run(
        [*owner, programs / "initdb", "-D", data, "-U", "blindread", "-A", "trust", "-E", "UTF8", "--no-sync"], **quiet
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    start = [*owner, programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        yield f"postgres://blindread@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*owner, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)


@pytest.mark.slow
def test_audit_seal_reads_and_verification_hold_on_postgresql(postgresql: str, tmp_path: Path) -> None:
    environment = os.environ | {
        "BLINDREAD_PROFILE": "test",
        "BLINDREAD_DATA": str(tmp_path / "data"),
        "BLINDREAD_DATABASE_URL": postgresql,
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *AGAIN]

    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)

    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-2000:]
    assert "TRUNCATE exists on PostgreSQL alone" not in ran.stdout
    assert "REPLACE INTO exists on SQLite alone" in ran.stdout
