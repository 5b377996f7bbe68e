"""Doing a job again that failed or was cancelled: a new job, so that the old one keeps telling what happened."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.chain import record
from segmentation.errors import Conflict
from segmentation.models import Job
from segmentation.services.jobs import request_job


def retry_job(job: Job, *, by: User, at: datetime) -> Job:
    """Ask for the same work once more; Conflict unless it failed or was cancelled."""
    if job.state not in (Job.State.FAILED, Job.State.CANCELLED):
        raise Conflict("job.not_failed", f"This job is {job.get_state_display()}; only a failed one is done again.")
    with transaction.atomic():
        again = request_job(
            job.kind, parameters=dict(job.parameters), dataset=job.dataset, study_code=job.study_code, by=by
        )
        stream = f"dataset/{job.dataset.code}" if job.dataset else "site"
        record(stream, "job.retried", actor=by, details={"again": again.code, "job": job.code, "kind": job.kind}, at=at)
    return again
