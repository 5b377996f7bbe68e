"""Taking a quality decision back: a new row with an empty verdict, since decisions are never deleted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.chain import record
from segmentation.models import Case, QualityDecision

UNDECIDED = ""


def take_back_decision(case: Case, *, by: User, at: datetime) -> QualityDecision:
    """Make a case undecided again."""
    with transaction.atomic():
        decision = QualityDecision.objects.create(case=case, verdict=UNDECIDED, reason="", decided_by=by, decided_at=at)
        record(f"dataset/{case.dataset.code}", "quality.taken_back", actor=by, details={"case": case.code}, at=at)
    return decision
