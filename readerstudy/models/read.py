"""Drafts, reads, ratings and notes. A submitted answer is never changed: a correction is a new read."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from accounts.codes import opaque_token
from audit.protection import InsertOnly
from readerstudy.models.allocation import Candidate, Presentation


class Viewing(models.Model):
    """When a reader first saw a presentation, and with what."""

    presentation = models.OneToOneField(Presentation, on_delete=models.PROTECT, related_name="viewing")
    opened_at = models.DateTimeField()
    display = models.JSONField(default=dict, help_text="renderer, screen size, pixel ratio")


class Draft(models.Model):
    """Unsubmitted answers of one presentation: mutable, not audited, gone at submit."""

    presentation = models.OneToOneField(Presentation, on_delete=models.CASCADE, related_name="draft")
    content = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=0)
    active_ms = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()


class Read(InsertOnly):
    """One submitted set of answers to a presentation."""

    class Reason(models.TextChoices):
        FIRST = "first", "first answer"
        SLIP = "slip", "corrected before the next case"
        AMENDMENT = "amendment", "amended later"

    token = models.CharField(max_length=32, unique=True, default=opaque_token, editable=False)
    presentation = models.ForeignKey(Presentation, on_delete=models.PROTECT, related_name="reads")
    revision = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=10, choices=Reason.choices, default=Reason.FIRST)
    explanation = models.CharField(max_length=500, blank=True)
    not_assessable = models.CharField(max_length=40, blank=True, help_text="reason code; empty when assessed")
    answers = models.JSONField(help_text="as the browser sent them; `Rating` is their stored form")
    idempotency_key = models.CharField(max_length=64, unique=True)
    request_sha256 = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField()
    active_ms = models.PositiveIntegerField()
    wall_ms = models.PositiveIntegerField()
    tool_use = models.JSONField(default=dict, help_text="counts and durations of the compare tools")
    viewer_version = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["presentation", "revision"], name="one_read_per_revision"),
        ]
        ordering: ClassVar = ["revision"]


class Rating(InsertOnly):
    """The answer to one question about one candidate, or about the case (candidate null)."""

    read = models.ForeignKey(Read, on_delete=models.PROTECT, related_name="ratings")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, null=True, blank=True, related_name="ratings")
    question = models.CharField(max_length=40)
    value = models.IntegerField(null=True)
    value_label = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["read", "candidate", "question"], name="one_rating_per_candidate_question"),
            models.UniqueConstraint(
                fields=["read", "question"],
                condition=models.Q(candidate=None),
                name="one_rating_per_case_question",
            ),
        ]


class Note(InsertOnly):
    """A report to the study team that leaves the blinded read untouched."""

    class Kind(models.TextChoices):
        WRONG_IMAGE = "wrong_image", "wrong image"
        IDENTIFYING_TEXT = "identifying_text", "identifying text visible"
        INCIDENTAL_FINDING = "incidental_finding", "possible incidental finding"
        OTHER = "other", "something else"

    presentation = models.ForeignKey(Presentation, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    text = models.TextField(blank=True)
    idempotency_key = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()
