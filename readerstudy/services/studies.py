"""Designing a study: its people, arms, cases and protocol, until the seal. Every change is an audit event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit import chain
from readerstudy.design.protocol import protocol_from, to_dict
from readerstudy.design.templates import acceptability
from readerstudy.errors import NotInThisState
from readerstudy.models import Arm, Study, StudyCase, StudyMember
from readerstudy.services.decisions import locked
from segmentation.errors import Conflict, DomainError
from segmentation.models import Case, Dataset, Source, Volume

DESIGNABLE = (Study.State.DRAFT, Study.State.DRY_RUN)
PREFIX = {"pi": "PI", "coordinator": "C", "reader": "R", "analyst": "S"}


def create_study(*, title: str, datasets: Sequence[Dataset], by: User, at: datetime) -> Study:
    """Make a draft from the template "Segmentation acceptability (Likert 1-10 + Turing)"; its maker is PI."""
    title = title.strip()
    if not title:
        raise DomainError("study.title", "Give the study a title.", fields=[("/title", "required", "a title")])
    with transaction.atomic():
        study = Study.objects.create(title=title[:200], protocol=_template(title[:200], datasets), created_by=by)
        study.datasets.set(datasets)
        chain.record(study.stream, "study.created", actor=by, details={"title": study.title}, at=at)
        _add(study, by, "pi")
    return study


def add_member(*, study: Study, user: User, role: str, by: User, at: datetime) -> StudyMember:
    """Give a person a role in the study; readers are numbered R1, R2 … in the order they are added."""
    with transaction.atomic():
        study = locked(study)
        _check_designable(study, "take on a member")
        if study.members.filter(user=user, role=role).exists():
            raise Conflict("member.known", f"{user} already has this role in the study.")
        member = _add(study, user, role)
        _touch(study)
        chain.record(
            study.stream,
            "member.added",
            actor=by,
            details={"label": member.label, "role": role, "who": user.code},
            at=at,
        )
    return member


def remove_member(*, member: StudyMember, by: User, at: datetime) -> None:
    """Take a role away before the seal; the last PI stays."""
    with transaction.atomic():
        study = locked(member.study)
        _check_designable(study, "lose a member")
        if member.role == StudyMember.Role.PI and study.members.filter(role="pi").count() == 1:
            raise Conflict("member.last_pi", "A study needs a principal investigator; add another one first.")
        details = {"label": member.label, "role": member.role, "who": member.user.code}
        chain.record(study.stream, "member.removed", actor=by, details=details, at=at)
        member.delete()
        _touch(study)


def describe_reader(
    *, member: StudyMember, own_arm: Arm | None, qualification: str, conflicts: str, by: User, at: datetime
) -> StudyMember:
    """State which expert a reader is, and qualification and conflicts of interest."""
    with transaction.atomic():
        study = locked(member.study)
        _check_designable(study, "be changed")
        if own_arm and own_arm.study_id != study.pk:
            raise Conflict("arm.foreign", "This arm belongs to another study.")
        member.own_arm, member.qualification, member.conflicts = own_arm, qualification[:200], conflicts[:500]
        member.save(update_fields=["own_arm", "qualification", "conflicts"])
        _touch(study)
        details = {"label": member.label, "own_arm": own_arm.code if own_arm else "", "conflicts": conflicts[:500]}
        chain.record(study.stream, "reader.described", actor=by, details=details, at=at)
    return member


def set_arms(*, study: Study, arms: Sequence[tuple[str, Source]], by: User, at: datetime) -> list[Arm]:
    """Make these the study's arms: pairs of a short code and a source."""
    _check_arm_codes(arms)
    with transaction.atomic():
        study = locked(study)
        _check_designable(study, "change its arms")
        kept = {source.pk for _, source in arms}
        study.arms.exclude(source_id__in=kept).delete()
        for arm in study.arms.all():  # free every code first: two arms may swap theirs
            arm.code = f"~{arm.pk}"[:12]
            arm.save(update_fields=["code"])
        rows = [
            Arm.objects.update_or_create(study=study, source=source, defaults={"code": code})[0]
            for code, source in arms
        ]
        _touch(study)
        details = {"arms": {code: source.code for code, source in arms}}
        chain.record(study.stream, "arms.set", actor=by, details=details, at=at)
    return rows


