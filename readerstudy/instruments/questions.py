"""Question types: one thing asked, on a scale, with its wording as data.

A question knows which values it takes and what each value is called. It holds no answer and no layout. The
wording travels from the sealed protocol to the reader's screen unchanged; a screen has no question text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

ORIGIN6_LABELS = (
    "Surely human",
    "Probably human",
    "Rather human",
    "Rather AI",
    "Probably AI",
    "Surely AI",
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """What all questions share: a code for tables, the wording, and where and when it is asked.

    `scope` is "candidate" (asked of every slot) or "case" (asked once). `block` is "scores" or "origin"; the
    scores block is completed and locked before the origin block opens.
    """

    kind: ClassVar[str]

    code: str
    wording: str
    scope: str = "candidate"
    block: str = "scores"
    required: bool = True
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Likert(Question):
    """An integer scale with anchor texts; values from `acceptable_at` upwards count as acceptable."""

    kind: ClassVar[str] = "likert"

    minimum: int = 1
    maximum: int = 10
    anchors: dict[int, str] = field(default_factory=dict)
    acceptable_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Origin6(Question):
    """Origin on one scale of six steps, 1 surely human to 6 surely AI; 4 and above is the call "AI"."""

    kind: ClassVar[str] = "origin6"

    block: str = "origin"
    labels: tuple[str, ...] = ORIGIN6_LABELS


@dataclass(frozen=True, kw_only=True)
class Origin2(Question):
    """Origin as a forced choice, Human or AI, with a confidence from 1 to `confidence_steps`.

    It is answered as one object and stored as two ratings: `code` (0 human, 1 AI) and `code_confidence`.
    """

    kind: ClassVar[str] = "origin2"

    block: str = "origin"
    human_label: str = "Human"
    ai_label: str = "AI"
    confidence_wording: str = "How sure are you?"
    confidence_steps: int = 5


@dataclass(frozen=True, kw_only=True)
class Option:
    """One option of a choice: the stored code and the text shown."""

    code: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Choice(Question):
    """Exactly one of several options, answered by its code and stored as its place, from 1."""

    kind: ClassVar[str] = "choice"

    options: tuple[Option, ...] = ()


@dataclass(frozen=True, kw_only=True)
class YesNo(Question):
    """Yes or no, answered as a JSON boolean and stored as 1 or 0."""

    kind: ClassVar[str] = "yes_no"


@dataclass(frozen=True, kw_only=True)
class Text(Question):
    """A free comment of at most `max_length` characters; an empty one is stored as no answer."""

    kind: ClassVar[str] = "text"

    required: bool = False
    max_length: int = 2000


QUESTION_KINDS: dict[str, type[Question]] = {cls.kind: cls for cls in (Likert, Origin6, Origin2, Choice, YesNo, Text)}


def confidence_code(question: Origin2) -> str:
    """Return the code under which the confidence of a forced origin choice is stored."""
    return f"{question.code}_confidence"


def stored_codes(question: Question) -> tuple[str, ...]:
    """Return the rating codes that one answer to this question fills."""
    if isinstance(question, Origin2):
        return (question.code, confidence_code(question))
    return (question.code,)


def value_label(question: Question, value: int | None) -> str:
    """Return the words a reader saw for a stored value.

    Parameters
    ----------
    question : Question
        The question that was answered.
    value : int or None
        The stored value; None for a text.

    Returns
    -------
    str
        For a scale the anchor, or "" where the step has none; "" for a text and for a value that the question
        does not have.
    """
    return "" if value is None else value_labels(question).get(value, "")


def value_labels(question: Question) -> dict[int, str]:
    """Return every stored value of a closed question with its label; empty for a text."""
    return dict(_LABELS[type(question)](question))


def score_keys(question: Likert) -> dict[int, str]:
    """Return the key for each step that has one: 1 to 9 by digit, 10 by T; other steps have none."""
    steps = range(question.minimum, question.maximum + 1)
    return {step: "T" if step == 10 else str(step) for step in steps if 1 <= step <= 10}


def is_acceptable(question: Question, value: int) -> bool | None:
    """Return whether a Likert value reaches the threshold; None where the question has no threshold."""
    if not isinstance(question, Likert) or question.acceptable_at is None:
        return None
    return value >= question.acceptable_at


def called_ai(question: Question, value: int) -> bool | None:
    """Return whether an origin answer calls the candidate AI; None for any other question."""
    if isinstance(question, Origin6):
        return value > len(question.labels) // 2
    if isinstance(question, Origin2):
        return value == 1
    return None


def _likert_labels(question: Question) -> Iterator[tuple[int, str]]:
    assert isinstance(question, Likert)
    for step in range(question.minimum, question.maximum + 1):
        yield step, question.anchors.get(step, "")


def _origin6_labels(question: Question) -> Iterator[tuple[int, str]]:
    assert isinstance(question, Origin6)
    yield from enumerate(question.labels, start=1)


def _origin2_labels(question: Question) -> Iterator[tuple[int, str]]:
    assert isinstance(question, Origin2)
    yield 0, question.human_label
    yield 1, question.ai_label


def _choice_labels(question: Question) -> Iterator[tuple[int, str]]:
    assert isinstance(question, Choice)
    for place, option in enumerate(question.options, start=1):
        yield place, option.label


def _yes_no_labels(question: Question) -> Iterator[tuple[int, str]]:
    yield from ((1, "Yes"), (0, "No"))


def _no_labels(question: Question) -> Iterator[tuple[int, str]]:
    yield from ()


_LABELS: dict[type[Question], Callable[[Question], Iterator[tuple[int, str]]]] = {
    Likert: _likert_labels,
    Origin6: _origin6_labels,
    Origin2: _origin2_labels,
    Choice: _choice_labels,
    YesNo: _yes_no_labels,
    Text: _no_labels,
}
