"""The reader's own screen. It knows nothing of origin."""

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
