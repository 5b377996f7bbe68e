"""A dataset, the people who work on it, its label maps and the sources of its segmentations."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.codes import public_code
from audit.protection import InsertOnly


class Dataset(models.Model):
    """Cases that belong together, managed by the people in `DatasetMember`."""

    code = models.CharField(max_length=10, unique=True, default=public_code, editable=False)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class DatasetMember(models.Model):
    """A person's role in a dataset; annotators appear as A1, A2 … everywhere but on the people page."""

    class Role(models.TextChoices):
        MANAGER = "manager", "manager"
        ANNOTATOR = "annotator", "annotator"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dataset_roles")
    role = models.CharField(max_length=10, choices=Role.choices)
    label = models.CharField(max_length=8)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dataset", "user", "role"], name="one_dataset_role_each"),
            models.UniqueConstraint(fields=["dataset", "label"], name="one_label_per_dataset_member"),
        ]
        ordering: ClassVar = ["label"]


class LabelMap(InsertOnly):
    """What the numbers of a mask mean: `labels` = [{value, name, colour}], `derived` = [{name, values}]."""

    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    labels = models.JSONField()
    derived = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "version"], name="one_label_map_version")]

    def __str__(self) -> str:
        return f"{self.name} (version {self.version})"

    @property
    def values(self) -> set[int]:
        """The label values, without background."""
        return {int(label["value"]) for label in self.labels}


class Source(models.Model):
    """Who made a segmentation: an annotator, or one version of a model.

    `training_subjects` is the list of subject codes that the model saw; null means unknown, never clean.
    """

    class Kind(models.TextChoices):
        ANNOTATOR = "annotator", "annotator"
        MODEL = "model", "model"

    code = models.CharField(max_length=10, unique=True, default=public_code, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="sources")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=120)
    version = models.CharField(max_length=60, blank=True)
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="annotated_sources",
    )
    training_subjects = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dataset", "name", "version"], name="one_source_per_name_and_version"),
        ]
        ordering: ClassVar = ["kind", "name", "version"]

    def __str__(self) -> str:
        return f"{self.name} {self.version}".strip()
