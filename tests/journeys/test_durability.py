"""What the server acknowledged is stored, once, whatever is killed; what it cannot store it says so (D88-D97, C76)."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_server import postgresql_server, server_programs
from served import CSRF, ROOT, Reader, Site, kill_workers, readers_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Twenty readers with four cases each, on SQLite as it is shipped."""
    return Site(tmp_path_factory.mktemp("site")).make(readers=20, cases=4)


@pytest.fixture(scope="module")
def postgresql_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server is not installed here (apt install postgresql)")
    with postgresql_server(programs, durable=True) as address:
        yield Site(tmp_path_factory.mktemp("postgresql-site"), database_url=address).make(readers=20, cases=4)


def ended(readers: list[Reader]) -> Counter[int]:
    """Wait for the readers; nothing may have failed. Return how often each status was heard."""
    for reader in readers:
        reader.join(180)
        assert not reader.is_alive()
    failed = [(reader.failure, reader.heard, reader.unanswered) for reader in readers if reader.failure]
    assert failed == [], readers[0].site.log()
    return sum((reader.heard for reader in readers), Counter())


def kept_as_acknowledged(site: Site, readers: list[Reader], before: set[str]) -> int:
    """Compare every acknowledged read and draft with the rows; return the number of reads."""
    told = {key: token for reader in readers for key, token in reader.acknowledged.items()}
    reads = site.rows("SELECT idempotency_key, token, id FROM readerstudy_read")
    assert {key: token for key, token, _ in reads if key not in before} == told
    per_read = site.rows("SELECT read_id, count(*) FROM readerstudy_rating GROUP BY read_id")
    assert {count for _, count in per_read} == {6} and len(per_read) == len(reads)
    drafts = {token: revision for reader in readers for token, revision in reader.drafts.items()}
    stored = dict(
        site.rows(
            "SELECT p.token, d.revision FROM readerstudy_draft d JOIN readerstudy_presentation p"
            " ON p.id = d.presentation_id"
        )
    )
    assert {token: stored.get(token) for token in drafts} == drafts
    return len(told)


def keys_in(site: Site) -> set[str]:
    return {key for (key,) in site.rows("SELECT idempotency_key FROM readerstudy_read")}


def read_under_load(site: Site, each: int) -> int:
    before = keys_in(site)
    with site.served():
        readers = readers_of(site, each)
        heard = ended(readers)
    assert set(heard) == {200, 201}, heard
    assert "locked" not in site.log() and "Traceback" not in site.log()
    return kept_as_acknowledged(site, readers, before)


def read_while_workers_are_killed(site: Site, *, kills: int, every: float) -> tuple[int, int, int]:
    """Return (reads acknowledged, kills, requests that got no answer)."""
    before = keys_in(site)
    with site.served() as web:
        readers = readers_of(site)
        killed = kill_workers(web, kills=kills, every=every)
        for reader in readers:
            reader.enough = max(1, len(reader.acknowledged))
        heard = ended(readers)
    assert not set(heard) - {200, 201, 503}, heard
    count = kept_as_acknowledged(site, readers, before)
    return count, killed, sum(reader.unanswered for reader in readers)


def test_twenty_readers_at_once_lose_nothing_and_hear_no_lock(site: Site) -> None:
    """[88]"""
    assert read_under_load(site, each=4) == 20 * 4
    assert "Everything is as it was" in site.manage("verify").stdout


def test_killed_workers_lose_nothing_acknowledged_and_store_nothing_twice(site: Site) -> None:
    """[70, 88]"""
    reads, kills, unanswered = read_while_workers_are_killed(site, kills=5, every=1.0)

    assert kills == 5 and unanswered > 0 and reads >= 20
    assert "Everything is as it was" in site.manage("verify").stdout


def test_on_postgresql_too(postgresql_site: Site) -> None:
    """[88, 92]"""
    assert read_under_load(postgresql_site, each=2) == 20 * 2
    reads, kills, unanswered = read_while_workers_are_killed(postgresql_site, kills=2, every=0.7)

    assert kills == 2 and unanswered > 0 and reads >= 20
    assert "Everything is as it was" in postgresql_site.manage("verify").stdout