def set_cases(*, study: Study, cases: Sequence[Case], practice: Sequence[Case], by: User, at: datetime) -> None:
    """Make these the study's cases; a practice case is never analysed."""
    with transaction.atomic():
        study = locked(study)
        _check_designable(study, "change its cases")
        allowed = set(study.datasets.values_list("pk", flat=True))
        foreign = [case.name for case in (*cases, *practice) if case.dataset_id not in allowed]
        if foreign:
            raise DomainError("case.foreign", f"Case {foreign[0]} is not in a dataset of this study.")
        practice_keys = {case.pk for case in practice}
        study.study_cases.all().delete()
        StudyCase.objects.bulk_create(
            StudyCase(study=study, case_id=key, is_practice=key in practice_keys)
            for key in sorted({case.pk for case in (*cases, *practice)})
        )
        # Whoever chooses practice cases wants them read; the protocol may ask for fewer afterwards.
        study.protocol = merged_protocol(study.protocol, {"practice": {"count": len(practice)}})
        study.save(update_fields=["protocol"])
        _touch(study)
        details = {"cases": len(cases), "practice": len(practice)}
        chain.record(study.stream, "cases.set", actor=by, details=details, at=at)


def edit_protocol(*, study: Study, changes: dict[str, Any], revision: int, by: User, at: datetime) -> Study:
    """Merge changes into the draft protocol; someone else's newer draft is never overwritten."""
    with transaction.atomic():
        study = locked(study)
        _check_designable(study, "change its protocol")
        if revision != study.protocol_revision:
            raise Conflict(
                "protocol.stale",
                f"The protocol was changed meanwhile (yours is revision {revision}, "
                f"stored is {study.protocol_revision}); compare what is stored with what you typed, then save again.",
            )
        study.protocol = merged_protocol(study.protocol, changes)
        study.title = str(study.protocol.get("title") or study.title)[:200]
        _touch(study)
        study.save(update_fields=["protocol", "title"])
        details = {"revision": study.protocol_revision, "fields": sorted(changes)}
        chain.record(study.stream, "protocol.edited", actor=by, details=details, at=at)
    return study


def merged_protocol(protocol: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the protocol with `changes` laid over it, group by group, checked and written out in full."""
    merged = dict(protocol)
    for name, value in changes.items():
        group = merged.get(name)
        keep = isinstance(group, dict) and isinstance(value, dict) and name != "instrument"
        merged[name] = {**group, **value} if keep else value  # type: ignore[dict-item]
    return to_dict(protocol_from(merged))


def _template(title: str, datasets: Sequence[Dataset]) -> dict[str, Any]:
    found = Volume.objects.filter(case__dataset__in=datasets).order_by("sequence")
    sequences = list(found.values_list("sequence", flat=True).distinct()) or ["T2"]
    return merged_protocol(to_dict(acceptability(title)), {"display": {"sequences": sequences}})


def _add(study: Study, user: User, role: str) -> StudyMember:
    taken = set(study.members.values_list("label", flat=True))
    number = next(n for n in range(1, len(taken) + 2) if f"{PREFIX[role]}{n}" not in taken)
    return StudyMember.objects.create(study=study, user=user, role=role, label=f"{PREFIX[role]}{number}")


def _check_designable(study: Study, step: str) -> None:
    if study.state not in DESIGNABLE:
        raise NotInThisState(step, study.get_state_display())


def _touch(study: Study) -> None:
    # A changed design has no valid dry run.
    study.protocol_revision += 1
    study.state = Study.State.DRAFT if study.state == Study.State.DRY_RUN else study.state
    study.save(update_fields=["protocol_revision", "state"])


def _check_arm_codes(arms: Sequence[tuple[str, Source]]) -> None:
    codes = [code for code, _ in arms]
    for index, code in enumerate(codes):
        if not (1 <= len(code) <= 12 and code.replace("-", "").isalnum()):
            raise DomainError(
                "arm.code",
                f"“{code}” cannot be an arm's code; use 1 to 12 letters, digits or hyphens.",
                fields=[(f"/arms/{index}/code", "code", "1 to 12 letters, digits or hyphens")],
            )
        if codes.index(code) != index:
            raise DomainError("arm.code", f"Two arms share the code “{code}”; give each its own.")
