"""An online copy of a SQLite database: complete while others write, and checked before it counts."""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path


def back_up(database: Path, folder: Path, *, at: datetime) -> Path:
    """Copy a live database into a folder and return the copy; a copy that fails its own check is removed and refused.

    Copying the file would be no backup: under writers, such copies are torn. SQLite's backup interface copies one
    consistent state.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{database.stem}-{at:%Y%m%dT%H%M%SZ}.sqlite3"
    unfinished = target.with_suffix(".part")
    unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy)
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        unfinished.unlink()
        raise RuntimeError(f"The backup of {database} failed its check ({verdict}); nothing was migrated.")
    unfinished.rename(target)
    return target
