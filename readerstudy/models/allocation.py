"""The seal and the rows it covers: who sees which candidates, in which order, slot, colour and line style."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.codes import opaque_token
from audit.protection import InsertOnly
from readerstudy.models.study import Arm, Study, StudyMember
from segmentation.models import Case, Segmentation


class Seal(InsertOnly):
    """The exact bytes that were committed to, the secret nonce and seed, and the public commitment."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="seals")
    number = models.PositiveIntegerField(default=1)
    sealed_bytes = models.BinaryField()
    nonce = models.BinaryField()
    seed = models.BinaryField()
    commitment = models.CharField(max_length=64)
    protocol_sha256 = models.CharField(max_length=64)
    allocation_sha256 = models.CharField(max_length=64)
    algorithm = models.CharField(max_length=40)
    software = models.CharField(max_length=40)
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["study", "number"], name="one_seal_per_number")]


class Presentation(InsertOnly):
    """One case as one reader meets it: its place in the list and its slots."""

    class Kind(models.TextChoices):
        PRACTICE = "practice", "practice"
        MAIN = "main", "main"
        REPEAT = "repeat", "repeat"
        CATCH = "catch", "catch"

    token = models.CharField(max_length=32, unique=True, default=opaque_token, editable=False)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="presentations")
    reader = models.ForeignKey(StudyMember, on_delete=models.PROTECT, related_name="presentations")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    repeats = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["seal", "reader", "position"], name="one_presentation_per_position"),
        ]
        ordering: ClassVar = ["position"]


class Candidate(InsertOnly):
    """One segmentation in a slot of a presentation."""

    presentation = models.ForeignKey(Presentation, on_delete=models.PROTECT, related_name="candidates")
    slot = models.PositiveSmallIntegerField()
    letter = models.CharField(max_length=1)
    colour = models.PositiveSmallIntegerField()
    line_style = models.PositiveSmallIntegerField()
    arm = models.ForeignKey(Arm, on_delete=models.PROTECT, related_name="+")
    segmentation = models.ForeignKey(Segmentation, on_delete=models.PROTECT, related_name="+")
    token = models.CharField(max_length=32, unique=True, default=opaque_token, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["presentation", "slot"], name="one_candidate_per_slot"),
        ]
        ordering: ClassVar = ["slot"]
