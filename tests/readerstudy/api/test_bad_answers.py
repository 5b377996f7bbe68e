"""Whatever is not a good answer is refused with its name, stores nothing, and the next good one works.

Numbers in brackets are those of the adversarial catalogue (design page "reliability", part 8).
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from reader_desk import Desk, stored

ABSENT = "left out"


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(answer.content)
    assert (answer.status_code, body["code"]) == (status, code), body
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert body["detail"].endswith(".") or body["fields"]
    assert "Traceback" not in body["detail"]
    return body


def and_a_good_one_works(desk: Desk, token: str) -> None:
    assert stored()[:2] == (0, 0)
    answer = desk.post(token, desk.body(token))
    assert answer.status_code == 201
    reads, ratings, _, _ = stored()
    assert (reads, ratings) == (1, 2 * len(desk.answers(token)["candidates"]))


@pytest.mark.parametrize(
    ("question", "value", "code"),
    [
        ("score", 0, "out_of_range"),
        ("score", 11, "out_of_range"),
        ("score", -1, "out_of_range"),
        ("score", 10**19, "out_of_range"),
        ("score", 7.5, "not_integer"),
        ("score", 7.0, "not_integer"),
        ("score", "7", "not_integer"),
        ("score", None, "not_integer"),
        ("score", True, "not_integer"),
        ("score", [7], "not_integer"),
        ("score", {"value": 7}, "not_integer"),
        ("score", ABSENT, "missing"),
        ("origin", ABSENT, "missing"),
        ("origin", 0, "out_of_range"),
        ("origin", 7, "out_of_range"),
        ("origin", "ai", "not_integer"),
        ("orígin", 4, "unknown"),
        ("arm", "TE", "unknown"),
    ],
)
def test_an_answer_off_its_scale_is_refused_by_name(
    desk: Desk, token: str, question: str, value: Any, code: str
) -> None:
    """[95]"""
    body = desk.body(token, **{question: value})
    if value == ABSENT:
        del body["answers"]["candidates"]["A"][question]

    told = refused(desk.post(token, body), 422, "answers.invalid")

    assert [(fault["pointer"], fault["code"]) for fault in told["fields"]] == [(f"/candidates/A/{question}", code)]
    and_a_good_one_works(desk, token)


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e309", "-1e999"])
def test_a_number_without_a_value_is_refused(desk: Desk, token: str, literal: str) -> None:
    """[95]"""
    body = json.dumps(desk.body(token)).replace('"score": 7', f'"score": {literal}', 1)

    refused(desk.post(token, body), 400, "json.number")
    and_a_good_one_works(desk, token)


@pytest.mark.parametrize(
    ("answers", "pointer", "code"),
    [
        ([], "", "type"),
        (None, "", "type"),
        ("7", "", "type"),
        ({"candidates": []}, "/candidates", "type"),
        ({"candidates": {"A": 7}}, "/candidates/A", "type"),
        ({"candidates": {"Z": {"score": 7}}}, "/candidates/Z", "unknown"),
        ({"candidates": {}, "case": [], "extra": 1}, "/extra", "unknown"),
        ({"not_assessable": {"reason": "bored"}}, "/not_assessable/reason", "not_an_option"),
        ({"not_assessable": {"reason": ["motion"]}}, "/not_assessable/reason", "not_an_option"),
        ({"not_assessable": None}, "/not_assessable", "type"),
        ({"not_assessable": {"reason": "motion"}, "candidates": {}}, "/candidates", "unknown"),
        ({}, "/candidates/A/score", "missing"),
    ],
)
def test_answers_of_another_shape_are_refused(desk: Desk, token: str, answers: Any, pointer: str, code: str) -> None:
    told = refused(desk.post(token, {"answers": answers, "active_ms": 1, "wall_ms": 1}), 422, "answers.invalid")

    assert (pointer, code) in {(fault["pointer"], fault["code"]) for fault in told["fields"]}
    and_a_good_one_works(desk, token)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"active_ms": -1}, "/active_ms"),
        ({"active_ms": 7.5}, "/active_ms"),
        ({"active_ms": True}, "/active_ms"),
        ({"active_ms": None}, "/active_ms"),
        ({"wall_ms": 8 * 24 * 3600 * 1000}, "/wall_ms"),
        ({"wall_ms": "12"}, "/wall_ms"),
        ({"correction": 1}, "/correction"),
        ({"viewer_version": "v" * 61}, "/viewer_version"),
        ({"viewer_version": 1}, "/viewer_version"),
        ({"tool_use": []}, "/tool_use"),
        ({"tool_use": {"solo": "x" * 64_000}}, "/tool_use"),
        ({"reader": "R2"}, "/reader"),
        ({"submitted_at": "2020-01-01T00:00:00Z"}, "/submitted_at"),
        ({"a/b~c": 1}, "/a~1b~0c"),
    ],
)
def test_a_field_that_is_unknown_or_of_another_kind_is_refused(
    desk: Desk, token: str, changes: dict[str, Any], pointer: str
) -> None:
    """[96]"""
    told = refused(desk.post(token, desk.body(token) | changes), 422, "request.invalid")

    assert [fault["pointer"] for fault in told["fields"]] == [pointer]
    and_a_good_one_works(desk, token)


DEEP = b'{"answers":' + b"[" * 10_000 + b"]" * 10_000 + b"}"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "request.invalid"),
        (b"[]", 422, "request.invalid"),
        (b"null", 422, "request.invalid"),
        (b'"read"', 422, "request.invalid"),
        (b"{", 400, "json.syntax"),
        (b'{"answers":{},"answers":{}}', 400, "json.duplicate_key"),
        (b'{"answers":{"candidates":{"A":{"score":7,"score":1}}}}', 400, "json.duplicate_key"),
        (DEEP, 400, "json.depth"),
        (b'{"answers":"' + b"x" * 10 * 2**20 + b'"}', 413, "body.too_large"),
        (b'{"viewer_version":"\xff\xfe"}', 400, "json.encoding"),
        (b'{"viewer_version":"\xed\xa0\x80"}', 400, "json.encoding"),
        (b'{"viewer_version":"\\ud800"}', 400, "json.character"),
        (b'{"viewer_version":"\\u0000"}', 400, "json.character"),
        (b'{"viewer_version":"\x00"}', 400, "json.syntax"),
        (b'{"\\udfff":1}', 400, "json.character"),
        (b'{"answers":' + b"9" * 400_000 + b"}", 400, "json.number"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else str(value),
)
def test_a_body_that_two_programs_could_read_differently_is_refused(
    desk: Desk, token: str, body: bytes, status: int, code: str
) -> None:
    """[96]"""
    refused(desk.post(token, body), status, code)
    and_a_good_one_works(desk, token)


def test_ten_thousand_unknown_answers_are_not_told_back_one_by_one(desk: Desk, token: str) -> None:
    body = desk.body(token)
    body["answers"]["case"] = {f"q{number}": 1 for number in range(10_000)}

    answer = desk.post(token, body)

    assert answer.status_code == 422
    assert len(answer.content) < 50_000  # type: ignore[attr-defined]
    and_a_good_one_works(desk, token)


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({"Content-Encoding": "gzip"}, "application/json"),
        ({"Content-Encoding": "br"}, "application/json"),
        ({"Content-Encoding": "identity, gzip"}, "application/json"),
        ({}, "text/plain"),
        ({}, "application/x-www-form-urlencoded"),
        ({}, "multipart/form-data; boundary=x"),
        ({}, "application/xml"),
    ],
)
def test_a_compressed_body_or_another_kind_of_body_is_refused(
    desk: Desk, token: str, headers: dict[str, str], content_type: str
) -> None:
    """[87]"""
    body = json.dumps(desk.body(token))

    refused(desk.post(token, body, headers=headers, content_type=content_type), 415, "media_type.unsupported")
    and_a_good_one_works(desk, token)


@pytest.mark.parametrize("key", ["short", "x" * 65, "key with blanks", "schlüssel-1", "--------", "key;drop-table"])
def test_a_submit_without_a_proper_key_is_refused(desk: Desk, token: str, key: str) -> None:
    refused(desk.post(token, desk.body(token), key=key), 400, "key.missing")
    and_a_good_one_works(desk, token)


@pytest.mark.parametrize(
    ("to", "verb", "body", "pointer"),
    [
        ("draft", "put", {"revision": 1.5, "content": {}, "active_ms": 1}, "/revision"),
        ("draft", "put", {"revision": -1, "content": {}, "active_ms": 1}, "/revision"),
        ("draft", "put", {"revision": 2**31, "content": {}, "active_ms": 1}, "/revision"),
        ("draft", "put", {"revision": 1, "content": [], "active_ms": 1}, "/content"),
        ("draft", "put", {"revision": 1, "content": {"a": "x" * 64_000}, "active_ms": 1}, "/content"),
        ("draft", "put", {"revision": 1, "content": {}, "active_ms": 1, "saved_at": 1}, "/saved_at"),
        ("opened", "post", {"display": []}, "/display"),
        ("opened", "post", {"display": {"renderer": "x" * 5_000}}, "/display"),
        ("opened", "post", {"display": {}, "opened_at": "2020-01-01"}, "/opened_at"),
        ("report", "post", {"kind": "gossip", "text": ""}, "/kind"),
        ("report", "post", {"kind": ["other"], "text": ""}, "/kind"),
        ("report", "post", {"kind": "other", "text": "x" * 4_001}, "/text"),
        ("report", "post", {"kind": "other", "text": 7}, "/text"),
        ("report", "post", {"kind": "other", "text": "", "arm": "TE"}, "/arm"),
    ],
)
def test_drafts_openings_and_reports_are_as_strict(
    desk: Desk, token: str, to: str, verb: str, body: dict[str, Any], pointer: str
) -> None:
    told = refused(desk.post(token, body, to=to, verb=verb), 422, "request.invalid")

    assert [fault["pointer"] for fault in told["fields"]] == [pointer]
    assert stored() == (0, 0, 0, 0)
    and_a_good_one_works(desk, token)


def test_every_storable_text_comes_back_as_it_was_written(desk: Desk, token: str) -> None:
    text = "  „Ödem“ 𝔘 \u202e\u0007\ufeff\n=cmd|' /C calc'!A0 <script>alert(1)</script> "
    body = desk.body(token, comment=text)

    assert desk.post(token, body).status_code == 201

    assert desk.shown(token)["submitted"]["answers"] == body["answers"]
