"""The reader studies' long work: sealing, packing each reader's next presentations ahead, and reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from readerstudy.models import Study, StudyMember
from readerstudy.services import allocations, packing, reports
from readerstudy.services.requests import PACK, SEAL, request_packing
from segmentation.services.jobs import JobContext, handles


@handles(SEAL)
def seal(context: JobContext) -> dict[str, Any]:
    """Verify every file, draw the list, commit to it."""
    study = Study.objects.get(code=context.parameters["study"])
    by = User.objects.get(code=context.parameters["by"])
    sealed = allocations.seal_study(study=study, by=by, at=timezone.now(), progress=context.progress)
    request_packing(study)
    return {"commitment": sealed.commitment}


@handles(PACK)
def pack(context: JobContext) -> dict[str, Any]:
    """Fill the cache of packed candidates; a miss costs a reader a moment and nothing else."""
    readers = StudyMember.objects.filter(study__code=context.parameters["study"], role=StudyMember.Role.READER)
    packed = 0
    for done, reader in enumerate(readers.select_related("study")):
        context.progress(done, len(readers), f"packing for {reader.label}")
        packed += packing.pack_ahead(reader)
    return {"packed": packed}


# The mixed model and its bootstrap are one step; ten thousand ratings by a hundred readers need tens of seconds.
@handles(reports.REPORT, lease=timedelta(minutes=5))
def report(context: JobContext) -> dict[str, Any]:
    """Compute both reports of an unblinded study and keep them."""
    study = Study.objects.get(code=context.parameters["study"])
    for done, name in enumerate((reports.CONVENTIONAL, reports.RECOMMENDED)):
        context.progress(done, 2, f"computing the {name} analysis")
        reports.computed_report(study, name)
    context.progress(2, 2, "done")
    return {}
