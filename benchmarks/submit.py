"""Submitting a read, durably and audited, against the same database's bare one-row commits; and its growth law.

    python benchmarks/submit.py [--database-url postgres://...] [--rounds 5] [--seconds 3]

Both contenders use eight connections and take turns. Every acknowledged read is looked up in the rows afterwards.
Peers (a Label Studio, say) are measured by `--peer NAME=URL`, an address that takes the JSON of `--peer-body FILE`.
"""

from __future__ import annotations

import argparse
import http.client
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import Turn, interleaved, load, median, ratio, table, tree_cpu_s
from served import Reader, Site

CLIENTS = 8
FILL = """
from django.utils import timezone
from readerstudy.models import Presentation, Rating, Read
shown = Presentation.objects.filter(reader__label="R{reader}").order_by("position").first()
now, some = timezone.now(), list(shown.candidates.all())
for start in range(2, {reads} + 2, 2000):
    reads = Read.objects.bulk_create([
        Read(presentation=shown, revision=n, answers={{}}, idempotency_key=f"filled-{{n}}", request_sha256="0" * 64,
             opened_at=now, submitted_at=now, active_ms=1, wall_ms=1)
        for n in range(start, min(start + 2000, {reads} + 2))
    ])
    Rating.objects.bulk_create([
        Rating(read=read, candidate=candidate, question=question, value=5)
        for read in reads for candidate in some for question in ("score", "origin")
    ])
"""


class Submitter(Reader):
    """A reader who only submits: the body is made once, each request corrects the last case."""

    def prepare(self) -> None:
        place = self.ask("GET", f"/api/v1/reading/{self.member}/")
        self.token = place["current"]
        self.answers = self._answers(self.token)
        self._submit(self.token, self.answers, correction=False)

    def submit_for(self, seconds: float) -> int:
        end, count = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            self._submit(self.token, self.answers, correction=True)
            count += 1
        return count


def all_at_once(acts: list[Callable[[], int]]) -> tuple[int, float]:
    """Run acts in threads; return the sum of what they did and the seconds."""
    counts: list[int] = []
    threads = [threading.Thread(target=lambda act=act: counts.append(act())) for act in acts]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == len(acts), "a client failed"
    return sum(counts), time.monotonic() - begin


def submitting(submitters: list[Submitter], web: subprocess.Popen[bytes], seconds: float) -> Turn:
    before = tree_cpu_s(web.pid)
    done, wall = all_at_once([lambda s=s: s.submit_for(seconds) for s in submitters])
    return Turn(done, wall, tree_cpu_s(web.pid) - before)


def raw_commits(site: Site, seconds: float) -> Turn:
    begin = time.process_time()
    done, wall = all_at_once([lambda: one_row_commits(site, seconds)] * CLIENTS)
    return Turn(done, wall, time.process_time() - begin)


def one_row_commits(site: Site, seconds: float) -> int:
    """Commit one row at a time with the durability of the site."""
    connection: Any = raw_connection(site)
    end, count, mark = time.monotonic() + seconds, 0, "%s" if site.database_url else "?"
    while time.monotonic() < end:
        if not site.database_url:
            connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"INSERT INTO bench_raw (value) VALUES ({mark})", (f"{count}:{'x' * 200}",))
        connection.execute("COMMIT") if not site.database_url else connection.commit()
        count += 1
    connection.close()
    return count


