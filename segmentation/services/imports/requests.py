"""Imports asked for on the web: a dry run over a batch of uploads as one job, the import as a second one."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from segmentation.errors import Conflict, NotFound
from segmentation.models import Dataset, Job
from segmentation.services import measurements, uploads
from segmentation.services.imports.applying import apply_import
from segmentation.services.imports.layout import IncomingFile
from segmentation.services.imports.plan import ImportPlan, Options
from segmentation.services.imports.planning import plan_import
from segmentation.services.jobs import JobContext, request_job

PLAN, APPLY = "import_plan", "import_apply"


def request_plan(dataset: Dataset, *, batch: str, options: Options, by: User) -> Job:
    """Ask for the dry run of a finished batch."""
    uploads.batch_files(dataset, user=by, batch=batch)
    parameters = {
        "batch": batch,
        "empty_masks": options.empty_masks,
        "label_map": options.label_map,
        "orientation": options.orientation,
    }
    return request_job(PLAN, parameters=parameters, dataset=dataset, by=by)


def request_apply(plan_job: Job, *, by: User) -> Job:
    """Ask for the import that a finished dry run described; asked twice, the same job answers."""
    with transaction.atomic():
        dataset = plan_job.dataset
        if plan_job.kind != PLAN or plan_job.created_by_id != by.pk or dataset is None:
            raise NotFound
        if plan_job.state != Job.State.DONE:
            raise Conflict("import.no_plan", "The dry run has not finished; wait for its table, or start it again.")
        # Two clicks at once: the second waits here and finds the first one's job.
        Job.objects.select_for_update().get(pk=plan_job.pk)
        before = Job.objects.filter(kind=APPLY, parameters__plan=plan_job.code).exclude(
            state__in=[Job.State.FAILED, Job.State.CANCELLED]
        )
        known = before.first()
        if known:
            return known
        batch = str(plan_job.parameters["batch"])
        _files(dataset, by, batch)
        return request_job(APPLY, parameters={"batch": batch, "plan": plan_job.code}, dataset=dataset, by=by)


def run_plan(context: JobContext) -> dict[str, Any]:
    """Do the dry run; its result is `ImportPlan.as_json()`."""
    dataset, by, batch = _asked(context)
    parameters = context.parameters
    options = Options(parameters["empty_masks"], parameters["orientation"], parameters["label_map"])
    files = _files(dataset, by, batch)
    return plan_import(files, dataset, options=options, progress=context.progress).as_json()


def run_apply(context: JobContext) -> dict[str, Any]:
    """Do the import, throw the originals away, ask for the measurements; the result is `ImportResult.as_json()`."""
    dataset, by, batch = _asked(context)
    told = Job.objects.get(code=context.parameters["plan"], dataset=dataset).result
    files = _files(dataset, by, batch)
    result = apply_import(
        ImportPlan.from_json(told or {}), files, dataset, by=by, at=timezone.now(), progress=context.progress
    )
    uploads.discard_batch(dataset, user=by, batch=batch)
    if result.segmentations_new:
        # Nobody's quota: what was imported is measured however much its importer has waiting.
        measurements.request_measure(dataset, by=None)
    return result.as_json()


def _files(dataset: Dataset, by: User, batch: str) -> list[IncomingFile]:
    try:
        return uploads.batch_files(dataset, user=by, batch=batch)
    except NotFound:
        raise Conflict(
            "import.gone", "The uploaded files are no longer here; drop the folder again. What was stored stays."
        ) from None


def _asked(context: JobContext) -> tuple[Dataset, User, str]:
    job = context.job
    if job.dataset is None or job.created_by is None:
        raise NotFound
    return job.dataset, job.created_by, str(context.parameters["batch"])
