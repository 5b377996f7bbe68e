"""The protocol: a document that reads like a methods section and is edited in place, section by section."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from readerstudy.design.methods import Section, methods
from readerstudy.design.protocol import protocol_from, to_dict
from readerstudy.design.seal import canonical
from readerstudy.models import Seal, Study, StudyMember
from readerstudy.pages.arms import arm_rows, parsed_arms
from readerstudy.pages.consequences import consequences, pace_of
from readerstudy.pages.forms import MemberForm, ReaderForm, lay_errors
from readerstudy.pages.pdf import protocol_pdf
from readerstudy.pages.requests import SEND, PersonRequest, show, study_page
from readerstudy.pages.sections import EDITABLE, changes_of, section_form, section_of
from readerstudy.selectors import sealed
from readerstudy.selectors.people import person_by_email
from readerstudy.services import studies
from readerstudy.services.plans import material_of, protocol_document
from readerstudy.services.studies import DESIGNABLE
from segmentation.errors import Conflict, DomainError, NotFound
from segmentation.models import Volume


@study_page()
def protocol(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the protocol."""
    return _page(request, study)


@study_page(methods=SEND)
def section(request: PersonRequest, study: Study, key: str) -> HttpResponse:
    """Save one section; a refusal keeps what was typed."""
    if key not in EDITABLE or key == "arms":
        raise NotFound
    form = section_form(key, study.protocol, sequences_of(study), request.POST)
    if not form.is_valid():
        return _page(request, study, open_form=(key, form), status=422)
    try:
        studies.edit_protocol(
            study=study,
            changes=changes_of(key, form),
            revision=_revision(request),
            by=request.user,
            at=timezone.now(),
        )
    except DomainError as refused:
        lay_errors(form, refused)
        return _page(request, study, open_form=(key, form), status=refused.status)
    return _saved(request, study, key, "The section was saved.")


@study_page(methods=SEND)
def arms(request: PersonRequest, study: Study) -> HttpResponse:
    """Choose the sources that are compared, each with a short code."""
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    try:
        studies.set_arms(study=study, arms=parsed_arms(study, typed), by=request.user, at=timezone.now())
    except DomainError as refused:
        return _page(request, study, arms=(typed, refused.detail), status=refused.status)
    return _saved(request, study, "arms", "The arms were saved.")


@study_page(methods=SEND)
def add_reader(request: PersonRequest, study: Study) -> HttpResponse:
    """Add a reader by e-mail."""
    form = MemberForm({"email": request.POST.get("email", ""), "role": "reader"})
    if form.is_valid():
        try:
            user = person_by_email(form.cleaned_data["email"])
            studies.add_member(study=study, user=user, role="reader", by=request.user, at=timezone.now())
        except DomainError as refused:
            lay_errors(form, refused)
        else:
            return _saved(request, study, "readers", "The reader was added.")
    return _page(request, study, new_reader=form, status=422)


@study_page(methods=SEND)
def describe_reader(request: PersonRequest, study: Study, label: str) -> HttpResponse:
    """State which arm a reader drew, qualification and conflicts."""
    member = study.members.filter(role=StudyMember.Role.READER, label=label).first()
    if member is None:
        raise NotFound
    known = {arm.code: arm for arm in study.arms.all()}
    form = ReaderForm(request.POST, arms=list(known))
    if not form.is_valid():
        return _page(request, study, reader=(label, form), status=422)
    told = form.cleaned_data
    studies.describe_reader(
        member=member,
        own_arm=known.get(told["own_arm"]),
        qualification=told["qualification"],
        conflicts=told["conflicts"],
        by=request.user,
        at=timezone.now(),
    )
    return _saved(request, study, "readers", f"{label} was saved.")


