"""tus 1.0 as a browser speaks it; what breaks on the way leaves the offset where it was."""

import base64
import errno
import hashlib
import io
import os
from collections import namedtuple

import pytest
from django.urls import reverse
from django.utils import timezone

from segmentation.errors import DomainError
from segmentation.models import Upload
from segmentation.services import uploads
from segmentation.storage import quarantine_folder

pytestmark = pytest.mark.django_db

BATCH = "0123456789abcdef" * 2
DATA = bytes(range(256)) * 40
LENGTH = len(DATA)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def tus(client, manager, dataset):
    client.force_login(manager)
    return Tus(client, dataset)


class Tus:
    """A small tus client over Django's test client."""

    def __init__(self, client, dataset):
        self.client, self.dataset = client, dataset

    def ask(self, method, path, data=b"", content_type="application/octet-stream", **headers):
        given = {"Tus-Resumable": "1.0.0"} | {name.replace("_", "-"): value for name, value in headers.items()}
        given = {name: value for name, value in given.items() if value is not None}
        return self.client.generic(method, path, data, content_type=content_type, headers=given)

    def create(self, path="P01/t2.nii.gz", length=LENGTH, batch=BATCH, **headers):
        metadata = f"batch {b64(batch.encode())},path {b64(path.encode('utf-8', 'surrogatepass'))}"
        address = reverse("api-uploads", args=[self.dataset.code])
        return self.ask("POST", address, Upload_Length=str(length), Upload_Metadata=metadata, **headers)

    def send(self, location, data, offset, sha256=None, **headers):
        checksum = f"sha256 {b64(sha256 or hashlib.sha256(data).digest())}"
        return self.ask(
            "PATCH", location, data, "application/offset+octet-stream",
            **{"Upload_Offset": str(offset), "Upload_Checksum": checksum} | headers,
        )  # fmt: skip

    def offset(self, location):
        return int(self.ask("HEAD", location).headers["Upload-Offset"])


def stored(location: str) -> bytes:
    return (quarantine_folder() / location.rstrip("/").rsplit("/", 1)[-1]).read_bytes()


def test_the_server_says_what_it_speaks(tus):
    answer = tus.ask("OPTIONS", reverse("api-uploads", args=[tus.dataset.code]), Tus_Resumable=None)

    assert answer.status_code == 204
    assert answer.headers["Tus-Extension"] == "creation,checksum,termination"
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256"


def test_a_file_arrives_whole_in_two_chunks(tus):
    created = tus.create()
    location = created.headers["Location"]

    first = tus.send(location, DATA[:4000], 0)
    second = tus.send(location, DATA[4000:], 4000)

    assert (created.status_code, first.status_code, second.status_code) == (201, 204, 204)
    assert first.headers["Upload-Offset"] == "4000"
    assert stored(location) == DATA
    assert Upload.objects.get().finished_at is not None


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99, 1 - 1 / len(DATA)])
def test_a_connection_that_breaks_leaves_the_offset_and_the_file_as_they_were(tus, share):
    location = tus.create().headers["Location"]
    tus.send(location, DATA[:100], 0)
    rest = DATA[100:]
    cut = io.BytesIO(rest[: int(len(rest) * share)])

    with pytest.raises(DomainError, match="send the chunk again") as refused:
        digest = hashlib.sha256(rest).digest()
        uploads.append_chunk(Upload.objects.get(), cut, offset=100, length=len(rest), sha256=digest, at=timezone.now())

    assert refused.value.code == "upload.short"
    assert tus.offset(location) == 100 and stored(location) == DATA[:100]
    assert tus.send(location, rest, 100).status_code == 204
    assert stored(location) == DATA


def test_what_a_killed_server_left_behind_the_offset_is_cut_off(tus):
    location = tus.create().headers["Location"]
    tus.send(location, DATA[:100], 0)
    path = uploads.file_of(Upload.objects.get())
    path.write_bytes(path.read_bytes() + b"half a chunk that was never acknowledged")

    tus.send(location, DATA[100:], 100)

    assert stored(location) == DATA


def test_a_chunk_sent_again_while_the_first_is_arriving_cannot_harm_it(tus):
    location = tus.create().headers["Location"]
    heard = []

    class Slow(io.BytesIO):
        def read(self, size=-1):
            if not heard:
                heard.append(tus.send(location, b"x" * 100, 0))
            return super().read(size)

    digest = hashlib.sha256(DATA).digest()
    uploads.append_chunk(Upload.objects.get(), Slow(DATA), offset=0, length=LENGTH, sha256=digest, at=timezone.now())

    assert (heard[0].status_code, heard[0].json()["code"]) == (409, "upload.busy")
    assert stored(location) == DATA and Upload.objects.get().finished_at is not None


@pytest.mark.parametrize(("number", "code"), [(errno.ENOSPC, "storage.full"), (errno.EIO, "storage.io")])
def test_a_disk_that_refuses_leaves_the_offset_and_is_said(tus, monkeypatch, number, code):
    location = tus.create().headers["Location"]
    tus.send(location, DATA[:100], 0)

    def refuse(handle):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("segmentation.services.uploads.os.fsync", refuse)
    answer = tus.send(location, DATA[100:], 100)
    monkeypatch.undo()

    assert (answer.status_code, answer.json()["code"]) == (507 if code == "storage.full" else 500, code)
    assert tus.offset(location) == 100 and stored(location) == DATA[:100]
    assert tus.send(location, DATA[100:], 100).status_code == 204


