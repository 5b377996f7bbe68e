"""The list of studies, a new one, and the overview from which one goes on."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from readerstudy.models import Seal, Study
from readerstudy.pages.forms import NewStudyForm, lay_errors
from readerstudy.pages.requests import FORM, READ, PersonRequest, show
from readerstudy.pages.steps import blocking, next_step, state_steps
from readerstudy.pages.words import in_words
from readerstudy.selectors import presentations
from readerstudy.selectors.events import study_events
from readerstudy.selectors.studies import DESIGNERS, STAFF, pending_decisions, roles_of, studies_of, study_for
from readerstudy.selectors.summaries import figures_of, summaries
from readerstudy.services import studies
from segmentation.errors import DomainError, NotFound
from segmentation.selectors.access import managed_datasets_of


@require_safe
@login_required
def listing(request: PersonRequest) -> HttpResponse:
    """Show the studies in which this person has a role beyond reading."""
    rows = summaries(studies_of(request.user, STAFF), request.user)
    may_make = managed_datasets_of(request.user).exists()
    return render(request, "readerstudy/studies.html", {"studies": rows, "may_make": may_make})


@require_http_methods(list(FORM))
@login_required
def new(request: PersonRequest) -> HttpResponse:
    """Make a draft from the template; its maker becomes principal investigator."""
    form = NewStudyForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = studies.create_study(
                title=form.cleaned_data["title"],
                datasets=list(form.cleaned_data["datasets"]),
                by=request.user,
                at=timezone.now(),
            )
        except DomainError as refused:
            lay_errors(form, refused)
        else:
            messages.success(request, "The draft was made from the template. Choose its cases first.")
            return redirect("study", code=made.code)
    may_make = managed_datasets_of(request.user).exists()
    context = {"form": form, "may_make": may_make}
    return render(request, "readerstudy/study_new.html", context, status=422 if form.errors else 200)


@require_http_methods(list(READ))
@login_required
def overview(request: PersonRequest, code: str) -> HttpResponse:
    """Show where a study stands; its readers are led to their own page."""
    try:
        study = study_for(request.user, code, STAFF)
    except NotFound:
        reader = presentations.reader_of_study(request.user, code)
        return redirect("study-instructions", code=reader.study.code)
    return show(request, study, "overview", _overview(request, study))


def _overview(request: PersonRequest, study: Study) -> dict[str, Any]:
    designs = bool(roles_of(request.user, study) & set(DESIGNERS))
    figures = figures_of(study)
    pending = list(pending_decisions(study).select_related("by"))
    told = study_events(study, stream="", newest=8) if designs else []
    return {
        "page": "study",
        "steps": state_steps(study.state),
        "figures": figures,
        "pending": pending,
        "checklist": blocking(study) if designs else [],
        "next": next_step(study, designs=designs, pending=bool(pending), all_read=figures.all_read),
        "seal": Seal.objects.filter(study=study).order_by("-number").first(),
        "events": [(event, in_words(event)) for event in told],
        "truth": truth_rows(study.simulated_truth),
    }


def truth_rows(truth: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Return what is true of a simulated study as rows of words and numbers."""
    if not truth:
        return []
    rows = [
        (f"Effect of source {name} on a score, log odds", f"{value:+.2f}")
        for name, value in truth.get("source_effect", {}).items()
    ]
    rows += [
        (f"Severity of reader {name}, log odds", f"{value:+.2f}")
        for name, value in truth.get("reader_severity", {}).items()
    ]
    rows += [
        (f"True d′ of the origin calls of {name}", f"{value:+.2f}")
        for name, value in truth.get("origin_d_prime", {}).items()
    ]
    return [(words, number.replace("-", "−")) for words, number in rows]
