"""The site as it runs: gunicorn (2 processes of 8 threads) on a free port over a data folder of its own, and readers
that read through it at once, repeat what got no answer, and remember what was acknowledged."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postgresql_server import free_port

ROOT = Path(__file__).resolve().parents[2]
CSRF = "a" * 32

MAKE = """
import json
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.auth import SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY
from accounts.models import User
from readerstudy.services import studies
from study_world import AT, build_world

def signed_in(user):
    store = SessionStore()
    store[SESSION_KEY], store[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store.create()
    return store.session_key

world = build_world(cases={cases}, practice=0, readers=0, shape={shape})
people = []
for number in range({readers}):
    user = User.objects.create_user(f"r{{number}}@example.org", "correct horse", name=f"r{{number}}")
    people.append((studies.add_member(study=world.study, user=user, role="reader", by=world.pi, at=AT), user))
world.study.refresh_from_db()
if {seal}:
    world.seal()
made = dict(study=world.study.code, readers=[[member.token, signed_in(user)] for member, user in people])
print(json.dumps(made))
"""


@dataclass
class Site:
    """A data folder with a sealed study, and the environment in which every process of it runs."""

    folder: Path
    database_url: str = ""
    settings: str = "hub.settings"
    port: int = 0
    study: str = ""
    readers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def surroundings(self) -> dict[str, str]:
        paths = [ROOT, ROOT / "platform", ROOT / "tests" / "support"]
        database = {"BLINDREAD_DATABASE_URL": self.database_url} if self.database_url else {}
        return {
            **os.environ,
            **database,
            "BLINDREAD_PROFILE": "test",
            "BLINDREAD_DATA": str(self.folder),
            "BLINDREAD_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": self.settings,
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
        }

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run manage.py in a process of its own."""
        command = [sys.executable, "manage.py", *arguments]
        ran = subprocess.run(
            command, cwd=ROOT, env=self.surroundings, capture_output=True, text=True, timeout=600, check=False
        )
        assert not check or ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
        return ran

    def make(self, *, readers: int, cases: int, seal: bool = True, shape: tuple[int, int, int] = (9, 8, 6)) -> Site:
        """Migrate the database and fill it with a study and its readers, all signed in."""
        self.manage("migrate", "-v0")
        told = self.manage(
            "shell", "-v0", "-c", MAKE.format(readers=readers, cases=cases, seal=seal, shape=shape)
        ).stdout
        made = json.loads(told.splitlines()[-1])
        self.study, self.readers = made["study"], [tuple(pair) for pair in made["readers"]]
        return self

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, past the application."""
        if self.database_url:
            import psycopg

            with psycopg.connect(self.database_url) as connection:
                return list(connection.execute(sql))
        import sqlite3

        connection = sqlite3.connect(self.folder / "blindread.sqlite3", timeout=30)
        try:
            return list(connection.execute(sql))
        finally:
            connection.close()

    @contextmanager
    def served(self) -> Iterator[subprocess.Popen[bytes]]:
        """Serve the site with the demo's web server until the block ends."""
        self.port = free_port()
        bind = f"--bind 127.0.0.1:{self.port} --worker-class gthread --workers 2 --threads 8 --timeout 120"
        command = [sys.executable, "-m", "gunicorn", *bind.split(), "--no-control-socket", "hub.wsgi:application"]
        with (self.folder / "web.log").open("ab") as log:
            web = subprocess.Popen(command, cwd=ROOT, env=self.surroundings, stdout=log, stderr=log)
        try:
            self._wait(web)
            yield web
        finally:
            web.terminate()
            with suppress(subprocess.TimeoutExpired):
                web.wait(15)
            web.kill()
            web.wait()

    def _wait(self, web: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert web.poll() is None, self.log()
            with suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                connection.request("GET", "/api/v1/reading/none/")
                if connection.getresponse().status == 401:
                    return
            time.sleep(0.1)
        raise AssertionError(self.log())

    def log(self) -> str:
        """Return what the web server wrote."""
        return (self.folder / "web.log").read_text(encoding="utf-8", errors="replace")[-4000:]


def workers_of(web: subprocess.Popen[bytes]) -> list[int]:
    """Return the process ids of the web server's workers."""
    path = Path(f"/proc/{web.pid}/task/{web.pid}/children")
    return [int(pid) for pid in path.read_text(encoding="ascii").split()]


@dataclass
class Reader(threading.Thread):
    """One reader's browser: drafts, reads and corrections without a pause, each repeated until it is acknowledged."""

    site: Site
    member: str
    session: str
    until: float
    enough: int = 1_000_000
    acknowledged: dict[str, str] = field(default_factory=dict)
    drafts: dict[str, int] = field(default_factory=dict)
    heard: Counter[int] = field(default_factory=Counter)
    unanswered: int = 0
    failure: str = ""

    def __post_init__(self) -> None:
        threading.Thread.__init__(self, daemon=True)
        self.connection: http.client.HTTPConnection | None = None
        self.dice = random.Random(self.member)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        try:
            self._read()
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"

    def _read(self) -> None:
        place = self.ask("GET", f"/api/v1/reading/{self.member}/")
        # Who has read everything goes on correcting the last case.
        read = None if place["current"] else place["previous"]
        last = (read, self._answers(read)) if read else None
        while time.monotonic() < self.until and len(self.acknowledged) < self.enough:
            if place["current"] and (last is None or self.dice.random() < 0.3):
                last = (place["current"], self._answers(place["current"]))
                self._draft(*last)
                place = self._submit(*last, correction=False)
            elif last:
                last[1]["candidates"]["A"]["score"] = self.dice.randrange(1, 11)
                self._draft(*last)
                place = self._submit(*last, correction=True)
        if place["current"]:
            self._draft(place["current"], self._answers(place["current"]))

    def _answers(self, token: str) -> dict[str, Any]:
        shown = self.ask("GET", f"/api/v1/presentations/{token}/")
        return {"candidates": {slot["letter"]: {"score": 7, "origin": 4} for slot in shown["slots"]}, "case": {}}

    def _draft(self, token: str, answers: dict[str, Any]) -> None:
        revision = (self.drafts[token] if token in self.drafts else self._kept_revision(token)) + 1
        draft = {"revision": revision, "content": answers, "active_ms": 5}
        self.ask("PUT", f"/api/v1/presentations/{token}/draft/", draft)
        self.drafts[token] = revision

    def _kept_revision(self, token: str) -> int:
        """Return the revision of the draft that an earlier sitting left, as the reading screen takes it up."""
        kept = self.ask("GET", f"/api/v1/presentations/{token}/")["draft"]
        return int(kept["revision"]) if kept else 0

    def _submit(self, token: str, answers: dict[str, Any], *, correction: bool) -> dict[str, Any]:
        key = str(uuid.uuid4())
        body = {"answers": answers, "active_ms": 9, "wall_ms": 12, "correction": correction}
        told = self.ask("POST", f"/api/v1/presentations/{token}/read/", body, key)
        self.acknowledged[key] = told["read"]
        self.drafts.pop(token, None)
        return told

    def ask(self, verb: str, path: str, body: Any = None, key: str = "") -> dict[str, Any]:
        """Return the answer to a request, sent again under the same key until the server acknowledges it."""
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up:
            answer = self.once(verb, path, body, key)
            if answer is None or answer[0] == 503:
                time.sleep(0.05 + 0.1 * self.dice.random())
                continue
            status, told = answer
            assert status < 300, f"{verb} {path}: {status} {told}"
            return told
        raise AssertionError(f"{verb} {path} was not answered within two minutes")

    def once(
        self, verb: str, path: str, body: Any = None, key: str = "", headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, Any]] | None:
        """Return status and JSON of one attempt, or None when the connection broke."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=60)
            sent = {"Cookie": f"blindread_session={self.session}; blindread_csrf={CSRF}", "X-CSRFToken": CSRF}
            sent |= (
                {"Content-Type": "application/json"} | ({"Idempotency-Key": key} if key else {}) | dict(headers or {})
            )
            self.connection.request(verb, path, None if body is None else json.dumps(body), sent)
            answer = self.connection.getresponse()
            raw = answer.read()
        except (OSError, http.client.HTTPException):
            self.unanswered += 1
            if self.connection:
                self.connection.close()
            self.connection = None
            return None
        self.heard[answer.status] += 1
        self.last_headers = dict(answer.headers)
        return answer.status, json.loads(raw) if answer.headers.get_content_subtype().endswith("json") else {}


def readers_of(site: Site, enough: int = 1_000_000) -> list[Reader]:
    """Start one reading thread for every reader of the site, each until so many reads are acknowledged."""
    until = time.monotonic() + 4 * 3600
    threads = [Reader(site, member, session, until, enough) for member, session in site.readers]
    for thread in threads:
        thread.start()
    return threads


def kill_workers(web: subprocess.Popen[bytes], *, kills: int, every: float, seed: int = 7) -> int:
    """Kill one worker at a time, without warning; return how many were really killed."""
    dice, done = random.Random(seed), 0
    while done < kills:
        time.sleep(every * (0.5 + dice.random()))
        with suppress(ProcessLookupError, IndexError):
            os.kill(dice.choice(workers_of(web)), signal.SIGKILL)
            done += 1
    return done
