"""Long work: one row is the truth, a lease says who works on it, and Celery is only the doorbell.

A worker takes a row by raising its `fence`; whatever it writes later is accepted only under that fence, so a worker
that was thought dead can never overwrite the one that took over. A lost message or a killed worker costs seconds:
the reaper puts expired leases back and rings again, three times at most.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import OperationalError, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from audit.chain import record
from segmentation.errors import Conflict, DomainError
from segmentation.models import Dataset, Job

log = logging.getLogger(__name__)

DOORBELL = "segmentation.tasks.run_job"
LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
WAITING_PER_PERSON = 20
RING_AGAIN_AFTER = timedelta(seconds=20)
RUNG_AT_ONCE = 10

Work = Callable[["JobContext"], "dict[str, Any] | None"]


class JobStopped(Exception):
    """The job was cancelled, or its lease went to another worker: stop, and write nothing more."""


class QuotaReached(DomainError):
    """One person has too much work waiting."""

    def __init__(self, waiting: int) -> None:
        super().__init__(
            "job.quota",
            f"You have {waiting} jobs waiting, and {WAITING_PER_PERSON} are allowed; let some finish or cancel them.",
            title="Too many jobs waiting",
            status=429,
        )


@dataclass(frozen=True)
class Handler:
    """What does one kind of job, and how long a single step of it may take."""

    work: Work
    lease: timedelta


_HANDLERS: dict[str, Handler] = {}


def handles(kind: str, *, lease: timedelta = LEASE) -> Callable[[Work], Work]:
    """Register the function that does jobs of a kind; its longest step must be shorter than `lease`."""

    def register(work: Work) -> Work:
        if _HANDLERS.get(kind, Handler(work, lease)).work is not work:
            raise ValueError(f"two functions claim jobs of kind {kind!r}")
        _HANDLERS[kind] = Handler(work, lease)
        return work

    return register


@dataclass
class JobContext:
    """What a handler knows of its job; every call renews the lease and stops a job that is no longer ours."""

    job: Job
    lease: timedelta = LEASE

    @property
    def parameters(self) -> dict[str, Any]:
        """What was asked for."""
        return dict(self.job.parameters)

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Say how far the work is."""
        self._renew(done_steps=done, total_steps=total, message=message[:200])

    def heartbeat(self) -> None:
        """Say that the worker lives."""
        self._renew()

    def check(self) -> None:
        """Raise JobStopped if the job was cancelled or taken over."""
        if not _under_fence(self.job).exists():
            raise JobStopped(self.job.code)

    def _renew(self, **fields: Any) -> None:
        renewed = _under_fence(self.job).update(leased_until=timezone.now() + self.lease, **fields)
        if not renewed:
            raise JobStopped(self.job.code)


def request_job(
    kind: str,
    *,
    parameters: dict[str, Any],
    dataset: Dataset | None = None,
    study_code: str = "",
    by: User | None,
) -> Job:
    """Store a job and ring after the commit; a person's waiting jobs are limited."""
    with transaction.atomic():
        if by is not None:
            _check_quota(by)
        job = Job.objects.create(
            kind=kind, parameters=parameters, dataset=dataset, study_code=study_code, created_by=by
        )
        transaction.on_commit(lambda: ring(job.code))
    return job


def ring(code: str) -> None:
    """Tell a worker that a job waits; without a broker the row waits for the reaper."""
    try:
        # A signature finds the task in this process (so that tests run it at once) or sends its name.
        current_app.signature(DOORBELL, args=[code]).apply_async(retry=False)
    except JobStopped:
        raise
    except Exception as error:
        log.warning("no worker could be told of job %s (%s); the reaper will ring again", code, type(error).__name__)


def lease_job(code: str, *, at: datetime, lease: timedelta = LEASE) -> Job | None:
    """Take a waiting job under a new fence; None when it is gone, finished or someone else's."""
    with transaction.atomic():
        taken = Job.objects.filter(code=code, state=Job.State.QUEUED).update(
            state=Job.State.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            leased_until=at + lease,
            started_at=at,
            message="",
        )
        return Job.objects.get(code=code) if taken else None


