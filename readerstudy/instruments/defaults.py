"""Instruments that studies start from, as data."""

from __future__ import annotations

from .instrument import Instrument
from .questions import Likert, Option, Origin2, Origin6, Question, Text

REASONS = (
    Option(code="wrong_image", label="Wrong image or wrong patient"),
    Option(code="artefact", label="Image quality too poor (motion or other artefact)"),
    Option(code="incomplete", label="Image incomplete, or the lesion is not covered"),
    Option(code="no_lesion", label="No lesion that could be segmented"),
    Option(code="display", label="Image or segmentation not displayed correctly"),
    Option(code="other", label="Other, see comment"),
)

_SCORE = Likert(
    code="score",
    wording="How good is this segmentation?",
    hint="1 is worst, 10 is perfect; from 7 on it is clinically acceptable for volumetry without correction.",
    anchors={1: "Worst", 7: "Clinically acceptable for volumetry", 10: "Perfect"},
    acceptable_at=7,
)
_COMMENT = Text(code="comment", wording="Comment (optional)", max_length=2000)
_WORDING = "Who made this segmentation, a human or an AI?"


def likert_turing(*, origin: str = "origin6", acceptable_at: int = 7) -> Instrument:
    """Return the instrument "Segmentation acceptability (Likert 1-10 + Turing)".

    Parameters
    ----------
    origin : {"origin6", "origin2"}
        Six-step scale, or a forced choice with confidence.
    acceptable_at : int, 2 to 9
        First value that counts as acceptable; carries the middle anchor.

    References
    ----------
    Boyd A, et al. Stepwise transfer learning for expert-level pediatric brain tumor MRI segmentation in a
    limited data scenario: rating 1 to 10 with 7 acceptable, and a guess of human or AI.
    """
    guess: Question = Origin6(code="origin", wording=_WORDING)
    if origin == "origin2":
        guess = Origin2(code="origin", wording=_WORDING)
    return Instrument(
        code="likert_turing",
        title="Segmentation acceptability (Likert 1-10 + Turing)",
        version="1",
        questions=(_score(acceptable_at), _COMMENT, guess),
        not_assessable_reasons=REASONS,
    )


def _score(acceptable_at: int) -> Likert:
    if acceptable_at == 7:
        return _SCORE
    return Likert(
        code="score",
        wording=_SCORE.wording,
        hint=_SCORE.hint.replace("from 7 on", f"from {acceptable_at} on"),
        anchors={1: "Worst", acceptable_at: "Clinically acceptable for volumetry", 10: "Perfect"},
        acceptable_at=acceptable_at,
    )
