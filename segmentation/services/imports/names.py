"""Names that arrive from outside: shown as text, never used as a path, and judged as study codes."""

from __future__ import annotations

import hashlib
import re
import unicodedata

LONGEST_PATH = 1000
IMAGE_SUFFIXES = (".nii.gz", ".nii", ".nrrd")

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SEQUENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,31}")
_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._+-]{0,119}")
_DATE = re.compile(r"(?<!\d)(?:(?:19|20)\d{2}[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])"
                   r"|(?:0[1-9]|[12]\d|3[01])[-_.](?:0[1-9]|1[0-2])[-_.](?:19|20)\d{2})(?!\d)")  # fmt: skip
_RECORD_NUMBER = re.compile(r"(?<!\d)\d{7,12}(?!\d)|(?i:\bmrn\b)")
_PERSON = re.compile(r"[A-Z][a-z]{2,}[-_.][A-Z][a-z]{2,}(?:[-_.].*)?")


def display_path(raw: str) -> str:
    """Return a name from outside as harmless text with ``/`` between its parts, at most 1000 characters.

    Control characters, line breaks, direction marks and lone surrogates are spelled out (``\\u202e``); of an overlong
    name the end, which tells most, is kept after a digest that keeps it unique.
    """
    parts = unicodedata.normalize("NFC", "".join(map(_spelled, raw.replace("\\", "/"))))
    if len(parts) <= LONGEST_PATH:
        return parts
    digest = hashlib.sha256(parts.encode()).hexdigest()[:16]
    return f"{digest}…{parts[-(LONGEST_PATH - 20) :]}"


def _spelled(character: str) -> str:
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return f"\\u{ord(character):04x}" if hidden else character


def parts_of(path: str) -> tuple[str, ...] | None:
    """Return the parts of a relative display path; None when it is absolute or steps out of its folder."""
    parts = tuple(part for part in path.strip().split("/") if part != ".")
    outside = not parts or "" in parts or ".." in parts or re.match(r"[A-Za-z]:", parts[0])
    return None if outside else parts


def stem_of(name: str) -> str | None:
    """Return a file name without its image suffix; None when it has none that is read here."""
    for suffix in IMAGE_SUFFIXES:
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return None


def code_problem(code: str, what: str) -> str:
    """Return why a case or subject code cannot be used, or nothing."""
    if _CODE.fullmatch(code):
        return ""
    return (
        f"The {what} code “{_short(code)}” is not a study code; use 1 to 64 letters, digits, dots, dashes or "
        "underscores, without blanks and without anything that names a person."
    )


def code_warning(code: str, what: str) -> str:
    """Return why a code might identify a person, or nothing."""
    for pattern, looks_like in ((_DATE, "a date"), (_RECORD_NUMBER, "a record number"), (_PERSON, "a person's name")):
        if pattern.search(code) if pattern is not _PERSON else pattern.fullmatch(code):
            return f"The {what} code “{_short(code)}” looks as if it held {looks_like}; use a study code instead."
    return ""


def sequence_problem(sequence: str) -> str:
    """Return why a sequence name cannot be used, or nothing."""
    if _SEQUENCE.fullmatch(sequence):
        return ""
    return (
        f"The sequence name “{_short(sequence)}” cannot be used; take 1 to 32 letters, digits, dots, dashes, "
        "underscores or plus signs, such as T2w."
    )


def source_problem(source: str) -> str:
    """Return why a source name cannot be used, or nothing."""
    if _SOURCE.fullmatch(source):
        return ""
    return (
        f"The source name “{_short(source)}” cannot be used; take 1 to 120 letters, digits, blanks, dots, dashes, "
        "underscores or plus signs."
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:40]}…{text[-19:]}"
