"""Cases, their images and masks, for those who manage the dataset."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from segmentation.api.base import DatasetView, as_json, body_of
from segmentation.errors import NotFound
from segmentation.models import QualityDecision
from segmentation.selectors import access
from segmentation.selectors.cases import CaseDetail, case_detail, cases_table, sources_of
from segmentation.selectors.thumbnails import thumbnail
from segmentation.services.cases import decide_quality
from segmentation.storage import deliver_blob


class Datasets(DatasetView):
    """The datasets in which one has a role."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        managed = set(access.managed_datasets_of(self.person).values_list("pk", flat=True))
        return Response(
            {
                "datasets": [
                    {"code": d.code, "name": d.name, "description": d.description, "manages": d.pk in managed}
                    for d in access.datasets_of(self.person)
                ]
            }
        )


class Cases(DatasetView):
    """The table of cases with the sources that its columns stand for."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, dataset: str) -> Response:
        found = access.managed_dataset_for(self.person, dataset)
        return Response(
            {
                "dataset": {"code": found.code, "name": found.name},
                "sources": [as_json(source) for source in sources_of(found)],
                "cases": [as_json(row) for row in cases_table(found)],
            }
        )


class CaseView(DatasetView):
    """Everything stored of one case."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, case: str) -> Response:
        return Response(_detail_json(case_detail(access.case_for(self.person, case))))


class Quality(DatasetView):
    """A decision about a case: include, exclude with a reason, query to the site."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request, case: str) -> Response:
        found = access.case_for(self.person, case)
        body = body_of(request, required=("verdict",), optional=("reason",))
        decision = decide_quality(
            found, verdict=body["verdict"], reason=body["reason"], by=self.person, at=timezone.now()
        )
        return Response(_decision_json(decision), status=201)


class Thumbnail(DatasetView):
    """The axial slice through the lesion."""

    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY})
    def get(self, request: Request, case: str) -> HttpResponseBase:
        found = access.case_for(self.person, case)
        picture = None if found.subject.withdrawn_at else thumbnail(found)
        if picture is None:
            raise NotFound
        return HttpResponse(picture, content_type="image/png", headers={"Cache-Control": "private, max-age=300"})


class VolumeView(DatasetView):
    """One image of a case, as stored."""

    @extend_schema(responses=OpenApiTypes.BINARY)
    def get(self, request: Request, case: str, sequence: str) -> HttpResponseBase:
        volume = access.volume_for(self.person, case, sequence)
        return deliver_blob(request, volume.blob_sha256, immutable=True)


class MaskView(DatasetView):
    """One mask of a segmentation, as stored: of the named sequence, or of the first."""

    @extend_schema(responses=OpenApiTypes.BINARY)
    def get(self, request: Request, segmentation: str, sequence: str = "") -> HttpResponseBase:
        masks = access.segmentation_for(self.person, segmentation).masks.order_by("volume__sequence")
        mask = (masks.filter(volume__sequence=sequence) if sequence else masks).first()
        if mask is None:
            raise NotFound
        return deliver_blob(request, mask.blob_sha256, immutable=True)


def _detail_json(detail: CaseDetail) -> dict[str, Any]:
    return {
        "case": as_json(detail.row),
        "volumes": [as_json(volume) for volume in detail.volumes],
        "volumes_ml": detail.volumes_ml,
        "overlaps": [as_json(overlap) for overlap in detail.overlaps],
        "decisions": [_decision_json(decision) for decision in detail.decisions],
    }


def _decision_json(decision: QualityDecision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict,
        "reason": decision.reason,
        "by": decision.decided_by.code,
        "at": decision.decided_at,
    }
