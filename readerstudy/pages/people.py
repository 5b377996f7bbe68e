"""Who is in a study. The only page on which names stand beside labels."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from readerstudy.models import Study
from readerstudy.pages.forms import MemberForm, lay_errors
from readerstudy.pages.requests import FORM, SEND, PersonRequest, show, study_page
from readerstudy.selectors.people import members_of, person_by_email
from readerstudy.services import studies
from readerstudy.services.studies import DESIGNABLE
from segmentation.errors import DomainError, NotFound


@study_page(methods=FORM)
def people(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the members; a POST adds one."""
    form = MemberForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            user = person_by_email(form.cleaned_data["email"])
            member = studies.add_member(
                study=study, user=user, role=form.cleaned_data["role"], by=request.user, at=timezone.now()
            )
        except DomainError as refused:
            lay_errors(form, refused)
            status = refused.status
        else:
            messages.success(request, f"{user.name} is {member.label} from now on.")
            return redirect("study-people", code=study.code)
    context = {
        "page": "study-people",
        "members": members_of(study),
        "form": form,
        "designable": study.state in DESIGNABLE,
    }
    return show(request, study, "people", context, status if status != 200 or not form.errors else 422)


@study_page(methods=SEND)
def remove(request: PersonRequest, study: Study, label: str) -> HttpResponse:
    """Take a role away before the seal."""
    member = study.members.filter(label=label).first()
    if member is None:
        raise NotFound
    try:
        studies.remove_member(member=member, by=request.user, at=timezone.now())
    except DomainError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, f"{label} is no longer in the study.")
    return redirect("study-people", code=study.code)