def raw_connection(site: Site) -> Any:
    if site.database_url:
        import psycopg

        return psycopg.connect(site.database_url)
    connection = sqlite3.connect(site.folder / "blindread.sqlite3", timeout=60, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def checked(site: Site, submitters: list[Submitter]) -> int:
    told = {key for s in submitters for key in s.acknowledged}
    stored = {key for (key,) in site.rows("SELECT idempotency_key FROM readerstudy_read")}
    assert told == {key for key in stored if not key.startswith("filled-")}, "acknowledged reads and rows differ"
    heard = sum((s.heard for s in submitters), type(submitters[0].heard)())
    assert set(heard) <= {200, 201}, heard
    return len(told)


def submitters_of(site: Site) -> list[Submitter]:
    made = [Submitter(site, member, session, time.monotonic() + 86400) for member, session in site.readers[:CLIENTS]]
    for one in made:
        one.prepare()
    return made


def against_raw(arguments: argparse.Namespace, folder: Path) -> None:
    site = Site(folder, database_url=arguments.database_url).make(readers=CLIENTS + 1, cases=2)
    connection = raw_connection(site)
    connection.execute("CREATE TABLE bench_raw (id INTEGER PRIMARY KEY, value TEXT)" if not site.database_url else
                       "CREATE TABLE bench_raw (id SERIAL PRIMARY KEY, value TEXT)")  # fmt: skip
    connection.commit()
    connection.close()
    with site.served() as web:
        submitters = submitters_of(site)
        contenders = {
            "submit (HTTP, durable, audited)": lambda: submitting(submitters, web, arguments.seconds),
            "raw one-row commits": lambda: raw_commits(site, arguments.seconds),
        } | {name: peer(url, arguments) for name, url in arguments.peer}
        turns = interleaved(contenders, arguments.rounds)
        rows = checked(site, submitters)
    verified = "sound" in site.manage("verify", check=False).stdout
    table(turns, "req")
    one, raw = list(contenders)[:2]
    print(f"submit / raw commits: {ratio(turns, one, raw, 'rate'):.3f} of the rate (target 0.3 -> 0.7)")
    print(f"checked: {rows} acknowledged = {rows} rows; manage.py verify ran: {verified}")


def peer(url: str, arguments: argparse.Namespace) -> Callable[[], Turn]:
    """Return a contender that posts the given body to a peer's address; its CPU is not ours to read."""
    parts, body = urllib.parse.urlsplit(url), Path(arguments.peer_body).read_bytes()

    def post() -> int:
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        end, count = time.monotonic() + arguments.seconds, 0
        while time.monotonic() < end:
            connection.request(
                "POST", parts.path, body, {"Content-Type": "application/json"} | dict(arguments.peer_header)
            )
            answer = connection.getresponse()
            answer.read()
            assert answer.status < 300, answer.status
            count += 1
        return count

    return lambda: Turn(*all_at_once([post] * CLIENTS), float("nan"))


def growth(folder: Path, rounds: int, seconds: float, sizes: tuple[int, int]) -> None:
    """Compare the CPU of a submit on two sites whose tables differ a hundredfold in ratings."""
    sites = []
    for size in sizes:
        (folder / str(size)).mkdir()
        site = Site(folder / str(size)).make(readers=CLIENTS + 1, cases=2)
        site.manage("shell", "-v0", "-c", FILL.format(reader=CLIENTS + 1, reads=size // 6))
        sites.append(site)
    with sites[0].served() as web_small, sites[1].served() as web_large:
        groups = [submitters_of(site) for site in sites]
        turns = interleaved(
            {
                f"{sizes[0]} ratings": lambda: submitting(groups[0], web_small, seconds),
                f"{sizes[1]} ratings": lambda: submitting(groups[1], web_large, seconds),
            },
            rounds,
        )
        for site, group in zip(sites, groups, strict=True):
            checked(site, group)
    table(turns, "req")
    cpu = median([b.cpu_each / a.cpu_each for a, b in zip(*turns.values(), strict=True)])
    print(f"CPU per submit at {sizes[1]} against {sizes[0]} ratings: {cpu:.2f} (growth law: at most 1.15)")


def pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database-url", default="", help="PostgreSQL instead of SQLite; the database is filled")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--ratings", type=int, nargs=2, default=(1_000, 100_000), help="sizes of the growth law")
    parser.add_argument("--peer", type=pair, action="append", default=[], metavar="NAME=URL")
    parser.add_argument("--peer-body", default="/dev/null", metavar="FILE")
    parser.add_argument("--peer-header", type=pair, action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    print(load())
    with tempfile.TemporaryDirectory() as folder:
        against_raw(arguments, Path(folder))
    if not arguments.peer:
        print("skipped: no peer was named (--peer NAME=URL)")
    if not arguments.database_url:
        with tempfile.TemporaryDirectory() as folder:
            growth(Path(folder), arguments.rounds, arguments.seconds, tuple(arguments.ratings))
    print(load())


if __name__ == "__main__":
    main()
