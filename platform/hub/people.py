"""What a person does here, read from their roles in studies and datasets."""

from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from readerstudy.selectors import presentations
from readerstudy.selectors.studies import DESIGNERS, readings_of, studies_of
from segmentation.models import DatasetMember


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
    minutes_left: int | None = None
    due: date | None = None

    @property
    def left(self) -> int:
        """Cases still to read."""
        return self.planned - self.done

    @property
    def is_open(self) -> bool:
        """Whether the reader can go on now."""
        return self.state in presentations.READABLE and self.left > 0


def runs_studies(user: User | AnonymousUser) -> bool:
    """Return whether this person is a PI or coordinator of a study, or manages a dataset from which to make one."""
    if not isinstance(user, User):
        return False
    return studies_of(user, DESIGNERS).exists() or manages_datasets(user)


def manages_datasets(user: User) -> bool:
    """Return whether this person manages a dataset."""
    return DatasetMember.objects.filter(user=user, role=DatasetMember.Role.MANAGER).exists()


def sees_studies(user: User) -> bool:
    """Return whether the list of studies has, or may get, something for this person."""
    return studies_of(user).exists() or manages_datasets(user)


def pages_for(user: User) -> list[Page]:
    """Return the header's links for one person, and no link that would lead them nowhere."""
    found = []
    if readings_of(user).exists():
        found.append(Page("My work", "/"))
    if sees_studies(user):
        found.append(Page("Studies", "/studies/"))
    if manages_datasets(user) or user.is_site_admin:
        found.append(Page("Datasets", "/datasets/"))
    return found


def work_of(user: User) -> list[Work]:
    """Return what each study asks of this reader, open work first; practice is not counted."""
    # The selector's annotations are unknown to the type checker.
    rows: list[Any] = list(readings_of(user))
    return sorted((_work(row) for row in rows), key=lambda work: not work.is_open)


def _work(row: Any) -> Work:
    pace = presentations.own_pace_ms(row)
    return Work(
        row.study.code,
        row.study.title,
        row.study.state,
        row.planned,
        row.done,
        minutes_left=None if pace is None else ceil(pace * (row.planned - row.done) / 60_000),
        due=presentations.deadline_of(row),
    )
