"""Running a step in a process group of its own: stoppable, killable as a whole, never outliving its supervisor."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ml.predictor import Stop, never

GRACE_SECONDS = 20.0
_SUPERVISOR = "BLINDREAD_SUPERVISOR"
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Outcome:
    """How a process ended."""

    ended: Literal["done", "failed", "stopped"]
    status: int
    seconds: float


def supervise(
    arguments: list[str],
    *,
    environment: Mapping[str, str],
    output: Path,
    stop: Stop = never,
    grace: float = GRACE_SECONDS,
    poll: float = 0.2,
) -> Outcome:
    """Run a command to its end, or until `stop` says yes, and return how it ended.

    Everything that it prints is appended to `output`. It gets the environment on top of this process's own. When
    asked to stop, the group gets SIGTERM, and SIGKILL after the grace period, seconds.
    """
    began = time.monotonic()
    whole = {**os.environ, **environment, _SUPERVISOR: str(os.getpid())}
    with output.open("ab") as stream:
        process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=whole, start_new_session=True
        )
        try:
            stopped = _wait(process, stop, poll)
        finally:
            if process.poll() is None:
                end_group(process, grace)
    ended: Literal["done", "failed"] = "done" if process.returncode == 0 else "failed"
    return Outcome("stopped" if stopped else ended, process.returncode, time.monotonic() - began)


def end_group(process: subprocess.Popen[bytes], grace: float) -> None:
    """End a process and everything that it started: politely first, for certain after the grace period."""
    for sign, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, None)):
        try:
            os.killpg(process.pid, sign)
            process.wait(patience)
        except ProcessLookupError:
            process.wait()
        except subprocess.TimeoutExpired:
            continue
        return


def die_with_supervisor() -> None:
    """Ask the kernel to kill this process when the one that supervises it dies (Linux).

    Otherwise a supervisor that is killed and started again would train beside its own orphan.
    """
    supervisor = os.environ.get(_SUPERVISOR)
    if not supervisor or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(supervisor):  # it died before the kernel was asked
        os._exit(1)


def _wait(process: subprocess.Popen[bytes], stop: Stop, poll: float) -> bool:
    while True:
        try:
            process.wait(poll)
            return False
        except subprocess.TimeoutExpired:
            if stop():
                return True
