"""Files on their way in, by the tus protocol; quarantined until an import has read them strictly."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.codes import opaque_token
from segmentation.models.dataset import Dataset


class Upload(models.Model):
    """One file being received. `relative_path` is display text and never a path on our disk."""

    token = models.CharField(max_length=32, unique=True, default=opaque_token, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="uploads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    batch = models.CharField(max_length=32, help_text="the files of one dropped folder share it")
    relative_path = models.CharField(max_length=1000)
    length = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "relative_path"], name="one_upload_per_path_in_batch"),
        ]
        ordering: ClassVar = ["relative_path"]
