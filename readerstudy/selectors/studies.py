"""Studies as their PI, coordinators and analysts see them: never ratings by arm before unblinding."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from readerstudy.models import Decision, Study, StudyMember
from segmentation.errors import NotFound

DESIGNERS = (StudyMember.Role.PI, StudyMember.Role.COORDINATOR)
STAFF = (*DESIGNERS, StudyMember.Role.ANALYST)


def study_for(user: User, code: str, roles: Iterable[str] = STAFF) -> Study:
    """Return the study in which this person has one of `roles`; anything else is not found."""
    study = Study.objects.filter(code=code, members__user=user, members__role__in=list(roles)).distinct().first()
    if study is None:
        raise NotFound
    return study


def roles_of(user: User, study: Study) -> set[str]:
    """Return this person's roles in the study."""
    return set(study.members.filter(user=user).values_list("role", flat=True))


def studies_of(user: User, roles: Iterable[str] = STAFF) -> QuerySet[Study]:
    """Return the studies in which this person has one of `roles`, newest first."""
    return Study.objects.filter(members__user=user, members__role__in=list(roles)).distinct()


def readings_of(user: User) -> QuerySet[StudyMember]:
    """Return this person's memberships as a reader, newest study first, with counts of presentations and reads."""
    main = ~Q(presentations__kind="practice")
    return (
        StudyMember.objects.filter(user=user, role=StudyMember.Role.READER)
        .select_related("study")
        .annotate(
            planned=Count("presentations", filter=main, distinct=True),
            done=Count("presentations", filter=main & Q(presentations__reads__revision=1), distinct=True),
        )
        .order_by("-study__created_at")
    )


def pending_decisions(study: Study) -> QuerySet[Decision]:
    """Return requests that wait for a second person."""
    return study.decisions.filter(confirms=None, confirmation=None).exclude(action=Decision.Action.SEAL)
