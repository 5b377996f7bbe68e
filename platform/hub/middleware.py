"""What happens around each request: a log id, strict headers, the person's hours and time zone, plain errors."""

import logging
import secrets
import zoneinfo
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from hub import errors
from hub.logs import request_id
from segmentation.errors import DomainError

log = logging.getLogger(__name__)
type_of_next = Callable[[HttpRequest], HttpResponse]


class Middleware:
    """One step around the view."""

    def __init__(self, get_response: type_of_next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class RequestIdMiddleware(Middleware):
    """Number each request for the logs; the id is ours, never the client's, and stays on the server."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Never reset: Django logs the status after the last middleware, and the next request sets its own.
        request_id.set(secrets.token_hex(6))
        return self.get_response(request)


class HeadersMiddleware(Middleware):
    """Set the strict headers, and keep private pages out of every cache unless a view decided otherwise."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in settings.RESPONSE_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SessionLifeMiddleware(Middleware):
    """End a session twelve hours after sign-in, and note that a person was here at most once a minute."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(timezone.now().timestamp())
            began = request.session.get("began", now)
            if not 0 <= now - began < settings.SESSION_COOKIE_AGE:
                logout(request)
            elif not 0 <= now - request.session.get("seen", 0) < settings.SESSION_LAST_SEEN_EVERY_S:
                _note_presence(request, began, now)
        return self.get_response(request)


def _note_presence(request: HttpRequest, began: int, now: int) -> None:
    # Saved here and not by Django after the view: while the database is busy, a page that only reads still answers.
    request.session.update({"began": began, "seen": now})
    try:
        request.session.save()
    except UpdateError as error:
        log.warning("a person's presence was not noted: %r", error.__context__ or error)
    request.session.modified = False


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all time zones, found once: the library opens some six hundred files to list them."""
    return frozenset(zoneinfo.available_timezones())


class TimeZoneMiddleware(Middleware):
    """Show times in the person's own zone; they are stored in UTC."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "time_zone", "")
        if zone not in known_zones():
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            return self.get_response(request)


class DomainErrorMiddleware(Middleware):
    """Answer a refusal that no view caught with its own sentence; the API's views have done so already."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, DomainError):
            return errors.respond(request, errors.problem_of(exception))
        if isinstance(exception, OperationalError):
            return errors.respond(request, errors.database_problem(exception))
        return None
