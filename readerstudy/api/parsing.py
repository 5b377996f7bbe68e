"""Hand-written parsers of what a reader's browser sends: strict, quick, every fault with its pointer."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.request import Request

from readerstudy.models import Note
from readerstudy.services.reads import Submission
from segmentation.errors import DomainError

LONGEST_DRAFT = 64_000
LONGEST_NOTE = 4_000
LONGEST_DISPLAY = 4_000
LONGEST_TIME_MS = 7 * 24 * 3600 * 1000
SUBMISSION_FIELDS = {"answers", "active_ms", "wall_ms", "tool_use", "viewer_version", "correction"}
DRAFT_FIELDS = {"revision", "content", "active_ms"}


def refuse_query(request: Request) -> None:
    """Refuse every query parameter: nothing a reader may ask for is filtered, ordered or widened by the address."""
    for name in request.query_params:
        raise DomainError(
            "query.unknown",
            f"The address asks for “{name[:40]}”, which nothing here answers; reload the page.",
            title="The request cannot be read",
            status=400,
        )


def idempotency_key(request: Request) -> str:
    """Return the request's Idempotency-Key, 8 to 64 letters, digits or hyphens."""
    key = request.headers.get("Idempotency-Key", "")
    if not (8 <= len(key) <= 64 and key.replace("-", "").isalnum() and key.isascii()):
        raise DomainError(
            "key.missing",
            "The request carries no Idempotency-Key of 8 to 64 letters and digits; reload the page.",
            status=400,
        )
    return key


def parsed_submission(data: Any) -> Submission:
    """Return the submission; the answers themselves are judged by the instrument."""
    body = _object(data, SUBMISSION_FIELDS)
    return Submission(
        answers=body.get("answers"),
        active_ms=_milliseconds(body, "active_ms"),
        wall_ms=_milliseconds(body, "wall_ms"),
        tool_use=_small_object(body, "tool_use", LONGEST_DRAFT),
        viewer_version=_text(body, "viewer_version", 60),
        correction=_flag(body, "correction"),
    )


def parsed_draft(data: Any) -> dict[str, Any]:
    """Return revision, content and active time of a draft."""
    body = _object(data, DRAFT_FIELDS)
    return {
        "revision": _whole(body, "revision", 2**31 - 1),
        "content": _small_object(body, "content", LONGEST_DRAFT),
        "active_ms": _milliseconds(body, "active_ms"),
    }


def parsed_display(data: Any) -> dict[str, Any]:
    """Return what a presentation is looked at with: renderer, screen, viewer version."""
    return _small_object(_object(data, {"display"}), "display", LONGEST_DISPLAY)


def parsed_note(data: Any) -> dict[str, str]:
    """Return kind and text of a report to the study team."""
    body = _object(data, {"kind", "text"})
    kind = body.get("kind")
    if kind not in Note.Kind.values:
        raise _refused("/kind", "choice", f"is one of {', '.join(Note.Kind.values)}")
    return {"kind": kind, "text": _text(body, "text", LONGEST_NOTE)}


def _object(data: Any, known: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _refused("", "type", "has to be a JSON object")
    unknown = sorted(set(data) - known)
    if unknown:
        raise _refused(f"/{_escaped(unknown[0])}", "unknown", "is not a field of this request")
    return data


def _escaped(name: str) -> str:
    # RFC 6901, and no longer than a sentence can bear.
    return name[:40].replace("~", "~0").replace("/", "~1")


def _small_object(body: dict[str, Any], name: str, longest: int) -> dict[str, Any]:
    value = body.get(name, {})
    if not isinstance(value, dict):
        raise _refused(f"/{name}", "type", "has to be an object")
    if len(json.dumps(value)) > longest:
        raise _refused(f"/{name}", "too_long", f"is longer than {longest} characters")
    return value


def _milliseconds(body: dict[str, Any], name: str) -> int:
    return _whole(body, name, LONGEST_TIME_MS)


def _whole(body: dict[str, Any], name: str, most: int) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
        raise _refused(f"/{name}", "whole_number", f"has to be a whole number from 0 to {most}")
    return value


def _flag(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _refused(f"/{name}", "type", "has to be true or false")
    return value


def _text(body: dict[str, Any], name: str, longest: int) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise _refused(f"/{name}", "type", "has to be text")
    if len(value) > longest:
        raise _refused(f"/{name}", "too_long", f"is longer than {longest} characters")
    if "\x00" in value or any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise _refused(f"/{name}", "characters", "holds a character that cannot be stored")
    return value


def _refused(pointer: str, code: str, detail: str) -> DomainError:
    what = pointer.lstrip("/") or "The request"
    return DomainError("request.invalid", f"{what} {detail}.", title="Not understood", fields=[(pointer, code, detail)])
