"""The demo's two studies, read by simulated readers whose truth is stated on the study's page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from hub.demo.readers import DEMO_TRUTH, Answer, Reading, answer_readings
from readerstudy.models import Arm, Presentation, Study, StudyMember
from readerstudy.services import allocations, decisions, reads, studies
from readerstudy.services.reads import Submission
from segmentation.models import Dataset, Source

ARMS = {
    "E1": "expert-1",
    "E2": "expert-2",
    "E3": "expert-3",
    "TE": "model-transfer-encoder",
    "BRATS": "model-adult-brats",
}
READERS = ("expert-1@demo.invalid", "expert-2@demo.invalid", "expert-3@demo.invalid")
QUALIFICATIONS = (
    "neuroradiologist, 12 years",
    "neuroradiologist, 7 years",
    "paediatric radiologist, 9 years",
)
PRACTICE = 2
Dice = Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Pace:
    """How many cases a simulated reader has read, and when the first was opened."""

    reads: int
    began: datetime
    every: timedelta


def make_closed_study(dataset: Dataset, people: Mapping[str, User], dice: Dice, *, seed: int) -> Study:
    """Make a study that was read to the end, closed and unblinded."""
    began = timezone.now() - timedelta(days=40)
    study = _design("Segmentation acceptability in paediatric glioma (simulated readers)", dataset, people, began)
    study.is_simulated, study.simulated_truth = True, DEMO_TRUTH.as_dict()
    study.save(update_fields=["is_simulated", "simulated_truth"])
    allocations.seal_study(study=study, by=people["pi@demo.invalid"], at=began + timedelta(days=1))
    for number, reader in enumerate(_readers(study)):
        _simulate(reader, dice, Pace(10**6, began + timedelta(days=2 + number, hours=9), timedelta(hours=9)), seed)
    _decide(study, people, "close", "All planned reads are in.", began + timedelta(days=30))
    _decide(
        study,
        people,
        "unblind",
        "The analysis plan is registered and the reading is closed.",
        began + timedelta(days=31),
    )
    return study


def make_open_study(dataset: Dataset, people: Mapping[str, User], dice: Dice, *, seed: int) -> Study:
    """Make a study that is being read: two readers under way, the third about to begin."""
    began = timezone.now() - timedelta(days=9)
    study = _design("Transfer-learned nnU-Net against experts: blinded reading", dataset, people, began)
    study.is_simulated = True
    study.save(update_fields=["is_simulated"])
    allocations.seal_study(study=study, by=people["pi@demo.invalid"], at=began + timedelta(days=1))
    paces = (
        Pace(11, began + timedelta(days=2, hours=3), timedelta(hours=11)),
        Pace(14, began + timedelta(days=2, hours=5), timedelta(hours=8)),
        Pace(0, began, timedelta(hours=1)),
    )
    for reader, pace in zip(_readers(study), paces, strict=True):
        _simulate(reader, dice, pace, seed)
    return study


def _design(title: str, dataset: Dataset, people: Mapping[str, User], at: datetime) -> Study:
    pi = people["pi@demo.invalid"]
    study = studies.create_study(title=title, datasets=[dataset], by=pi, at=at)
    studies.add_member(study=study, user=people["coordinator@demo.invalid"], role="coordinator", by=pi, at=at)
    studies.add_member(study=study, user=people["analyst@demo.invalid"], role="analyst", by=pi, at=at)
    sources = {source.name: source for source in Source.objects.filter(dataset=dataset)}
    rows = studies.set_arms(study=study, arms=[(code, sources[name]) for code, name in ARMS.items()], by=pi, at=at)
    arms = {arm.code: arm for arm in rows}
    cases = list(dataset.cases.order_by("name"))
    studies.set_cases(study=study, cases=cases[PRACTICE:], practice=cases[:PRACTICE], by=pi, at=at)
    for number, email in enumerate(READERS):
        _add_reader(study, people[email], arms[f"E{number + 1}"], QUALIFICATIONS[number], pi, at)
    study.refresh_from_db()
    changes: dict[str, Any] = {
        "practice": {"count": PRACTICE},
        "sessions": {"cases_per_session": 9},
        "reports_to": "Dr Ines Okafor, principal investigator",
        "ethics_reference": "Synthetic data; no ethics review needed",
    }
    studies.edit_protocol(study=study, changes=changes, revision=study.protocol_revision, by=pi, at=at)
    study.refresh_from_db()
    return study


def _add_reader(study: Study, user: User, own: Arm, qualification: str, pi: User, at: datetime) -> None:
    member = studies.add_member(study=study, user=user, role="reader", by=pi, at=at)
    studies.describe_reader(member=member, own_arm=own, qualification=qualification, conflicts="", by=pi, at=at)


def _readers(study: Study) -> Sequence[StudyMember]:
    return list(study.members.filter(role="reader").select_related("study", "user").order_by("label"))


def _simulate(reader: StudyMember, dice: Dice, pace: Pace, seed: int) -> None:
    rows = Presentation.objects.filter(reader=reader).select_related("case", "seal", "reader__study", "reader__user")
    clock = pace.began
    for place, presentation in enumerate(rows.order_by("position")[: pace.reads]):
        answers = _answers(presentation, reader.label, place, dice, seed)
        wall = timedelta(seconds=max(30.0, sum(answer.wall_seconds for answer in answers.values())))
        reads.open_presentation(presentation=presentation, display={"adapter": "simulated"}, at=clock)
        _submit(presentation, answers, wall, clock + wall)
        # Three cases in a sitting, then a pause.
        clock += wall + (pace.every if place % 3 == 2 else timedelta(seconds=20))


def _answers(presentation: Presentation, label: str, place: int, dice: Dice, seed: int) -> dict[str, Answer]:
    candidates = list(presentation.candidates.select_related("arm__source").order_by("slot"))
    readings = [Reading(label, presentation.case.name, c.arm.source.name, place) for c in candidates]
    answers = answer_readings(readings, dice=dice, truth=DEMO_TRUTH, seed=seed)
    return {candidate.letter: answer for candidate, answer in zip(candidates, answers, strict=True)}


def _submit(presentation: Presentation, answers: Mapping[str, Answer], wall: timedelta, at: datetime) -> None:
    told: dict[str, Any] = {
        "candidates": {letter: {"score": a.score, "origin": a.origin} for letter, a in answers.items()},
        "case": {},
    }
    if _spoiled(presentation):
        told = {"not_assessable": {"reason": "artefact", "comment": ""}}
    submission = Submission(
        answers=told,
        active_ms=round(sum(a.active_seconds for a in answers.values()) * 1000),
        wall_ms=round(wall.total_seconds() * 1000),
        viewer_version="simulated",
    )
    reads.submit_read(presentation=presentation, submission=submission, key=f"demo-{presentation.token}", at=at)


def _spoiled(presentation: Presentation) -> bool:
    # About one case in sixty cannot be assessed, as in real life; which one depends on names alone.
    if presentation.kind != Presentation.Kind.MAIN:
        return False
    told = f"{presentation.reader.label}|{presentation.case.name}|spoiled"
    return hashlib.sha256(told.encode()).digest()[0] < 5


def _decide(study: Study, people: Mapping[str, User], action: str, reason: str, at: datetime) -> None:
    asked = decisions.request_decision(study=study, action=action, reason=reason, by=people["pi@demo.invalid"], at=at)
    decisions.confirm_decision(
        decision=asked, reason="", by=people["coordinator@demo.invalid"], at=at + timedelta(hours=2)
    )
