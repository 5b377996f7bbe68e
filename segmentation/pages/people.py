"""Who works on a dataset, and what is known of the sources of its segmentations."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from segmentation.errors import DomainError, NotFound
from segmentation.models import Dataset, DatasetMember, Source
from segmentation.pages.requests import PersonRequest, field_errors, for_managers, show
from segmentation.selectors.access import source_for
from segmentation.selectors.cases import sources_of
from segmentation.services.cases import describe_source
from segmentation.services.people import add_member_by_email


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def members(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """Show the people of a dataset; a POST gives somebody a role."""
    entered = {"email": request.POST.get("email", ""), "role": request.POST.get("role", "annotator")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            member = add_member_by_email(dataset, **entered, by=request.user, at=timezone.now())
        except DomainError as error:
            errors = field_errors(error)
        else:
            messages.success(request, f"{member.user.name} is {member.label} here, {member.get_role_display()}.")
            return redirect("dataset-people", dataset.code)
    context = {
        "here": "people",
        "members": dataset.members.select_related("user").order_by("-role", "label"),
        "roles": DatasetMember.Role.choices,
        "entered": entered,
        "errors": errors,
    }
    return show(request, "people.html", dataset, context, status=422 if errors else 200)


@require_safe
@for_managers
def sources(request: PersonRequest, dataset: Dataset) -> HttpResponse:
    """Show who made the segmentations of a dataset."""
    return show(request, "sources.html", dataset, {"here": "sources", "sources": sources_of(dataset)})


@require_http_methods(["GET", "HEAD", "POST"])
@for_managers
def source(request: PersonRequest, dataset: Dataset, source: str) -> HttpResponse:
    """Show one source; a POST corrects its kind, its annotator and its training subjects."""
    found = source_for(request.user, source)
    if found.dataset_id != dataset.pk:
        raise NotFound
    entered = _entered(request, found)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _describe(request, dataset, found)
        except DomainError as error:
            errors = field_errors(error)
        else:
            messages.success(request, f"What is known of {found} is kept.")
            return redirect("dataset-sources", dataset.code)
    context = {
        "here": "sources",
        "source": found,
        "kinds": Source.Kind.choices,
        "people": dataset.members.select_related("user").order_by("label"),
        "entered": entered,
        "errors": errors,
    }
    return show(request, "source.html", dataset, context, status=422 if errors else 200)


def _entered(request: PersonRequest, source: Source) -> dict[str, str]:
    if request.method == "POST":
        return {name: request.POST.get(name, "") for name in ("kind", "annotator", "training", "subjects")}
    known = source.training_subjects
    member = source.dataset.members.filter(user=source.annotator).first() if source.annotator else None
    return {
        "kind": source.kind,
        "annotator": member.label if member else "",
        "training": "unknown" if known is None else "listed" if known else "none",
        "subjects": "\n".join(known or []),
    }


def _describe(request: PersonRequest, dataset: Dataset, source: Source) -> None:
    label = request.POST.get("annotator", "")
    member = dataset.members.filter(label=label).select_related("user").first()
    if label and member is None:
        raise _wrong("annotator", f"Nobody in this dataset is {label[:8]}; choose a person from the list.")
    describe_source(
        source,
        kind=request.POST.get("kind", ""),
        annotator=member.user if member else None,
        training_subjects=_training(request),
        by=request.user,
        at=timezone.now(),
    )


def _training(request: PersonRequest) -> list[str] | None:
    said = request.POST.get("training", "unknown")
    if said == "unknown":
        return None
    codes = [code for code in re.split(r"[\s,;|]+", request.POST.get("subjects", "")) if code]
    if said == "listed" and not codes:
        raise _wrong("subjects", "List the subject codes, one per line, or say that they are unknown.")
    return codes if said == "listed" else []


def _wrong(name: str, sentence: str) -> DomainError:
    return DomainError(f"source.{name}", sentence, fields=[(f"/{name}", f"source.{name}", sentence)])
