"""Imports and jobs: ask for a dry run, look how it stands, ask for the import."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from segmentation.api.base import DatasetView, body_of, choice, job_json
from segmentation.errors import NotFound
from segmentation.selectors import access
from segmentation.services import jobs
from segmentation.services.imports import Options
from segmentation.services.imports.requests import request_apply, request_plan


class Imports(DatasetView):
    """Start the dry run of a batch of uploads."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request, dataset: str) -> Response:
        found = access.managed_dataset_for(self.person, dataset)
        body = body_of(request, required=("batch",), optional=("empty_masks", "orientation", "label_map"))
        options = Options(
            empty_masks=choice(body, "empty_masks", ("refuse", "declare"), "refuse"),
            orientation=choice(body, "orientation", ("", "sform", "qform"), ""),
            label_map=body["label_map"].strip()[:80],
        )
        job = request_plan(found, batch=body["batch"], options=options, by=self.person)
        return Response(job_json(job), status=202)


class ImportApply(DatasetView):
    """Do what the dry run described."""

    @extend_schema(request=None, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request, dataset: str, job: str) -> Response:
        found = access.managed_dataset_for(self.person, dataset)
        plan = access.job_for(self.person, job)
        if plan.dataset_id != found.pk:
            raise NotFound
        return Response(job_json(request_apply(plan, by=self.person)), status=202)


class JobView(DatasetView):
    """How a job stands; asked every two seconds."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, job: str) -> Response:
        return Response(job_json(access.job_for(self.person, job)))


class JobCancel(DatasetView):
    """Cancel a job."""

    @extend_schema(request=None, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, job: str) -> Response:
        found = access.job_for(self.person, job)
        jobs.cancel(found, by=self.person, at=timezone.now())
        found.refresh_from_db()
        return Response(job_json(found))
