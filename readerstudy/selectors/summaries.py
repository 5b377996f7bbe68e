"""A study in a few numbers: for the list and for the head of the overview."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import User
from readerstudy.models import Presentation, Study, StudyMember


@dataclass(frozen=True)
class Figures:
    """Cases, arms, readers, and reads done of planned; practice is not counted."""

    cases: int
    practice: int
    arms: int
    readers: int
    done: int
    planned: int

    @property
    def all_read(self) -> bool:
        """Whether nothing that was planned is still to be read."""
        return 0 < self.planned == self.done


@dataclass(frozen=True)
class Summary:
    """One line of the list of studies."""

    study: Study
    figures: Figures
    roles: tuple[str, ...]


def figures_of(study: Study) -> Figures:
    """Return the numbers of one study."""
    planned = Presentation.objects.filter(reader__study=study).exclude(kind=Presentation.Kind.PRACTICE)
    return Figures(
        cases=study.study_cases.filter(is_practice=False).count(),
        practice=study.study_cases.filter(is_practice=True).count(),
        arms=study.arms.count(),
        readers=study.members.filter(role=StudyMember.Role.READER).count(),
        done=planned.filter(reads__revision=1).count(),
        planned=planned.count(),
    )


def summaries(studies: Iterable[Study], user: User) -> list[Summary]:
    """Return one line per study with this person's roles in words."""
    rows = list(studies)
    held: dict[int, list[str]] = {}
    for member in StudyMember.objects.filter(study__in=rows, user=user).order_by("label"):
        held.setdefault(member.study_id, []).append(member.get_role_display())
    return [Summary(study, figures_of(study), tuple(held.get(study.pk, ()))) for study in rows]
