"""Closing, unblinding, publishing: asked for with a reason, confirmed by a second person, never undone."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from readerstudy.models import Decision, Study
from readerstudy.pages.forms import DecisionForm, lay_errors
from readerstudy.pages.requests import SEND, PersonRequest, show, study_page
from readerstudy.selectors.studies import DESIGNERS, STAFF, pending_decisions, roles_of
from readerstudy.selectors.summaries import figures_of
from readerstudy.services import decisions
from segmentation.errors import DomainError, NotFound

WHAT = {
    "close": ("Close the reading", "Readers can submit nothing more, and open cases stay unread."),
    "unblind": ("Unblind the study", "Everybody in the study team sees which arm each rating belongs to."),
    "publish": ("Mark as published", "The study and its analysis stand as published."),
}


@study_page(roles=STAFF)
def page(request: PersonRequest, study: Study) -> HttpResponse:
    """Show what waits, what can be asked for, and what was decided."""
    return _page(request, study)


@study_page(methods=SEND)
def ask(request: PersonRequest, study: Study) -> HttpResponse:
    """Ask for a step."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, study, form, 422)
    try:
        decisions.request_decision(study=study, by=request.user, at=timezone.now(), **form.cleaned_data)
    except DomainError as refused:
        lay_errors(form, refused)
        return _page(request, study, form, refused.status)
    messages.success(request, "The request was recorded. It waits for a second person of the study team.")
    return redirect("study-decisions", code=study.code)


@study_page(roles=STAFF, methods=SEND)
def answer(request: PersonRequest, study: Study, number: int) -> HttpResponse:
    """Confirm or turn down what another person asked for."""
    pending = _numbered(study, number)
    reason = request.POST.get("reason", "")
    try:
        if request.POST.get("answer") == "confirm":
            decisions.confirm_decision(decision=pending, reason=reason, by=request.user, at=timezone.now())
            messages.success(request, f"Confirmed: {pending.get_action_display()}.")
        else:
            decisions.turn_down(decision=pending, reason=reason, by=request.user, at=timezone.now())
            messages.success(request, "The request was turned down; the study stays as it is.")
    except DomainError as refused:
        return _page(request, study, status=refused.status, refused=(number, refused.detail, reason))
    return redirect("study-decisions", code=study.code)


def _numbered(study: Study, number: int) -> Decision:
    # A request is named by its place in the study's own list; keys of rows never leave the server.
    rows = list(study.decisions.filter(confirms=None).order_by("at", "id"))
    if not 1 <= number <= len(rows):
        raise NotFound
    return rows[number - 1]


def _page(
    request: PersonRequest,
    study: Study,
    form: forms.Form | None = None,
    status: int = 200,
    refused: tuple[int, str, str] | None = None,
) -> HttpResponse:
    study.refresh_from_db()
    labels = dict(study.members.values_list("user_id", "label"))
    rows = list(study.decisions.filter(confirms=None).select_related("by", "confirmation__by").order_by("at", "id"))
    waiting = {row.pk for row in pending_decisions(study)}
    pending = [
        {"number": number, "row": row, "who": labels.get(row.by_id, "–"), "mine": row.by_id == request.user.pk}
        for number, row in enumerate(rows, start=1)
        if row.pk in waiting
    ]
    settled = [_settled(row, labels) for row in rows if row.pk not in waiting]
    action = next((a for a, states in decisions.ALLOWED_FROM.items() if study.state in states), None)
    context = {
        "page": "study-decisions",
        "pending": pending,
        "settled": settled,
        "action": action,
        "what": WHAT.get(str(action.value)) if action else None,
        "asked": any(row.action == action for row in rows if row.pk in waiting),
        "form": form or DecisionForm(initial={"action": action}),
        "figures": figures_of(study),
        "refused": refused,
        "can_ask": bool(roles_of(request.user, study) & set(DESIGNERS)),
    }
    return show(request, study, "decisions", context, status)


def _settled(row: Decision, labels: dict[int, str]) -> dict[str, object]:
    answer = getattr(row, "confirmation", None)
    return {
        "row": row,
        "who": labels.get(row.by_id, "–"),
        "answer": answer,
        "answered_by": labels.get(answer.by_id, "–") if answer else "",
        "turned_down": answer is not None and answer.action == Decision.Action.REFUSE,
    }
