"""The template's instrument as a form: one score with its anchors, one question of origin, a comment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from readerstudy.instruments import Instrument, InstrumentRefused, Likert, Origin2, Origin6, Text, instrument_from
from readerstudy.instruments import to_dict as instrument_to_dict
from readerstudy.instruments.questions import Question


class InstrumentForm(forms.Form):
    """Wording, scale and threshold of the score; wording and scale of the origin; whether comments are asked for."""

    score_wording = forms.CharField(label="For each segmentation readers are asked", max_length=400)
    score_hint = forms.CharField(
        label="with the explanation", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    minimum = forms.IntegerField(label="on a scale from", min_value=0, max_value=9)
    maximum = forms.IntegerField(label="to", min_value=2, max_value=10)
    lowest_anchor = forms.CharField(label="The lowest step means", max_length=80)
    acceptable_at = forms.IntegerField(label="A segmentation is acceptable from", min_value=1, max_value=10)
    acceptable_anchor = forms.CharField(label="which means", max_length=80)
    highest_anchor = forms.CharField(label="The highest step means", max_length=80)
    origin_wording = forms.CharField(label="Then readers are asked", max_length=400)
    origin_kind = forms.ChoiceField(
        label="answered",
        choices=[
            ("origin6", "on six steps from surely human to surely AI"),
            ("origin2", "as human or AI, with confidence from 1 to 5"),
        ],
    )
    comment = forms.BooleanField(label="A comment may be written about each segmentation", required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, protocol: Mapping[str, Any]) -> None:
        self.before = instrument_from(protocol["instrument"])
        super().__init__(data, initial=_initial(self.before))

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if self.errors:
            return told
        if not told["minimum"] < told["acceptable_at"] < told["maximum"]:
            raise ValidationError(
                {"acceptable_at": f"The threshold lies between {told['minimum']} and {told['maximum']}, exclusive."}
            )
        try:
            instrument_from(self.instrument())
        except InstrumentRefused as refused:
            raise ValidationError(refused.fields[0][2]) from refused
        return told

    def instrument(self) -> dict[str, Any]:
        """Return the plain form of the instrument that was entered."""
        told = self.cleaned_data
        asked = [_asked(question, told) for question in self.before.questions]
        kept = [question for question in asked if told["comment"] or question.code != "comment"]
        if told["comment"] and not any(question.code == "comment" for question in kept):
            kept.insert(1, Text(code="comment", wording="Comment (optional)", required=False))
        return instrument_to_dict(replace(self.before, questions=tuple(kept)))


def _asked(question: Question, told: Mapping[str, Any]) -> Question:
    if question.code == "score" and isinstance(question, Likert):
        return replace(
            question,
            wording=told["score_wording"],
            hint=told["score_hint"],
            minimum=told["minimum"],
            maximum=told["maximum"],
            acceptable_at=told["acceptable_at"],
            anchors={
                told["minimum"]: told["lowest_anchor"],
                told["acceptable_at"]: told["acceptable_anchor"],
                told["maximum"]: told["highest_anchor"],
            },
        )
    if question.code == "origin":
        made = Origin6 if told["origin_kind"] == "origin6" else Origin2
        return made(code="origin", wording=told["origin_wording"], hint=question.hint, required=question.required)
    return question


def _initial(instrument: Instrument) -> dict[str, Any]:
    score, origin = instrument.question("score"), instrument.question("origin")
    assert isinstance(score, Likert)
    return {
        "score_wording": score.wording,
        "score_hint": score.hint,
        "minimum": score.minimum,
        "maximum": score.maximum,
        "lowest_anchor": score.anchors.get(score.minimum, "Worst"),
        "acceptable_at": score.acceptable_at,
        "acceptable_anchor": score.anchors.get(score.acceptable_at or 0, "Acceptable"),
        "highest_anchor": score.anchors.get(score.maximum, "Perfect"),
        "origin_wording": origin.wording,
        "origin_kind": origin.kind,
        "comment": any(question.code == "comment" for question in instrument.questions),
    }
