"""Importing on the web: send a folder, look at the dry run, import, read what was refused and why.

The browser only sends files; everything else is plain pages over jobs, so leaving a page stops nothing.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_POST, require_safe

from segmentation.errors import Conflict, NotFound
from segmentation.models import Dataset, Job
from segmentation.pages.convention import EXAMPLE, TEMPLATE_COLUMNS
from segmentation.pages.dry_run import FILES_PER_PAGE, DryRun
from segmentation.pages.requests import PersonRequest, for_managers, show
from segmentation.selectors.access import job_for
from segmentation.selectors.imports import apply_of, expected_end, import_row, imports_of, unfinished_batches
from segmentation.services import jobs, uploads
from segmentation.services.imports.plan import Options
from segmentation.services.imports.requests import APPLY, PLAN, request_apply, request_plan
from segmentation.services.measurements import MEASURE
from segmentation.services.retries import retry_job


@require_safe
@for_managers
def begin(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """Show where a folder is dropped, what is on its way, and the imports so far."""
    context = {
        "here": "import",
        "unfinished": unfinished_batches(dataset, request.user),
        "imports": imports_of(dataset),
        "example": EXAMPLE,
        "templates": list(TEMPLATE_COLUMNS),
    }
    return show(request, "import_begin.html", dataset, context)


@require_safe
@for_managers
def one(request: PersonRequest, dataset: Dataset, job: str) -> HttpResponse:
    """Show one import: its dry run, then its progress, then its result; `part` asks for the changing part only."""
    plan = _plan(request, dataset, job)
    apply = apply_of(plan)
    part = "part" in request.GET
    etag = quote_etag("-".join(f"{j.code}.{j.state}.{j.done_steps}.{j.message}" for j in (plan, apply) if j))
    if part and (unchanged := get_conditional_response(request, etag=etag)):
        return unchanged
    template = "parts/import_state.html" if part else "import.html"
    response = show(request, template, dataset, _state(request, plan, apply))
    if part:
        response.headers["ETag"] = etag
    return response


def _state(request: PersonRequest, plan: Job, apply: Job | None) -> dict[str, Any]:
    running = next((job for job in (apply, plan) if job and not job.finished), None)
    failed = next((job for job in (apply, plan) if job and job.finished and job.state != Job.State.DONE), None)
    context: dict[str, Any] = {
        "here": "import",
        "plan": plan,
        "apply": apply,
        "running": running,
        "failed": failed,
        "ends": expected_end(running, timezone.now()) if running else None,
        "mine": plan.created_by_id == request.user.pk,
        "import": import_row(plan),
    }
    if not running and plan.state == Job.State.DONE:
        context |= _table(request, plan, apply)
    return context


def _table(request: PersonRequest, plan: Job, apply: Job | None) -> dict[str, Any]:
    done = apply is not None and apply.state == Job.State.DONE
    told = apply.result if apply and done else plan.result
    dry = DryRun.of(told or {}, plan.result or {})
    chosen = dry.chosen(request.GET.get("show", ""))
    pages = Paginator(dry.rows(chosen), FILES_PER_PAGE)
    return {
        "dry": dry,
        "done": done,
        "result": told if done else None,
        "measuring": dataset_measures(plan.dataset) if done else False,
        "chosen": chosen,
        "filters": dry.filters(chosen),
        "files": pages.get_page(request.GET.get("page")),
    }


def dataset_measures(dataset: Dataset | None) -> bool:
    """Return whether volumes and Dice of a dataset are still being measured."""
    unfinished = [Job.State.QUEUED, Job.State.RUNNING]
    return Job.objects.filter(dataset=dataset, kind=MEASURE, state__in=unfinished).exists()


@require_POST
@for_managers
def apply(request: PersonRequest, dataset: Dataset, job: str) -> HttpResponse:
    """Do what the dry run described."""
    plan = _plan(request, dataset, job)
    if not import_row(plan).files_here and apply_of(plan) is None:
        raise Conflict("import.gone", "The files of this dry run are no longer here; send the folder again.")
    request_apply(plan, by=request.user)
    return redirect("import", dataset.code, plan.code)


@require_POST
@for_managers
def again(request: PersonRequest, dataset: Dataset, job: str) -> HttpResponse:
    """Make the dry run again over the same files with other choices."""
    plan = _plan(request, dataset, job)
    asked = request.POST
    orientation = asked.get("orientation", "")
    options = Options(
        empty_masks="declare" if asked.get("empty_masks") else "refuse",
        orientation="sform" if orientation == "sform" else "qform" if orientation == "qform" else "",
        label_map=asked.get("label_map", "").strip()[:80],
    )
    try:
        newer = request_plan(dataset, batch=_batch(plan), options=options, by=request.user)
    except NotFound:
        raise Conflict("import.gone", "The files of this dry run are no longer here; send the folder again.") from None
    return redirect("import", dataset.code, newer.code)


@require_POST
@for_managers
def discard(request: PersonRequest, dataset: Dataset, job: str) -> HttpResponse:
    """Stop what runs, and throw the files away; what was stored before stays."""
    plan = _plan(request, dataset, job)
    for running in (plan, apply_of(plan)):
        if running and not running.finished:
            jobs.cancel(running, by=request.user, at=timezone.now())
    uploads.discard_batch(dataset, user=request.user, batch=_batch(plan))
    messages.info(request, "The files of this import were thrown away. What was stored before stays.")
    return redirect("dataset-import", dataset.code)


@require_POST
@for_managers
def discard_batch(request: PersonRequest, dataset: Dataset, batch: str) -> HttpResponse:
    """Throw away files that are still on their way."""
    if not any(found.batch == batch for found in unfinished_batches(dataset, request.user)):
        raise NotFound
    uploads.discard_batch(dataset, user=request.user, batch=batch)
    messages.info(request, "The files that had arrived were thrown away.")
    return redirect("dataset-import", dataset.code)


def page_of_retry(request: PersonRequest, job: Job) -> Job:
    """Do an import or dry run again that failed; return the dry run whose page shows it."""
    newer = retry_job(job, by=request.user, at=timezone.now())
    return Job.objects.get(code=newer.parameters["plan"]) if newer.kind == APPLY else newer


def _plan(request: PersonRequest, dataset: Dataset, code: str) -> Job:
    job = job_for(request.user, code)
    if job.kind != PLAN or job.dataset_id != dataset.pk:
        raise NotFound
    return job


def _batch(plan: Job) -> str:
    return str(plan.parameters.get("batch", ""))
