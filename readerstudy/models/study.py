"""A study, its people, arms and cases while it is designed; and the decisions that move it on."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.codes import opaque_token, public_code
from audit.protection import InsertOnly
from segmentation.models import Case, Dataset, Source


class Study(models.Model):
    """A reader study. `protocol` is the draft; from the seal on the sealed bytes are the truth."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        DRY_RUN = "dry_run", "dry run"
        SEALED = "sealed", "sealed"
        READING = "reading", "reading"
        CLOSED = "closed", "closed"
        UNBLINDED = "unblinded", "unblinded"
        PUBLISHED = "published", "published"

    code = models.CharField(max_length=10, unique=True, default=public_code, editable=False)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    protocol = models.JSONField(default=dict)
    protocol_revision = models.PositiveIntegerField(default=1)
    datasets = models.ManyToManyField(Dataset, related_name="studies")
    is_simulated = models.BooleanField(default=False)
    simulated_truth = models.JSONField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.title

    @property
    def stream(self) -> str:
        """The audit stream of the study."""
        return f"study/{self.code}"


class StudyMember(models.Model):
    """A person's role in one study; readers appear as R1, R2 … everywhere but on the people page."""

    class Role(models.TextChoices):
        PI = "pi", "principal investigator"
        COORDINATOR = "coordinator", "coordinator"
        READER = "reader", "reader"
        ANALYST = "analyst", "analyst"

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="study_roles")
    role = models.CharField(max_length=12, choices=Role.choices)
    label = models.CharField(max_length=8)
    token = models.CharField(max_length=32, unique=True, default=opaque_token, editable=False)
    own_arm = models.ForeignKey(
        "Arm",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="the arm that this reader drew",
    )
    qualification = models.CharField(max_length=200, blank=True)
    conflicts = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["study", "user", "role"], name="one_study_role_each"),
            models.UniqueConstraint(fields=["study", "label"], name="one_label_per_study_member"),
        ]
        ordering: ClassVar = ["label"]

    @property
    def stream(self) -> str:
        """The audit stream of this reader in this study."""
        return f"study/{self.study.code}/reader/{self.label}"


class Arm(models.Model):
    """A source in its role in the protocol: what the analysis compares."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="arms")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=12, help_text="short name in tables: E1, TE")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["study", "code"], name="one_arm_per_code"),
            models.UniqueConstraint(fields=["study", "source"], name="one_arm_per_source"),
        ]
        ordering: ClassVar = ["code"]


class StudyCase(models.Model):
    """A case that the study draws; practice cases are never analysed."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="study_cases")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    is_practice = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["study", "case"], name="one_study_case")]


class Decision(InsertOnly):
    """A reasoned, irreversible step: asked for by one person, confirmed by a second.

    The confirmation is a row of its own that names the request in `confirms`.
    """

    class Action(models.TextChoices):
        SEAL = "seal", "seal"
        CLOSE = "close", "close the reading"
        UNBLIND = "unblind", "unblind"
        PUBLISH = "publish", "publish"
        REFUSE = "refuse", "turn down"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="decisions")
    action = models.CharField(max_length=10, choices=Action.choices)
    reason = models.CharField(max_length=1000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirms = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="confirmation"
    )

    class Meta:
        ordering: ClassVar = ["at", "id"]