@pytest.mark.parametrize("engine", ["site", "postgresql_site"])
def test_eight_windows_of_one_reader_file_every_report_and_break_no_chain(
    engine: str, request: pytest.FixtureRequest
) -> None:
    """[73, 93]"""
    site: Site = request.getfixturevalue(engine)
    member, session = site.readers[3]
    windows = [Reader(site, member, session, time.monotonic() + 120) for _ in range(8)]
    before = site.rows("SELECT count(*) FROM readerstudy_note")[0][0]
    with site.served():
        token = open_case(windows[0])
        threads = [threading.Thread(target=report_and_draft, args=(window, token)) for window in windows]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)

    heard: Counter[int] = sum((window.heard for window in windows), Counter())
    assert set(heard) <= {200, 201, 409}, heard
    assert site.rows("SELECT count(*) FROM readerstudy_note")[0][0] == before + 8 * 3
    assert "Everything is as it was" in site.manage("verify").stdout


def report_and_draft(window: Reader, token: str) -> None:
    """File three reports, each twice under its key, and write drafts that other windows may have overtaken."""
    for number in range(3):
        key, body = f"{id(window)}-report-{number}", {"kind": "other", "text": f"{number}"}
        for _ in range(2):
            window.ask("POST", f"/api/v1/presentations/{token}/report/", body, key)
        draft = {"revision": 10 + number, "content": {"window": id(window)}, "active_ms": 1}
        window.once("PUT", f"/api/v1/presentations/{token}/draft/", draft)


@pytest.mark.prove
@pytest.mark.parametrize("engine", ["site", "postgresql_site"])
def test_a_thousand_killed_workers_lose_nothing(engine: str, request: pytest.FixtureRequest) -> None:
    site: Site = request.getfixturevalue(engine)
    totals = [0, 0, 0]
    for _ in range(20):
        counted = read_while_workers_are_killed(site, kills=50, every=0.4)
        totals = [total + count for total, count in zip(totals, counted, strict=True)]
        assert site.manage("verify").returncode == 0
    print(f"{engine}: {totals[0]} acknowledged reads, {totals[1]} kills, {totals[2]} requests without an answer")
    assert totals[1] >= 1000


def test_a_writer_that_holds_the_database_is_waited_for_and_then_said(site: Site) -> None:
    """[89]"""
    site.settings = "impatient_settings"
    member, session = site.readers[0]
    reader = Reader(site, member, session, time.monotonic() + 60)
    holder = sqlite3.connect(site.folder / "blindread.sqlite3", isolation_level=None)
    try:
        with site.served():
            token = open_case(reader)
            site_path = f"/api/v1/presentations/{token}/"
            # A session whose last-seen time is due to be written, as every minute.
            age_sessions(site)
            holder.execute("BEGIN IMMEDIATE")
            reader.connection = None
            refused = reader.once("PUT", f"{site_path}draft/", {"revision": 1000, "content": {}, "active_ms": 1})
            told = dict(reader.last_headers)
            shown = reader.once("GET", site_path)
            holder.execute("ROLLBACK")
            kept = reader.once("PUT", f"{site_path}draft/", {"revision": 1000, "content": {}, "active_ms": 1})
    finally:
        holder.close()
        site.settings = "hub.settings"

    assert refused is not None and (refused[0], refused[1]["code"]) == (503, "database.busy")
    assert int(told["Retry-After"]) > 0
    assert shown is not None and shown[0] == 200
    assert kept is not None and kept[0] == 200


def open_case(reader: Reader) -> str:
    """Return the case whose turn it is, or the last one, which may still be corrected."""
    place = reader.ask("GET", f"/api/v1/reading/{reader.member}/")
    return str(place["current"] or place["previous"])


