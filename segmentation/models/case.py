"""Subjects, cases, their volumes, and the quality decisions about them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.codes import public_code
from audit.protection import InsertOnly
from segmentation.models.dataset import Dataset


class Subject(models.Model):
    """One person, by study code: the unit that is split and clustered."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="subjects")
    code = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dataset", "code"], name="one_subject_per_code")]
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.code


class Case(models.Model):
    """One de-identified imaging examination of a subject at a site; `name` is the case code that the site issued."""

    class CohortRole(models.TextChoices):
        TRAIN = "train", "train"
        TUNE = "tune", "tune"
        INTERNAL_TEST = "internal_test", "internal test"
        EXTERNAL_TEST = "external_test", "external test"
        UNSTATED = "", "not stated"

    code = models.CharField(max_length=10, unique=True, default=public_code, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="cases")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="cases")
    name = models.CharField(max_length=64)
    site = models.CharField(max_length=64, blank=True)
    cohort_role = models.CharField(max_length=16, choices=CohortRole.choices, blank=True)
    covariates = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["dataset", "name"], name="one_case_per_name")]
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Volume(InsertOnly):
    """One 3-D image of a case: the canonical file's address, and the identity of its content."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="volumes")
    sequence = models.CharField(max_length=32)
    blob_sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    shape = models.JSONField()
    affine = models.JSONField()
    dtype = models.CharField(max_length=10)
    window = models.JSONField(help_text="default display range: [low, high]")
    notes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "sequence"], name="one_volume_per_sequence"),
        ]
        ordering: ClassVar = ["sequence"]


class QualityDecision(InsertOnly):
    """The newest decision about a case counts: may a study draw it?"""

    class Verdict(models.TextChoices):
        INCLUDE = "include", "include"
        EXCLUDE = "exclude", "exclude"
        QUERY = "query", "query to the site"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="quality_decisions")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-decided_at", "-id"]
