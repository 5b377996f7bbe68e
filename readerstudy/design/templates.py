"""Protocols that studies start from."""

from __future__ import annotations

from dataclasses import replace

from readerstudy.instruments import likert_turing

from .protocol import CaseRules, Endpoint, Protocol

INSTRUCTIONS = """\
You will see one MRI examination at a time with up to three segmentations of the tumour, drawn over it together.
Each was made by a human expert or by an AI model. Which is which is hidden, and letters, colours, line styles and
the order of cases are random: they carry no meaning.

Look through the whole tumour in all planes. Score each segmentation from 1 (worst) to 10 (perfect) as a basis for
measuring the tumour's volume; from 7 on you would accept it without correction. When all scores are given, say for
each segmentation whether a human or an AI made it. Scores cannot be changed once that question is open.

A card may say that no segmentation was drawn; score that as well. If a case cannot be assessed at all, say so and
give the reason. Please do not talk about cases with other readers before the study is closed.
"""


def acceptability(title: str = "Segmentation acceptability (Likert 1-10 + Turing)") -> Protocol:
    """Return the template "Segmentation acceptability (Likert 1-10 + Turing)".

    Three candidates per case, never the reader's own, balanced incomplete blocks over the other sources; arms and
    readers are still to be filled in.
    """
    return replace(
        Protocol(title=title),
        question=(
            "Are segmentations by the AI models as acceptable to experts as those by human experts, and can "
            "experts tell them apart?"
        ),
        estimand=(
            "Difference between each model and the experts in the share of segmentations scored acceptable, by the "
            "same readers on the same population of cases."
        ),
        endpoint=Endpoint(name="Share of segmentations scored 7 or more of 10"),
        cases=CaseRules(
            inclusion="Cases that passed quality control with at least one validated segmentation.",
            replacement="None; a case with fewer segmentations than slots is shown with fewer, and flagged.",
        ),
        instrument=likert_turing(),
        stated_prior="Each case may show segmentations by humans, by AI models, or both.",
        instructions=INSTRUCTIONS,
        reports_to="principal investigator",
    )
