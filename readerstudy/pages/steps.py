"""Where a study stands, what blocks its next step, and the one thing to do next."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from readerstudy.models import Study
from readerstudy.pages.sections import section_of
from readerstudy.services import allocations
from readerstudy.services.studies import DESIGNABLE


@dataclass(frozen=True)
class Step:
    """One state on the line: past, present or to come."""

    title: str
    when: str


@dataclass(frozen=True)
class Check:
    """One line of the checklist, with the page on which it is mended."""

    done: bool
    words: str
    address: str


@dataclass(frozen=True)
class Next:
    """The bright button and a sentence beside it."""

    words: str
    address: str
    sentence: str


def state_steps(state: str) -> list[Step]:
    """Return the seven states with the current one marked."""
    known = list(Study.State)
    here = known.index(Study.State(state))
    return [
        Step(step.label, "past" if place < here else "now" if place == here else "later")
        for place, step in enumerate(known)
    ]


def blocking(study: Study) -> list[Check]:
    """Return the checklist before the seal; empty afterwards."""
    if study.state not in DESIGNABLE:
        return []
    problems = [Check(False, sentence, mend(study, field)) for field, _, sentence in allocations.design_problems(study)]
    cases = study.study_cases.filter(is_practice=False).count()
    done = [
        (cases, f"{cases} cases chosen", mend(study, "/cases")),
        (study.arms.count(), f"{study.arms.count()} arms", mend(study, "/arms")),
        (readers := study.members.filter(role="reader").count(), f"{readers} readers", mend(study, "/readers")),
    ]
    sealing = reverse("study-seal", args=[study.code])
    tried = study.state == Study.State.DRY_RUN
    dry_run = Check(tried, "dry run marked as passed" if tried else "Look at the dry run, then mark it.", sealing)
    return [Check(True, words, address) for count, words, address in done if count] + problems + [dry_run]


def mend(study: Study, field: str) -> str:
    """Return the address at which a problem with a field is mended."""
    if field.startswith("/cases") and field.count("/") == 1:
        return reverse("study-cases", args=[study.code])
    return f"{reverse('study-protocol', args=[study.code])}#{section_of(field)}"


def next_step(study: Study, *, designs: bool, pending: bool, all_read: bool) -> Next:
    """Return the next sensible step for this person."""
    page, sentence, words = _next(study, designs, pending, all_read)
    return Next(words, reverse(page, args=[study.code]), sentence)


def _next(study: Study, designs: bool, pending: bool, all_read: bool) -> tuple[str, str, str]:
    if pending:
        return "study-decisions", "A step was asked for and waits for a second person.", "Look at the request"
    if study.state in DESIGNABLE:
        return _design_step(study) if designs else ("study-export", "The study is being designed.", "See the files")
    if study.state in (Study.State.SEALED, Study.State.READING):
        if not designs:
            return "study-export", "The reading is under way; tables come when it is closed.", "See the files"
        if all_read:
            return "study-decisions", "Every planned read is in.", "Close the reading"
        return "study-progress", "Readers can read now.", "Watch the progress"
    if study.state == Study.State.CLOSED:
        return "study-decisions", "The reading is closed; arms are still hidden.", "Go on to unblinding"
    return "study-analysis", "The arms are open.", "See the analysis"


def _design_step(study: Study) -> tuple[str, str, str]:
    if not study.study_cases.exists():
        return "study-cases", "The study has no cases yet.", "Choose cases"
    if allocations.design_problems(study):
        return "study-protocol", "The protocol is not complete.", "Go on with the protocol"
    if study.state == Study.State.DRAFT:
        return "study-seal", "Nothing blocks the dry run.", "Look at the dry run"
    return "study-seal", "The dry run passed.", "Seal the study"
