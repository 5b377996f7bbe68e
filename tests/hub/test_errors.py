"""Every refusal leaves in one shape, and absent cannot be told from foreign."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.urls import include, path
from rest_framework import serializers
from rest_framework.exceptions import NotFound as ApiNotFound
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.views import APIView

from hub import urls as site
from segmentation.errors import Conflict, DomainError, NotFound

RAISED = {
    "domain": lambda: DomainError(
        "mask.empty", "Mask “E1” is empty.", title="Empty", fields=[("/m", "empty", "no voxel")]
    ),
    "conflict": lambda: Conflict("study.sealed", "The study is sealed."),
    "foreign": NotFound,
    "absent": Http404,
    "api-absent": ApiNotFound,
    "forbidden": PermissionDenied,
    "locked": lambda: OperationalError("database is locked"),
    "full": lambda: OperationalError("database or disk is full"),
    "throttled": lambda: Throttled(wait=7.2),
    "content": lambda: serializers.ValidationError({"answers": [{}, {"score": ["Give 1 to 10."]}]}),
    "bug": lambda: ZeroDivisionError("secret inside"),
}


class Raising(APIView):
    def get(self, request, what):
        raise RAISED[what]()

    def post(self, request, what):
        return Response(request.data)


def page(request, what):
    if what == "fine":
        return HttpResponse("fine")
    raise RAISED[what]()


urlpatterns = [
    path("api/v1/raise/<what>/", Raising.as_view()),
    path("page/<what>/", page),
    path("", include(site.urlpatterns)),
]
handler400, handler403 = site.handler400, site.handler403
handler404, handler500 = site.handler404, site.handler500

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def api(signed_in):
    signed_in.raise_request_exception = False
    return signed_in


def raised(api, what):
    response = api.get(f"/api/v1/raise/{what}/")
    assert response["Content-Type"] == "application/problem+json"
    return response, json.loads(response.content)


def test_a_domain_error_keeps_its_code_sentence_and_pointers(api):
    response, problem = raised(api, "domain")

    assert response.status_code == 422
    assert problem == {
        "code": "mask.empty",
        "title": "Empty",
        "detail": "Mask “E1” is empty.",
        "fields": [{"pointer": "/m", "code": "empty", "detail": "no voxel"}],
    }


def test_absent_foreign_and_unknown_addresses_give_identical_bytes(api):
    answers = [api.get(f"/api/v1/raise/{what}/") for what in ("foreign", "absent", "api-absent")]
    answers.append(api.get("/api/v1/no-such-address/"))

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers[:3]}) == 1


@pytest.mark.parametrize(
    ("what", "status", "code"),
    [
        ("conflict", 409, "study.sealed"),
        ("forbidden", 403, "forbidden"),
        ("locked", 503, "database.busy"),
        ("full", 507, "storage.full"),
        ("throttled", 429, "rate.limited"),
        ("content", 422, "content.invalid"),
        ("bug", 500, "internal"),
    ],
)
def test_each_kind_of_failure_has_its_status_and_code(api, what, status, code):
    response, problem = raised(api, what)

    assert (response.status_code, problem["code"]) == (status, code)
    assert "secret inside" not in response.content.decode()


def test_a_busy_database_says_when_to_try_again(api):
    assert raised(api, "locked")[0]["Retry-After"] == "2"
    assert raised(api, "throttled")[0]["Retry-After"] == "8"


def test_a_wrong_answer_is_named_by_its_pointer(api):
    _, problem = raised(api, "content")

    assert problem["fields"] == [{"pointer": "/answers/1/score", "code": "invalid", "detail": "Give 1 to 10."}]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ('{"a":1,"a":2}', "application/json", 400, "json.duplicate_key"),
        ("[" * 99 + "]" * 99, "application/json", 400, "json.depth"),
        ('"' + "x" * 2_000_000 + '"', "application/json", 413, "body.too_large"),
        ("a=1", "application/x-www-form-urlencoded", 415, "media_type.unsupported"),
        ("<a/>", "text/xml", 415, "media_type.unsupported"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(api, body, kind, status, code):
    response = api.post("/api/v1/raise/x/", body, content_type=kind)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"


def test_a_compressed_body_is_refused(api):
    response = api.post("/api/v1/raise/x/", b"{}", content_type="application/json", HTTP_CONTENT_ENCODING="gzip")

    assert (response.status_code, response.json()["code"]) == (415, "media_type.unsupported")


def test_a_strict_body_is_read(api):
    assert api.post("/api/v1/raise/x/", '{"a":1}', content_type="application/json; charset=utf-8").json() == {"a": 1}


def test_a_method_that_an_address_does_not_take_is_named(api):
    response = api.delete("/api/v1/raise/domain/")

    assert (response.status_code, response.json()["code"]) == (405, "method.not_allowed")
    assert "GET" in response["Allow"]


def test_the_accept_header_and_format_choose_nothing(api):
    plain = api.get("/api/v1/raise/domain/")

    for response in (
        api.get("/api/v1/raise/domain/", HTTP_ACCEPT="text/html"),
        api.get("/api/v1/raise/domain/?format=api"),
    ):
        assert response.content == plain.content
        assert response["Content-Type"] == plain["Content-Type"]


def test_a_stranger_is_asked_to_sign_in(client, db):
    response = client.get("/api/v1/raise/domain/")

    assert (response.status_code, response.json()["code"]) == (401, "auth.required")


def test_a_request_without_its_token_is_refused_as_problem(db, person):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(person)

    response = client.post("/api/v1/raise/x/", "{}", content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (403, "csrf")


@pytest.mark.parametrize(
    ("what", "status", "words"),
    [
        ("domain", 422, "Mask “E1” is empty."),
        ("foreign", 404, "There is nothing here, or it is not yours to see."),
        ("absent", 404, "There is nothing here, or it is not yours to see."),
        ("forbidden", 403, "Your role here does not allow this."),
        ("locked", 503, "The database is busy"),
        ("bug", 500, "The server failed and has noted it"),
    ],
)
def test_a_person_sees_a_page_with_one_sentence_and_no_traceback(api, what, status, words):
    response = api.get(f"/page/{what}/")

    shown = response.content.decode()
    assert response.status_code == status
    assert words in shown
    assert "Research use only, not for diagnosis" in shown
    for inside in ("Traceback", "secret inside", "ZeroDivisionError", ".py"):
        assert inside not in shown


def test_error_pages_of_absent_and_foreign_things_are_the_same(api):
    assert api.get("/page/foreign/").content == api.get("/page/absent/").content == api.get("/nowhere/").content
