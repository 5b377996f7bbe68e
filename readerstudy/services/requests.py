"""Asking for the reader studies' long work; `readerstudy.tasks` does it."""

from __future__ import annotations

from accounts.models import User
from readerstudy.models import Study
from segmentation.models import Job
from segmentation.services.jobs import request_job

SEAL, PACK = "seal", "pack"


def request_seal(study: Study, by: User) -> Job:
    """Queue the seal of a study."""
    return request_job(SEAL, parameters={"study": study.code, "by": by.code}, study_code=study.code, by=by)


def request_packing(study: Study) -> Job:
    """Queue packing of every reader's next presentations."""
    return request_job(PACK, parameters={"study": study.code}, study_code=study.code, by=None)
