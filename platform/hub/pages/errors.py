"""What a person sees when something is refused or fails: one sentence and a way on, never a traceback."""

from django.http import HttpRequest, HttpResponse

from hub import errors


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that cannot be read."""
    detail = "The browser sent something that the server cannot read; go back, reload the page and try again."
    return errors.respond(request, errors.Problem(400, "request.unreadable", "That could not be read", detail))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a person whose role does not allow this."""
    return errors.respond(request, errors.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer alike what is absent and what is someone else's."""
    return errors.respond(request, errors.NOT_FOUND)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer after a failure of ours; the log holds the reason under the request's id."""
    return errors.respond(request, errors.INTERNAL)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that was opened before signing in, or that another site sent."""
    return errors.respond(request, errors.CSRF)
