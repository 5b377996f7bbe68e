"""Instruments as data: round trip, wording, and refusals."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from readerstudy.instruments import (
    InstrumentRefused,
    Likert,
    Origin6,
    called_ai,
    instrument_from,
    is_acceptable,
    likert_turing,
    rating_label,
    score_keys,
    to_dict,
    value_label,
)


@pytest.mark.parametrize("origin", ["origin6", "origin2"])
def test_an_instrument_survives_json(origin: str) -> None:
    instrument = likert_turing(origin=origin)

    assert instrument_from(json.loads(json.dumps(to_dict(instrument)))) == instrument


def test_the_default_scale_runs_from_1_worst_over_7_acceptable_to_10_perfect() -> None:
    score = likert_turing().question("score")

    assert isinstance(score, Likert)
    assert score.anchors == {1: "Worst", 7: "Clinically acceptable for volumetry", 10: "Perfect"}
    assert [is_acceptable(score, value) for value in (1, 6, 7, 10)] == [False, False, True, True]
    assert value_label(score, 7) == "Clinically acceptable for volumetry"
    assert value_label(score, 6) == ""


def test_another_threshold_moves_the_anchor_and_the_hint() -> None:
    score = likert_turing(acceptable_at=6).question("score")

    assert isinstance(score, Likert)
    assert score.anchors[6] == "Clinically acceptable for volumetry"
    assert "from 6 on" in score.hint


def test_scores_are_keyed_by_digit_and_ten_by_t() -> None:
    score = likert_turing().question("score")

    assert isinstance(score, Likert)
    assert list(score_keys(score).values()) == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "T"]


def test_the_upper_half_of_the_six_steps_calls_ai() -> None:
    origin = likert_turing().question("origin")

    assert isinstance(origin, Origin6)
    assert [called_ai(origin, step) for step in range(1, 7)] == [False, False, False, True, True, True]
    assert called_ai(likert_turing().question("score"), 9) is None


def test_all_scores_are_asked_before_all_origins() -> None:
    assert [question.block for question in likert_turing().asked_of("candidate")] == ["scores", "scores", "origin"]


def test_the_label_of_a_stored_rating_is_found_by_its_code() -> None:
    instrument = likert_turing(origin="origin2")

    assert rating_label(instrument, "origin", 0) == "Human"
    assert rating_label(instrument, "origin_confidence", 2) == "2 of 5"
    with pytest.raises(KeyError):
        rating_label(instrument, "dice", 1)


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        (("questions",), [], "/questions"),
        (("questions",), "score", "/questions"),
        (("questions", 0, "kind"), "stars", "/questions/0/kind"),
        (("questions", 0, "kind"), None, "/questions/0/kind"),
        (("questions", 0, "code"), "Score!", "/questions/0/code"),
        (("questions", 0, "maximum"), 0, "/questions/0/maximum"),
        (("questions", 0, "maximum"), 10.0, "/questions/0/maximum"),
        (("questions", 0, "anchors"), {"11": "x"}, "/questions/0/anchors/11"),
        (("questions", 0, "anchors"), {"one": "x"}, "/questions/0/anchors/one"),
        (("questions", 0, "anchors"), {"1": "x" * 81}, "/questions/0/anchors/1"),
        (("questions", 0, "acceptable_at"), 11, "/questions/0/acceptable_at"),
        (("questions", 0, "scope"), "reader", "/questions/0/scope"),
        (("questions", 0, "required"), 1, "/questions/0/required"),
        (("questions", 0, "wording"), " ", "/questions/0/wording"),
        (("questions", 0, "colour"), "red", "/questions/0/colour"),
        (("questions", 1, "code"), "score", "/questions"),
        (("questions", 2, "labels"), ["a", "b"], "/questions/2/labels"),
        (("not_assessable_reasons", 0, "code"), "other", "/not_assessable_reasons"),
        (("title",), "a\x00", "/title"),
    ],
)
def test_a_description_that_cannot_be_asked_is_refused(path: tuple[Any, ...], value: object, pointer: str) -> None:
    data = copy.deepcopy(to_dict(likert_turing()))
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value

    with pytest.raises(InstrumentRefused) as refused:
        instrument_from(data)

    assert pointer in [field[0] for field in refused.value.fields]


@pytest.mark.parametrize("data", [None, [], "x", {}])
def test_what_is_no_instrument_is_refused(data: Any) -> None:
    with pytest.raises(InstrumentRefused):
        instrument_from(data)
