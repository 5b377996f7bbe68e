"""Datasets, their people, decisions about cases, and the withdrawal of a subject."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.codes import public_code
from accounts.models import User
from audit.chain import record
from segmentation.errors import Conflict, DomainError
from segmentation.models import (
    Case,
    Dataset,
    DatasetMember,
    Measurement,
    QualityDecision,
    SegmentationMask,
    Source,
    Subject,
    Volume,
)
from segmentation.storage import blob_store, empty_cache

LONGEST_REASON = 300


def create_dataset(*, name: str, description: str = "", by: User, at: datetime, code: str = "") -> Dataset:
    """Make a dataset; whoever makes it manages it. `code` is one that a dry run already used for it."""
    name = name.strip()
    if not 1 <= len(name) <= 120:
        raise _field("name", "dataset.name", "Give the dataset a name of 1 to 120 characters.")
    with transaction.atomic():
        dataset = Dataset.objects.create(
            code=code or public_code(), name=name, description=description.strip()[:5000], created_by=by
        )
        record(_stream(dataset), "dataset.created", actor=by, details={"name": name}, at=at)
        add_member(dataset, user=by, role=DatasetMember.Role.MANAGER, by=by, at=at)
    return dataset


def add_member(dataset: Dataset, *, user: User, role: str, by: User, at: datetime) -> DatasetMember:
    """Give a person a role in a dataset and a label (M1, A1 …); asked twice, the same row answers."""
    if role not in DatasetMember.Role.values:
        raise _field("role", "dataset.role", f"The role “{role}” is unknown; use manager or annotator.")
    with transaction.atomic():
        known = DatasetMember.objects.filter(dataset=dataset, user=user, role=role).first()
        if known:
            return known
        letter = "M" if role == DatasetMember.Role.MANAGER else "A"
        number = DatasetMember.objects.filter(dataset=dataset, role=role).count() + 1
        member = DatasetMember.objects.create(dataset=dataset, user=user, role=role, label=f"{letter}{number}")
        details = {"label": member.label, "person": user.code, "role": role}
        record(_stream(dataset), "member.added", actor=by, details=details, at=at)
    return member


def describe_source(
    source: Source,
    *,
    kind: str,
    annotator: User | None,
    training_subjects: list[str] | None,
    by: User,
    at: datetime,
) -> Source:
    """Correct what is known of a source; the stored segmentations do not change. None training means unknown."""
    if kind not in Source.Kind.values:
        raise _field("kind", "source.kind", f"The kind “{kind}” is unknown; use annotator or model.")
    source.kind, source.annotator = kind, annotator
    source.training_subjects = None if training_subjects is None else sorted(set(training_subjects))
    with transaction.atomic():
        source.save(update_fields=["kind", "annotator", "training_subjects"])
        details = {
            "annotator": annotator.code if annotator else "",
            "kind": kind,
            "source": source.code,
            "training_subjects": source.training_subjects,
        }
        record(_stream(source.dataset), "source.described", actor=by, details=details, at=at)
    return source


def decide_quality(case: Case, *, verdict: str, reason: str, by: User, at: datetime) -> QualityDecision:
    """Record whether studies may draw a case; excluding or querying needs a reason."""
    reason = reason.strip()
    if verdict not in QualityDecision.Verdict.values:
        raise _field("verdict", "quality.verdict", f"The verdict “{verdict}” is not include, exclude or query.")
    if verdict != QualityDecision.Verdict.INCLUDE and not reason:
        raise _field("reason", "quality.reason", "Say why: the reason appears in the study's flow diagram.")
    if len(reason) > LONGEST_REASON:
        raise _field("reason", "quality.reason", f"The reason has {len(reason)} characters; {LONGEST_REASON} fit.")
    with transaction.atomic():
        decision = QualityDecision.objects.create(
            case=case, verdict=verdict, reason=reason, decided_by=by, decided_at=at
        )
        details = {"case": case.code, "reason": reason, "verdict": verdict}
        record(_stream(case.dataset), "quality.decided", actor=by, details=details, at=at)
    return decision


def withdraw_subject(subject: Subject, *, reason: str, by: User, second: User, at: datetime) -> int:
    """Destroy a subject's images and masks for good, and leave their digests and a tombstone; return files destroyed.

    Called again after an interruption, it destroys what is left. Files that other subjects share are kept. The cache
    is emptied: packed presentations and pictures of this subject lie in it. Closing open presentations is the study's
    part.
    """
    if by.pk == second.pk or not second.is_active:
        raise Conflict("withdrawal.second_person", "A second person must confirm the withdrawal.")
    if not reason.strip():
        raise _field("reason", "withdrawal.reason", "Say why the subject is withdrawn.")
    digests = _digests_of(subject)
    if subject.withdrawn_at is None:
        _bury(subject, reason.strip(), digests, by=by, second=second, at=at)
    store = blob_store()
    destroyed = sum(store.destroy(digest) for digest in digests - _shared(subject, digests))
    empty_cache()
    return destroyed


def _bury(subject: Subject, reason: str, digests: set[str], *, by: User, second: User, at: datetime) -> None:
    with transaction.atomic():
        subject.withdrawn_at = at
        subject.save(update_fields=["withdrawn_at"])
        Case.objects.filter(subject=subject).update(covariates={}, site="")
        Measurement.objects.filter(segmentation__case__subject=subject).delete()
        details = {
            "blobs": sorted(digests),
            "reason": reason,
            "second": second.code,
            "subject": subject.code,
        }
        record(_stream(subject.dataset), "subject.withdrawn", actor=by, details=details, at=at)


def _digests_of(subject: Subject) -> set[str]:
    volumes = Volume.objects.filter(case__subject=subject).values_list("blob_sha256", flat=True)
    masks = SegmentationMask.objects.filter(segmentation__case__subject=subject).values_list("blob_sha256", flat=True)
    return {*volumes, *masks}


def _shared(subject: Subject, digests: set[str]) -> set[str]:
    others = Subject.objects.filter(withdrawn_at=None).exclude(pk=subject.pk)
    volumes = Volume.objects.filter(blob_sha256__in=digests, case__subject__in=others)
    masks = SegmentationMask.objects.filter(blob_sha256__in=digests, segmentation__case__subject__in=others)
    return {*volumes.values_list("blob_sha256", flat=True), *masks.values_list("blob_sha256", flat=True)}


def _stream(dataset: Dataset) -> str:
    return f"dataset/{dataset.code}"


def _field(name: str, code: str, sentence: str) -> DomainError:
    return DomainError(code, sentence, title="Please check the entries", fields=[(f"/{name}", code, sentence)])
