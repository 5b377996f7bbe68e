"""Studies, their sealed allocation, and what readers answered."""

from readerstudy.models.allocation import Candidate, Presentation, Seal
from readerstudy.models.read import Draft, Note, Rating, Read, Viewing
from readerstudy.models.study import Arm, Decision, Study, StudyCase, StudyMember

__all__ = [
    "Arm",
    "Candidate",
    "Decision",
    "Draft",
    "Note",
    "Presentation",
    "Rating",
    "Read",
    "Seal",
    "Study",
    "StudyCase",
    "StudyMember",
    "Viewing",
]
