"""Progress of a run as JSON lines: one file that is only appended to, so that a kill loses at most half a line."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class EventLog:
    """A file of events. Times are given by the caller, seconds since 1970."""

    path: Path

    def add(self, kind: str, *, at: float, **values: Any) -> None:
        """Append one event and push it to the disk."""
        line = json.dumps({"at": round(at, 3), "event": kind, **values}, allow_nan=False, default=str)
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def read(self) -> Iterator[dict[str, Any]]:
        """Yield every whole event; a line cut by a kill is skipped."""
        if not self.path.exists():
            return
        for line in self.path.read_text("utf-8", errors="replace").splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict):
                yield event
