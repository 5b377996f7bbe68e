"""The reader studies' long work: sealing, and packing each reader's next presentations ahead."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from readerstudy.models import Study, StudyMember
from readerstudy.services import allocations, packing
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
