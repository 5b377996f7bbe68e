"""The dry run and the seal: what would be drawn, what still blocks it, and the commitment that is published."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from readerstudy.models import Seal, Study
from readerstudy.pages.consequences import consequences
from readerstudy.pages.requests import SEND, PersonRequest, show, study_page
from readerstudy.pages.steps import mend
from readerstudy.selectors.jobs import newest_job
from readerstudy.services import allocations
from readerstudy.services.requests import SEAL, request_seal
from readerstudy.services.studies import DESIGNABLE
from segmentation.errors import DomainError


@study_page()
def seal(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the dry run, the steps to the seal, or the commitment."""
    return _page(request, study)


@study_page(methods=SEND)
def mark(request: PersonRequest, study: Study) -> HttpResponse:
    """Mark the dry run as passed."""
    try:
        allocations.mark_dry_run(study=study, by=request.user, at=timezone.now())
    except DomainError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, "The dry run is marked as passed. The seal is the next step.")
    return redirect("study-seal", code=study.code)


@study_page(methods=SEND)
def begin(request: PersonRequest, study: Study) -> HttpResponse:
    """Queue the seal, once the study's title was typed."""
    if request.POST.get("title", "").strip() != study.title.strip():
        return _page(request, study, "This is not the title of the study; type it as it stands above.", 422)
    if study.state != Study.State.DRY_RUN:
        return _page(request, study, "Look at the dry run and mark it first; then the study can be sealed.", 409)
    job = newest_job(study, SEAL)
    if job is None or job.finished:
        request_seal(study, request.user)
    return redirect("study-seal", code=study.code)


@study_page()
def state(request: PersonRequest, study: Study) -> HttpResponse:
    """Return the live part of the page: the running seal."""
    return show(request, study, "seal_state", _state(study))


def _page(request: PersonRequest, study: Study, error: str = "", status: int = 200) -> HttpResponse:
    designable = study.state in DESIGNABLE
    run = consequences(study) if designable else None
    context = {
        "page": "study-seal",
        "run": run,
        "problems": [(mend(study, field), sentence) for field, _, sentence in run.problems] if run else [],
        "designable": designable,
        "error": error,
        "typed": request.POST.get("title", ""),
    }
    return show(request, study, "seal", context | _state(study), status)


def _state(study: Study) -> dict[str, object]:
    study.refresh_from_db()
    job = newest_job(study, SEAL)
    return {
        "job": job if study.state in DESIGNABLE else None,
        "working": job is not None and not job.finished and study.state in DESIGNABLE,
        "seal": Seal.objects.filter(study=study).select_related("sealed_by").order_by("-number").first(),
    }
