"""What the surroundings say: variables that begin with BLINDREAD_, read once, typed, and refused when they are wrong.

A setting that is silently misread costs more than a start that stops with a sentence, so each helper names the
variable, the value it got and the values it takes.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PROFILES = ("demo", "test", "production")
SQLITE_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "trusted_schema": 0,
    "journal_size_limit": 67108864,
    "cell_size_check": 1,
}
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


@dataclass(frozen=True)
class Environment:
    """The variables, and the one way to ask for them."""

    variables: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        """Return a variable without surrounding blanks, or the default when it is absent or empty."""
        return self.variables.get(f"BLINDREAD_{name}", "").strip() or default

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of the allowed words."""
        value = self.text(name, default)
        if value not in allowed:
            raise refusal(name, value, "one of " + ", ".join(allowed))
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """Return yes or no."""
        value = self.text(name, "1" if default else "0").lower()
        if value not in _TRUE + _FALSE:
            raise refusal(name, value, "1 or 0")
        return value in _TRUE

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number within its bounds."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            raise refusal(name, value, f"a whole number from {least} to {most}")
        return int(value)

    def folder(self, name: str, default: Path) -> Path:
        """Return an absolute folder; a relative one is taken from the default's parent."""
        path = Path(self.text(name, str(default))).expanduser()
        path = path if path.is_absolute() else default.parent / path
        if path.exists() and not path.is_dir():
            raise refusal(name, str(path), "a folder, and this is a file")
        return path

    def hosts(self, name: str, default: tuple[str, ...]) -> list[str]:
        """Return host names; the asterisk, which trusts any Host header, is refused."""
        found = [host.strip() for host in self.text(name).split(",") if host.strip()]
        if any("*" in host or "/" in host or " " in host for host in found):
            raise refusal(name, ",".join(found), "host names separated by commas, without * and without https://")
        return found or list(default)


def refusal(name: str, value: str, wanted: str) -> ImproperlyConfigured:
    """Return the error that says which variable is wrong, what it holds and what it takes."""
    return ImproperlyConfigured(f"BLINDREAD_{name} is {value!r}; it takes {wanted}.")


def surroundings() -> Environment:
    """Return the variables of this process."""
    return Environment(dict(os.environ))


def profile_of(environment: Environment) -> str:
    """Return demo, test or production; test inside pytest (which says so in PYTEST_VERSION), demo otherwise."""
    default = "test" if "PYTEST_VERSION" in environment.variables else "demo"
    return environment.choice("PROFILE", PROFILES, default)


def secret(path: Path, *, create: bool) -> str:
    """Return the hexadecimal key kept in a file; written once, readable by its owner only, where `create` allows it."""
    if create and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, secrets.token_hex(32))
    if not path.is_file():
        raise ImproperlyConfigured(
            f"The key file {path} is missing; write at least 32 random bytes to it (chmod 0400)."
        )
    if path.stat().st_mode & 0o077:
        raise ImproperlyConfigured(f"The key file {path} can be read by others; run: chmod 0400 {path}")
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 50:
        raise ImproperlyConfigured(f"The key in {path} has {len(key)} characters; it needs at least 50.")
    return key


def _write_once(path: Path, key: str) -> None:
    # Two processes may start together: the link appears whole or not at all, and the second keeps the first's key.
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(key, encoding="ascii")
    temporary.chmod(0o400)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def database(url: str, *, relative_to: Path, password_file: str = "") -> dict[str, object]:
    """Return Django's description of the database that a URL names: sqlite:///file or postgres://user@host/name.

    A password file keeps PostgreSQL's password out of the URL, and so out of process lists.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1:
        return sqlite(relative_to / unquote(parts.path)[1:])
    if parts.scheme in ("postgres", "postgresql") and parts.path.strip("/") and "/" not in parts.path[1:]:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": _first_line(password_file) if password_file else unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    # The URL may hold a password, so the message shows its scheme only.
    raise refusal("DATABASE_URL", f"{parts.scheme}:…", "sqlite:///file or postgres://user:password@host:port/name")


def _first_line(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise refusal("DATABASE_PASSWORD_FILE", file, f"a readable file ({error.strerror})") from None


def sqlite(path: Path) -> dict[str, object]:
    """Return a SQLite database that keeps an acknowledged rating through a power cut and never says "locked".

    IMMEDIATE takes the write lock when a transaction begins; a deferred one that reads first cannot wait for it.
    FULL flushes each commit, which NORMAL in WAL mode does not. recursive_triggers stops REPLACE from slipping past
    the triggers of insert-only tables.
    """
    return {
        "ENGINE": "hub.sqlite",
        "NAME": path,
        # Opening a connection costs seven pragmas, and closing the last one a checkpoint: keep it between requests.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": ";".join(f"PRAGMA {name}={value}" for name, value in SQLITE_PRAGMAS.items()),
        },
        "TEST": {"NAME": path.with_name(f"{path.stem}-test-{os.getpid()}.sqlite3")},
    }


def broker(url: str, *, folder: Path) -> tuple[str, dict[str, object]]:
    """Return Celery's broker address and options; `file:` keeps the messages in a folder and needs no server."""
    scheme = url.partition(":")[0]
    if scheme == "file":
        return "folder://", {
            "data_folder_in": str(folder / "messages"),
            "data_folder_out": str(folder / "messages"),
            "control_folder": str(folder / "control"),
        }
    if scheme not in ("redis", "rediss", "amqp", "amqps"):
        raise refusal("BROKER_URL", f"{scheme}:…", "file:, redis://host or amqp://host")
    # Longer than any task may run, or Redis would hand a running task to a second worker.
    return url, {"visibility_timeout": 86400} if scheme.startswith("redis") else {}