def run(code: str) -> None:
    """Lease a job, do it, and store how it ended. A kind without a handler here is left for its own worker."""
    kind = Job.objects.filter(code=code).values_list("kind", flat=True).first()
    handler = _HANDLERS.get(kind or "")
    if handler is None:
        return
    job = lease_job(code, at=timezone.now(), lease=handler.lease)
    if job is None:
        return
    try:
        finish(job, handler.work(JobContext(job, handler.lease)), at=timezone.now())
    except JobStopped:
        _note_late(job)
    except DomainError as error:
        fail(job, error.code, error.detail, at=timezone.now())
    except OperationalError:
        log.warning("the database was busy during job %s; it runs again", code, exc_info=True)
        give_back(job)
    except Exception:
        log.exception("job %s failed", code)
        fail(job, "job.failed", "The server failed on this job and has noted it; try again.", at=timezone.now())


def finish(job: Job, result: dict[str, Any] | None, *, at: datetime) -> None:
    """Store the result, if the job is still under this worker's fence; otherwise raise JobStopped."""
    _close(job, state=Job.State.DONE, result=result, finished_at=at)


def fail(job: Job, code: str, sentence: str, *, at: datetime) -> None:
    """Store why the job failed, if it is still under this worker's fence."""
    try:
        _close(job, state=Job.State.FAILED, error_code=code[:60], error=sentence[:1000], finished_at=at)
    except JobStopped:
        _note_late(job)


def give_back(job: Job) -> None:
    """Put a running job back into the queue, or end it after the last attempt, through the reaper's own rule."""
    _under_fence(job).update(leased_until=timezone.now())


def cancel(job: Job, *, by: User, at: datetime) -> None:
    """Cancel a job that has not ended; a running worker stops at its next step and its result is refused."""
    with transaction.atomic():
        cancelled = Job.objects.filter(pk=job.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]).update(
            state=Job.State.CANCELLED, leased_until=None, finished_at=at
        )
        if not cancelled:
            raise Conflict("job.finished", "This job has already ended; nothing was cancelled.")
        record(_stream(job), "job.cancelled", actor=by, details={"job": job.code, "kind": job.kind}, at=at)


def reap_expired(at: datetime) -> list[str]:
    """Re-queue jobs whose lease has run out, fail those that used up their attempts; return the codes to ring."""
    expired = Job.objects.filter(state=Job.State.RUNNING, leased_until__lte=at)
    expired.filter(attempts__gte=MAX_ATTEMPTS).update(
        state=Job.State.FAILED,
        error_code="job.attempts",
        error=f"The worker stopped {MAX_ATTEMPTS} times without finishing; the job was set aside so that others run.",
        leased_until=None,
        finished_at=at,
    )
    expired.update(state=Job.State.QUEUED, leased_until=None, message="waiting to run again")
    unheard = Q(attempts__gt=0) | Q(created_at__lte=at - RING_AGAIN_AFTER)
    waiting = Job.objects.filter(unheard, state=Job.State.QUEUED).order_by("created_at", "id")
    return list(waiting.values_list("code", flat=True)[:RUNG_AT_ONCE])


def _close(job: Job, **fields: Any) -> None:
    if not _under_fence(job).update(leased_until=None, **fields):
        raise JobStopped(job.code)


def _under_fence(job: Job) -> Any:
    return Job.objects.filter(pk=job.pk, fence=job.fence, state=Job.State.RUNNING)


def _note_late(job: Job) -> None:
    with transaction.atomic():
        details = {"fence": job.fence, "job": job.code, "kind": job.kind}
        record(_stream(job), "job.late_result_ignored", actor=None, details=details)


def _stream(job: Job) -> str:
    return f"dataset/{job.dataset.code}" if job.dataset else "site"


def _check_quota(person: User) -> None:
    waiting = Job.objects.filter(created_by=person, state=Job.State.QUEUED).count()
    if waiting >= WAITING_PER_PERSON:
        raise QuotaReached(waiting)
