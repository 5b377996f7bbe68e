"""The store: what is acknowledged is there, whole, and nothing half-written is ever left or served."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from segmentation.errors import BlobCorrupt, BlobMissing, DomainError, FileRefused, StorageFault, StorageFull
from segmentation.formats import canonical_nifti, content_sha256, readback_verifier
from segmentation.store import BlobStore

DATA = bytes(range(256)) * 200
ADDRESS = hashlib.sha256(DATA).hexdigest()


def _accept(data: bytes) -> None:
    assert data == DATA


def _leftovers(store: BlobStore) -> list[Path]:
    return list((store.root / "tmp").iterdir())


@pytest.fixture
def store(tmp_path):
    return BlobStore(tmp_path / "store", reserve_bytes=0)


def test_blob_is_found_under_the_digest_that_sha256sum_prints(store):
    assert store.put(DATA, verify=_accept) == ADDRESS
    assert store.read(ADDRESS) == DATA
    printed = subprocess.run(["sha256sum", store.path(ADDRESS)], capture_output=True, text=True, check=True)
    assert printed.stdout.split()[0] == ADDRESS
    assert _leftovers(store) == []


def test_same_bytes_twice_are_one_blob(store):
    store.put(DATA, verify=_accept)
    store.put(DATA, verify=_accept)

    assert list(store.addresses()) == [ADDRESS]


def test_volume_is_kept_only_when_the_second_decoder_agrees(store):
    values, affine = np.arange(60, dtype="i2").reshape(3, 4, 5), np.diag([1, 2, 3, 1])
    data = canonical_nifti(values, affine)

    assert store.exists(store.put(data, verify=readback_verifier(content_sha256(values, affine))))
    with pytest.raises(FileRefused) as caught:
        store.put(data[:-1], verify=readback_verifier(content_sha256(values, affine)))
    assert caught.value.code == "canonical.readback"
    assert len(list(store.addresses())) == 1 and _leftovers(store) == []


def test_flipped_bit_at_rest_is_never_served_and_the_scrub_names_it(store):
    store.put(DATA, verify=_accept)
    path = store.path(ADDRESS)
    path.chmod(0o640)
    path.write_bytes(DATA[:-1] + bytes([DATA[-1] ^ 1]))

    with pytest.raises(BlobCorrupt) as caught:
        store.read(ADDRESS)
    assert (caught.value.code, caught.value.status) == ("blob.corrupt", 409)
    assert [(r.sha256, r.intact, r.problem) for r in store.scrub()] == [(ADDRESS, False, "blob.corrupt")]


def test_storing_again_heals_a_damaged_blob(store):
    store.put(DATA, verify=_accept)
    store.path(ADDRESS).chmod(0o640)
    store.path(ADDRESS).write_bytes(b"rot")

    store.put(DATA, verify=_accept)

    assert store.read(ADDRESS) == DATA


def test_missing_blob_is_said_to_be_missing(store):
    with pytest.raises(BlobMissing) as caught:
        store.read(ADDRESS)
    assert (caught.value.code, caught.value.status) == ("blob.missing", 409)


def test_destroyed_blob_is_gone_and_can_be_destroyed_twice(store):
    store.put(DATA, verify=_accept)

    assert store.destroy(ADDRESS) is True
    assert store.destroy(ADDRESS) is False
    assert not store.exists(ADDRESS) and list(store.scrub()) == []


@pytest.mark.parametrize("address", ["../../etc/passwd", "", ADDRESS.upper(), ADDRESS + "\n", "x" * 64])
def test_address_that_is_no_digest_never_becomes_a_path(store, address):
    with pytest.raises(ValueError, match="64"):
        store.path(address)


def test_short_writes_are_finished(store, monkeypatch):
    whole_write = os.write
    sizes = []

    def write_seven_at_most(handle, data):
        sizes.append(whole_write(handle, data[:7000]))
        return sizes[-1]

    monkeypatch.setattr(os, "write", write_seven_at_most)
    store.put(DATA, verify=_accept)

    assert sizes == [7000] * 7 + [2200]
    assert store.read(ADDRESS) == DATA


def _failing(call, number, after=0):
    seen = iter(range(10_000))

    def fail(*args, **kwargs):
        if next(seen) >= after:
            raise OSError(number, os.strerror(number))
        return call(*args, **kwargs)

    return fail


@pytest.mark.parametrize("call", ["write", "fsync", "open", "mkdir"])
@pytest.mark.parametrize(
    ("number", "kind", "code", "status"),
    [
        (errno.ENOSPC, StorageFull, "storage.full", 507),
        (errno.EDQUOT, StorageFull, "storage.full", 507),
        (errno.EIO, StorageFault, "storage.io", 500),
        (errno.EROFS, StorageFault, "storage.io", 500),
    ],
)
def test_disk_that_refuses_leaves_nothing_and_a_later_try_succeeds(
    store, monkeypatch, call, number, kind, code, status
):
    with monkeypatch.context() as patch:
        patch.setattr(os, call, _failing(getattr(os, call), number))
        with pytest.raises(kind) as caught:
            store.put(DATA, verify=_accept)
    assert (caught.value.code, caught.value.status) == (code, status)
    assert list(store.root.rglob("*-*")) == [] and not store.exists(ADDRESS)

    assert store.put(DATA, verify=_accept) == ADDRESS


def test_sync_is_never_tried_twice_on_one_handle(store, monkeypatch):
    store.put(b"warm", verify=lambda data: None)
    files = []

    def fail_on_files(handle):
        if not Path(f"/proc/self/fd/{handle}").is_dir():
            files.append(handle)
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail_on_files)
    with pytest.raises(StorageFault):
        store.put(DATA, verify=_accept)

    assert len(files) == 1


def test_reserve_for_ratings_is_not_touched(tmp_path):
    store = BlobStore(tmp_path, reserve_bytes=2**60)

    with pytest.raises(StorageFull) as caught:
        store.put(DATA, verify=_accept)
    assert "kept back for ratings" in caught.value.detail


def test_bytes_that_come_back_changed_are_not_kept(store, monkeypatch):
    whole_write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: whole_write(handle, b"\xff" * len(data)))

    with pytest.raises(StorageFault) as caught:
        store.put(DATA, verify=_accept)
    assert "other bytes" in caught.value.detail
    assert list(store.addresses()) == [] and _leftovers(store) == []


def test_stale_temporary_files_are_swept_and_fresh_ones_left(store):
    store.put(DATA, verify=_accept)
    stale, fresh = store.root / "tmp" / "a-1", store.root / "tmp" / "b-2"
    stale.write_bytes(b"x")
    fresh.write_bytes(b"x")
    os.utime(stale, (1_000, 1_000))

    assert store.sweep_temporary(older_than=2_000) == 1
    assert _leftovers(store) == [fresh]


def _put_many(root: str, gate, answers) -> None:
    gate.wait()
    store = BlobStore(Path(root), reserve_bytes=0)
    answers.put([store.put(DATA + bytes([n]), verify=lambda data: None) for n in range(20)])


def test_two_processes_that_store_the_same_blobs_at_once_both_succeed(tmp_path):
    context = get_context("spawn")
    gate, answers = context.Barrier(2), context.Queue()
    workers = [context.Process(target=_put_many, args=(str(tmp_path / "store"), gate, answers)) for _ in range(2)]
    for worker in workers:
        worker.start()
    first, second = answers.get(timeout=60), answers.get(timeout=60)
    for worker in workers:
        worker.join(60)

    store = BlobStore(tmp_path / "store")
    assert first == second
    assert [r.intact for r in store.scrub()] == [True] * 20
    assert _leftovers(store) == []


# The temporary name is fixed, so that strace can watch exactly the paths of the save.
_CHILD = """
import sys, uuid
from pathlib import Path
from segmentation.store import BlobStore
uuid.uuid4 = lambda: uuid.UUID(int=1)
data = bytes(range(256)) * 200
print(BlobStore(Path(sys.argv[1]), reserve_bytes=0).put(data, verify=lambda found: None), flush=True)
"""
_KILLED_CALLS = ("mkdir", "openat", "write", "fsync", "read", "rename", "close", "statfs")


@pytest.mark.prove
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_kill_at_every_system_call_loses_nothing_that_was_acknowledged(tmp_path):
    kills = dict.fromkeys(_KILLED_CALLS, 0)
    for call in _KILLED_CALLS:
        for when in range(1, 60):
            root = tmp_path / f"{call}-{when}"
            killed, acknowledged = _run_and_kill(root, call, when)
            store = BlobStore(root, reserve_bytes=0)
            assert all(result.intact for result in store.scrub())
            assert not acknowledged or store.read(acknowledged) == DATA
            assert store.put(DATA, verify=_accept) == ADDRESS
            if not killed:
                assert acknowledged == ADDRESS
                break
            kills[call] += 1

    assert all(kills.values()) and sum(kills.values()) >= 30, f"kills inside the save path: {kills}"


def _run_and_kill(root: Path, call: str, when: int) -> tuple[bool, str]:
    blob = root / "blobs" / ADDRESS[:2] / ADDRESS
    temporary = root / "tmp" / f"{ADDRESS[:16]}-{1:032x}"
    watched = [root.parent, root, root / "tmp", root / "blobs", blob.parent, blob, temporary]
    command = ["strace", "-f", "-o", "/dev/null", *(f"-P{path}" for path in watched)]
    command += ["-e", f"inject={call}:signal=KILL:when={when}", sys.executable, "-c", _CHILD, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
    return done.returncode != 0, done.stdout.strip()


def test_refusals_of_the_store_are_domain_errors():
    assert all(issubclass(kind, DomainError) for kind in (BlobCorrupt, BlobMissing, StorageFull, StorageFault))
