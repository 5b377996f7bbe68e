"""nginx as configured: stored files leave only by the site's word, and tell nothing but their bytes."""

import http.server
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest

CONF = Path(__file__).resolve().parents[2] / "docker" / "nginx.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(NGINX is None or shutil.which("openssl") is None, reason="needs nginx and openssl"),
]


class Site(http.server.BaseHTTPRequestHandler):
    """Stands where gunicorn stands: it hands a stored file to nginx, as segmentation.storage does."""

    def do_GET(self):
        self.send_response(200)
        if self.path == "/volume":
            self.send_header("X-Accel-Redirect", "/stored/ab/abcd")
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Cache-Control", "private, no-store")
        self.send_header("X-Seen-Proto", self.headers["X-Forwarded-Proto"])
        self.end_headers()

    def log_message(self, *_):
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nginx")
    (folder / "blobs" / "ab").mkdir(parents=True)
    (folder / "blobs" / "ab" / "abcd").write_bytes(b"voxels" * 1000)
    certificate(folder)
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    port = free_port()
    conf = folder / "nginx.conf"
    conf.write_text(adapted(folder, port, site.server_port))
    subprocess.run([NGINX, "-t", "-p", folder, "-c", conf], check=True, capture_output=True)
    server = subprocess.Popen([NGINX, "-p", folder, "-c", conf, "-g", "daemon off;"])
    wait_for(port)
    yield f"https://127.0.0.1:{port}"
    server.terminate()
    server.wait(10)
    site.shutdown()


def certificate(folder: Path) -> None:
    make = "openssl req -x509 -newkey rsa:2048 -nodes -keyout site.key -out site.crt -days 2 -subj /CN=localhost"
    subprocess.run(make.split(), cwd=folder, check=True, capture_output=True)


def adapted(folder: Path, port: int, site: int) -> str:
    """Return the shipped file with this test's ports and folders, and nothing else changed."""
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "listen 80 ": f"listen 127.0.0.1:{free_port()} ",
        "server web:8000": f"server 127.0.0.1:{site}",
        "/etc/nginx/tls/": f"{folder}/",
        "/data/store/blobs/": f"{folder}/blobs/",
        "/tmp/nginx.pid": f"{folder}/nginx.pid",
    }
    text = CONF.read_text()
    for shipped, here in changes.items():
        assert shipped in text
        text = text.replace(shipped, here)
    return ("user root;\n" if os.geteuid() == 0 else "") + text


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("nginx did not start")


@pytest.fixture
def browser():
    # The certificate is this test's own.
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    with httpx.Client(verify=trusting) as client:
        yield client


def test_a_stored_file_leaves_when_the_site_says_so(address, browser):
    response = browser.get(f"{address}/volume", headers={"Accept-Encoding": "gzip, br"})

    assert response.content == b"voxels" * 1000
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_stored_file_tells_nothing_beside_its_bytes(address, browser):
    headers = browser.get(f"{address}/volume", headers={"Accept-Encoding": "gzip"}).headers

    for name in ("ETag", "Last-Modified", "Content-Encoding", "X-Accel-Redirect", "Content-Disposition"):
        assert name not in headers
    assert headers["Server"] == "nginx"


@pytest.mark.parametrize(
    "path", ["/stored/ab/abcd", "/stored/../stored/ab/abcd", "/stored../nginx.conf", "/stored/../site.key"]
)
def test_nobody_gets_a_stored_file_by_its_name(address, browser, path):
    response = browser.send(browser.build_request("GET", httpx.URL(address, raw_path=path.encode())))

    assert b"voxels" not in response.content
    assert b"PRIVATE KEY" not in response.content


def test_the_site_learns_that_tls_was_used_whatever_the_client_claims(address, browser):
    response = browser.get(f"{address}/", headers={"X-Forwarded-Proto": "http"})

    assert response.headers["X-Seen-Proto"] == "https"
