"""A supervised step can be stopped with everything that it started, and dies with its supervisor."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ml.training.supervise import supervise

ROOT = Path(__file__).resolve().parents[3]


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().split()[2]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for(condition, seconds=20.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_what_a_step_prints_is_kept_and_its_status_told(tmp_path):
    outcome = supervise(["sh", "-c", "echo $WORD; exit 3"], environment={"WORD": "hello"}, output=tmp_path / "log")

    assert (outcome.ended, outcome.status) == ("failed", 3)
    assert (tmp_path / "log").read_text() == "hello\n"


def test_a_stopped_step_takes_its_children_with_it_even_if_they_ignore_the_signal(tmp_path):
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 100 & echo $$ $! > {pids}; while :; do sleep 0.1; done"

    outcome = supervise(
        ["sh", "-c", script], environment={}, output=tmp_path / "log", stop=lambda: pids.exists(), grace=0.5, poll=0.05
    )

    assert outcome.ended == "stopped"
    assert wait_for(lambda: not any(alive(int(pid)) for pid in pids.read_text().split()))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="uses a signal of the Linux kernel")
def test_a_step_dies_with_a_killed_supervisor(tmp_path):
    step = tmp_path / "step.py"
    step.write_text(
        "import os, pathlib, time\nfrom ml.training.supervise import die_with_supervisor\ndie_with_supervisor()\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))\ntime.sleep(100)\n"
    )
    code = (
        "import sys; from pathlib import Path; from ml.training.supervise import supervise; "
        f"supervise([sys.executable, {str(step)!r}], environment={{}}, output=Path({str(tmp_path / 'log')!r}))"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())

    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()

    assert wait_for(lambda: not alive(int((tmp_path / "pid").read_text())))
