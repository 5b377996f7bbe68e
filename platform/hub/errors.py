"""Where errors become answers, once: problem+json for the API, a page for people, and nothing of our inside in either.

An absent thing and another person's thing give the same bytes, whichever layer noticed.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from segmentation.errors import DomainError, NotFound

log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
FieldError = tuple[str, str, str]


@dataclass(frozen=True)
class Problem:
    """One refusal: a stable code, a few words, one sentence, and the inputs it is about."""

    status: int
    code: str
    title: str
    detail: str
    fields: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> bytes:
        """Return the JSON bytes; equal problems give equal bytes."""
        fields = [{"pointer": pointer, "code": code, "detail": detail} for pointer, code, detail in self.fields]
        body = {"code": self.code, "title": self.title, "detail": self.detail, "fields": fields, **self.extra}
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


_NOT_FOUND = NotFound()
NOT_FOUND = Problem(404, _NOT_FOUND.code, _NOT_FOUND.title, _NOT_FOUND.detail)
INTERNAL = Problem(
    500, "internal", "Something went wrong", "The server failed and has noted it; what you entered before is kept."
)
_SIGN_IN = Problem(
    401, "auth.required", "Sign in first", "You are not signed in, or your session has ended; sign in again."
)
FORBIDDEN = Problem(403, "forbidden", "Not allowed", "Your role here does not allow this.")
CSRF = Problem(
    403, "csrf", "Please send it again", "This page was opened before you signed in; reload it and send it again."
)
_TITLES = {
    400: "The request cannot be read",
    405: "Not possible here",
    406: "Only JSON is sent here",
    413: "Too large",
    415: "Wrong kind of content",
    429: "Too many requests",
}
_CODES = {
    400: "body.unreadable",
    405: "method.not_allowed",
    406: "not_acceptable",
    415: "media_type.unsupported",
    429: "rate.limited",
}


def problem_of(error: DomainError) -> Problem:
    """Return a domain error as a problem; every 404 is the same one."""
    if error.status == 404:
        return NOT_FOUND
    return Problem(
        error.status, error.code, error.title, error.detail, tuple(error.fields), extra=getattr(error, "extra", {})
    )


def database_problem(error: OperationalError) -> Problem:
    """Return what to say when the database cannot answer: full, or busy and worth another try."""
    if "full" in str(error).lower():
        log.error("the database's disk is full: %s", error)
        detail = "The server's disk is full, so nothing was saved; tell the site's administrator."
        return Problem(507, "storage.full", "No space left", detail)
    log.warning("the database was busy: %s", error)
    detail = "The database is busy, so nothing was saved; this is tried again by itself."
    return Problem(503, "database.busy", "Busy for a moment", detail, headers={"Retry-After": "2"})


def exception_handler(exc: Exception, _context: Mapping[str, Any]) -> Response | None:
    """Return DRF's answer to an exception; None leaves an unexpected one to the 500 handler."""
    problem = _from_exception(exc)
    if problem is None:
        return None
    set_rollback()
    return api_response(problem)


def _from_exception(exc: Exception) -> Problem | None:
    if isinstance(exc, DomainError):
        return problem_of(exc)
    if isinstance(exc, OperationalError):
        return database_problem(exc)
    if isinstance(exc, Http404):
        return NOT_FOUND
    if isinstance(exc, PermissionDenied):
        return FORBIDDEN
    return _from_api_exception(exc) if isinstance(exc, exceptions.APIException) else None


def _from_api_exception(exc: exceptions.APIException) -> Problem:
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return _SIGN_IN
    if isinstance(exc, exceptions.NotFound):
        return NOT_FOUND
    if isinstance(exc, exceptions.PermissionDenied):
        return CSRF if str(exc.detail).startswith("CSRF") else FORBIDDEN
    if isinstance(exc, exceptions.ValidationError):
        detail = "Some answers are missing or not of the expected kind; each is named."
        return Problem(422, "content.invalid", "Please check the answers", detail, tuple(_fields(exc.detail)))
    own = str(getattr(exc.detail, "code", ""))
    name = own if "." in own else _CODES.get(exc.status_code, "refused")
    title = _TITLES.get(exc.status_code, "Refused")
    return Problem(exc.status_code, name, title, _sentence(exc), headers=_headers(exc))


def _sentence(exc: exceptions.APIException) -> str:
    if isinstance(exc, exceptions.MethodNotAllowed):
        return "This address does not take that kind of request."
    if isinstance(exc, exceptions.UnsupportedMediaType):
        return "Send the body as application/json, not compressed."
    return str(exc.detail)


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    wait = getattr(exc, "wait", None)
    return {"Retry-After": str(max(1, int(wait)))} if wait is not None else {}


def _fields(detail: Any, pointer: str = "") -> list[FieldError]:
    if isinstance(detail, Mapping):
        found = [_fields(value, f"{pointer}/{_escape(key)}") for key, value in detail.items()]
    elif isinstance(detail, list):
        nested = any(isinstance(item, Mapping | list) for item in detail)
        found = [_fields(item, f"{pointer}/{n}" if nested else pointer) for n, item in enumerate(detail)]
    else:
        return [(pointer, str(getattr(detail, "code", "invalid")), str(detail))]
    return [entry for entries in found for entry in entries]


def _escape(key: object) -> str:
    # RFC 6901; DRF's name for "the object as a whole" is no key of ours.
    return "" if key == "non_field_errors" else str(key).replace("~", "~0").replace("/", "~1")


def api_response(problem: Problem) -> Response:
    """Return a problem as DRF's response."""
    response = Response(json.loads(problem.content()), status=problem.status, headers=dict(problem.headers))
    response.content_type = CONTENT_TYPE
    return response


def json_response(problem: Problem) -> HttpResponse:
    """Return a problem as Django's response, with the same bytes that DRF sends."""
    return HttpResponse(problem.content(), CONTENT_TYPE, problem.status, headers=dict(problem.headers))


def wants_json(request: HttpRequest) -> bool:
    """Return whether a machine asks: everything under /api/."""
    return request.path_info.startswith("/api/")


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """Return a problem as JSON to a machine and as a page to a person."""
    if wants_json(request):
        return json_response(problem)
    response = render(request, "hub/error.html", {"problem": problem}, status=problem.status)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response
