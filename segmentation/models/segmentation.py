"""Segmentations, their masks, and what was measured on them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.codes import public_code
from audit.protection import InsertOnly
from segmentation.models.case import Case, Volume
from segmentation.models.dataset import LabelMap, Source


class Segmentation(InsertOnly):
    """A stored, never-edited labelling of a case, from one source; a newer one names the one it replaces."""

    code = models.CharField(max_length=10, unique=True, default=public_code, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="segmentations")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="segmentations")
    label_map = models.ForeignKey(LabelMap, on_delete=models.PROTECT, related_name="+")
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    declared_empty = models.BooleanField(default=False)
    provenance = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]


class SegmentationMask(InsertOnly):
    """One mask of a segmentation, on the grid of one sequence of its case."""

    segmentation = models.ForeignKey(Segmentation, on_delete=models.PROTECT, related_name="masks")
    volume = models.ForeignKey(Volume, on_delete=models.PROTECT, related_name="+")
    blob_sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    voxels_by_label = models.JSONField(help_text="{label value: voxel count}, background left out")
    notes = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segmentation", "volume"], name="one_mask_per_sequence"),
        ]


class Measurement(models.Model):
    """One metric value with its definition; recomputable, so not protected."""

    segmentation = models.ForeignKey(Segmentation, on_delete=models.CASCADE, related_name="measurements")
    reference = models.ForeignKey(Segmentation, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    region = models.CharField(max_length=24, default="whole")
    definition = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    value = models.FloatField(null=True)
    status = models.CharField(max_length=24)
    measured_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["segmentation", "reference", "region", "definition", "version"],
                name="one_pair_measurement_per_definition",
            ),
            models.UniqueConstraint(
                fields=["segmentation", "region", "definition", "version"],
                condition=models.Q(reference=None),
                name="one_measurement_per_definition",
            ),
        ]
