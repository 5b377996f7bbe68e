"""What the light worker does when the doorbell rings; database-side work only, never torch."""

from celery import shared_task
from django.utils import timezone

from segmentation.services import jobs


@shared_task(name=jobs.DOORBELL)
def run_job(code: str) -> None:
    """Do one job; the message carries its code and nothing else."""
    jobs.run(code)


@shared_task(name="segmentation.tasks.reap_jobs")
def reap_jobs() -> None:
    """Put the jobs of dead workers back, and ring for all that wait."""
    for code in jobs.reap_expired(timezone.now()):
        jobs.ring(code)
