"""The protocol as a reader of a journal meets it: titled paragraphs in the order of a methods section.

The protocol page, its PDF and the manuscript kit are written from these sections, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readerstudy.instruments import Likert, Origin2, Origin6, Question

from .protocol import Protocol

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FAMILIES = {
    "model_against_others_within_reader": "each model against every other source, within each reader",
    "all_pairs_within_reader": "all pairs of sources, within each reader",
    "all_pairs_all_readers": "all pairs of sources, over all readers",
}
ADJUSTMENTS = {
    "benjamini_hochberg": "the Benjamini-Hochberg procedure",
    "holm": "the Holm procedure",
    "none": "no adjustment",
}


@dataclass(frozen=True)
class Section:
    """A heading, the group of the protocol that it tells of, and its paragraphs."""

    key: str
    title: str
    paragraphs: tuple[str, ...]


def methods(protocol: Protocol, *, cases: int, practice_cases: int) -> list[Section]:
    """Return the protocol's sections.

    Parameters
    ----------
    protocol : Protocol
        With arms and readers filled in.
    cases, practice_cases : int
        How many cases are chosen for the study and for practice.
    """
    parts = (
        ("question", "Question and endpoint", _question(protocol)),
        ("cases", "Cases", _cases(protocol, cases, practice_cases)),
        ("arms", "Sources", _arms(protocol)),
        ("readers", "Readers", _readers(protocol)),
        ("allocation", "Allocation and blinding", _allocation(protocol)),
        ("instrument", "Questions to the reader", _instrument(protocol)),
        ("display", "Display", _display(protocol)),
        ("sessions", "Sessions and practice", _sessions(protocol)),
        ("missing", "Missing data", _missing(protocol)),
        ("statistics", "Statistical analysis", _statistics(protocol)),
        ("unblinding", "Unblinding, sharing and ethics", _unblinding(protocol)),
        ("instructions", "Instructions to readers", iter(protocol.instructions.strip().split("\n\n"))),
    )
    return [Section(key, title, tuple(p for p in paragraphs if p.strip())) for key, title, paragraphs in parts]


def counted(number: int, thing: str, things: str = "") -> str:
    """Return "three cases", "1 case", "20 cases": numbers to ten in words."""
    word = NUMBERS[number] if 0 <= number <= 10 else str(number)
    return f"{word} {thing if number == 1 else things or thing + 's'}"


def listed(words: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))


def _question(protocol: Protocol) -> Iterator[str]:
    yield protocol.question
    yield f"Estimand: {protocol.estimand}" if protocol.estimand else ""
    average = {"mean_of_readers": "the unweighted mean of the readers", "pooled": "pooled over readers"}
    endpoint = protocol.endpoint
    yield (
        f"Primary endpoint: {endpoint.name or 'not yet named'}, as {average.get(endpoint.average, endpoint.average)}"
        + (f", with a margin of {endpoint.margin}." if endpoint.margin else ".")
    )


def _cases(protocol: Protocol, cases: int, practice_cases: int) -> Iterator[str]:
    rules = protocol.cases
    practice = f" {counted(practice_cases, 'further case').capitalize()} for practice." if practice_cases else ""
    yield f"{counted(cases, 'case').capitalize()}.{practice} {rules.inclusion} {rules.exclusion}".strip()
    yield f"A case with fewer segmentations than slots: {rules.replacement}" if rules.replacement else ""


def _arms(protocol: Protocol) -> Iterator[str]:
    experts = [arm.code for arm in protocol.arms if arm.kind == "expert"]
    models = [arm for arm in protocol.arms if arm.kind == "model"]
    if experts:
        yield f"{counted(len(experts), 'expert').capitalize()} drew segmentations: {listed(experts)}."
    for arm in models:
        training = {
            "clean": "it saw none of the study's subjects in training",
            "unknown": "whether it saw study subjects in training is unknown",
            "out_of_fold": "its predictions for study subjects are out of fold",
        }.get(arm.training, "it saw study subjects in training")
        yield f"Model {arm.code} ({arm.name}): {training}."


def _readers(protocol: Protocol) -> Iterator[str]:
    told = [
        f"{reader.label} ({reader.qualification or 'qualification not stated'}"
        + (f"; drew {reader.own_arm}" if reader.own_arm else "")
        + ")"
        for reader in protocol.readers
    ]
    yield f"{counted(len(told), 'reader').capitalize()}: {listed(told)}." if told else "No readers yet."
    declared = [f"{reader.label}: {reader.conflicts}" for reader in protocol.readers if reader.conflicts]
    yield f"Declared conflicts: {'; '.join(declared)}. {protocol.conflicts}" if declared else protocol.conflicts


def _allocation(protocol: Protocol) -> Iterator[str]:
    own = "never one's own, " if protocol.never_own else ""
    yield (
        f"Each reader sees each case once with {counted(protocol.slots, 'segmentation')} drawn over it together, "
        f"{own}chosen by balanced incomplete blocks over the sources whose masks are stored. Slot, colour and line "
        "style are balanced and carry no meaning; each reader has an order of cases of one's own. All of it is drawn "
        "by HMAC-SHA-256 from a secret 256-bit seed and committed to by SHA-256 before the first read."
    )
    if protocol.repeats.count:
        yield (
            f"{counted(protocol.repeats.count, 'case').capitalize()} come twice, in new colours and order, "
            f"at least {protocol.repeats.gap} cases apart, for agreement within the reader."
        )
    yield protocol.stated_prior
    if protocol.washout_days:
        yield f"At least {protocol.washout_days} days lie between drawing and reading."


def _instrument(protocol: Protocol) -> Iterator[str]:
    for question in protocol.instrument.questions:
        scope = "For each segmentation" if question.scope == "candidate" else "For the case"
        yield f"{scope}: “{question.wording}” {_scale(question)}{_optional(question)}".strip()
    yield "All scores of a case are given before the question of origin opens; scores are then locked."


def _optional(question: Question) -> str:
    return "" if question.required or "optional" in question.wording else " Optional."


def _scale(question: Question) -> str:
    if isinstance(question, Likert):
        anchors = "; ".join(f"{value} {word}" for value, word in sorted(question.anchors.items()))
        return f"Whole number from {question.minimum} to {question.maximum} ({anchors})."
    if isinstance(question, Origin6):
        return f"Six steps from “{question.labels[0]}” to “{question.labels[-1]}”."
    if isinstance(question, Origin2):
        return f"{question.human_label} or {question.ai_label}, with confidence from 1 to {question.confidence_steps}."
    return ""


def _display(protocol: Protocol) -> Iterator[str]:
    display = protocol.display
    labels = "the union of their labels" if protocol.labels == "whole" else "their labels"
    overlays = "hidden" if display.overlays_off_at_first else "shown"
    yield (
        f"Native {listed(list(display.sequences))} images in three planes, {display.interpolation} interpolation; "
        f"segmentations show {labels}, as outlines with {display.fill_percent} % fill, {overlays} at first. "
        "Window, slice and zoom are free; no metric is shown."
    )


def _sessions(protocol: Protocol) -> Iterator[str]:
    sessions = protocol.sessions
    practice = (
        f"{counted(protocol.practice.count, 'practice case').capitalize()} first. " if protocol.practice.count else ""
    )
    pause = (
        f"A pause is proposed after {sessions.break_after_minutes} minutes. " if sessions.break_after_minutes else ""
    )
    deadline = f"Reading ends on {sessions.deadline}." if sessions.deadline else ""
    yield f"{practice}{pause}{deadline}"
    yield (
        "An answer may be corrected until the next case is submitted; the correction counts and is flagged."
        if protocol.revisions == "until_next_case"
        else "Submitted answers cannot be changed."
    )


def _missing(protocol: Protocol) -> Iterator[str]:
    yield f"{protocol.missing.missing} {protocol.missing.corrupt}"
    yield "A segmentation in which nothing is drawn is shown on the same card as every other and is rated."


def _statistics(protocol: Protocol) -> Iterator[str]:
    plan = protocol.statistics
    for analysis in plan.analyses:
        yield f"{'Primary' if analysis.primary else 'Sensitivity'} analysis: {analysis.title or analysis.code}."
    yates = "with" if plan.yates else "without"
    yield (
        f"χ² tests are run {yates} continuity correction. P values are adjusted by "
        f"{ADJUSTMENTS.get(plan.adjustment, plan.adjustment)} over the family of "
        f"{FAMILIES.get(plan.family, plan.family)}; two-sided adjusted P below "
        f"{plan.alpha.lstrip('0')} counts as significant."
    )
    yield f"Sample size: {plan.sample_size}" if plan.sample_size else ""


def _unblinding(protocol: Protocol) -> Iterator[str]:
    rule = protocol.unblinding
    yield f"Unblinding by the {rule.who}, {rule.when}, confirmed by {counted(rule.persons, 'person', 'persons')}."
    if protocol.reports_to:
        yield f"Wrong images and possible incidental findings are reported to: {protocol.reports_to}."
    yield f"On withdrawal of a subject: {protocol.withdrawal}"
    yield f"Ethics: {protocol.ethics_reference}." if protocol.ethics_reference else ""
    yield f"Data sharing: {protocol.sharing}." if protocol.sharing else ""
