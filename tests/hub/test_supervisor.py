"""The supervisor keeps real processes alive and ends them all."""

import os
import signal
import sys
import time

import pytest

from hub.supervisor import TRIES, Child, ChildKeepsFailing, Supervisor

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
FAIL = [sys.executable, "-c", "raise SystemExit('no such broker')"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


def until(condition, within_s=10.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def supervise(tmp_path):
    said, started = [], []

    def make(command):
        child = Child("worker", command, tmp_path / "log" / "worker.log")
        supervisor = Supervisor([child], said.append)
        started.append(supervisor)
        supervisor.start()
        return supervisor, child, said

    yield make
    for supervisor in started:
        supervisor.stop()


def test_a_killed_child_is_started_again_with_a_sentence(supervise):
    supervisor, child, said = supervise(SLEEP)
    first = child.process.pid

    os.kill(first, signal.SIGKILL)
    until(lambda: child.exit_status() is not None)
    supervisor.revive(child, now=0.0)

    assert child.process.pid != first
    assert child.exit_status() is None
    assert said == [f"The worker ended (signal SIGKILL); it is started again. Its log: {child.log}"]


def test_a_child_that_keeps_failing_is_given_up_with_its_last_words(supervise):
    supervisor, child, said = supervise(FAIL)

    with pytest.raises(ChildKeepsFailing, match="failed 5 times within a minute") as failure:
        for turn in range(TRIES):
            until(lambda: child.exit_status() is not None)
            supervisor.revive(child, now=float(turn))

    assert "no such broker" in str(failure.value)
    assert len(said) == TRIES - 1


def test_rare_deaths_are_forgiven(supervise):
    supervisor, child, _ = supervise(FAIL)

    for turn in range(2 * TRIES):
        until(lambda: child.exit_status() is not None)
        supervisor.revive(child, now=turn * 30.0)


def test_stopping_ends_even_a_child_that_ignores_it(supervise, monkeypatch):
    monkeypatch.setattr("hub.supervisor.STOP_WITHIN_S", 0.3)
    supervisor, child, _ = supervise(STUBBORN)
    until(lambda: "up" in child.last_words())

    supervisor.stop()

    assert child.exit_status() == -signal.SIGKILL
