"""The same truths on PostgreSQL: a real server of our own, on a free port, for one part of the suite."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_server import postgresql_server, server_programs

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


@pytest.fixture
def postgresql() -> Iterator[str]:
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed here (apt install postgresql)")
    with postgresql_server(programs) as address:
        yield address


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
