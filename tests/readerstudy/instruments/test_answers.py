"""Every wrong answer is refused with its place; right ones are kept as chosen."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readerstudy.instruments import (
    Answer,
    AnswersRefused,
    Choice,
    Instrument,
    Option,
    Text,
    YesNo,
    likert_turing,
    validate_answers,
)

SLOTS = ("A", "B")
GOOD: dict[str, Any] = {
    "candidates": {"A": {"score": 8, "origin": 5, "comment": "smooth"}, "B": {"score": 10, "origin": 1}}
}


def refused(answers: object, instrument: Instrument | None = None) -> list[tuple[str, str]]:
    with pytest.raises(AnswersRefused) as caught:
        validate_answers(instrument or likert_turing(), SLOTS, answers)
    assert caught.value.code == "answers.invalid"
    return [(pointer, code) for pointer, code, _ in caught.value.fields]


def with_answer(slot: str, question: str, value: object) -> dict[str, Any]:
    changed = copy.deepcopy(GOOD)
    changed["candidates"][slot][question] = value
    return changed


def test_good_answers_come_back_by_slot_and_question_with_the_words_shown() -> None:
    assert validate_answers(likert_turing(), SLOTS, GOOD) == [
        Answer("score", "A", 8, ""),
        Answer("comment", "A", None, "", "smooth"),
        Answer("origin", "A", 5, "Probably AI"),
        Answer("score", "B", 10, "Perfect"),
        Answer("origin", "B", 1, "Surely human"),
    ]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0, "out_of_range"),
        (11, "out_of_range"),
        (-7, "out_of_range"),
        (10**400, "out_of_range"),
        (7.5, "not_integer"),
        (7.0, "not_integer"),
        ("7", "not_integer"),
        (None, "not_integer"),
        (float("nan"), "not_integer"),
        (float("inf"), "not_integer"),
        (True, "not_integer"),
        ([7], "not_integer"),
        ({"value": 7}, "not_integer"),
    ],
)
def test_a_score_that_is_no_step_of_the_scale_is_refused(value: object, code: str) -> None:
    assert refused(with_answer("A", "score", value)) == [("/candidates/A/score", code)]


@pytest.mark.parametrize("value", [0, 7, 3.5, "human", None, False])
def test_an_origin_that_is_no_step_of_the_scale_is_refused(value: object) -> None:
    assert [pointer for pointer, _ in refused(with_answer("B", "origin", value))] == ["/candidates/B/origin"]


@pytest.mark.parametrize("question", ["score", "origin"])
def test_a_missing_answer_is_named(question: str) -> None:
    lacking = copy.deepcopy(GOOD)
    del lacking["candidates"]["B"][question]

    assert refused(lacking) == [(f"/candidates/B/{question}", "missing")]


def test_a_missing_slot_is_missing_in_every_required_question() -> None:
    lacking = {"candidates": {"A": GOOD["candidates"]["A"]}}

    assert refused(lacking) == [("/candidates/B/score", "missing"), ("/candidates/B/origin", "missing")]


@pytest.mark.parametrize(
    ("answers", "pointer"),
    [
        (GOOD | {"extra": 1}, "/extra"),
        ({"candidates": GOOD["candidates"] | {"C": {"score": 1, "origin": 1}}}, "/candidates/C"),
        (with_answer("A", "dice", 0.9), "/candidates/A/dice"),
        (GOOD | {"case": {"note": "x"}}, "/case/note"),
        (GOOD | {"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_what_is_not_asked_is_refused(answers: dict[str, Any], pointer: str) -> None:
    assert refused(answers) == [(pointer, "unknown")]


@pytest.mark.parametrize("answers", [None, [], "x", 3, {"candidates": []}, {"candidates": {"A": 3, "B": None}}])
def test_answers_of_another_shape_are_refused(answers: object) -> None:
    assert "type" in [code for _, code in refused(answers)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 2001, "too_long"),
        ("a\x00b", "not_storable"),
        ("\ud800", "not_storable"),
        (3, "not_text"),
        (None, "not_text"),
    ],
)
def test_a_comment_that_cannot_be_kept_is_refused(text: object, code: str) -> None:
    assert refused(with_answer("A", "comment", text)) == [("/candidates/A/comment", code)]


def test_a_comment_of_blanks_is_no_answer_and_the_longest_one_is_kept() -> None:
    blank = validate_answers(likert_turing(), SLOTS, with_answer("A", "comment", "  \n"))
    longest = validate_answers(likert_turing(), SLOTS, with_answer("A", "comment", "é" * 2000))

    assert "comment" not in [answer.question for answer in blank]
    assert [answer.text for answer in longest if answer.question == "comment"] == ["é" * 2000]


def test_a_forced_choice_is_stored_as_call_and_confidence() -> None:
    answers = {"candidates": {"A": {"score": 1, "origin": {"origin": "ai", "confidence": 4}}}}

    found = validate_answers(likert_turing(origin="origin2"), ("A",), answers)

    assert found[1:] == [Answer("origin", "A", 1, "AI"), Answer("origin_confidence", "A", 4, "4 of 5")]


@pytest.mark.parametrize(
    ("value", "pointers"),
    [
        ("ai", [""]),
        ({"origin": "ai"}, ["/confidence"]),
        ({"confidence": 3}, ["/origin"]),
        ({"origin": "AI", "confidence": 3}, ["/origin"]),
        ({"origin": ["ai"], "confidence": 3}, ["/origin"]),
        ({"origin": "ai", "confidence": 6}, ["/confidence"]),
        ({"origin": "ai", "confidence": True}, ["/confidence"]),
        ({"origin": "ai", "confidence": 3, "sure": 1}, ["/sure"]),
    ],
)
def test_half_a_forced_choice_is_refused(value: object, pointers: list[str]) -> None:
    instrument = likert_turing(origin="origin2")
    answers = {"candidates": {slot: {"score": 1, "origin": {"origin": "ai", "confidence": 1}} for slot in SLOTS}}
    answers["candidates"]["A"]["origin"] = value  # type: ignore[assignment]

    assert [pointer for pointer, _ in refused(answers, instrument)] == [f"/candidates/A/origin{p}" for p in pointers]


def test_not_assessable_needs_a_known_reason_and_may_carry_a_comment() -> None:
    found = validate_answers(likert_turing(), SLOTS, {"not_assessable": {"reason": "artefact", "comment": "motion"}})

    assert [(answer.question, answer.slot, answer.text) for answer in found] == [
        ("not_assessable", None, "artefact"),
        ("not_assessable_comment", None, "motion"),
    ]


@pytest.mark.parametrize(
    "answers",
    [
        {"not_assessable": {"reason": "boring"}},
        {"not_assessable": {}},
        {"not_assessable": "artefact"},
        {"not_assessable": None},
        {"not_assessable": {"reason": ["artefact"]}},
        {"not_assessable": {"reason": "artefact", "comment": 3}},
        {"not_assessable": {"reason": "artefact", "score": 3}},
        GOOD | {"not_assessable": {"reason": "artefact"}},
    ],
)
def test_not_assessable_in_any_other_form_is_refused(answers: dict[str, Any]) -> None:
    assert refused(answers)


CASE_INSTRUMENT = Instrument(
    code="detect",
    title="Detect and classify",
    version="1",
    questions=(
        YesNo(code="tumour", wording="Is there a tumour?", scope="case"),
        Choice(
            code="type",
            wording="Which type?",
            scope="case",
            required=False,
            options=(Option(code="mb", label="Medulloblastoma"), Option(code="pa", label="Pilocytic astrocytoma")),
        ),
        Text(code="why", wording="Why?", scope="case", required=True),
    ),
)


def test_questions_of_the_case_are_answered_once() -> None:
    found = validate_answers(CASE_INSTRUMENT, SLOTS, {"case": {"tumour": True, "type": "pa", "why": "bright"}})

    assert found == [
        Answer("tumour", None, 1, "Yes"),
        Answer("type", None, 2, "Pilocytic astrocytoma"),
        Answer("why", None, None, "", "bright"),
    ]


@pytest.mark.parametrize(
    ("case", "places"),
    [
        ({"tumour": 1, "why": "x"}, ["/case/tumour"]),
        ({"tumour": "yes", "why": "x"}, ["/case/tumour"]),
        ({"tumour": True, "type": "Medulloblastoma", "why": "x"}, ["/case/type"]),
        ({"tumour": True, "type": {}, "why": "x"}, ["/case/type"]),
        ({"tumour": True, "why": " "}, ["/case/why"]),
        ({}, ["/case/tumour", "/case/why"]),
    ],
)
def test_wrong_answers_about_the_case_are_refused(case: dict[str, object], places: list[str]) -> None:
    assert [pointer for pointer, _ in refused({"case": case}, CASE_INSTRUMENT)] == places


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["candidates", "case", "A", "B", "score", "origin", "comment", "not_assessable", "reason"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(answers=anything)
def test_whatever_is_sent_is_either_refused_or_whole(answers: object) -> None:
    instrument = likert_turing()
    try:
        found = validate_answers(instrument, SLOTS, answers)
    except AnswersRefused as refusal:
        assert refusal.fields
        json.dumps(list(refusal.fields)).encode()
        return
    codes = [(answer.question, answer.slot) for answer in found]
    whole = {(question, slot) for question in ("score", "origin") for slot in SLOTS}
    assert whole <= set(codes) or codes[0] == ("not_assessable", None)
    assert len(set(codes)) == len(codes)
