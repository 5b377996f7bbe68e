"""The first page after signing in: a reader's own work, everybody else's studies."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hub import people
from hub.requests import PersonRequest


@require_safe
@login_required
def home(request: PersonRequest) -> HttpResponse:
    """Show the work of a reader; lead those who only run or analyse studies to the list of studies."""
    work = people.work_of(request.user)
    if not work and people.sees_studies(request.user):
        return redirect("/studies/")
    return render(request, "hub/home.html", {"work": work})
