"""What a person does here, read from their roles in studies and datasets."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q

from accounts.models import User
from readerstudy.models import Presentation, Study, StudyMember
from segmentation.models import DatasetMember

_RUN = (StudyMember.Role.PI, StudyMember.Role.COORDINATOR)


@dataclass(frozen=True)
class Page:
    """One link of the header."""

    title: str
    address: str


@dataclass(frozen=True)
class Work:
    """What one study still asks of one reader."""

    study_code: str
    title: str
    state: str
    planned: int
    done: int

    @property
    def left(self) -> int:
        """Cases still to read."""
        return self.planned - self.done

    @property
    def is_open(self) -> bool:
        """Whether the reader can go on now."""
        return self.state in (Study.State.SEALED, Study.State.READING) and self.left > 0


def runs_studies(user: User | AnonymousUser) -> bool:
    """Return whether this person is a PI or coordinator of a study, or manages a dataset from which to make one."""
    return bool(user.is_authenticated) and (
        StudyMember.objects.filter(user_id=user.pk or 0, role__in=_RUN).exists() or manages_datasets(user)
    )


def manages_datasets(user: User | AnonymousUser) -> bool:
    """Return whether this person manages a dataset."""
    return DatasetMember.objects.filter(user_id=user.pk or 0, role=DatasetMember.Role.MANAGER).exists()


def reads(user: User) -> bool:
    """Return whether this person is a reader of a study."""
    return StudyMember.objects.filter(user=user, role=StudyMember.Role.READER).exists()


def analyses(user: User) -> bool:
    """Return whether this person is an analyst of a study."""
    return StudyMember.objects.filter(user=user, role=StudyMember.Role.ANALYST).exists()


def pages_for(user: User) -> list[Page]:
    """Return the header's links for one person, and no link that would lead them nowhere."""
    found = []
    if reads(user):
        found.append(Page("My work", "/"))
    if runs_studies(user) or analyses(user):
        found.append(Page("Studies", "/studies/"))
    if manages_datasets(user):
        found.append(Page("Datasets", "/datasets/"))
    return found


def work_of(user: User) -> list[Work]:
    """Return what each study asks of this reader, open work first; practice is not counted."""
    members = StudyMember.objects.filter(user=user, role=StudyMember.Role.READER).select_related("study")
    main = ~Q(presentations__kind=Presentation.Kind.PRACTICE)
    counted = members.annotate(
        planned=Count("presentations", filter=main, distinct=True),
        done=Count("presentations", filter=main & Q(presentations__reads__isnull=False), distinct=True),
    )
    found = [Work(m.study.code, m.study.title, m.study.state, m.planned, m.done) for m in counted]
    return sorted(found, key=lambda work: (not work.is_open, work.title))
