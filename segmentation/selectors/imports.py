"""The imports of a dataset: what is still on its way, which dry runs wait for a decision, what was stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from accounts.models import User
from segmentation.models import Dataset, Job, Upload

# The kinds of `services.imports.requests`, which a selector may not import.
PLAN, APPLY = "import_plan", "import_apply"
SHOWN = 20


@dataclass(frozen=True)
class Batch:
    """Files of one folder that are still on their way."""

    batch: str
    files: int
    arrived: int
    example: str
    began: datetime

    @property
    def folder(self) -> str:
        """The name of the folder, as its files tell it."""
        return self.example.split("/")[0] if "/" in self.example else "files without a folder"


@dataclass(frozen=True)
class ImportRow:
    """One import: its newest dry run, and what was done with it."""

    plan: Job
    apply: Job | None
    counts: Mapping[str, int]
    stored: int
    files_here: bool

    @property
    def discarded(self) -> bool:
        """Whether the files were thrown away without an import."""
        return not self.files_here and self.apply is None and self.plan.finished

    @property
    def taken(self) -> int:
        """Files that the dry run would store."""
        return sum(self.counts.get(action, 0) for action in ("new_volume", "new_segmentation", "replaces"))

    @property
    def state(self) -> str:
        """The state in a few words."""
        if self.apply and self.apply.state == Job.State.DONE:
            return "imported"
        if self.discarded:
            return "discarded"
        job = self.apply or self.plan
        doing = "import" if self.apply else "dry run"
        if job.state == Job.State.DONE:
            return "waits for your decision"
        return f"{doing} {job.get_state_display()}"

    @property
    def badge(self) -> str:
        """The kind of its badge."""
        job = self.apply or self.plan
        if self.discarded:
            return "idle"
        if job.state == Job.State.FAILED:
            return "problem"
        if job.state == Job.State.DONE:
            return "done" if self.apply else "attention"
        return "idle"


def plan_jobs(dataset: Dataset) -> QuerySet[Job]:
    """Return the dry runs of a dataset, newest first, without their tables."""
    return Job.objects.filter(dataset=dataset, kind=PLAN).defer("result").select_related("created_by")


def imports_of(dataset: Dataset) -> list[ImportRow]:
    """Return the newest imports; of several dry runs over the same files the newest counts."""
    found: list[ImportRow] = []
    batches: set[str] = set()
    for plan in plan_jobs(dataset)[: 3 * SHOWN]:
        batch = str(plan.parameters.get("batch", ""))
        if batch not in batches and len(found) < SHOWN:
            batches.add(batch)
            found.append(import_row(plan))
    return found


def apply_of(plan: Job) -> Job | None:
    """Return the import that followed a dry run, the newest one."""
    return Job.objects.filter(kind=APPLY, parameters__plan=plan.code).first()


def newest_plan(dataset: Dataset, batch: str) -> Job | None:
    """Return the newest dry run over a batch."""
    return plan_jobs(dataset).filter(parameters__batch=batch).first()


def import_row(plan: Job) -> ImportRow:
    """Return how the import of a dry run stands."""
    apply = Job.objects.filter(kind=APPLY, parameters__plan=plan.code).defer("result").first()
    counts = Job.objects.filter(pk=plan.pk).values_list("result__counts", flat=True).first() or {}
    stored = 0
    if apply and apply.state == Job.State.DONE:
        told = Job.objects.values_list("result__volumes_new", "result__segmentations_new").get(pk=apply.pk)
        stored = sum(number or 0 for number in told)
    here = Upload.objects.filter(dataset=plan.dataset, batch=plan.parameters.get("batch", "")).exists()
    return ImportRow(plan, apply, counts, stored, here)


def unfinished_batches(dataset: Dataset, user: User) -> list[Batch]:
    """Return this person's batches of which a file is still missing, or that nobody has looked at yet."""
    looked_at = set(plan_jobs(dataset).values_list("parameters__batch", flat=True))
    rows: Any = (
        Upload.objects.filter(dataset=dataset, user=user)
        .order_by()
        .values("batch")
        .annotate(
            files=Count("id"),
            arrived=Count("id", filter=Q(finished_at__isnull=False)),
            example=Max("relative_path"),
            began=Max("created_at"),
        )
        .order_by("-began")
    )
    return [Batch(**row) for row in rows if row["batch"] not in looked_at or row["arrived"] < row["files"]]


def expected_end(job: Job, at: datetime) -> datetime | None:
    """Return when a running job will have ended if it goes on at its own pace; None before a tenth is done."""
    if (
        job.state != Job.State.RUNNING
        or not job.started_at
        or job.done_steps * 10 < job.total_steps
        or not job.done_steps
    ):
        return None
    per_step = (at - job.started_at) / job.done_steps
    return at + per_step * max(0, job.total_steps - job.done_steps)
