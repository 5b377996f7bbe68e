"""The reader's API for those who design the study: the same answers to the same requests, and nothing stored."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from readerstudy.api.parsing import idempotency_key, parsed_draft, parsed_note, parsed_submission
from readerstudy.selectors.studies import DESIGNERS, study_for
from readerstudy.services import preview
from readerstudy.services.preview import Preview
from segmentation.errors import NotFound
from segmentation.storage import deliver_blob


class PreviewBase(APIView):
    """Every answer is private and never stored by the browser, as for a reader."""

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    def preview(self, request: Request, code: str) -> Preview:
        return preview.preview_of(study_for(request.user, code, DESIGNERS))  # type: ignore[arg-type]


class PreviewSessionView(PreviewBase):
    """The reading session of a preview."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str) -> Response:
        return Response(preview.session(self.preview(request, code)))


class PreviewPresentationView(PreviewBase):
    """One case of a preview."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, code: str, number: int) -> Response:
        return Response(preview.presentation(self.preview(request, code), number).as_dict())


class PreviewVolumeView(PreviewBase):
    """One image of the case, as stored."""

    @extend_schema(responses=OpenApiTypes.BINARY)
    def get(self, request: Request, code: str, number: int, index: int) -> HttpResponseBase:
        volumes = self.preview(request, code).place(number).volumes
        if index >= len(volumes):
            raise NotFound
        return deliver_blob(request, volumes[index].blob_sha256, immutable=False)


class PreviewCandidatesView(PreviewBase):
    """The one packed volume of all slots."""

    @extend_schema(responses=OpenApiTypes.BINARY)
    def get(self, request: Request, code: str, number: int) -> HttpResponse:
        packed = preview.candidates(self.preview(request, code), number)
        digest = base64.b64encode(hashlib.sha256(packed).digest()).decode()
        return HttpResponse(
            packed,
            content_type="application/octet-stream",
            headers={"Content-Digest": f"sha-256=:{digest}:", "X-Content-Type-Options": "nosniff"},
        )


class PreviewOpenedView(PreviewBase):
    """The case is seen; nobody notes it."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str, number: int) -> Response:
        self.preview(request, code).place(number)
        return Response({"opened_at": timezone.now()})


class PreviewDraftView(PreviewBase):
    """Answers on their way; nobody keeps them."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def put(self, request: Request, code: str, number: int) -> Response:
        self.preview(request, code).place(number)
        draft = parsed_draft(request.data)
        return Response({"revision": draft["revision"], "saved_at": timezone.now()})


class PreviewReadView(PreviewBase):
    """Answers are judged by the instrument and forgotten."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str, number: int) -> Response:
        shown = self.preview(request, code)
        key = idempotency_key(request)
        preview.check_answers(shown, number, parsed_submission(request.data).answers)
        read = hashlib.sha256(key.encode()).hexdigest()[:32]
        return Response({"read": read, "submitted_at": timezone.now(), **preview.place_in_list(shown, number)}, 201)


class PreviewReportView(PreviewBase):
    """A report is read and forgotten."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, code: str, number: int) -> Response:
        self.preview(request, code).place(number)
        parsed_note(request.data)
        return Response({"at": timezone.now()}, 201)
