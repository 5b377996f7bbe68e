"""Content-addressed store of files: each is named by the SHA-256 of its bytes and never changes.

A file counts as stored only after it was written whole, synced, opened again, hashed and decoded by the
caller's second decoder, renamed into place, and its directories synced. Blob first, database row after: an
orphan blob is harmless, a row without its blob is an incident.
"""

import contextlib
import errno
import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from segmentation.errors import BlobCorrupt, BlobMissing, StorageFault, StorageFull

RESERVE_BYTES = 64 * 2**20
_ADDRESS = re.compile(r"[0-9a-f]{64}")
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class ScrubResult:
    """One stored file and whether its bytes still have the digest that names it."""

    sha256: str
    intact: bool
    problem: str = ""


class BlobStore:
    """Files under one root folder, addressed by SHA-256.

    Parameters
    ----------
    root : Path
        Created if absent; temporary files live in the same tree, so that renaming is atomic.
    reserve_bytes : int
        Space that must stay free after a file is stored, so that ratings still commit when masks cannot.
    """

    def __init__(self, root: Path, *, reserve_bytes: int = RESERVE_BYTES) -> None:
        self.root = root
        self.reserve_bytes = reserve_bytes
        self._blobs, self._temporary = root / "blobs", root / "tmp"

    def put(self, data: bytes, *, verify: Callable[[bytes], None]) -> str:
        """Store bytes durably and return their address.

        Parameters
        ----------
        data : bytes
        verify : callable
            Receives the bytes as read back from disk; raises a DomainError if they do not decode as intended.

        Raises
        ------
        StorageFull
            ``storage.full`` (507): no space, or less than the reserve would be left.
        StorageFault
            ``storage.io`` (500): the disk refused, or gave back other bytes.

        Notes
        -----
        After any error the temporary file is removed and a sync is never tried again on the same handle: the
        kernel may already have dropped the unwritten pages. A second call starts afresh. Two processes may
        store the same bytes at once; a damaged older copy is replaced.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        with _storage_errors():
            self._make_folders(sha256)
            if self._is_intact(sha256):
                verify(data)
                _sync_folder(self.path(sha256).parent)
                return sha256
            self._refuse_when_full(len(data))
            self._write(data, sha256, verify)
        return sha256

    def path(self, sha256: str) -> Path:
        """Return where a blob lies or would lie; ValueError if that is no SHA-256 in lower-case hex."""
        if _ADDRESS.fullmatch(sha256) is None:
            raise ValueError("a blob address is 64 lower-case hexadecimal digits")
        return self._blobs / sha256[:2] / sha256

    def exists(self, sha256: str) -> bool:
        """Return whether a blob is there; its bytes are not checked."""
        return self.path(sha256).is_file()

    def read(self, sha256: str) -> bytes:
        """Return the bytes of a blob after hashing them again.

        Raises
        ------
        BlobMissing
            ``blob.missing`` (409).
        BlobCorrupt
            ``blob.corrupt`` (409): never the damaged bytes.
        """
        try:
            data = self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise BlobMissing(
                "blob.missing",
                f"The stored file {sha256[:12]}… is not there; restore it from the second copy.",
            ) from error
        except OSError as error:
            raise StorageFault("storage.io", f"The stored file {sha256[:12]}… could not be read.") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise BlobCorrupt(
                "blob.corrupt",
                f"The stored file {sha256[:12]}… has changed on the disk and is not shown; "
                "restore it from the second copy.",
            )
        return data

    def addresses(self) -> Iterator[str]:
        """Yield the address of every stored blob, in order."""
        for path in sorted(self._blobs.glob("??/*")):
            if _ADDRESS.fullmatch(path.name):
                yield path.name

    def scrub(self) -> Iterator[ScrubResult]:
        """Hash every stored blob and yield the result for each, in order of address."""
        for sha256 in self.addresses():
            try:
                self.read(sha256)
            except (BlobCorrupt, BlobMissing, StorageFault) as error:
                yield ScrubResult(sha256, False, error.code)
            else:
                yield ScrubResult(sha256, True)

    def destroy(self, sha256: str) -> bool:
        """Remove a blob for good, for a withdrawn subject; return whether it was there."""
        path = self.path(sha256)
        with _storage_errors():
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            _sync_folder(path.parent)
        return True

    def sweep_temporary(self, *, older_than: float) -> int:
        """Remove temporary files last written before a time (seconds since 1970); return how many."""
        stale = [p for p in self._temporary.glob("*") if p.stat().st_mtime < older_than]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def free_bytes(self) -> int:
        """Return the space that an ordinary user may still fill, in bytes."""
        facts = os.statvfs(self.root)
        return facts.f_bavail * facts.f_frsize

    def _make_folders(self, sha256: str) -> None:
        for folder in (self.root, self._temporary, self._blobs, self.path(sha256).parent):
            if not folder.is_dir():
                folder.mkdir(mode=0o750, parents=True, exist_ok=True)
                _sync_folder(folder.parent)
        # Another process may have made the blob's folder and died before syncing it.
        _sync_folder(self._blobs)

    def _is_intact(self, sha256: str) -> bool:
        try:
            return hashlib.sha256(self.path(sha256).read_bytes()).hexdigest() == sha256
        except FileNotFoundError:
            return False

    def _refuse_when_full(self, size: int) -> None:
        free = self.free_bytes()
        if free - size < self.reserve_bytes:
            raise _full(f"{free:,} bytes are free and {self.reserve_bytes:,} are kept back for ratings")

    def _write(self, data: bytes, sha256: str, verify: Callable[[bytes], None]) -> None:
        temporary = self._temporary / f"{sha256[:16]}-{uuid.uuid4().hex}"
        try:
            _write_synced(temporary, data)
            _read_back(temporary, sha256, verify)
            temporary.rename(self.path(sha256))
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        _sync_folder(self.path(sha256).parent)
        _sync_folder(self._temporary)


def _write_synced(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o440)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _read_back(path: Path, sha256: str, verify: Callable[[bytes], None]) -> None:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StorageFault("storage.io", "The disk gave back other bytes than were written; nothing was stored.")
    verify(data)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _full("the disk has no space left") from error
        raise StorageFault(
            "storage.io",
            f"The disk refused to store the file ({error.strerror}); nothing was stored; call the operator.",
        ) from error


def _full(why: str) -> StorageFull:
    return StorageFull("storage.full", f"The file was not stored because {why}; free some space and send it again.")
