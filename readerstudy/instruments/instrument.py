"""An instrument: a versioned, ordered set of questions, read from and written to plain data.

What is stored in the sealed protocol is the plain form. Reading it refuses anything it does not know, so that
a misspelt key can never silently change what readers are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from .errors import Field, InstrumentRefused
from .questions import (
    QUESTION_KINDS,
    Choice,
    Likert,
    Option,
    Origin2,
    Origin6,
    Question,
    Text,
    confidence_code,
    stored_codes,
    value_label,
)

NOT_ASSESSABLE = "not_assessable"
NOT_ASSESSABLE_COMMENT = "not_assessable_comment"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_QUESTIONS = 50
_LONGEST_WORDING = 4000
_LONGEST_LABEL = 80


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """Ordered questions under a name and version, and the reasons for "not assessable", if offered."""

    code: str
    title: str
    version: str
    questions: tuple[Question, ...]
    not_assessable_reasons: tuple[Option, ...] = ()

    def asked_of(self, scope: str) -> tuple[Question, ...]:
        """Return the questions of one scope ("candidate" or "case"): scores block first, then origin."""
        ours = [question for question in self.questions if question.scope == scope]
        return tuple(sorted(ours, key=lambda question: question.block == "origin"))

    def question(self, code: str) -> Question:
        """Return the question that fills this rating code; KeyError if there is none."""
        for question in self.questions:
            if code in stored_codes(question):
                return question
        raise KeyError(code)


def rating_label(instrument: Instrument, code: str, value: int | None) -> str:
    """Return the words for a stored rating by its rating code, the confidence of an origin choice included.

    Raises
    ------
    KeyError
        If the instrument has no such rating code.
    """
    question = instrument.question(code)
    if isinstance(question, Origin2) and code == confidence_code(question):
        return f"{value} of {question.confidence_steps}"
    return value_label(question, value)


def to_dict(instrument: Instrument) -> dict[str, Any]:
    """Return the plain form of an instrument: text, integers, booleans, lists and objects only."""
    return {
        "code": instrument.code,
        "title": instrument.title,
        "version": instrument.version,
        "questions": [_question_to_dict(question) for question in instrument.questions],
        "not_assessable_reasons": [_plain(reason) for reason in instrument.not_assessable_reasons],
    }


def instrument_from(data: Mapping[str, Any]) -> Instrument:
    """Return the instrument that a plain form describes.

    Raises
    ------
    InstrumentRefused
        With one field per fault: unknown or missing keys, wrong types, repeated codes, impossible scales.
    """
    reader = _Reader()
    instrument = reader.instrument(data)
    if reader.faults or instrument is None:
        raise InstrumentRefused(reader.faults)
    return instrument


def _plain(value: Any) -> Any:
    if isinstance(value, Option):
        return {"code": value.code, "label": value.label}
    if isinstance(value, dict):
        return {str(key): text for key, text in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _question_to_dict(question: Question) -> dict[str, Any]:
    plain = {item.name: _plain(getattr(question, item.name)) for item in fields(question)}
    return {"kind": question.kind, **plain}


class _Reader:
    """Reads plain data into an instrument, collecting every fault with its JSON pointer."""

    def __init__(self) -> None:
        self.faults: list[Field] = []

    def refuse(self, pointer: str, code: str, detail: str) -> None:
        self.faults.append((pointer, code, detail))

    def instrument(self, data: object) -> Instrument | None:
        names = {"code", "title", "version", "questions", "not_assessable_reasons"}
        if not self.keys(data, "", names, required=names - {"not_assessable_reasons"}):
            return None
        assert isinstance(data, Mapping)
        questions = self.items(data["questions"], "/questions", self.question)
        reasons = self.items(data.get("not_assessable_reasons", []), "/not_assessable_reasons", self.option)
        for name in ("code", "title", "version"):
            self.text(data[name], f"/{name}")
        if self.faults:
            return None
        self.whole(questions, reasons)
        return Instrument(
            code=data["code"],
            title=data["title"],
            version=data["version"],
            questions=tuple(questions),
            not_assessable_reasons=tuple(reasons),
        )

    def keys(self, data: object, pointer: str, known: set[str], required: set[str]) -> bool:
        if not isinstance(data, Mapping):
            self.refuse(pointer, "type", f"{pointer or 'the instrument'} must be an object")
            return False
        for name in sorted(map(str, set(data) - known)):
            self.refuse(f"{pointer}/{name}", "unknown", f"there is no setting called “{name}” here")
        missing = sorted(required - set(data))
        for name in missing:
            self.refuse(f"{pointer}/{name}", "missing", f"“{name}” is missing")
        return not missing

    def items(self, data: object, pointer: str, read: Callable[[object, str], Any]) -> list[Any]:
        if not isinstance(data, list | tuple) or len(data) > _MAX_QUESTIONS:
            self.refuse(pointer, "type", f"{pointer} must be a list of at most {_MAX_QUESTIONS} entries")
            return []
        made = [read(item, f"{pointer}/{index}") for index, item in enumerate(data)]
        return [item for item in made if item is not None]

    def option(self, data: object, pointer: str) -> Option | None:
        if not self.keys(data, pointer, {"code", "label"}, {"code", "label"}):
            return None
        assert isinstance(data, Mapping)
        self.code(data["code"], f"{pointer}/code")
        self.label(data["label"], f"{pointer}/label")
        return Option(code=data["code"], label=data["label"])

    def question(self, data: object, pointer: str) -> Question | None:
        kind = data.get("kind") if isinstance(data, Mapping) else None
        cls = QUESTION_KINDS.get(kind) if isinstance(kind, str) else None
        if cls is None:
            known = ", ".join(QUESTION_KINDS)
            self.refuse(f"{pointer}/kind", "unknown", f"“{kind}” is not a question type; known are {known}")
            return None
        known_keys = {item.name for item in fields(cls)}
        needed = {i.name for i in fields(cls) if i.default is MISSING and i.default_factory is MISSING}
        if not self.keys(data, pointer, known_keys | {"kind"}, needed):
            return None
        assert isinstance(data, Mapping)
        before = len(self.faults)
        values = {
            name: self.value(name, item, f"{pointer}/{name}") for name, item in data.items() if name in known_keys
        }
        if len(self.faults) > before:
            return None
        question = cls(**values)
        self.sensible(question, pointer)
        return question

    def value(self, name: str, data: object, pointer: str) -> Any:
        if name == "code":
            return self.code(data, pointer)
        if name in ("minimum", "maximum", "max_length", "confidence_steps"):
            return self.integer(data, pointer)
        if name == "acceptable_at":
            return data if data is None else self.integer(data, pointer)
        if name == "required":
            return self.boolean(data, pointer)
        if name == "anchors":
            return self.anchors(data, pointer)
        if name == "labels":
            return tuple(self.items(data, pointer, self.label))
        if name == "options":
            return tuple(self.items(data, pointer, self.option))
        if name in ("human_label", "ai_label"):
            return self.label(data, pointer)
        return self.text(data, pointer, empty=name == "hint")

    def code(self, data: object, pointer: str) -> str:
        if not isinstance(data, str) or not _CODE.fullmatch(data):
            self.refuse(pointer, "code", f"{pointer} must be a short lower-case code such as “score”")
            return ""
        return data

    def text(self, data: object, pointer: str, *, empty: bool = False) -> str:
        if not isinstance(data, str) or len(data) > _LONGEST_WORDING or not (data.strip() or empty):
            self.refuse(pointer, "text", f"{pointer} must be a text of 1 to {_LONGEST_WORDING} characters")
            return ""
        if "\x00" in data or any("\ud800" <= letter <= "\udfff" for letter in data):
            self.refuse(pointer, "text", f"{pointer} holds characters that cannot be stored")
        return data

    def label(self, data: object, pointer: str) -> str:
        text = self.text(data, pointer)
        if len(text) > _LONGEST_LABEL:
            self.refuse(pointer, "too_long", f"{pointer} may have {_LONGEST_LABEL} characters, not {len(text)}")
        return text

    def integer(self, data: object, pointer: str) -> int:
        if not isinstance(data, int) or isinstance(data, bool) or abs(data) > 100_000:
            self.refuse(pointer, "integer", f"{pointer} must be a whole number")
            return 0
        return data

    def boolean(self, data: object, pointer: str) -> bool:
        if not isinstance(data, bool):
            self.refuse(pointer, "boolean", f"{pointer} must be true or false")
        return bool(data)

    def anchors(self, data: object, pointer: str) -> dict[int, str]:
        if not isinstance(data, Mapping):
            self.refuse(pointer, "type", f"{pointer} must map steps to texts")
            return {}
        made: dict[int, str] = {}
        for step, label in data.items():
            if not re.fullmatch(r"-?[0-9]{1,5}", str(step)):
                self.refuse(f"{pointer}/{step}", "integer", f"“{step}” is not a step of the scale")
                continue
            made[int(step)] = self.label(label, f"{pointer}/{step}")
        return dict(sorted(made.items()))

    def sensible(self, question: Question, pointer: str) -> None:
        if question.scope not in ("candidate", "case"):
            self.refuse(f"{pointer}/scope", "choice", "scope is “candidate” or “case”")
        if question.block not in ("scores", "origin"):
            self.refuse(f"{pointer}/block", "choice", "block is “scores” or “origin”")
        if isinstance(question, Likert):
            self.sensible_scale(question, pointer)
        elif isinstance(question, Origin6) and len(question.labels) != 6:
            self.refuse(f"{pointer}/labels", "length", f"six labels are needed, {len(question.labels)} given")
        elif isinstance(question, Origin2) and not 2 <= question.confidence_steps <= 10:
            self.refuse(f"{pointer}/confidence_steps", "range", "confidence needs 2 to 10 steps")
        elif isinstance(question, Choice):
            codes = [option.code for option in question.options]
            if len(codes) < 2 or len(set(codes)) < len(codes):
                self.refuse(f"{pointer}/options", "options", "a choice needs two or more different options")
        elif isinstance(question, Text) and not 1 <= question.max_length <= 10_000:
            self.refuse(f"{pointer}/max_length", "range", "a text may be limited to 1 to 10000 characters")

    def sensible_scale(self, question: Likert, pointer: str) -> None:
        steps = range(question.minimum, question.maximum + 1)
        if not 2 <= len(steps) <= 101:
            self.refuse(
                f"{pointer}/maximum",
                "range",
                f"the scale runs from {question.minimum} to {question.maximum}; it needs 2 to 101 steps",
            )
        for step in (step for step in question.anchors if step not in steps):
            self.refuse(f"{pointer}/anchors/{step}", "range", f"the anchor at {step} lies outside the scale")
        if question.acceptable_at is not None and question.acceptable_at not in steps:
            self.refuse(
                f"{pointer}/acceptable_at",
                "range",
                f"{question.acceptable_at} lies outside the scale {question.minimum} to {question.maximum}",
            )

    def whole(self, questions: list[Question], reasons: list[Option]) -> None:
        if not questions:
            self.refuse("/questions", "empty", "an instrument asks at least one question")
        codes = [code for question in questions for code in stored_codes(question)]
        codes += [NOT_ASSESSABLE, NOT_ASSESSABLE_COMMENT]
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            self.refuse("/questions", "repeated", f"the code “{code}” is used twice")
        if len({reason.code for reason in reasons}) < len(reasons):
            self.refuse("/not_assessable_reasons", "repeated", "two reasons have the same code")
