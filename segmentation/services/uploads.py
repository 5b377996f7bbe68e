"""Files on their way in: created, appended to chunk by chunk, each chunk checked, and thrown away when done with.

The file in quarantine bears our own token. A chunk counts only when its digest is right and its bytes are on disk;
until then the row's offset stays, and what a broken connection left behind is cut off before the next chunk.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.db import IntegrityError, transaction

from accounts.models import User
from segmentation.errors import Conflict, DomainError, FileRefused, NotFound
from segmentation.models import Dataset, Upload
from segmentation.services.imports.layout import IncomingFile
from segmentation.services.imports.names import display_path
from segmentation.storage import quarantine_folder, refuse_upload_without_room, storage_error

LARGEST_FILE = 2 * 2**30
LARGEST_CHUNK = 64 * 2**20
MOST_FILES = 20_000
KEPT_FOR = timedelta(days=7)
_PIECE = 2**20
_BATCH = re.compile(r"[0-9a-f]{32}")


class Stream(Protocol):
    """Where the bytes of a chunk come from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""


def create_upload(dataset: Dataset, *, user: User, batch: str, path: str, length: int) -> Upload:
    """Return a new upload, or the unfinished one of the same name and length in the batch, to go on with."""
    if not _BATCH.fullmatch(batch):
        raise FileRefused("upload.batch", "The batch must be 32 hexadecimal digits; one dropped folder shares them.")
    if not 0 <= length <= LARGEST_FILE:
        raise FileRefused(
            "upload.too_large",
            f"The file has {length:,} bytes; at most {LARGEST_FILE:,} are taken.",
            status=413,
        )
    name = display_path(path)
    if not name.strip("/ "):
        raise FileRefused("upload.name", "The file has no name; send its path in the metadata.")
    refuse_upload_without_room(length)
    return _created(dataset, user, batch, name, length)


def _created(dataset: Dataset, user: User, batch: str, name: str, length: int) -> Upload:
    with transaction.atomic():
        others = Upload.objects.filter(batch=batch)
        if others.exclude(user=user, dataset=dataset).exists() or others.count() >= MOST_FILES:
            raise Conflict("upload.batch", f"Start a new batch: this one is not yours or holds {MOST_FILES:,} files.")
        known = others.filter(relative_path=name).first()
        if known and known.length != length:
            raise Conflict(
                "upload.other_length",
                f"{name.rsplit('/', 1)[-1][:80]}: was announced with {known.length:,} bytes and now has {length:,}; "
                "delete the first upload.",
            )
        if known:
            return known
        try:
            with transaction.atomic():
                return Upload.objects.create(dataset=dataset, user=user, batch=batch, relative_path=name, length=length)
        except IntegrityError:
            return Upload.objects.get(batch=batch, relative_path=name, user=user, dataset=dataset)


def upload_for(user: User, token: str) -> Upload:
    """Return this person's own upload; NotFound otherwise."""
    found = Upload.objects.filter(token=token, user_id=user.pk).select_related("dataset").first()
    if found is None:
        raise NotFound
    return found


def file_of(upload: Upload) -> Path:
    """Return where the bytes of an upload lie: under our token, never under its name."""
    return quarantine_folder() / upload.token


def append_chunk(upload: Upload, stream: Stream, *, offset: int, length: int, sha256: bytes, at: datetime) -> Upload:
    """Add one checked chunk at the end of an upload; return the upload with its new offset.

    Raises
    ------
    Conflict
        ``upload.offset``: the chunk does not begin where the file ends now.
    DomainError
        ``upload.checksum`` (460): other bytes arrived than were sent; nothing was kept.
        ``upload.short`` (400): the connection ended early; nothing was kept.
    """
    if length > min(LARGEST_CHUNK, upload.length - offset):
        raise DomainError(
            "upload.chunk_too_large",
            f"The chunk has {length:,} bytes; {min(LARGEST_CHUNK, upload.length - offset):,} are expected at most.",
            status=413,
        )
    # A browser that gave up waiting sends the chunk again while the first request still writes: one at a time, or
    # the second would cut off what the first has acknowledged.
    with _alone(file_of(upload)) as handle:
        _check_offset(upload, offset)
        _write_checked(handle, stream, offset=offset, length=length, sha256=sha256)
        return _advance(upload, offset=offset, to=offset + length, at=at)


