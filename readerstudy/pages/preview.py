"""The reading screen as a reader would meet it, with nothing stored."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from readerstudy.models import Study
from readerstudy.pages.requests import PersonRequest, study_page
from readerstudy.services.preview import preview_of


@study_page()
def preview(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the reading screen on the study's first cases; before there are any, say what is missing."""
    preview_of(study)
    return render(request, "readerstudy/preview.html", {"study": study})
