"""Receiving files by tus 1.0 with the extensions creation, checksum (sha256) and termination.

A file is created with its length and, in the metadata, `batch` (32 hexadecimal digits that the files of one dropped
folder share) and `path`. Creating the same path again answers with the upload that is already there, so a browser
that was closed goes on where it stopped. Every chunk carries its checksum; without one it is refused (428).
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from segmentation.api.base import DatasetView
from segmentation.errors import DomainError
from segmentation.models import Upload
from segmentation.selectors import access
from segmentation.services import uploads

VERSION = "1.0.0"
CHUNK_TYPE = "application/offset+octet-stream"
LONGEST_METADATA = 16_000


class TusView(DatasetView):
    """Tells the protocol's version on every answer."""

    def finalize_response(  # type: ignore[override]
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Tus-Resumable"] = VERSION
        if response.status_code == 412:
            response.headers["Tus-Version"] = VERSION
        return response


class Uploads(TusView):
    """Announce a file."""

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        return HttpResponse(
            status=204,
            headers={
                "Tus-Version": VERSION,
                "Tus-Extension": "creation,checksum,termination",
                "Tus-Checksum-Algorithm": "sha256",
                "Tus-Max-Size": str(uploads.LARGEST_FILE),
            },
        )

    @extend_schema(request=None, responses={201: None})
    def post(self, request: Request, dataset: str) -> HttpResponseBase:
        found = access.managed_dataset_for(self.person, dataset)
        _check_version(request)
        metadata = _metadata(request.headers.get("Upload-Metadata", ""))
        upload = uploads.create_upload(
            found,
            user=self.person,
            batch=metadata.get("batch", ""),
            path=metadata.get("path", ""),
            length=_whole_number(request, "Upload-Length"),
        )
        if upload.length == 0 and upload.finished_at is None:
            upload = uploads.finish_empty(upload, at=timezone.now())
        location = reverse("api-upload", args=[upload.token])
        return HttpResponse(status=201, headers={"Location": location, "Upload-Offset": str(upload.offset)})


class UploadView(TusView):
    """One file on its way in."""

    @extend_schema(responses={200: None})
    def head(self, request: Request, upload: str) -> HttpResponseBase:
        found = self._upload(upload)
        facts = {"Upload-Offset": str(found.offset), "Upload-Length": str(found.length), "Cache-Control": "no-store"}
        return HttpResponse(status=200, headers=facts)

    @extend_schema(request=None, responses={204: None})
    def patch(self, request: Request, upload: str) -> HttpResponseBase:
        found = self._upload(upload)
        if request.content_type != CHUNK_TYPE:
            raise DomainError("media_type.unsupported", f"Send the chunk as {CHUNK_TYPE}.", status=415)
        if not request.META.get("CONTENT_LENGTH"):
            raise DomainError("upload.length_required", "Send the chunk with its Content-Length.", status=411)
        found = uploads.append_chunk(
            found,
            _Body(request),
            offset=_whole_number(request, "Upload-Offset"),
            length=_whole_number(request, "Content-Length"),
            sha256=_checksum(request.headers.get("Upload-Checksum", "")),
            at=timezone.now(),
        )
        return HttpResponse(status=204, headers={"Upload-Offset": str(found.offset)})

    @extend_schema(responses={204: None})
    def delete(self, request: Request, upload: str) -> HttpResponseBase:
        uploads.terminate(self._upload(upload))
        return HttpResponse(status=204)

    def _upload(self, token: str) -> Upload:
        found = uploads.upload_for(self.person, token)
        access.managed_dataset_for(self.person, found.dataset.code)
        _check_version(self.request)
        return found


def _check_version(request: Request) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise DomainError("upload.version", f"Send the header Tus-Resumable: {VERSION}.", status=412)


class _Body:
    """The request's body as it comes in; a connection that breaks is its end."""

    def __init__(self, request: Request) -> None:
        self._request = request._request

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes."""
        try:
            return self._request.read(size)
        except UnreadablePostError:
            return b""


def _whole_number(request: Request, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise DomainError("upload.header", f"The header {header} must be a whole number.", status=400)
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Return the pairs of Upload-Metadata: a key, a blank and base64 text, separated by commas."""
    if len(header) > LONGEST_METADATA:
        raise DomainError("upload.metadata", f"Upload-Metadata is longer than {LONGEST_METADATA:,}.", status=400)
    found = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        key, _, value = pair.partition(" ")
        found[key] = _decoded(value).decode("utf-8", errors="replace")
    return found


def _checksum(header: str) -> bytes:
    """Return the SHA-256 in Upload-Checksum; 428 when there is none, 400 for another algorithm."""
    if not header:
        raise DomainError(
            "digest.required",
            "The chunk came without a checksum, so damage on the way could not be seen; send Upload-Checksum.",
            status=428,
        )
    algorithm, _, value = header.partition(" ")
    digest = _decoded(value)
    if algorithm != "sha256" or len(digest) != 32:
        raise DomainError("upload.checksum_form", "Upload-Checksum must be: sha256, a blank, base64.", status=400)
    return digest


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise DomainError("upload.base64", "A header's value is not base64.", status=400) from None
