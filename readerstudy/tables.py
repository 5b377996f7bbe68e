"""The one ratings table: a row per candidate × question × revision.

Dashboard, export and report all read `ratings_table`, so they cannot disagree. Before unblinding the columns of
origin are absent, not blank.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from django.db.models import F, Max, OuterRef, Subquery

from readerstudy.instruments.instrument import NOT_ASSESSABLE
from readerstudy.models import Candidate, Rating, Read, Seal, Study

ORIGIN_COLUMNS = ("arm", "arm_kind", "source", "repeat_of", "is_catch")
OPEN_STATES = (Study.State.UNBLINDED, Study.State.PUBLISHED)

COLUMNS = {
    "study": "study code",
    "protocol_sha256": "SHA-256 of the sealed protocol",
    "allocation_sha256": "SHA-256 of the sealed allocation",
    "reader": "reader code (R1, R2 …)",
    "subject": "subject code: the unit that is split and clustered",
    "case": "case code of the examination",
    "presentation": "random token of the presentation",
    "position": "place in the reader's sealed list, from 1",
    "kind": "main, practice, repeat or catch",
    "set_size": "number of candidates shown together",
    "slot": "slot of the candidate, from 0",
    "letter": "letter shown on the slot",
    "colour": "index of the colour shown, from 0",
    "line_style": "index of the line style shown, from 0",
    "item": "random token of the candidate",
    "arm": "arm of the candidate",
    "arm_kind": "expert or model",
    "question": "question identifier in the instrument",
    "value": "answer as a whole number",
    "value_label": "answer in words",
    "text": "answer to a text question",
    "revision_no": "1 = first answer",
    "reason": "first, slip (corrected before the next case) or amendment",
    "is_first": "whether it belongs to the first answer",
    "is_final": "whether it counts: the newest of first answer and slip",
    "not_assessable": "reason code when the case could not be assessed",
    "opened_at": "first opened, UTC, ISO 8601",
    "submitted_at": "submitted, UTC, ISO 8601",
    "active_ms": "milliseconds of active work on the presentation",
    "wall_ms": "milliseconds between opening and submitting",
    "viewer_version": "viewer that showed it",
}


def ratings_table(study: Study) -> pd.DataFrame:
    """Return the long table of `COLUMNS`; without the columns of origin while the study is blinded."""
    frame = pd.DataFrame(_rows(study), columns=list(COLUMNS))
    frame["is_first"] = frame["revision_no"] == 1
    frame["value"] = frame["value"].astype("Int64")
    for column in ("opened_at", "submitted_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True)
    if study.state not in OPEN_STATES:
        frame = frame.drop(columns=[column for column in ORIGIN_COLUMNS if column in frame])
    return frame


def _rows(study: Study) -> list[dict[str, Any]]:
    counts = (
        Read.objects.filter(presentation=OuterRef("read__presentation"))
        .exclude(reason=Read.Reason.AMENDMENT)
        .values("presentation")
        .annotate(last=Max("revision"))
        .values("last")
    )
    query = (
        Rating.objects.filter(read__presentation__seal__study=study)
        .annotate(counting_revision=Subquery(counts))
        .order_by("read__presentation__reader__label", "read__presentation__position", "read__revision", "id")
        .values(**_FIELDS)
    )
    sizes = set_sizes(study)
    given = [_row(study, dict(raw), sizes) for raw in query.iterator(chunk_size=5000)]
    return given + _missing_rows(study, given)


_FIELDS = {
    "protocol_sha256": F("read__presentation__seal__protocol_sha256"),
    "allocation_sha256": F("read__presentation__seal__allocation_sha256"),
    "reader": F("read__presentation__reader__label"),
    "subject": F("read__presentation__case__subject__code"),
    "case": F("read__presentation__case__name"),
    "presentation": F("read__presentation__token"),
    "position": F("read__presentation__position"),
    "kind": F("read__presentation__kind"),
    "slot": F("candidate__slot"),
    "letter": F("candidate__letter"),
    "colour": F("candidate__colour"),
    "line_style": F("candidate__line_style"),
    "item": F("candidate__token"),
    "arm": F("candidate__arm__code"),
    "source_kind": F("candidate__arm__source__kind"),
    "question_id": F("question"),
    "answer": F("value"),
    "answer_label": F("value_label"),
    "answer_text": F("text"),
    "revision_no": F("read__revision"),
    "why": F("read__reason"),
    "not_assessable": F("read__not_assessable"),
    "opened_at": F("read__opened_at"),
    "submitted_at": F("read__submitted_at"),
    "active_ms": F("read__active_ms"),
    "wall_ms": F("read__wall_ms"),
    "viewer_version": F("read__viewer_version"),
    "counts": F("counting_revision"),
}


def _row(study: Study, raw: dict[str, Any], sizes: dict[str, int]) -> dict[str, Any]:
    kind = raw.pop("source_kind")
    return raw | {
        "study": study.code,
        "set_size": sizes.get(raw["presentation"], 0),
        "arm_kind": None if kind is None else "model" if kind == "model" else "expert",
        "question": raw["question_id"],
        "value": raw["answer"],
        "value_label": raw["answer_label"],
        "text": raw["answer_text"],
        "reason": raw["why"],
        "is_final": raw["revision_no"] == raw["counts"],
    }


def _missing_rows(study: Study, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a row with an empty value for every candidate question of a case that could not be assessed."""
    declared = {row["presentation"]: row for row in given if row["question"] == NOT_ASSESSABLE}
    candidates = Candidate.objects.filter(presentation__token__in=declared).select_related(
        "arm__source", "presentation"
    )
    questions = _closed_questions(study) if declared else []
    return [
        declared[candidate.presentation.token]
        | {
            "slot": candidate.slot,
            "letter": candidate.letter,
            "colour": candidate.colour,
            "line_style": candidate.line_style,
            "item": candidate.token,
            "arm": candidate.arm.code,
            "arm_kind": "model" if candidate.arm.source.kind == "model" else "expert",
            "question": question,
            "value": None,
            "text": "",
        }
        for candidate in candidates.order_by("presentation_id", "slot")
        for question in questions
    ]


def _closed_questions(study: Study) -> list[str]:
    seal = Seal.objects.filter(study=study).order_by("-number").get()
    asked = json.loads(bytes(seal.sealed_bytes))["protocol"]["instrument"]["questions"]
    return [question["code"] for question in asked if question["scope"] == "candidate" and question["kind"] != "text"]


def set_sizes(study: Study) -> dict[str, int]:
    """Return the number of candidates by presentation token."""
    sizes: dict[str, int] = {}
    tokens = Candidate.objects.filter(presentation__seal__study=study).values_list("presentation__token", flat=True)
    for token in tokens:
        sizes[token] = sizes.get(token, 0) + 1
    return sizes
