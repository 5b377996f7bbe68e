"""What the light worker does when the doorbell rings; database-side work only, never torch."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from segmentation.services import jobs, measurements, uploads
from segmentation.services.imports import requests as imports

# One step is one file: read, checked, packed, read back. The largest that are taken need minutes on a slow disk.
jobs.handles(imports.PLAN, lease=timedelta(minutes=5))(imports.run_plan)
jobs.handles(imports.APPLY, lease=timedelta(minutes=5))(imports.run_apply)
jobs.handles(measurements.MEASURE, lease=timedelta(minutes=5))(measurements.run_measure)


@shared_task(name=jobs.DOORBELL)
def run_job(code: str) -> None:
    """Do one job; the message carries its code and nothing else."""
    jobs.run(code)


@shared_task(name="segmentation.tasks.reap_jobs")
def reap_jobs() -> None:
    """Put the jobs of dead workers back, ring for all that wait, and throw abandoned uploads away."""
    now = timezone.now()
    for code in jobs.reap_expired(now):
        jobs.ring(code)
    uploads.discard_stale(at=now)
