"""Where files lie, and the one way in which a stored file leaves the house.

Blobs are content-addressed and never change; uploads wait in a quarantine folder of the same file system, under
names of our own, until an import has read them strictly.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import logging
import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase

from segmentation.errors import BlobMissing, DomainError, StorageFault, StorageFull
from segmentation.store import BlobStore

UPLOAD_RESERVE_BYTES = 512 * 2**20
DIGEST_BYTES = 32
log = logging.getLogger(__name__)


def blob_store() -> BlobStore:
    """Return the site's store of volumes and masks."""
    return BlobStore(Path(settings.STORE_FOLDER))


def quarantine_folder() -> Path:
    """Return the folder of files on their way in, made if absent, closed to other accounts."""
    folder = Path(settings.UPLOAD_FOLDER)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def cache_folder() -> Path:
    """Return the folder of things that can be made again at any time, such as thumbnails."""
    folder = Path(settings.DATA_FOLDER) / "cache"
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    return folder


def from_cache(path: Path) -> bytes | None:
    """Return what `to_cache` wrote there; None when it is absent, cut or altered, so that it is made again."""
    with suppress(FileNotFoundError):
        whole = path.read_bytes()
        digest, data = whole[:DIGEST_BYTES], whole[DIGEST_BYTES:]
        if hashlib.sha256(data).digest() == digest:
            return data
        log.warning("the cached file %s was damaged and is made again", path.name)
    return None


def to_cache(path: Path, data: bytes) -> None:
    """Write a file of the cache whole or not at all; it begins with its own SHA-256."""
    # Two requests may make the same thing at once: each writes its own file, and both bytes are equal.
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{secrets.token_hex(4)}")
    temporary.write_bytes(hashlib.sha256(data).digest() + data)
    temporary.replace(path)


def empty_cache() -> None:
    """Remove everything that can be made again, for a withdrawn subject may be part of any of it."""
    for entry in cache_folder().iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)


def refuse_upload_without_room(size: int) -> None:
    """Raise StorageFull (507) when an upload of `size` bytes would eat into the reserve."""
    free = shutil.disk_usage(quarantine_folder()).free
    if free - size < UPLOAD_RESERVE_BYTES:
        raise StorageFull(
            "storage.full",
            f"The upload needs {size:,} bytes, {free:,} are free and {UPLOAD_RESERVE_BYTES:,} are kept back for "
            "ratings; free some space and send it again.",
        )


def storage_error(error: OSError) -> DomainError:
    """Return the refusal that an operating system's error stands for."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull("storage.full", "The disk has no space left; nothing was kept; free some and send it again.")
    return StorageFault("storage.io", f"The disk refused ({error.strerror}); nothing was kept; call the operator.")


def deliver_blob(request: HttpRequest, sha256: str, *, immutable: bool) -> HttpResponseBase:
    """Return a stored file as an answer, with nothing in the headers that tells where it comes from.

    Parameters
    ----------
    request : HttpRequest
        GET or HEAD.
    sha256 : str
        Address of the blob.
    immutable : bool
        True for people who may keep it by content address; False for readers, whose browser keeps nothing.
    """
    path = blob_store().path(sha256)
    if not path.is_file():
        raise BlobMissing(
            "blob.missing",
            f"The stored file {sha256[:12]}… is not there; restore it from the second copy.",
        )
    response = _accelerated(sha256) if settings.X_ACCEL_PREFIX else _streamed(path)
    for name, value in _blob_headers(sha256, immutable=immutable).items():
        response.headers[name] = value
    return response


def _blob_headers(sha256: str, *, immutable: bool) -> dict[str, str]:
    digest = base64.b64encode(bytes.fromhex(sha256)).decode("ascii")
    return {
        "Cache-Control": "private, max-age=31536000, immutable" if immutable else "private, no-store",
        "Content-Digest": f"sha-256=:{digest}:",
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
    }


def _streamed(path: Path) -> HttpResponseBase:
    # A real file object lets the WSGI server use sendfile; an empty name keeps Content-Disposition away.
    response = FileResponse(path.open("rb"), content_type="application/octet-stream", filename="")
    response.headers.pop("Content-Disposition", None)
    return response


def _accelerated(sha256: str) -> HttpResponseBase:
    response = HttpResponse(content_type="application/octet-stream")
    response.headers["X-Accel-Redirect"] = f"{settings.X_ACCEL_PREFIX.rstrip('/')}/{sha256[:2]}/{sha256}"
    return response


@checks.register("soundness")
def uploads_lie_beside_the_store(**_kwargs: Any) -> list[checks.CheckMessage]:
    """Refuse to start when quarantine and store are on two file systems: a rename would no longer be one step."""
    store = Path(settings.STORE_FOLDER)
    store.mkdir(mode=0o750, parents=True, exist_ok=True)
    if store.stat().st_dev == quarantine_folder().stat().st_dev:
        return []
    reason = (
        f"The store {store} and the upload folder {settings.UPLOAD_FOLDER} are on two file systems; "
        "put both under BLINDREAD_DATA."
    )
    return [checks.Error(reason, id="segmentation.E001")]
