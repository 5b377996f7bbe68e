"""A real PostgreSQL server of our own, on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def server_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, or None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgresql_server(programs: Path, *, durable: bool = False) -> Iterator[str]:
    """Start a server and yield its address; it refuses to run as root, so there it runs as `postgres`."""
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
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    options += "" if durable else " -c fsync=off"
    start = [*owner, programs / "pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
    try:
        yield f"postgres://blindread@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*owner, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)
