"""What a reader's browser talks to. Parses, calls one service, answers; knows nothing of origin."""

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

from readerstudy.api.parsing import (
    idempotency_key,
    parsed_display,
    parsed_draft,
    parsed_note,
    parsed_submission,
    refuse_query,
)
from readerstudy.models import Presentation
from readerstudy.selectors import presentations
from readerstudy.services import packing, reads
from segmentation.errors import NotFound
from segmentation.storage import deliver_blob


class ReaderView(APIView):
    """Every answer is private and never stored by the browser; an address says what it means without a query."""

    metadata_class = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        refuse_query(request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    def presentation(self, request: Request, token: str) -> Presentation:
        return presentations.presentation_for(request.user, token)  # type: ignore[arg-type]

    def answered(self, request: Request, token: str) -> Presentation:
        return presentations.answerable_presentation(request.user, token)  # type: ignore[arg-type]


class ReadingView(ReaderView):
    """The reading session: instrument, display, policy, place in the list."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, member: str) -> Response:
        reader = presentations.reader_for(request.user, member)  # type: ignore[arg-type]
        return Response(presentations.reading_session(reader))


class PresentationView(ReaderView):
    """One blinded presentation."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, token: str) -> Response:
        return Response(presentations.blinded(self.presentation(request, token)).as_dict())


class VolumeView(ReaderView):
    """One image of the case, as stored."""

    @extend_schema(responses=OpenApiTypes.BINARY)
    def get(self, request: Request, token: str, index: int) -> HttpResponseBase:
        volumes = presentations.volumes_of(self.presentation(request, token))
        if index >= len(volumes):
            raise NotFound
        return deliver_blob(request, volumes[index].blob_sha256, immutable=False)


class CandidatesView(ReaderView):
    """The one packed volume of all slots."""

    @extend_schema(responses=OpenApiTypes.BINARY)
    def get(self, request: Request, token: str) -> HttpResponse:
        packed = packing.packed_candidates(self.presentation(request, token))
        digest = base64.b64encode(hashlib.sha256(packed).digest()).decode()
        return HttpResponse(
            packed,
            content_type="application/octet-stream",
            headers={"Content-Digest": f"sha-256=:{digest}:", "X-Content-Type-Options": "nosniff"},
        )


class OpenedView(ReaderView):
    """The reader sees the case for the first time."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, token: str) -> Response:
        presentation = self.presentation(request, token)
        display = parsed_display(request.data)
        viewing = reads.open_presentation(presentation=presentation, display=display, at=timezone.now())
        return Response({"opened_at": viewing.opened_at})


class DraftView(ReaderView):
    """Unsubmitted answers."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def put(self, request: Request, token: str) -> Response:
        presentation = self.answered(request, token)
        kept = reads.save_draft(presentation=presentation, at=timezone.now(), **parsed_draft(request.data))
        return Response({"revision": kept.revision, "saved_at": kept.updated_at})


class ReadView(ReaderView):
    """Submit one read."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, token: str) -> Response:
        presentation = self.answered(request, token)
        read, created = reads.submit_read(
            presentation=presentation,
            submission=parsed_submission(request.data),
            key=idempotency_key(request),
            at=timezone.now(),
        )
        place = presentations.reading_place(presentation.reader)
        return Response({"read": read.token, "submitted_at": read.submitted_at, **place}, 201 if created else 200)


class ReportView(ReaderView):
    """Tell the study team something without leaving the blinded read."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, token: str) -> Response:
        note = reads.report_note(
            presentation=self.presentation(request, token),
            key=idempotency_key(request),
            at=timezone.now(),
            **parsed_note(request.data),
        )
        return Response({"at": note.at}, 201)
