"""The pages of a study in the order of its life, and who has which."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from django.urls import reverse

from readerstudy.models import Study
from readerstudy.selectors.studies import DESIGNERS


@dataclass(frozen=True)
class RailPage:
    """One link of the rail; `heading` opens a group."""

    name: str
    title: str
    icon: str
    address: str
    heading: str = ""


_DESIGN = (
    ("study", "Overview", "house", ""),
    ("study-cases", "Cases", "layers", "Design"),
    ("study-protocol", "Protocol", "file-text", ""),
    ("study-people", "People", "users", ""),
    ("study-seal", "Seal", "lock", ""),
    ("study-progress", "Progress", "grid-3x3", "Reading"),
    ("study-decisions", "Decisions", "badge-check", ""),
    ("study-analysis", "Analysis", "chart-column", "Results"),
    ("study-export", "Export", "file-down", ""),
    ("study-audit", "Audit", "history", ""),
)
_ANALYST = {"study", "study-decisions", "study-analysis", "study-export"}


def rail(study: Study, roles: Set[str]) -> list[RailPage]:
    """Return the links that lead a person with these roles somewhere."""
    designs = bool(roles & set(DESIGNERS))
    return [
        RailPage(name, title, icon, reverse(name, args=[study.code]), heading if designs else "")
        for name, title, icon, heading in _DESIGN
        if designs or name in _ANALYST
    ]
