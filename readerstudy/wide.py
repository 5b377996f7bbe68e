"""The wide ratings table: one row per item and revision, with the columns that analysts know."""

from __future__ import annotations

from typing import Any

import pandas as pd

ORIGIN_STEPS = 6

WIDE_COLUMNS = {
    "study": "study code",
    "protocol_hash": "SHA-256 of the sealed protocol",
    "allocation_hash": "SHA-256 of the sealed allocation",
    "reader": "reader code",
    "session": "reading session of the sealed list, from 1",
    "set_no": "place of the presentation in the reader's list",
    "subject": "subject code",
    "case": "case code",
    "set_size": "candidates shown together",
    "slot": "slot, from 0",
    "letter": "letter of the slot",
    "colour": "index of the colour",
    "item": "random token of the candidate",
    "source_type": "expert or model (absent while blinded)",
    "source": "arm code (absent while blinded)",
    "is_practice": "1 for a practice case",
    "repeat_of": "place of the first showing of a repeated case (absent while blinded)",
    "is_catch": "1 for a catch item (absent while blinded)",
    "likert": "score",
    "acceptable": "1 if the score reaches the protocol's threshold",
    "turing": "ai or human",
    "turing_confidence": "1 to 3 on the six-step scale, 1 to 5 with a forced choice",
    "flag": "reason why the case could not be assessed",
    "comment": "reader's comment",
    "opened_at": "UTC",
    "submitted_at": "UTC",
    "active_ms": "milliseconds",
    "wall_ms": "milliseconds",
    "revision_no": "1 = first answer",
    "is_final": "1 if this revision counts",
    "viewer_version": "viewer that showed it",
}
_KEYS = ["presentation", "item", "revision_no"]


def wide_table(ratings: pd.DataFrame, document: dict[str, Any], *, open_origin: bool) -> pd.DataFrame:
    """Return the long table pivoted to `WIDE_COLUMNS`; without origin unless `open_origin`."""
    items = ratings[ratings["item"].notna()]
    wide = items.drop_duplicates(_KEYS).set_index(_KEYS)
    for question in ("score", "origin", "origin_confidence"):
        wide[question] = items[items["question"] == question].set_index(_KEYS)["value"]
    wide["comment"] = items[items["question"] == "comment"].set_index(_KEYS)["text"]
    wide = _renamed(wide.reset_index(), document)
    hidden = [] if open_origin else ["source_type", "source", "repeat_of", "is_catch"]
    return wide[[name for name in WIDE_COLUMNS if name not in hidden]]


def _renamed(wide: pd.DataFrame, document: dict[str, Any]) -> pd.DataFrame:
    places = {(row["reader"], row["position"]): row for row in document["allocation"]}
    threshold = _threshold(document)
    keys = list(zip(wide["reader"], wide["position"], strict=True))
    return wide.assign(
        protocol_hash=wide["protocol_sha256"],
        allocation_hash=wide["allocation_sha256"],
        session=[places[key]["session"] for key in keys],
        set_no=wide["position"],
        source_type=wide.get("arm_kind"),
        source=wide.get("arm"),
        is_practice=(wide["kind"] == "practice").astype(int),
        repeat_of=pd.array([places[key]["repeat_of"] for key in keys], dtype="Int64"),
        is_catch=(wide["kind"] == "catch").astype(int),
        likert=wide["score"],
        acceptable=(wide["score"] >= threshold).astype("Int64") if threshold else None,
        turing=_turing(wide, document),
        turing_confidence=_confidence(wide, document),
        flag=wide["not_assessable"],
        is_final=wide["is_final"].astype(int),
    )


def _question(document: dict[str, Any], code: str) -> dict[str, Any]:
    asked = document["protocol"]["instrument"]["questions"]
    found: dict[str, Any] = next((question for question in asked if question["code"] == code), {})
    return found


def _threshold(document: dict[str, Any]) -> int | None:
    threshold: int | None = _question(document, "score").get("acceptable_at")
    return threshold


def _turing(wide: pd.DataFrame, document: dict[str, Any]) -> pd.Series:
    first_ai = ORIGIN_STEPS // 2 + 1 if _question(document, "origin").get("kind") == "origin6" else 1
    calls = wide["origin"].map(lambda value: None if pd.isna(value) else "ai" if value >= first_ai else "human")
    return calls.astype(object)


def _confidence(wide: pd.DataFrame, document: dict[str, Any]) -> pd.Series:
    if _question(document, "origin").get("kind") != "origin6":
        return wide["origin_confidence"]
    half = ORIGIN_STEPS // 2
    steps = wide["origin"].map(lambda v: pd.NA if pd.isna(v) else v - half if v > half else half + 1 - v)
    return steps.astype("Int64")