@study_page()
def pdf(request: PersonRequest, study: Study) -> HttpResponse:
    """Return the protocol as PDF, for an ethics board or a registration."""
    seal = _seal(study)
    draft = canonical(to_dict(protocol_document(study, material_of(study))))
    digest = hashlib.sha256(draft).hexdigest()
    data = protocol_pdf(study, sections_of(study), seal, draft_sha256=digest, at=timezone.now())
    name = f"protocol-{study.code}{'' if seal else '-draft'}.pdf"
    return HttpResponse(
        data, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'}
    )


def sections_of(study: Study) -> list[Section]:
    """Return the protocol's sections in words; from the seal on, of the sealed protocol."""
    material = material_of(study)
    seal = _seal(study)
    document = protocol_from(sealed.sealed_protocol(seal.commitment)) if seal else protocol_document(study, material)
    return methods(document, cases=len(material.cases), practice_cases=len(material.practice))


def sequences_of(study: Study) -> list[str]:
    """Return the names of the sequences that the study's datasets hold."""
    found = Volume.objects.filter(case__dataset__in=study.datasets.all()).order_by("sequence")
    return list(found.values_list("sequence", flat=True).distinct())


def _page(
    request: PersonRequest,
    study: Study,
    *,
    open_form: tuple[str, forms.Form] | None = None,
    arms: tuple[dict[str, str], str] | None = None,
    reader: tuple[str, forms.Form] | None = None,
    new_reader: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    study.refresh_from_db()
    pace = pace_of(request.GET.get("pace", ""))
    run = consequences(study)
    context = {
        "page": "study-protocol",
        "sections": _blocks(study, open_form) if study.state in DESIGNABLE else _closed_blocks(study),
        "seal": _seal(study),
        "arms": arm_rows(study, arms[0] if arms else None),
        "arms_error": arms[1] if arms else "",
        "readers": _readers(study, reader),
        "readers_open": bool(reader or new_reader),
        "new_reader": new_reader or MemberForm(),
        "run": run,
        "problems": [(section_of(field), sentence) for field, _, sentence in run.problems],
        "pace": f"{pace:g}",
        "hours": [(load, f"{load.hours(pace):.1f}") for load in run.readers],
    }
    return show(request, study, "protocol", context, status)


def _blocks(study: Study, open_form: tuple[str, forms.Form] | None) -> list[dict[str, Any]]:
    sequences = sequences_of(study)
    blocks = []
    for section in sections_of(study):
        mine = open_form is not None and open_form[0] == section.key
        form = None
        if section.key != "arms":
            form = open_form[1] if open_form and mine else section_form(section.key, study.protocol, sequences)
        blocks.append({"section": section, "form": form, "open": mine})
    return blocks


def _closed_blocks(study: Study) -> list[dict[str, Any]]:
    return [{"section": section, "form": None, "open": False} for section in sections_of(study)]


def _readers(study: Study, posted: tuple[str, forms.Form] | None) -> list[tuple[StudyMember, forms.Form]]:
    codes = list(study.arms.values_list("code", flat=True))
    rows = []
    for member in study.members.filter(role=StudyMember.Role.READER).select_related("own_arm"):
        initial = {
            "qualification": member.qualification,
            "conflicts": member.conflicts,
            "own_arm": member.own_arm.code if member.own_arm else "",
        }
        mine = posted is not None and posted[0] == member.label
        empty = ReaderForm(arms=codes, initial=initial, prefix=None, auto_id=f"id_{member.label}_%s")
        rows.append((member, posted[1] if posted and mine else empty))
    return rows


def _seal(study: Study) -> Seal | None:
    return Seal.objects.filter(study=study).order_by("-number").first()


def _revision(request: PersonRequest) -> int:
    text = request.POST.get("revision", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Conflict(
            "protocol.stale", "The form carries no revision of the protocol; reload the page and save again."
        )
    return int(text)


def _saved(request: PersonRequest, study: Study, key: str, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    response = redirect("study-protocol", code=study.code)
    response["Location"] += f"#{key}"
    return response
