"""Instruments: what readers are asked, as data, and the strict check of what they answered."""

from .answers import Answer, validate_answers
from .defaults import likert_turing
from .errors import AnswersRefused, InstrumentRefused
from .instrument import Instrument, instrument_from, rating_label, to_dict
from .questions import (
    Choice,
    Likert,
    Option,
    Origin2,
    Origin6,
    Question,
    Text,
    YesNo,
    called_ai,
    is_acceptable,
    score_keys,
    value_label,
)

__all__ = [
    "Answer",
    "AnswersRefused",
    "Choice",
    "Instrument",
    "InstrumentRefused",
    "Likert",
    "Option",
    "Origin2",
    "Origin6",
    "Question",
    "Text",
    "YesNo",
    "called_ai",
    "instrument_from",
    "is_acceptable",
    "likert_turing",
    "rating_label",
    "score_keys",
    "to_dict",
    "validate_answers",
    "value_label",
]
