"""What must be true before anyone is served: the database keeps what it acknowledges, and the folders can hold it.

Each check is a Django system check with the tag `soundness`; the site's start and `manage.py doctor` run them all, so
an application adds its own by registering under the same tag.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from hub.environment import SQLITE_PRAGMAS

SOUNDNESS = "soundness"
LEAST_SQLITE = (3, 37, 0)


def refuse_unsound_start() -> None:
    """Raise with every reason not to serve; return quietly when there is none."""
    reasons = [str(message.msg) for message in soundness() if message.is_serious()]
    if reasons:
        raise ImproperlyConfigured("The site does not start. " + " ".join(reasons))


def soundness() -> list[checks.CheckMessage]:
    """Return what the start-up checks say."""
    return checks.run_checks(tags=[SOUNDNESS], databases=["default"])


@checks.register(SOUNDNESS)
def database_keeps_what_it_acknowledges(
    app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_kwargs: Any
) -> list[checks.CheckMessage]:
    """Read every pragma back from each SQLite database in use."""
    wanted = [connections[alias] for alias in databases or () if connections[alias].vendor == "sqlite"]
    return [checks.Error(reason, id="hub.E001") for connection in wanted for reason in wrong_pragmas(connection)]


def wrong_pragmas(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """Yield a sentence for every SQLite setting that is not as written in `environment.SQLITE_PRAGMAS`."""
    with connection.cursor() as cursor:
        for name, expected in SQLITE_PRAGMAS.items():
            found = cursor.execute(f"PRAGMA {name}").fetchone()
            value = found[0] if found else None
            if value != expected:
                yield f"SQLite's {name} is {value}, not {expected}; {_way_out(name)}"
    if connection.settings_dict["OPTIONS"].get("transaction_mode") != "IMMEDIATE":
        yield "SQLite's transactions are not IMMEDIATE; remove the other setting of DATABASES."
    if connection.Database.sqlite_version_info < LEAST_SQLITE:  # type: ignore[attr-defined]
        yield "Python's SQLite is older than 3.37; install a newer Python."


def _way_out(pragma: str) -> str:
    if pragma == "journal_mode":
        return "keep the database on a local disk, since WAL does not work on a network folder."
    return "remove the setting that changes it."


@checks.register(SOUNDNESS)
def folders_are_sound(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Check that files can be written and renamed into the store without leaving its file system."""
    return [checks.Error(reason, id="hub.E002") for reason in wrong_folders()]


def wrong_folders() -> Iterator[str]:
    """Yield a sentence for every data folder that cannot be written or lies on another disk than the store."""
    devices = {}
    for folder in (settings.DATA_FOLDER, settings.STORE_FOLDER, settings.UPLOAD_FOLDER):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".probe"
            probe.write_bytes(b"")
            probe.unlink()
            devices[folder] = folder.stat().st_dev
        except OSError as error:
            yield f"The folder {folder} cannot be written ({error.strerror}); give it to the user who runs the site."
    store, uploads = devices.get(settings.STORE_FOLDER), devices.get(settings.UPLOAD_FOLDER)
    if None not in (store, uploads) and store != uploads:
        yield "The folders store and uploads lie on different disks; a file could not be moved in one step. Join them."
