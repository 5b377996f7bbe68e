"""The long work that was asked for on behalf of a study."""

from __future__ import annotations

from readerstudy.models import Study
from segmentation.models import Job


def newest_job(study: Study, kind: str) -> Job | None:
    """Return the newest job of a kind for a study."""
    return Job.objects.filter(study_code=study.code, kind=kind).order_by("-created_at", "-id").first()