def age_sessions(site: Site) -> None:
    """Make every session look as if its person was last seen long ago."""
    site.manage(
        "shell", "-v0", "-c",
        "from django.contrib.sessions.models import Session\n"
        "from django.contrib.sessions.backends.db import SessionStore\n"
        "for row in Session.objects.all():\n"
        "    store = SessionStore(row.session_key); store['seen'] = 0; store.save()",
    )  # fmt: skip


SEAL = """
import pathlib, sys, time
from django.utils import timezone
from readerstudy.models import Study
from readerstudy.services import allocations
from segmentation.errors import DomainError
from accounts.models import User
study, by = Study.objects.get(), User.objects.get(email="{who}@example.org")
here = pathlib.Path("{folder}"); (here / "ready-{who}").touch()
while not all((here / name).exists() for name in ("ready-pi", "ready-second")):
    time.sleep(0.005)
try:
    allocations.seal_study(study=study, by=by, at=timezone.now())
    print("sealed")
except DomainError as error:
    print(error.status, error.code)
"""


def test_two_coordinators_who_seal_at_once_make_one_seal(tmp_path: Path) -> None:
    """[97]"""
    site = Site(tmp_path).make(readers=2, cases=3, seal=False)
    command = [sys.executable, "manage.py", "shell", "-v0", "-c"]
    both = [
        subprocess.Popen(
            [*command, SEAL.format(who=who, folder=tmp_path)], cwd=ROOT, env=site.surroundings, stdout=subprocess.PIPE
        )
        for who in ("pi", "second")
    ]
    said = sorted(process.communicate(timeout=120)[0].decode().strip().splitlines()[-1] for process in both)

    assert said[1] == "sealed" and said[0] in ("409 study.state", "409 seal.stale")
    assert site.rows("SELECT count(*) FROM readerstudy_seal") == [(1,)]
    assert "Everything is as it was" in site.manage("verify").stdout


def raw(site: Site, head: str, body: bytes, *, close: bool) -> bytes:
    """Send bytes as they are and return what comes back."""
    _, session = site.readers[1]
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as wire:
        cookie = f"Cookie: blindread_session={session}; blindread_csrf={CSRF}\r\nX-CSRFToken: {CSRF}\r\n"
        wire.sendall((head + cookie + "\r\n").encode() + body)
        if close:
            wire.shutdown(socket.SHUT_WR)
        wire.settimeout(20)
        return wire.recv(65536)


def test_a_body_of_another_length_than_announced_is_refused_and_holds_no_worker(site: Site) -> None:
    """[76]"""
    member, session = site.readers[1]
    reader = Reader(site, member, session, time.monotonic() + 60)
    with site.served():
        token = open_case(reader)
        body = json.dumps({"revision": 2000, "content": {}, "active_ms": 1}).encode()
        line = f"PUT /api/v1/presentations/{token}/draft/ HTTP/1.1\r\nHost: localhost\r\n"
        line += "Content-Type: application/json\r\n"
        longer = raw(site, f"{line}Content-Length: {len(body) + 50}\r\n", body, close=True)
        shorter = raw(site, f"{line}Content-Length: {len(body) - 5}\r\n", body, close=False)
        negative = raw(site, f"{line}Content-Length: -1\r\n", body, close=False)
        both = raw(site, f"{line}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", close=False)
        waiting = [threading.Thread(target=dribble, args=(site, line)) for _ in range(10)]
        for thread in waiting:
            thread.start()
        # The connection that opened the case idled meanwhile, and the server closes idle ones after two seconds.
        reader.connection = None
        assert reader.once("GET", f"/api/v1/presentations/{token}/") is not None
        for thread in waiting:
            thread.join()

    for answer in (longer, shorter, negative, both):
        assert answer.split(b" ", 2)[1] in (b"400", b"411", b"422"), answer[:300]
    assert site.rows("SELECT count(*) FROM readerstudy_draft WHERE revision = 2000") == [(0,)]


def dribble(site: Site, line: str) -> None:
    """Announce a body and send a byte of it now and then, for a second."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=20) as wire:
        wire.sendall(f"{line}Content-Length: 500\r\n\r\n".encode())
        for _ in range(4):
            wire.sendall(b"{")
            time.sleep(0.25)
