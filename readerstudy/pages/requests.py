"""What every page of a study has in common: who may open it, and the frame around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.models import User
from readerstudy.models import Study
from readerstudy.pages.rail import rail
from readerstudy.selectors.studies import DESIGNERS, STAFF, roles_of, studies_of, study_for

READ = ("GET", "HEAD")
FORM = (*READ, "POST")
SEND = ("POST",)


class PersonRequest(HttpRequest):
    """A request whose user is a signed-in person."""

    user: User


StudyView = Callable[..., HttpResponse]


def study_page(*, roles: Iterable[str] = DESIGNERS, methods: Sequence[str] = READ) -> Callable[[StudyView], StudyView]:
    """Give a view the study that its address names, if this person has one of `roles` in it; else not found."""
    allowed = tuple(roles)

    def decorate(view: StudyView) -> StudyView:
        @require_http_methods(list(methods))
        @login_required
        @wraps(view)
        def guarded(request: PersonRequest, code: str, **rest: Any) -> HttpResponse:
            return view(request, study_for(request.user, code, allowed), **rest)

        return guarded

    return decorate


def show(
    request: PersonRequest, study: Study, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page of a study with its rail and the switch to this person's other studies."""
    roles = roles_of(request.user, study)
    frame = {
        "study": study,
        "rail": rail(study, roles),
        "my_studies": studies_of(request.user, STAFF)[:20],
        "designs": bool(roles & set(DESIGNERS)),
    }
    return render(request, f"readerstudy/{template}.html", frame | dict(context), status=status)
