"""The dry run and the seal.

The seal commits to what readers will see before anybody reads: SHA-256 over a secret nonce and the exact sealed
bytes. Reading and hashing files happens before the transaction; the transaction checks that nothing changed
meanwhile and only inserts.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit import chain
from readerstudy.design import protocol as protocols
from readerstudy.design import seal as sealing
from readerstudy.design.allocation import ALGORITHM, allocate
from readerstudy.design.balance import balance
from readerstudy.design.checks import problems as protocol_problems
from readerstudy.design.plan import Allocation, AllocationPlan
from readerstudy.errors import NotInThisState, SealRefused
from readerstudy.models import Candidate, Presentation, Seal, Study
from readerstudy.services.decisions import locked, reader_heads
from readerstudy.services.plans import Material, allocation_plan, material_of, protocol_document, training_overlap
from readerstudy.services.studies import DESIGNABLE
from segmentation.errors import Conflict, DomainError
from segmentation.selectors.quality import excluded_cases
from segmentation.storage import blob_store

Problem = tuple[str, str, str]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Secrets:
    """What an attacker must not know before the end."""

    seed: bytes
    nonce: bytes

    @classmethod
    def fresh(cls) -> Secrets:
        """Draw both from the operating system."""
        return cls(secrets.token_bytes(32), secrets.token_bytes(32))


@dataclass(frozen=True)
class DryRun:
    """An allocation drawn under a throw-away seed, and how balanced it is."""

    plan: AllocationPlan
    allocation: Allocation
    balance: dict[str, Any]
    problems: list[Problem]


def dry_run(study: Study) -> DryRun:
    """Draw an allocation under a throw-away seed: what the seal would give, in balance and in size."""
    material = material_of(study)
    plan = allocation_plan(study, material)
    problems = list(_design_problems(study, material))
    allocation = allocate(plan, secrets.token_bytes(32)) if material.readers and material.cases else Allocation("", ())
    return DryRun(plan, allocation, balance(plan, allocation), problems)


def design_problems(study: Study) -> list[Problem]:
    """Return what still blocks the seal, without drawing an allocation or reading a file."""
    return list(_design_problems(study, material_of(study)))


def mark_dry_run(*, study: Study, by: User, at: datetime) -> Study:
    """Record that the design passed a dry run; any later change takes it back to draft."""
    problems = dry_run(study).problems
    if problems:
        raise SealRefused(problems)
    with transaction.atomic():
        study = locked(study)
        if study.state not in DESIGNABLE:
            raise NotInThisState("be tried", study.get_state_display())
        study.state = Study.State.DRY_RUN
        study.save(update_fields=["state"])
        details = {"revision": study.protocol_revision}
        chain.record(study.stream, "study.dry_run", actor=by, details=details, at=at)
    return study


def seal_study(
    *,
    study: Study,
    by: User,
    at: datetime,
    secret: Secrets | None = None,
    explicit: Allocation | None = None,
    progress: Progress = lambda done, total, message: None,
) -> Seal:
    """Verify, draw, hash and store the sealed list; after this nothing of the design changes.

    Parameters
    ----------
    secret : Secrets, optional
        Drawn from the operating system by default.
    explicit : Allocation, optional
        A list given from outside instead of a drawn one; verification will say that the seed does not give it.

    Raises
    ------
    SealRefused
        With every reason at once.
    """
    secret = secret or Secrets.fresh()
    material = material_of(study)
    problems = [*_design_problems(study, material), *_file_problems(material, progress)]
    if problems:
        raise SealRefused(problems)
    plan = allocation_plan(study, material)
    allocation = explicit or allocate(plan, secret.seed)
    sealed = _sealed(study, material, plan, allocation, secret.seed)
    with transaction.atomic():
        return _store(study, material, allocation, sealed, secret, by, at)


def _sealed(study: Study, material: Material, plan: AllocationPlan, allocation: Allocation, seed: bytes) -> bytes:
    names = {case.pk: case.name for case in material.everything()}
    codes = {arm.pk: arm.code for arm in material.arms}
    promise = sealing.commit_to_seed(seed)
    return sealing.sealed_bytes(
        study=study.code,
        protocol=protocols.to_dict(replace(protocol_document(study, material), seed_commitment=promise)),
        plan=plan,
        allocation=allocation,
        masks=[(names[case], codes[arm], mask.content_sha256) for (case, arm), mask in material.masks.items()],
        volumes=[
            (case.name, volume.sequence, volume.content_sha256)
            for case in material.everything()
            for volume in material.volumes[case.pk]
        ],
        software=settings.VERSION,
        seed_commitment=promise,
    )


def _store(
    study: Study,
    material: Material,
    allocation: Allocation,
    sealed: bytes,
    secret: Secrets,
    by: User,
    at: datetime,
) -> Seal:
    revision = study.protocol_revision
    study = locked(study)
    if study.state not in DESIGNABLE:
        raise NotInThisState("be sealed", study.get_state_display())
    if study.protocol_revision != revision:
        raise Conflict("seal.stale", "The design was changed while it was being sealed; look at it and seal again.")
    document = json.loads(sealed)
    seal = Seal.objects.create(
        study=study,
        sealed_bytes=sealed,
        nonce=secret.nonce,
        seed=secret.seed,
        commitment=sealing.commitment(secret.nonce, sealed),
        protocol_sha256=_part_sha256(document["protocol"]),
        allocation_sha256=_part_sha256(document["allocation"]),
        algorithm=ALGORITHM,
        software=settings.VERSION,
        sealed_at=at,
        sealed_by=by,
    )
    _store_presentations(seal, material, allocation)
    study.state = Study.State.SEALED
    study.save(update_fields=["state"])
    chain.record(study.stream, "study.sealed", actor=by, details=_announcement(study, seal), at=at)
    return seal


def _part_sha256(part: object) -> str:
    return hashlib.sha256(sealing.canonical(part)).hexdigest()


def _announcement(study: Study, seal: Seal) -> dict[str, Any]:
    return {
        "commitment": seal.commitment,
        "protocol_sha256": seal.protocol_sha256,
        "allocation_sha256": seal.allocation_sha256,
        "seal": seal.number,
        "reader_heads": reader_heads(study),
    }


def _store_presentations(seal: Seal, material: Material, allocation: Allocation) -> None:
    readers = {reader.label: reader for reader in material.readers}
    cases = {case.name: case for case in material.everything()}
    made = Presentation.objects.bulk_create(
        Presentation(
            seal=seal,
            reader=readers[shown.reader],
            position=shown.position,
            kind=shown.kind,
            case=cases[shown.case],
        )
        for shown in _first_showings(allocation)
    )
    stored = {(row.reader.label, row.position): row for row in made}
    stored |= _store_repeats(seal, stored, allocation)
    _store_candidates(stored, cases, material, allocation)


def _first_showings(allocation: Allocation) -> Iterator[Any]:
    return (shown for shown in allocation.presentations if shown.repeat_of is None)


def _store_repeats(
    seal: Seal, stored: dict[tuple[str, int], Presentation], allocation: Allocation
) -> dict[tuple[str, int], Presentation]:
    repeats = [shown for shown in allocation.presentations if shown.repeat_of is not None]
    made = []
    for shown in repeats:
        assert shown.repeat_of is not None
        first = stored[shown.reader, shown.repeat_of]
        made.append(
            Presentation(
                seal=seal, reader=first.reader, position=shown.position, kind=shown.kind, case=first.case, repeats=first
            )
        )
    rows_ = Presentation.objects.bulk_create(made)
    return {(row.reader.label, row.position): row for row in rows_}


def _store_candidates(
    stored: dict[tuple[str, int], Presentation], cases: dict[str, Any], material: Material, allocation: Allocation
) -> None:
    arms = {arm.code: arm for arm in material.arms}
    Candidate.objects.bulk_create(
        Candidate(
            presentation=stored[shown.reader, shown.position],
            slot=candidate.slot,
            letter=candidate.letter,
            colour=candidate.colour,
            line_style=candidate.line_style,
            arm=arms[candidate.arm],
            segmentation=material.masks[cases[shown.case].pk, arms[candidate.arm].pk].segmentation,
        )
        for shown in allocation.presentations
        for candidate in shown.candidates
    )


def _design_problems(study: Study, material: Material) -> Iterator[Problem]:
    for problem in protocol_problems(protocol_document(study, material)):
        yield (problem.field, problem.code, problem.sentence)
    yield from _people_problems(study, material)
    yield from _case_problems(study, material)
    yield from _training_problems(material)


def _people_problems(study: Study, material: Material) -> Iterator[Problem]:
    pis = set(study.members.filter(role="pi").values_list("user_id", flat=True))
    for reader in material.readers:
        if reader.user_id in pis and not study.protocol["pi_may_read"]:
            yield (
                "/readers",
                "reader.is_pi",
                f"{reader.label} is also principal investigator; choose another reader, or declare it in the protocol.",
            )
        drawn = [arm for arm in material.arms if arm.source.annotator_id == reader.user_id]
        if drawn and reader.own_arm_id != drawn[0].pk:
            yield (
                "/readers",
                "reader.own_arm",
                f"{reader.label} drew the masks of arm {drawn[0].code}; say so, so that these are never shown to them.",
            )


def _case_problems(study: Study, material: Material) -> Iterator[Problem]:
    if not material.cases:
        yield ("/cases", "cases.none", "The study has no cases; choose them on the cases page.")
    names = [case.name for case in material.everything()]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield ("/cases", "case.twice", f"Two datasets hold a case called {name}; leave one of them out.")
    for name in excluded_cases(material.everything()):
        yield ("/cases", "case.excluded", f"Case {name} was excluded at quality control; take it out of the study.")
    for case in material.everything():
        if case.subject.withdrawn_at:
            yield ("/cases", "case.withdrawn", f"The subject of case {case.name} has withdrawn; take the case out.")
        if not material.volumes[case.pk]:
            yield ("/cases", "case.no_volume", f"Case {case.name} has no volume of the sequences in the protocol.")


def _training_problems(material: Material) -> Iterator[Problem]:
    subjects = {case.subject.code for case in material.cases}
    for arm in material.arms:
        if training_overlap(arm.source, subjects) == "overlap":
            seen = len(subjects & set(arm.source.training_subjects or ()))
            yield (
                "/arms",
                "arm.saw_subjects",
                f"The model of arm {arm.code} was trained on {seen} of this study's subjects; "
                "leave those cases out, or use another model version.",
            )


def _file_problems(material: Material, progress: Progress) -> Iterator[Problem]:
    """Yield a problem for every file that is missing, corrupt or on another grid; a case is refused for all arms."""
    files = [
        (f"the {v.sequence} volume of case {c.name}", v.blob_sha256)
        for c in material.everything()
        for v in material.volumes[c.pk]
    ]
    names = {case.pk: case.name for case in material.everything()}
    codes = {arm.pk: arm.code for arm in material.arms}
    files += [
        (f"the mask of arm {codes[arm]} for case {names[case]}", mask.blob_sha256)
        for (case, arm), mask in sorted(material.masks.items())
    ]
    store = blob_store()
    for done, (what, address) in enumerate(files):
        progress(done, len(files), f"verifying {what}")
        try:
            store.read(address)
        except DomainError as error:
            yield ("/cases", error.code, f"Something is wrong with {what}: {error.detail}")
    progress(len(files), len(files), "drawing and sealing the list")
