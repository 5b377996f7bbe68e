"""The study's audit trail in words, and whether its chains are whole."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse

from readerstudy.models import Study
from readerstudy.pages.requests import PersonRequest, show, study_page
from readerstudy.pages.words import in_words
from readerstudy.selectors.events import stream_states, study_events

PAGE = 100


@study_page()
def audit(request: PersonRequest, study: Study) -> HttpResponse:
    """Show events, newest first; `of` keeps one stream, `about` those whose words hold a text."""
    of, about = request.GET.get("of", ""), request.GET.get("about", "").strip()
    states = stream_states(study)
    stream = {"": None, "study": ""}.get(of, of)
    told = [(event, in_words(event)) for event in study_events(study, stream=stream)]
    if about:
        wanted = about.lower()
        told = [(event, words) for event, words in told if wanted in f"{words} {event.who}".lower()]
    shown = Paginator(told, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": "study-audit",
        "shown": shown,
        "states": states,
        "sound": not any(state.fault for state in states),
        "total": sum(state.events for state in states),
        "of": of,
        "about": about,
    }
    return show(request, study, "audit", context)
