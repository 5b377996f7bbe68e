"""An authorised 8 MB volume from gunicorn (sendfile) against the same file from nginx as a static file.

    python benchmarks/deliver.py [--rounds 5] [--seconds 2] [--nginx /usr/sbin/nginx] [--peer NAME=URL]

Four connections; every answer's length is checked, and the SHA-256 of the first of each turn. The client is Python
and may be the limit of MB/s; the CPU of the servers is not touched by that.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import Turn, interleaved, load, ratio, table, tree_cpu_s
from postgresql_server import free_port
from served import Reader, Site

CONNECTIONS = 4
CONF = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; user {user};
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {root}; default_type application/octet-stream; }}
}}
"""


def fetch(port: int, path: str, head: str, digest: str, size: int, seconds: float) -> int:
    """Fetch a file over one connection for so long; return how often, every byte counted."""
    buffer, end, count = bytearray(1 << 20), time.monotonic() + seconds, 0
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        while time.monotonic() < end:
            wire.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
            status, received = body_start(wire)
            assert status == 200, f"{path}: {status}"
            found, left = hashlib.sha256(received) if count == 0 else None, size - len(received)
            while left:
                got = wire.recv_into(buffer, min(left, len(buffer)))
                assert got, "the connection ended early"
                if found:
                    found.update(memoryview(buffer)[:got])
                left -= got
            assert found is None or found.hexdigest() == digest, "other bytes than the file's"
            count += 1
    return count


def body_start(wire: socket.socket) -> tuple[int, bytes]:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += wire.recv(4096)
    head, _, rest = raw.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), rest


def turn(pid: int, act: Callable[[], int]) -> Turn:
    before, begin, counts = tree_cpu_s(pid) if pid else 0.0, time.monotonic(), list[int]()
    threads = [threading.Thread(target=lambda: counts.append(act())) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == CONNECTIONS, "a connection failed"
    cpu = tree_cpu_s(pid) - before if pid else float("nan")
    return Turn(sum(counts), time.monotonic() - begin, cpu)


@contextmanager
def nginx(program: str, root: Path) -> Iterator[tuple[int, int]]:
    """Serve a folder; yield process id and port."""
    folder, port = Path(tempfile.mkdtemp(prefix="blindread-nginx-")), free_port()
    (folder / "conf").write_text(CONF.format(folder=folder, port=port, root=root, user="root"), encoding="ascii")
    process = subprocess.Popen([program, "-c", folder / "conf", "-p", folder], stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        assert process.poll() is None, (folder / "error.log").read_text()
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--nginx", default=shutil.which("nginx") or "/usr/sbin/nginx")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=URL", help="the same file elsewhere")
    arguments = parser.parse_args()
    print(load())
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        site = Site(Path(folder)).make(readers=1, cases=1, shape=(232, 232, 110))
        web = stack.enter_context(site.served())
        reader = Reader(site, *site.readers[0], until=0.0)
        token = reader.ask("GET", f"/api/v1/reading/{reader.member}/")["current"]
        volume = reader.ask("GET", f"/api/v1/presentations/{token}/")["volumes"][0]
        digest = volume["sha256"]
        blob = next(path for path in (Path(folder) / "store").rglob(digest))
        size, cookie = blob.stat().st_size, f"Cookie: blindread_session={reader.session}\r\n"
        print(f"one volume of {size / 1e6:.2f} MB, {CONNECTIONS} connections")

        def ours() -> int:
            return fetch(site.port, volume["url"], cookie, digest, size, arguments.seconds)

        contenders = {"gunicorn sendfile, authorised": lambda: turn(web.pid, ours)}
        if Path(arguments.nginx).exists():
            pid, port = stack.enter_context(nginx(arguments.nginx, blob.parent))
            contenders["nginx static (1 worker)"] = lambda: turn(
                pid, lambda: fetch(port, f"/{blob.name}", "", digest, size, arguments.seconds)
            )
        else:
            print("skipped: nginx is not installed (apt install nginx)")
        for named in arguments.peer:
            name, _, url = named.partition("=")
            parts = urllib.parse.urlsplit(url)
            contenders[name] = lambda parts=parts: turn(
                0, lambda: fetch(parts.port or 80, parts.path, "", digest, size, arguments.seconds)
            )
        turns = interleaved(contenders, arguments.rounds)
    table(turns, "files")
    if len(contenders) > 1 and "nginx static (1 worker)" in contenders:
        one, other = list(contenders)[:2]
        print(f"MB/s: {ratio(turns, one, other, 'rate'):.2f} of nginx (target 0.80 -> 0.95)")
        print(f"CPU: {ratio(turns, one, other, 'cpu_each'):.2f} times nginx (target 1.5 -> 1.2)")
    if not arguments.peer:
        print("skipped: no peer was named (--peer NAME=URL)")
    print("checked: every length, the SHA-256 of the first answer of each turn and connection")
    print(load())


if __name__ == "__main__":
    main()
