"""The long work of a dataset: what runs, how far it is, what failed and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_POST, require_safe

from segmentation.errors import NotFound
from segmentation.models import Dataset, Job
from segmentation.pages.imports import page_of_retry
from segmentation.pages.requests import PersonRequest, for_managers, show
from segmentation.selectors.access import job_for
from segmentation.selectors.imports import expected_end
from segmentation.services import jobs as work
from segmentation.services.imports.requests import APPLY, PLAN
from segmentation.services.measurements import MEASURE, request_measure
from segmentation.services.retries import retry_job

SHOWN = 50
WORDS = {PLAN: "Dry run of an import", APPLY: "Import", MEASURE: "Measurements", "prediction": "Prediction"}
BADGES = {"queued": "idle", "running": "attention", "done": "done", "failed": "problem", "cancelled": "idle"}


@dataclass(frozen=True)
class JobLine:
    """One job as the list shows it."""

    job: Job
    ends: datetime | None

    @property
    def words(self) -> str:
        """What it does."""
        return WORDS.get(self.job.kind, self.job.kind.replace("_", " ").capitalize())

    @property
    def badge(self) -> str:
        """The kind of its badge."""
        return BADGES[self.job.state]

    @property
    def page(self) -> str:
        """The page that shows its result, or nothing."""
        plan = {PLAN: self.job.code, APPLY: str(self.job.parameters.get("plan", ""))}.get(self.job.kind, "")
        return reverse("import", args=[self.job.dataset.code, plan]) if plan and self.job.dataset else ""

    @property
    def can_be_repeated(self) -> bool:
        """Whether it failed or was cancelled."""
        return self.job.state in (Job.State.FAILED, Job.State.CANCELLED)


@require_safe
@for_managers
def listed(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """Show the newest jobs of a dataset; `part` asks for the changing part only."""
    found = list(dataset.jobs.defer("result").select_related("created_by", "dataset")[:SHOWN])
    now = timezone.now()
    context = {
        "here": "jobs",
        "lines": [JobLine(job, expected_end(job, now)) for job in found],
        "busy": any(not job.finished for job in found),
    }
    if "part" not in request.GET:
        return show(request, "jobs.html", dataset, context)
    etag = quote_etag("-".join(f"{job.code}.{job.state}.{job.done_steps}" for job in found))
    if unchanged := get_conditional_response(request, etag=etag):
        return unchanged
    response = show(request, "parts/jobs_table.html", dataset, context)
    response.headers["ETag"] = etag
    return response


@require_POST
@for_managers
def measure(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """Measure whatever has not been measured yet."""
    request_measure(dataset, by=request.user)
    return redirect("dataset-jobs", dataset.code)


@require_POST
@for_managers
def cancel(request: PersonRequest, dataset: Dataset, job: str) -> HttpResponse:
    """Cancel a job; what it stored before stays."""
    found = _job(request, dataset, job)
    work.cancel(found, by=request.user, at=timezone.now())
    messages.info(request, "The job was cancelled. What it had stored before stays.")
    return redirect("dataset-jobs", dataset.code)


@require_POST
@for_managers
def retry(request: PersonRequest, dataset: Dataset, job: str) -> HttpResponse:
    """Do a failed or cancelled job again."""
    found = _job(request, dataset, job)
    if found.kind in (PLAN, APPLY):
        return redirect("import", dataset.code, page_of_retry(request, found).code)
    retry_job(found, by=request.user, at=timezone.now())
    return redirect("dataset-jobs", dataset.code)


def _job(request: PersonRequest, dataset: Dataset, code: str) -> Job:
    found = job_for(request.user, code)
    if found.dataset_id != dataset.pk:
        raise NotFound
    return found
