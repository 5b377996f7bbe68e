"""How the sources of an unblinded study's arms agree on its cases: measured on masks, never on ratings."""

from __future__ import annotations

from django.db.models import QuerySet

from readerstudy.errors import NotInThisState
from readerstudy.models import Arm, Study
from readerstudy.tables import OPEN_STATES
from segmentation.models import Case


def arm_sources(study: Study) -> dict[int, str]:
    """Return the arms' sources by primary key with the code of the arm, experts before models.

    Raises
    ------
    NotInThisState
        Before unblinding: which source stands behind an arm's masks is not told.
    """
    if study.state not in OPEN_STATES:
        raise NotInThisState("be compared by source before it is unblinded", study.get_state_display())
    arms = Arm.objects.filter(study=study).select_related("source")
    ordered = sorted(arms, key=lambda arm: (arm.source.kind == "model", arm.code))
    return {arm.source_id: arm.code for arm in ordered}


def analysed_cases(study: Study) -> QuerySet[Case]:
    """Return the cases that the study analyses: not those for practice, and no withdrawn ones."""
    chosen = study.study_cases.filter(is_practice=False).values("case")
    return Case.objects.filter(pk__in=chosen, subject__withdrawn_at=None)