def _check_offset(upload: Upload, offset: int) -> None:
    here = Upload.objects.filter(pk=upload.pk).values_list("offset", flat=True).first()
    if here is None:
        raise NotFound
    if offset != here:
        raise Conflict("upload.offset", f"The chunk begins at {offset:,}, but {here:,} bytes are here; resume there.")


def _advance(upload: Upload, *, offset: int, to: int, at: datetime) -> Upload:
    finished = at if to == upload.length else None
    if not Upload.objects.filter(pk=upload.pk, offset=offset).update(offset=to, finished_at=finished):
        raise NotFound
    upload.offset, upload.finished_at = to, finished
    return upload


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """Open a file for this request only; Conflict while another one writes it, StorageFull on a full disk."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield handle
    except BlockingIOError:
        raise Conflict("upload.busy", "Another chunk of this file is arriving; wait and ask for the offset.") from None
    except OSError as error:
        raise storage_error(error) from error
    finally:
        os.close(handle)


def _write_checked(handle: int, stream: Stream, *, offset: int, length: int, sha256: bytes) -> None:
    try:
        os.ftruncate(handle, offset)
        os.lseek(handle, offset, os.SEEK_SET)
        found, received = _copy(stream, handle, length)
        _check_received(found, received, length=length, sha256=sha256)
        os.fsync(handle)
    except (DomainError, OSError):
        os.ftruncate(handle, offset)
        raise


def _check_received(found: bytes, received: int, *, length: int, sha256: bytes) -> None:
    if received != length:
        sentence = f"{received:,} of {length:,} bytes arrived; send the chunk again."
        raise DomainError("upload.short", sentence, status=400)
    if found != sha256:
        sentence = "The chunk changed on its way (its SHA-256 differs); send it again."
        raise DomainError("upload.checksum", sentence, status=460)


def _copy(stream: Stream, handle: int, length: int) -> tuple[bytes, int]:
    digest, received = hashlib.sha256(), 0
    while received < length:
        piece = stream.read(min(_PIECE, length - received))
        if not piece:
            break
        digest.update(piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(handle, rest) :]
        received += len(piece)
    return digest.digest(), received


def finish_empty(upload: Upload, *, at: datetime) -> Upload:
    """Finish a file of 0 bytes, which has no chunk; the import refuses it with its own sentence."""
    file_of(upload).touch(mode=0o600)
    return _advance(upload, offset=0, to=0, at=at)


def terminate(upload: Upload) -> None:
    """Throw an upload away."""
    Upload.objects.filter(pk=upload.pk).delete()
    file_of(upload).unlink(missing_ok=True)


def batch_files(dataset: Dataset, *, user: User, batch: str) -> list[IncomingFile]:
    """Return the finished files of a batch; Conflict when one is still on its way, NotFound when there is none."""
    uploads = list(Upload.objects.filter(dataset=dataset, user_id=user.pk, batch=batch))
    if not uploads:
        raise NotFound
    waiting = [upload for upload in uploads if upload.finished_at is None]
    if waiting:
        raise Conflict(
            "upload.unfinished",
            f"{len(waiting)} of {len(uploads)} files are still on their way, {waiting[0].relative_path[:80]} for one; "
            "wait, or delete them.",
        )
    return [IncomingFile(upload.relative_path, file_of(upload)) for upload in uploads]


def discard_batch(dataset: Dataset, *, user: User, batch: str) -> None:
    """Throw a batch away: originals are never kept."""
    for upload in Upload.objects.filter(dataset=dataset, user_id=user.pk, batch=batch):
        terminate(upload)


def discard_stale(*, at: datetime) -> int:
    """Throw away uploads that nobody came back for, and files without a row; return how many."""
    stale = list(Upload.objects.filter(created_at__lt=at - KEPT_FOR))
    for upload in stale:
        terminate(upload)
    known = set(Upload.objects.values_list("token", flat=True))
    orphans = [
        path
        for path in quarantine_folder().iterdir()
        if path.name not in known and path.stat().st_mtime < (at - timedelta(hours=1)).timestamp()
    ]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(stale) + len(orphans)
