"""Answers of one read, checked against the instrument before anything is stored.

A submitted set of answers has one of two forms::

    {"candidates": {"A": {"score": 8, "origin": 5}, "B": {...}}, "case": {"remark": "..."}}
    {"not_assessable": {"reason": "motion", "comment": "..."}}

Nothing is converted: 7.5, "7", true and NaN are refused where an integer is asked, so a stored value is
always what the reader chose. All faults are reported together, each with its JSON pointer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import AnswersRefused, Field
from .instrument import NOT_ASSESSABLE, NOT_ASSESSABLE_COMMENT, Instrument
from .questions import Choice, Likert, Origin2, Origin6, Question, Text, YesNo, confidence_code, value_label

_NOTE_LENGTH = 2000
_MOST_FAULTS = 100


@dataclass(frozen=True)
class Answer:
    """One stored answer: its rating code, its slot (a letter, or None for the case), and what was chosen.

    `value` is an integer for every closed question, `label` the words the reader saw for it (at most 80
    characters, "" where a step has none), `text` a comment, or the reason code of "not assessable".
    """

    question: str
    slot: str | None
    value: int | None = None
    label: str = ""
    text: str = ""


def validate_answers(instrument: Instrument, slots: Sequence[str], answers: object) -> list[Answer]:
    """Return the answers of a read in the order of slots and questions.

    Parameters
    ----------
    instrument : Instrument
        The sealed instrument.
    slots : sequence of str
        Letters of the slots this presentation has, for example ("A", "B", "C").
    answers : object
        Parsed JSON; see the module's text for its two forms.

    Returns
    -------
    list of Answer
        Candidate answers by slot, then case answers. For "not assessable" one answer
        `not_assessable` with the reason code as text, and `not_assessable_comment` if there is a comment.

    Raises
    ------
    AnswersRefused
        If anything is missing, unknown, of the wrong type or out of range.
    """
    checker = _Checker(instrument, tuple(slots))
    found = checker.read(answers)
    if checker.faults:
        raise AnswersRefused(checker.faults)
    return found


class _Checker:
    """Walks through one set of answers and collects values and faults."""

    def __init__(self, instrument: Instrument, slots: tuple[str, ...]) -> None:
        self.instrument = instrument
        self.slots = slots
        self.faults: list[Field] = []

    def refuse(self, pointer: str, code: str, detail: str) -> None:
        # A body full of nonsense is not answered by ten times as much.
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append((pointer, code, detail))

    def read(self, answers: object) -> list[Answer]:
        if not isinstance(answers, Mapping):
            self.refuse("", "type", "the answers must be an object")
            return []
        if NOT_ASSESSABLE in answers:
            return self.not_assessable(answers)
        self.only(answers, "", {"candidates", "case"})
        return [*self.candidates(answers.get("candidates", {})), *self.case(answers.get("case", {}))]

    def only(self, data: Mapping[Any, object], pointer: str, known: set[str]) -> None:
        for name in sorted(map(str, (name for name in data if name not in known))):
            shown = _shown(name)
            self.refuse(f"{pointer}/{_escaped(name)}", "unknown", f"nothing called “{shown}” is asked here")

    def candidates(self, data: object) -> list[Answer]:
        if not isinstance(data, Mapping):
            self.refuse("/candidates", "type", "the answers by slot must be an object")
            return []
        self.only(data, "/candidates", set(self.slots))
        questions = self.instrument.asked_of("candidate")
        found: list[Answer] = []
        for slot in self.slots:
            found += self.block(questions, data.get(slot, {}), f"/candidates/{slot}", slot)
        return found

    def case(self, data: object) -> list[Answer]:
        return self.block(self.instrument.asked_of("case"), data, "/case", None)

    def block(self, questions: Sequence[Question], data: object, pointer: str, slot: str | None) -> list[Answer]:
        if not isinstance(data, Mapping):
            self.refuse(pointer, "type", f"the answers for {_place(slot)} must be an object")
            return []
        self.only(data, pointer, {question.code for question in questions})
        found: list[Answer] = []
        for question in questions:
            place = f"{pointer}/{question.code}"
            if question.code in data:
                found += self.answer(question, data[question.code], place, slot)
            elif question.required:
                self.refuse(place, "missing", f"{_place(slot)}: “{question.wording}” is not answered")
        return found

    def answer(self, question: Question, value: object, pointer: str, slot: str | None) -> list[Answer]:
        if isinstance(question, Likert):
            return self.step(question, value, (question.minimum, question.maximum), pointer, slot)
        if isinstance(question, Origin6):
            return self.step(question, value, (1, len(question.labels)), pointer, slot)
        if isinstance(question, Origin2):
            return self.origin2(question, value, pointer, slot)
        if isinstance(question, Choice):
            codes = {option.code: place for place, option in enumerate(question.options, start=1)}
            return self.one_of(question, value, codes, pointer, slot)
        if isinstance(question, YesNo):
            return self.yes_no(question, value, pointer, slot)
        assert isinstance(question, Text)
        return self.text(question, value, pointer, slot)

    def step(
        self, question: Question, value: object, bounds: tuple[int, int], pointer: str, slot: str | None
    ) -> list[Answer]:
        number = self.whole_number(value, bounds, pointer, slot)
        if number is None:
            return []
        return [Answer(question.code, slot, number, value_label(question, number))]

    def whole_number(self, value: object, bounds: tuple[int, int], pointer: str, slot: str | None) -> int | None:
        low, high = bounds
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(pointer, "not_integer", f"{_place(slot)}: a whole number from {low} to {high} is needed")
            return None
        if not low <= value <= high:
            self.refuse(pointer, "out_of_range", f"{_place(slot)}: the scale runs from {low} to {high}")
            return None
        return value

    def origin2(self, question: Origin2, value: object, pointer: str, slot: str | None) -> list[Answer]:
        if not isinstance(value, Mapping):
            self.refuse(pointer, "type", f"{_place(slot)}: an origin and a confidence are needed")
            return []
        self.only(value, pointer, {"origin", "confidence"})
        for name in ("origin", "confidence"):
            if name not in value:
                self.refuse(f"{pointer}/{name}", "missing", f"{_place(slot)}: the {name} is not answered")
        if not {"origin", "confidence"} <= set(value):
            return []
        steps = question.confidence_steps
        sure = self.whole_number(value["confidence"], (1, steps), f"{pointer}/confidence", slot)
        found = self.one_of(question, value["origin"], {"human": 0, "ai": 1}, f"{pointer}/origin", slot)
        if sure is not None:
            found.append(Answer(confidence_code(question), slot, sure, f"{sure} of {steps}"))
        return found

    def one_of(
        self, question: Question, value: object, codes: Mapping[str, int], pointer: str, slot: str | None
    ) -> list[Answer]:
        if not isinstance(value, str) or value not in codes:
            self.refuse(pointer, "not_an_option", f"{_place(slot)}: choose one of {', '.join(codes)}")
            return []
        return [Answer(question.code, slot, codes[value], value_label(question, codes[value]))]

    def yes_no(self, question: Question, value: object, pointer: str, slot: str | None) -> list[Answer]:
        if not isinstance(value, bool):
            self.refuse(pointer, "not_yes_or_no", f"{_place(slot)}: yes or no is needed")
            return []
        return [Answer(question.code, slot, int(value), value_label(question, int(value)))]

    def text(self, question: Text, value: object, pointer: str, slot: str | None) -> list[Answer]:
        text = self.storable(value, question.max_length, pointer, slot)
        if text is None:
            return []
        if not text.strip():
            if question.required:
                self.refuse(pointer, "missing", f"{_place(slot)}: “{question.wording}” is not answered")
            return []
        return [Answer(question.code, slot, text=text)]

    def storable(self, value: object, longest: int, pointer: str, slot: str | None) -> str | None:
        if not isinstance(value, str):
            self.refuse(pointer, "not_text", f"{_place(slot)}: a text is needed")
            return None
        if len(value) > longest:
            self.refuse(
                pointer,
                "too_long",
                f"{_place(slot)}: the text has {len(value)} characters, at most {longest} fit",
            )
            return None
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            self.refuse(pointer, "not_storable", f"{_place(slot)}: the text holds characters no one can keep")
            return None
        return value

    def not_assessable(self, answers: Mapping[Any, object]) -> list[Answer]:
        self.only(answers, "", {NOT_ASSESSABLE})
        reasons = {reason.code: reason.label for reason in self.instrument.not_assessable_reasons}
        pointer = f"/{NOT_ASSESSABLE}"
        data = answers[NOT_ASSESSABLE]
        if not reasons:
            self.refuse(pointer, "not_offered", "this study does not offer “not assessable”")
            return []
        if not isinstance(data, Mapping):
            self.refuse(pointer, "type", "“not assessable” needs a reason")
            return []
        self.only(data, pointer, {"reason", "comment"})
        reason = data.get("reason")
        if not isinstance(reason, str) or reason not in reasons:
            self.refuse(f"{pointer}/reason", "not_an_option", f"choose one of {', '.join(reasons)}")
            return []
        found = [Answer(NOT_ASSESSABLE, None, label=reasons[reason], text=reason)]
        comment = self.storable(data.get("comment", ""), _NOTE_LENGTH, f"{pointer}/comment", None)
        if comment and comment.strip():
            found.append(Answer(NOT_ASSESSABLE_COMMENT, None, text=comment))
        return found


def _place(slot: str | None) -> str:
    return "the case" if slot is None else f"segmentation {slot}"


def _shown(name: str) -> str:
    return name[:40].encode("utf-8", "replace").decode("utf-8")


def _escaped(name: str) -> str:
    return _shown(name).replace("~", "~0").replace("/", "~1")
