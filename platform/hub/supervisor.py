"""Two children kept alive: the web server and the light worker. Ctrl+C stops both; a dead one is started again."""

import ctypes
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TRIES, WITHIN_S = 5, 60.0
STOP_WITHIN_S = 20.0
_PARENT_DEATH_SIGNAL = 1


class ChildKeepsFailing(Exception):
    """A child died so often that starting it again helps nobody."""


@dataclass
class Child:
    """One supervised process and where it writes its log."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=TRIES))

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl+C reaches only the supervisor."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def exit_status(self) -> int | None:
        """Return how the process ended, or None while it runs."""
        return self.process.poll() if self.process else None

    def last_words(self, lines: int = 12) -> str:
        """Return the end of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


@dataclass
class Supervisor:
    """Keep the children running until told to stop."""

    children: Sequence[Child]
    say: Callable[[str], None]
    stopping: bool = False

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            child.start()

    def run(self) -> None:
        """Watch the children until `stop` or a signal; raise when one keeps failing."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        while not self.stopping:
            for child in self.children:
                self.revive(child, time.monotonic())
            time.sleep(0.2)

    def revive(self, child: Child, now: float) -> None:
        """Start a child that has died, with a sentence; give up after five deaths within a minute."""
        status = child.exit_status()
        if status is None or self.stopping:
            return
        child.deaths.append(now)
        if len(child.deaths) == TRIES and now - child.deaths[0] < WITHIN_S:
            raise ChildKeepsFailing(
                f"The {child.name} failed {TRIES} times within a minute. Its last words:\n{child.last_words()}"
            )
        self.say(f"The {child.name} ended ({_how(status)}); it is started again. Its log: {child.log}")
        child.start()

    def stop(self) -> None:
        """Ask every child to finish what it does, and end those that do not within their time."""
        self.stopping = True
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            if process.poll() is None:
                process.kill()
                process.wait()

    def _on_signal(self, _number: int, _frame: Any) -> None:
        self.stopping = True


def _how(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _end_with_parent() -> None:
    # Should the supervisor be killed outright, the kernel asks its children to end.
    ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGTERM)
