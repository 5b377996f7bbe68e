"""Choosing the cases of a study: for the study, for practice, or left out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from readerstudy.models import Study
from readerstudy.pages.requests import FORM, PersonRequest, show, study_page
from readerstudy.selectors.choosable import choosable_cases
from readerstudy.services import studies
from readerstudy.services.studies import DESIGNABLE
from segmentation.errors import DomainError
from segmentation.models import Case


@study_page(methods=FORM)
def cases(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the cases; a POST says what each is for."""
    if request.method != "POST":
        return _page(request, study)
    chosen = {row.row.code: request.POST.get(f"place-{row.row.code}", "") for row in choosable_cases(study)}
    barred = [row for row in choosable_cases(study) if row.barred and chosen[row.row.code]]
    if barred:
        sentence = f"Case {barred[0].row.name} cannot be chosen ({barred[0].barred}). Nothing was saved."
        return _page(request, study, chosen, sentence, status=422)
    try:
        studies.set_cases(
            study=study,
            cases=_named(study, chosen, "study"),
            practice=_named(study, chosen, "practice"),
            by=request.user,
            at=timezone.now(),
        )
    except DomainError as refused:
        return _page(request, study, chosen, refused.detail, status=refused.status)
    messages.success(request, "The cases were saved.")
    return redirect("study-cases", code=study.code)


def _named(study: Study, chosen: dict[str, str], place: str) -> list[Case]:
    codes = [code for code, given in chosen.items() if given == place]
    return list(Case.objects.filter(code__in=codes, dataset__in=study.datasets.all()).order_by("name"))


def _page(
    request: PersonRequest, study: Study, chosen: dict[str, str] | None = None, error: str = "", status: int = 200
) -> HttpResponse:
    rows = choosable_cases(study)
    places = [(row, (chosen or {}).get(row.row.code, row.place) if chosen is not None else row.place) for row in rows]
    context = {
        "page": "study-cases",
        "rows": places,
        "arms": list(study.arms.order_by("code").values_list("code", flat=True)),
        "several": study.datasets.count() > 1,
        "designable": study.state in DESIGNABLE,
        "error": error,
        "counts": {
            "study": sum(place == "study" for _, place in places),
            "practice": sum(place == "practice" for _, place in places),
            "subjects": len({row.row.subject for row, place in places if place == "study"}),
        },
    }
    return show(request, study, "cases", context, status)
