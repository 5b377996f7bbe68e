"""Quality-control verdicts: the newest decision about a case counts."""

from __future__ import annotations

from collections.abc import Iterable

from segmentation.models import Case, QualityDecision

KEPT_OUT = (QualityDecision.Verdict.EXCLUDE, QualityDecision.Verdict.QUERY)


def verdicts(cases: Iterable[Case]) -> dict[int, QualityDecision]:
    """Return the newest decision by case key; cases without one are left out."""
    newest: dict[int, QualityDecision] = {}
    for decision in QualityDecision.objects.filter(case__in=list(cases)).order_by("decided_at", "id"):
        newest[decision.case_id] = decision
    return newest


def excluded_cases(cases: Iterable[Case]) -> list[str]:
    """Return the names of the cases that a study may not draw: excluded, or waiting for the site's answer."""
    cases = list(cases)
    refused = {key for key, decision in verdicts(cases).items() if decision.verdict in KEPT_OUT}
    return sorted(case.name for case in cases if case.pk in refused)
