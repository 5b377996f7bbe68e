"""The reader's own pages: what the study is and asks, and the reading screen. They know nothing of origin."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readerstudy.selectors import presentations


@require_safe
@login_required
def read(request: HttpRequest, code: str) -> HttpResponse:
    """Show the reading screen of a sealed study in which this person is a reader."""
    reader = presentations.reader_of_study(request.user, code)  # type: ignore[arg-type]
    return render(request, "readerstudy/read.html", {"reader": reader, "study": reader.study})


@require_safe
@login_required
def instructions(request: HttpRequest, code: str) -> HttpResponse:
    """Show a reader what the study is, what to do, and how far the work is."""
    reader = presentations.reader_of_study(request.user, code)  # type: ignore[arg-type]
    told = presentations.reading_guide(reader)
    return render(request, "readerstudy/instructions.html", {"reader": reader, "study": reader.study, "guide": told})
