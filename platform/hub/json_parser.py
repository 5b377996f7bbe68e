"""JSON as we accept it: UTF-8, small, shallow, every key once, every number finite, no half characters.

Python's own reader lets the last of two equal keys win, reads 1e309 as infinity and follows any depth. What two
programs read differently can carry a rating that nobody gave, so we refuse it.
"""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser


class BodyTooLarge(APIException):
    """The request's body is larger than we read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request is larger than the server accepts; send less at once."
    default_code = "body.too_large"


class StrictJSONParser(BaseParser):
    """DRF's parser for application/json."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return what the body says, or refuse it with a sentence."""
        request = (parser_context or {})["request"]
        if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() not in ("", "identity"):
            raise UnsupportedMediaType(media_type or self.media_type)
        limit = settings.JSON_MAX_BYTES
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge()
        announced = request.META.get("CONTENT_LENGTH") or ""
        if announced.isdigit() and len(body) < int(announced):
            # A cut line may end where the JSON happens to be whole; what the sender meant is still unknown.
            raise ParseError(f"The body ended after {len(body)} of {announced} bytes; send it again.", "body.cut")
        return loads(body, max_depth=settings.JSON_MAX_DEPTH)


def loads(body: bytes, *, max_depth: int) -> Any:
    """Return the value of strict JSON bytes; ParseError names what is wrong."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8 text (byte {error.start}).", "json.encoding") from None
    if _depth(text) > max_depth:
        raise ParseError(f"The body is nested deeper than {max_depth} levels.", "json.depth")
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_float=_finite, parse_int=_short, parse_constant=_finite)
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON (line {error.lineno}, column {error.colno}).", "json.syntax") from None
    # Escapes can spell what UTF-8 cannot: half a surrogate pair, or the NUL that PostgreSQL refuses to store.
    if "\\u" in text:
        _whole_characters(value)
    elif "\x00" in text:
        _refuse_characters()
    return value


def _depth(text: str) -> int:
    depth = deepest = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"The key {twice[:40]!r} stands twice in one object.", "json.duplicate_key")
    return found


def _finite(literal: str) -> float:
    value = float(literal)
    if value != value or value in (float("inf"), float("-inf")):
        raise ParseError(f"The number {literal[:20]} is not finite.", "json.number")
    return value


def _short(literal: str) -> int:
    if len(literal) > 20:
        raise ParseError(f"The number {literal[:20]}… has too many digits.", "json.number")
    return int(literal)


def _whole_characters(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            _refuse_characters()
    elif isinstance(value, list):
        for item in value:
            _whole_characters(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _whole_characters(key)
            _whole_characters(item)


def _refuse_characters() -> NoReturn:
    raise ParseError("A text holds a character that cannot be stored (NUL or half a surrogate pair).", "json.character")
