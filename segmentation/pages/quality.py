"""Quality control: one case at a time; each decision is stored at once and can be taken back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from segmentation.errors import Conflict, DomainError
from segmentation.models import Case, Dataset
from segmentation.pages.case import COMMON_REASONS, case_of, viewer_data
from segmentation.pages.requests import PersonRequest, for_managers, show
from segmentation.pages.tables import QUALITY
from segmentation.selectors.cases import CaseRow, case_detail, cases_table
from segmentation.selectors.flow import flow_of
from segmentation.selectors.history import history_of
from segmentation.services.cases import decide_quality
from segmentation.services.quality import UNDECIDED, take_back_decision


@require_safe
@for_managers
def screen(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """Show the quality-control screen; `case` in the address names the first case, `data` asks for its files."""
    if "data" in request.GET:
        return _files(request, dataset, request.GET["data"])
    rows = [row for row in cases_table(dataset) if not row.withdrawn]
    context = {
        "here": "quality",
        "rows": rows,
        "flow": flow_of(rows),
        "reasons": COMMON_REASONS,
        "data": {
            "cases": [_case(dataset, row) for row in rows],
            "reasons": COMMON_REASONS,
            "start": request.GET.get("case", ""),
        },
    }
    return show(request, "quality.html", dataset, context)


def _case(dataset: Dataset, row: CaseRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "subject": row.subject,
        "site": row.site,
        "role": row.cohort_role.replace("_", " "),
        "sequences": list(row.sequences),
        "warnings": list(row.warnings),
        "verdict": row.verdict,
        "reason": row.reason,
        "data": f"{reverse('dataset-quality', args=[dataset.code])}?data={row.code}",
        "decide": reverse("case-quality", args=[dataset.code, row.code]),
        "page": reverse("case", args=[dataset.code, row.code]),
    }


def _files(request: PersonRequest, dataset: Dataset, code: str) -> HttpResponse:
    found = case_of(request, dataset, code)
    if found.subject.withdrawn_at:
        return JsonResponse({"volumes": [], "masks": []})
    return JsonResponse(viewer_data(found, case_detail(found).volumes, history_of(found)))


@require_POST
@for_managers
def decide(request: PersonRequest, dataset: Dataset, case: str) -> HttpResponse:
    """Store a decision about a case, or take the last one back; answers JSON to the quality-control screen."""
    found = case_of(request, dataset, case)
    as_json = request.headers.get("Accept", "").startswith("application/json")
    try:
        verdict, reason = _decided(request, found)
    except DomainError as error:
        if as_json:
            return JsonResponse({"code": error.code, "detail": error.detail}, status=error.status)
        messages.error(request, error.detail)
        return redirect("case", dataset.code, found.code)
    if as_json:
        return JsonResponse({"verdict": verdict, "reason": reason, "at": timezone.now()})
    messages.success(request, f"Case {found.name} is {QUALITY[verdict][1]}.")
    return redirect("case", dataset.code, found.code)


def _decided(request: PersonRequest, case: Case) -> tuple[str, str]:
    if case.subject.withdrawn_at:
        raise Conflict(
            "case.withdrawn", "The subject of this case was withdrawn; nothing is decided about it any more."
        )
    verdict = request.POST.get("verdict", "")
    if verdict == UNDECIDED:
        take_back_decision(case, by=request.user, at=timezone.now())
        return UNDECIDED, ""
    reason = request.POST.get("other", "").strip() or request.POST.get("reason", "").strip()
    reason = "" if verdict == "include" else reason
    decision = decide_quality(case, verdict=verdict, reason=reason, by=request.user, at=timezone.now())
    return decision.verdict, decision.reason
