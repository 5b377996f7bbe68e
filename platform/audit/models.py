"""One gap-free chain of events per stream; the bytes that were hashed are the bytes that are stored."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from audit.protection import InsertOnly


class Event(InsertOnly):
    """One thing that happened. `body` is the exact UTF-8 text under `mac`."""

    stream = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    body = models.BinaryField()
    mac = models.CharField(max_length=64)
    key_id = models.CharField(max_length=16)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stream", "number"], name="one_event_per_number"),
        ]
        ordering: ClassVar = ["stream", "number"]

    def __str__(self) -> str:
        return f"{self.stream} #{self.number} {self.action}"
