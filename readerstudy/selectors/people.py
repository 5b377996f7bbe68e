"""People and their roles in a study: the one place where names stand beside labels."""

from __future__ import annotations

from accounts.models import User
from readerstudy.models import Study, StudyMember
from segmentation.errors import DomainError


def person_by_email(email: str) -> User:
    """Return the active person who signs in with this address.

    Raises
    ------
    DomainError
        ``person.unknown``, with the field /email.
    """
    found = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if found is None:
        sentence = f"Nobody signs in here as {email.strip()}; check the address, or ask the site's administrator."
        raise DomainError("person.unknown", sentence, fields=[("/email", "unknown", sentence)])
    return found


def members_of(study: Study) -> list[StudyMember]:
    """Return everybody in the study, by role and label."""
    order = {role: place for place, role in enumerate(StudyMember.Role.values)}
    rows = study.members.select_related("user__institution")
    return sorted(rows, key=lambda member: (order[member.role], member.label))
