"""What is stored already, as an import asks for it. A dataset that is not saved yet holds nothing."""

from __future__ import annotations

from django.db.models import Q

from segmentation.errors import DomainError, FileRefused
from segmentation.models import Dataset, Segmentation, Source, Subject, Volume


def stored_volume(dataset: Dataset, case: str, sequence: str) -> Volume | None:
    """Return the stored volume of a case's sequence."""
    return Volume.objects.filter(case__dataset_id=dataset.pk or 0, case__name=case, sequence=sequence).first()


def is_withdrawn(dataset: Dataset, case: str, subject: str) -> bool:
    """Return whether a case, or the subject that it is said to be of, was withdrawn."""
    theirs = Q(code=subject) | Q(cases__name=case)
    return Subject.objects.filter(theirs, dataset_id=dataset.pk or 0, withdrawn_at__isnull=False).exists()


def stored_source(dataset: Dataset, name: str, version: str | None) -> Source | None:
    """Return the stored source of that name and version; for None, the only one of that name."""
    found = Source.objects.filter(dataset_id=dataset.pk or 0, name=name)
    rows = list(found if version is None else found.filter(version=version))
    return rows[0] if len(rows) == 1 else None


def head_segmentation(dataset: Dataset, case: str, source: Source) -> Segmentation | None:
    """Return the newest segmentation of a case by a source."""
    return Segmentation.objects.filter(
        case__dataset_id=dataset.pk or 0, case__name=case, source=source, replaced_by__isnull=True
    ).first()


def volume_differs(name: str, case: str, sequence: str) -> DomainError:
    """Return the refusal of other voxels for a sequence that is stored."""
    return FileRefused(
        "volume.differs",
        f"{name.rsplit('/', 1)[-1]}: the sequence {sequence} of {case} is stored already with other voxels, and stored "
        "images never change; give the new one another sequence name.",
    )
