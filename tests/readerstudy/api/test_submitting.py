"""Once, in turn, and for ever: what a submit does when it is repeated, late, early, or somebody else's.

Numbers in brackets are those of the adversarial catalogue (design page "reliability", part 8).
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from reader_desk import Desk, stored
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from study_world import AT, World

from audit import chain
from readerstudy.api.parsing import refuse_query
from readerstudy.models import Candidate, Draft, Read
from readerstudy.services import decisions
from segmentation.errors import DomainError


def heard(answer: Any) -> tuple[int, str]:
    return answer.status_code, json.loads(answer.content).get("code", "")


def close(world: World) -> None:
    asked = decisions.request_decision(study=world.study, action="close", reason="enough is read", by=world.pi, at=AT)
    decisions.confirm_decision(decision=asked, reason="", by=world.second, at=AT)


def test_a_submit_whose_reply_was_lost_gives_the_same_answer_again(desk: Desk, token: str) -> None:
    """[70]"""
    body = desk.body(token)
    first = desk.post(token, body, key="lost-reply-1")

    again = desk.post(token, body, key="lost-reply-1")
    reordered = desk.post(token, json.dumps(body, sort_keys=True), key="lost-reply-1")

    assert (first.status_code, again.status_code, reordered.status_code) == (201, 200, 200)
    assert first.content == again.content == reordered.content  # type: ignore[attr-defined]
    assert stored()[0] == 1


def test_it_does_so_after_the_next_case_was_submitted_and_after_the_study_was_closed(
    desk: Desk, token: str, small_world: World
) -> None:
    """[70]"""
    body = desk.body(token)
    first = json.loads(desk.post(token, body, key="lost-reply-2").content)  # type: ignore[attr-defined]
    assert desk.post(first["current"], desk.body(first["current"])).status_code == 201

    late = desk.post(token, body, key="lost-reply-2")
    close(small_world)
    later = desk.post(token, body, key="lost-reply-2")

    for answer in (late, later):
        assert answer.status_code == 200
        assert json.loads(answer.content)["read"] == first["read"]  # type: ignore[attr-defined]
    assert stored()[0] == 2


def test_a_key_under_another_request_is_refused_and_the_first_stays(desk: Desk, token: str) -> None:
    """[71]"""
    desk.post(token, desk.body(token), key="one-key-two-bodies")

    second = desk.post(token, desk.body(token, score=1), key="one-key-two-bodies")

    assert heard(second) == (422, "key.reused")
    assert Read.objects.get().answers["candidates"]["A"]["score"] == 7


def test_a_key_of_another_reader_is_told_nothing(desk: Desk, token: str, small_world: World) -> None:
    other = Desk(small_world.readers["R2"])
    theirs = other.session()["current"]
    desk.post(token, desk.body(token), key="a-key-of-r1")

    assert heard(other.post(theirs, other.body(theirs), key="a-key-of-r1")) == (404, "not_found")
    assert stored()[0] == 1


def test_a_second_click_under_a_new_key_stores_nothing(desk: Desk, token: str) -> None:
    """[83, 84]"""
    body = desk.body(token)
    desk.post(token, body)

    assert heard(desk.post(token, body)) == (409, "presentation.submitted")
    assert desk.shown(token)["submitted"] == {"revision": 1, "answers": body["answers"]}
    assert stored()[0] == 1


def test_a_slip_is_corrected_until_the_next_case_is_submitted(desk: Desk, token: str) -> None:
    desk.post(token, desk.body(token))

    slip = desk.post(token, desk.body(token, score=2) | {"correction": True})
    following = desk.session()["current"]
    desk.post(following, desk.body(following))
    too_late = desk.post(token, {"answers": {}, "active_ms": 1, "wall_ms": 1, "correction": True})

    assert slip.status_code == 201
    assert too_late.status_code in (409, 422)
    reads = Read.objects.filter(presentation__token=token)
    assert [(read.revision, read.reason) for read in reads] == [(1, "first"), (2, "slip")]


def test_a_late_correction_with_good_answers_hears_that_the_first_stand(desk: Desk, token: str) -> None:
    """[94]"""
    body = desk.body(token)
    desk.post(token, body)
    following = desk.session()["current"]
    desk.post(following, desk.body(following))

    assert heard(desk.post(token, body | {"correction": True})) == (409, "presentation.submitted")


def test_nothing_is_taken_out_of_turn(desk: Desk, small_world: World) -> None:
    """[94]"""
    ahead = small_world.presentations("R1")[1].token
    body = desk.body(ahead)

    assert heard(desk.post(ahead, body)) == (409, "presentation.not_open")
    assert heard(desk.post(ahead, body | {"correction": True})) == (409, "presentation.not_open")
    assert stored()[:2] == (0, 0)


def test_nothing_is_taken_after_the_close_and_the_reader_hears_why(desk: Desk, token: str, small_world: World) -> None:
    """[94]"""
    body = desk.body(token)
    close(small_world)

    assert heard(desk.post(token, body)) == (409, "study.not_reading")
    draft = {"revision": 1, "content": {}, "active_ms": 1}
    assert heard(desk.post(token, draft, to="draft", verb="put")) == (409, "study.not_reading")
    assert desk.client.get(f"/api/v1/presentations/{token}/").status_code == 404
    assert stored() == (0, 0, 0, 0)


def test_anothers_presentation_sounds_like_one_that_is_not_there(desk: Desk, small_world: World) -> None:
    """[94, 114]"""
    theirs = small_world.presentations("R2")[0].token
    body = {"answers": {}, "active_ms": 1, "wall_ms": 1}

    foreign, absent = desk.post(theirs, body), desk.post("0" * 32, body)

    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content  # type: ignore[attr-defined]
    assert dict(foreign.headers) == dict(absent.headers)


def test_an_older_draft_never_replaces_a_newer_one_and_both_are_shown(desk: Desk, token: str) -> None:
    """[72]"""

    def put(revision: int, note: str) -> Any:
        draft = {"revision": revision, "content": {"note": note}, "active_ms": 1}
        return desk.post(token, draft, to="draft", verb="put")

    assert [put(1, "one").status_code, put(5, "five").status_code] == [200, 200]
    stale = put(4, "four")
    repeated = put(5, "five")
    late_repeat = put(3, "five")

    told = json.loads(stale.content)
    assert heard(stale) == (409, "draft.stale")
    assert stale.headers["Content-Type"] == "application/problem+json"
    assert told["current"] == {"revision": 5, "content": {"note": "five"}}
    assert repeated.status_code == late_repeat.status_code == 200
    assert json.loads(late_repeat.content)["revision"] == Draft.objects.get().revision == 5


def test_a_report_sent_twice_is_filed_once(desk: Desk, token: str) -> None:
    report = {"kind": "identifying_text", "text": "a name is burned in"}

    first = desk.post(token, report, to="report", key="report-key-1")
    again = desk.post(token, report, to="report", key="report-key-1")
    another = desk.post(token, report | {"text": "no, two names"}, to="report", key="report-key-1")

    assert (first.content, first.status_code) == (again.content, again.status_code)  # type: ignore[attr-defined]
    assert heard(another) == (422, "key.reused")
    assert stored()[2] == 1


def test_every_refusal_leaves_the_audit_chain_whole(desk: Desk, token: str, small_world: World) -> None:
    body = desk.body(token)
    for _ in range(3):
        desk.post(token, body)
    desk.post(token, {"answers": {}, "active_ms": 1, "wall_ms": 1})

    stream = small_world.readers["R1"].stream
    assert chain.verify(stream) is None
    assert chain.head(stream).number == 1


@pytest.mark.parametrize(
    "query",
    [
        "ordering=arm",
        "fields=arm",
        "expand=source",
        "search=TE",
        "format=api",
        "candidates__arm__code=TE",
        "a",
        "page=2",
    ],
)
def test_an_address_with_a_query_is_refused_on_every_route(desk: Desk, token: str, query: str) -> None:
    """[115]"""
    base = f"/api/v1/presentations/{token}/"
    places = [base, f"{base}volumes/0/", f"{base}candidates/", f"/api/v1/reading/{desk.member.token}/"]

    answers = [desk.client.get(f"{place}?{query}") for place in places]
    answers += [desk.client.post(f"{base}{to}/?{query}", {}, "application/json") for to in ("read", "opened", "report")]
    answers.append(desk.client.put(f"{base}draft/?{query}", {}, "application/json"))

    assert {heard(answer) for answer in answers} == {(400, "query.unknown")}
    assert stored() == (0, 0, 0, 0)


def test_no_look_up_of_any_model_field_is_answered() -> None:
    """[115] Every path of up to two fields from a candidate, as a filter; the refusals differ in the name alone."""
    paths = [field.name for field in Candidate._meta.get_fields()]
    for field in Candidate._meta.get_fields():
        inner = field.related_model._meta.get_fields() if field.related_model else ()
        paths += [f"{field.name}__{column.name}" for column in inner]

    for path in paths:
        request = Request(APIRequestFactory().get("/", {f"candidates__{path}": "1"}))
        with pytest.raises(DomainError) as refusal:
            refuse_query(request)
        assert (refusal.value.status, refusal.value.code) == (400, "query.unknown")
    assert len(paths) > 30


@pytest.mark.parametrize("verb", ["options", "patch", "delete", "trace"])
def test_no_other_method_describes_or_changes_anything(desk: Desk, token: str, verb: str) -> None:
    base = f"/api/v1/presentations/{token}/"
    for place in ("", "read/", "draft/", "candidates/", "volumes/0/"):
        answer = getattr(desk.client, verb)(base + place)
        assert heard(answer) == (405, "method.not_allowed")
