"""A small study whose answers separate the arms completely can still be exported."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

from study_world import AT, World

from readerstudy.analysis.numbers import fixed, interval_text
from readerstudy.models import Presentation
from readerstudy.selectors import presentations
from readerstudy.services import decisions, exports, reads
from readerstudy.services.reads import Submission


def test_numbers_that_run_away_are_still_printed() -> None:
    assert fixed(3.2e40) == "3.2e+40"
    assert interval_text(0.5, float("inf")) == "0.50 to ∞"


def test_a_separated_study_leaves_with_all_its_tables(world: World) -> None:
    world.seal()
    reader = world.readers["R1"]
    reader.refresh_from_db()
    while presentation := presentations.current_presentation(reader):
        _read(presentation)
        reader.study.refresh_from_db()
    for action in ("close", "unblind"):
        asked = decisions.request_decision(
            study=world.study, action=action, reason="all of it is in", by=world.pi, at=AT
        )
        decisions.confirm_decision(decision=asked, reason="", by=world.second, at=AT)
    world.study.refresh_from_db()

    _, packed = exports.export_bundle(study=world.study, by=world.pi, at=AT)

    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert {"ratings.csv", "ratings_wide.csv", "report_conventional.json", "methods.txt"} <= set(names)


def _read(presentation: Presentation) -> None:
    arms = {candidate.letter: candidate.arm.code for candidate in presentation.candidates.all()}
    scores = {letter: {"score": 10 if arm == "TE" else 1, "origin": 1} for letter, arm in arms.items()}
    submission = Submission({"candidates": scores, "case": {}}, active_ms=1, wall_ms=2)
    at = AT + timedelta(minutes=presentation.position)
    reads.submit_read(presentation=presentation, submission=submission, key=f"key-{presentation.token}", at=at)