@pytest.mark.parametrize("offset", [0, 50, 101, 5000])
def test_a_repeated_overlapping_or_early_chunk_is_refused(tus, offset):
    location = tus.create().headers["Location"]
    tus.send(location, DATA[:100], 0)

    answer = tus.send(location, DATA[offset : offset + 100], offset)

    assert (answer.status_code, answer.json()["code"]) == (409, "upload.offset")
    assert tus.offset(location) == 100


def test_a_chunk_that_changed_on_its_way_is_refused_and_leaves_nothing(tus):
    location = tus.create().headers["Location"]

    answer = tus.send(location, DATA, 0, sha256=hashlib.sha256(b"other").digest())

    assert (answer.status_code, answer.json()["code"]) == (460, "upload.checksum")
    assert tus.offset(location) == 0 and stored(location) == b""


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Checksum": None}, 428),
        ({"Upload_Checksum": "md5 abcd"}, 400),
        ({"Upload_Checksum": "sha256 ###"}, 400),
        ({"Upload_Offset": "-1"}, 400),
        ({"Upload_Offset": "1e3"}, 400),
        ({"Tus_Resumable": "0.2.2"}, 412),
    ],
)
def test_a_chunk_without_what_it_needs_is_refused(tus, headers, status):
    location = tus.create().headers["Location"]

    assert tus.send(location, DATA, 0, **headers).status_code == status
    assert tus.offset(location) == 0


def test_a_chunk_of_another_kind_is_refused(tus):
    location = tus.create().headers["Location"]

    answer = tus.ask("PATCH", location, DATA, "application/json", Upload_Offset="0")

    assert answer.status_code == 415


def test_more_than_was_announced_is_refused(tus):
    location = tus.create(length=10).headers["Location"]

    assert tus.send(location, DATA, 0).status_code == 413
    assert tus.offset(location) == 0


def test_a_closed_browser_goes_on_where_it_stopped(tus):
    location = tus.create().headers["Location"]
    tus.send(location, DATA[:100], 0)

    again = tus.create()

    assert (again.headers["Location"], again.headers["Upload-Offset"]) == (location, "100")
    assert tus.create(length=5).status_code == 409


def test_a_file_can_be_thrown_away(tus):
    location = tus.create().headers["Location"]
    tus.send(location, DATA, 0)

    assert tus.ask("DELETE", location).status_code == 204
    assert list(quarantine_folder().iterdir()) == [] and Upload.objects.count() == 0
    assert tus.ask("HEAD", location).status_code == 404


def test_an_empty_file_is_finished_at_once(tus):
    location = tus.create(length=0).headers["Location"]

    assert stored(location) == b"" and Upload.objects.get().finished_at is not None


def test_too_large_a_file_is_refused_before_a_byte_is_sent(tus):
    answer = tus.create(length=uploads.LARGEST_FILE + 1)

    assert (answer.status_code, answer.json()["code"]) == (413, "upload.too_large")


def test_a_full_disk_is_said_before_a_byte_is_sent(tus, monkeypatch):
    usage = namedtuple("usage", "total used free")(10, 9, 1)
    monkeypatch.setattr("segmentation.storage.shutil.disk_usage", lambda path: usage)

    answer = tus.create()

    assert (answer.status_code, answer.json()["code"]) == (507, "storage.full")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "P01/\x00t2.nii.gz",
        "a/" * 2000 + "t2.nii.gz",
        "P01/\u202egz.iin.2t",
        "P01/🧠.nii.gz",
        "CON",
        "-rf",
        "<script>alert(1)</script>.nii.gz",
    ],
)
def test_a_hostile_name_is_text_and_never_a_path(tus, name):
    location = tus.create(path=name).headers["Location"]
    tus.send(location, DATA, 0)

    upload = Upload.objects.get()
    assert len(upload.relative_path) <= 1000
    assert not any(ord(character) < 32 or character == "\u202e" for character in upload.relative_path)
    assert [path.name for path in quarantine_folder().iterdir()] == [upload.token]


def test_another_persons_upload_or_batch_is_out_of_reach(tus, client, person, dataset):
    from segmentation.models import DatasetMember

    location = tus.create().headers["Location"]
    other = person("other")
    DatasetMember.objects.create(dataset=dataset, user=other, role="manager", label="M2")
    client.force_login(other)

    assert tus.ask("HEAD", location).status_code == 404
    assert tus.send(location, DATA, 0).status_code == 404
    assert tus.create().status_code == 409
    assert Upload.objects.get().offset == 0


def test_uploads_that_nobody_came_back_for_are_thrown_away(tus):
    location = tus.create().headers["Location"]
    tus.send(location, DATA, 0)
    stray = quarantine_folder() / ("f" * 32)
    stray.write_bytes(b"no row")
    os.utime(stray, (0, 0))

    assert uploads.discard_stale(at=timezone.now()) == 1
    assert uploads.discard_stale(at=timezone.now() + uploads.KEPT_FOR) == 1
    assert list(quarantine_folder().iterdir()) == []
