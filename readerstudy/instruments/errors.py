"""What the instruments refuse."""

from __future__ import annotations

from collections.abc import Sequence

from segmentation.errors import DomainError

Field = tuple[str, str, str]
"""A JSON pointer, a stable code, and a sentence."""


class InstrumentRefused(DomainError):
    """The description of an instrument is not one that can be asked."""

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__("instrument.invalid", fields[0][2], title="Instrument not valid", fields=fields)


class AnswersRefused(DomainError):
    """The answers do not fit the instrument; every fault is listed with its place."""

    def __init__(self, fields: Sequence[Field]) -> None:
        super().__init__("answers.invalid", fields[0][2], title="Answers not accepted", fields=fields)
