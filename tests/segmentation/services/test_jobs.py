from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from segmentation.errors import Conflict, DomainError
from segmentation.models import Job
from segmentation.services import jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def handler(monkeypatch):
    """Register a handler for one test only."""
    monkeypatch.setattr(jobs, "_HANDLERS", {})

    def register(work, kind="count"):
        jobs.handles(kind)(work)

    return register


def waiting_job(by, **fields) -> Job:
    return jobs.request_job("count", parameters={"to": 3}, by=by, **fields)


def test_a_job_is_done_and_keeps_its_result_and_progress(handler, manager):
    def work(context):
        context.progress(2, 3, "two of three")
        return {"counted": context.parameters["to"]}

    handler(work)
    job = waiting_job(manager)

    jobs.run(job.code)

    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.DONE, {"counted": 3})
    assert (job.done_steps, job.total_steps, job.message) == (2, 3, "two of three")
    assert job.leased_until is None and job.finished_at is not None


def test_the_doorbell_rings_only_after_the_commit(handler, manager, django_capture_on_commit_callbacks):
    done = []
    handler(lambda context: done.append(context.job.code))

    with django_capture_on_commit_callbacks(execute=True):
        job = waiting_job(manager)
        assert done == []

    assert done == [job.code]


def test_without_a_broker_the_row_waits_and_the_reaper_rings(
    handler, manager, monkeypatch, django_capture_on_commit_callbacks
):
    def no_broker(*_args, **_kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr("celery.canvas.Signature.apply_async", no_broker)
    with django_capture_on_commit_callbacks(execute=True):
        job = waiting_job(manager)

    assert Job.objects.get(pk=job.pk).state == Job.State.QUEUED
    assert jobs.reap_expired(timezone.now() + jobs.RING_AGAIN_AFTER) == [job.code]


def test_a_job_is_leased_once(manager):
    job, now = waiting_job(manager), timezone.now()

    first, second = jobs.lease_job(job.code, at=now), jobs.lease_job(job.code, at=now)

    assert first is not None and first.fence == 1
    assert second is None


def test_an_expired_lease_is_queued_again_and_the_dead_workers_result_is_refused(manager):
    job, now = waiting_job(manager), timezone.now()
    dead = jobs.lease_job(job.code, at=now)

    assert jobs.reap_expired(now + jobs.LEASE - timedelta(seconds=1)) == []
    assert jobs.reap_expired(now + jobs.LEASE) == [job.code]
    alive = jobs.lease_job(job.code, at=now + jobs.LEASE)

    with pytest.raises(jobs.JobStopped):
        jobs.finish(dead, {"by": "the dead"}, at=now)
    jobs.finish(alive, {"by": "the living"}, at=now)
    assert Job.objects.get(pk=job.pk).result == {"by": "the living"}


def test_a_heartbeat_keeps_the_lease(manager):
    job, long_ago = waiting_job(manager), timezone.now() - timedelta(hours=1)
    leased = jobs.lease_job(job.code, at=long_ago)

    jobs.JobContext(leased).heartbeat()

    assert jobs.reap_expired(timezone.now()) == []


def test_a_job_that_kills_its_worker_is_set_aside_after_three_attempts(manager):
    job, now = waiting_job(manager), timezone.now()
    other = waiting_job(manager)
    for attempt in range(3):
        assert jobs.lease_job(job.code, at=now).attempts == attempt + 1
        now += jobs.LEASE
        rung = jobs.reap_expired(now)

    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "job.attempts")
    assert "3 times" in job.error
    assert job.code not in rung and other.code in jobs.reap_expired(now + jobs.RING_AGAIN_AFTER)


def test_a_cancelled_job_stops_at_its_next_step_and_its_late_result_is_noted(handler, manager, dataset):
    def work(context):
        jobs.cancel(context.job, by=manager, at=timezone.now())
        context.progress(1, 3)
        raise AssertionError("it went on")

    handler(work)
    job = waiting_job(manager, dataset=dataset)

    jobs.run(job.code)

    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.CANCELLED, None)
    actions = Event.objects.filter(stream=f"dataset/{dataset.code}").values_list("action", flat=True)
    assert list(actions) == ["job.cancelled", "job.late_result_ignored"]


def test_an_ended_job_cannot_be_cancelled(handler, manager):
    handler(lambda context: None)
    job = waiting_job(manager)
    jobs.run(job.code)

    with pytest.raises(Conflict, match="already ended"):
        jobs.cancel(job, by=manager, at=timezone.now())


def test_a_refusal_ends_the_job_with_its_sentence_and_a_crash_with_a_plain_one(handler, manager):
    def refuse(_context):
        raise DomainError("gzip.crc", "The file a.nii.gz is damaged.")

    def crash(_context):
        raise ZeroDivisionError("secret detail")

    handler(refuse, "refuse")
    handler(crash, "crash")
    refused = jobs.request_job("refuse", parameters={}, by=manager)
    crashed = jobs.request_job("crash", parameters={}, by=manager)

    jobs.run(refused.code)
    jobs.run(crashed.code)

    refused.refresh_from_db()
    crashed.refresh_from_db()
    assert (refused.error_code, refused.error) == ("gzip.crc", "The file a.nii.gz is damaged.")
    assert crashed.state == Job.State.FAILED and "secret" not in crashed.error


def test_a_kind_without_a_handler_here_is_left_for_its_own_worker(handler, manager):
    job = jobs.request_job("predict", parameters={}, by=manager)

    jobs.run(job.code)

    assert Job.objects.get(pk=job.pk).state == Job.State.QUEUED


def test_one_person_cannot_flood_the_queue_and_others_are_not_affected(manager, person):
    for _ in range(jobs.WAITING_PER_PERSON):
        waiting_job(manager)

    with pytest.raises(jobs.QuotaReached, match="let some finish"):
        waiting_job(manager)

    assert waiting_job(person("other")).state == Job.State.QUEUED


def test_two_functions_cannot_claim_one_kind(handler):
    handler(lambda context: None)

    with pytest.raises(ValueError, match="claim"):
        handler(lambda context: None)
