"""The dry-run table: problems first, filters with counts, and which choices would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FILES_PER_PAGE = 200
TAKEN = ("new_volume", "new_segmentation", "replaces", "stored")
BADGES = {
    "refused": "problem",
    "replaces": "attention",
    "new_volume": "done",
    "new_segmentation": "done",
    "stored": "done",
    "same": "idle",
    "ignored": "idle",
}
_ORDER = ("refused", "replaces", "new_volume", "new_segmentation", "stored", "same", "ignored")
FILTERS = {
    "all": "All files",
    "refused": "Refused",
    "notes": "With a note",
    "taken": "Taken",
    "same": "Already stored",
    "ignored": "Left alone",
}
ORIENTATION, EMPTY = "geometry.qform_sform", "mask.empty"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Filter:
    """One way to look at the table."""

    name: str
    words: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class DryRun:
    """The files of a plan, or of the result that came of it, as a page shows them."""

    files: tuple[Row, ...]
    plan: Row

    @classmethod
    def of(cls, told: Row, plan: Row) -> DryRun:
        """Return the table of a job's result."""
        files = sorted(told.get("files", []), key=lambda row: (_ORDER.index(row["action"]), not row["notes"]))
        root = _common_folder([row["name"] for row in files])
        shown = [{**row, "badge": BADGES[row["action"]], "short": row["name"].removeprefix(root)} for row in files]
        return cls(tuple(shown), plan)

    def rows(self, name: str) -> list[Row]:
        """Return the files that one filter shows, problems first."""
        return [row for row in self.files if _shows(name, row)]

    def filters(self, chosen: str) -> list[Filter]:
        """Return the filters that would show something."""
        counted = [Filter(name, words, len(self.rows(name)), name == chosen) for name, words in FILTERS.items()]
        return [entry for entry in counted if entry.count or entry.name == "all"]

    def chosen(self, asked: str) -> str:
        """Return the filter asked for; all files otherwise, which begin with the problems."""
        return asked if asked in FILTERS else "all"

    @property
    def to_import(self) -> int:
        """Files that would be stored."""
        return len(self.rows("taken"))

    @property
    def refused(self) -> int:
        """Files that are refused."""
        return len(self.rows("refused"))

    @property
    def same(self) -> int:
        """Files that are stored already."""
        return len(self.rows("same"))

    @property
    def replacing(self) -> int:
        """Files that replace a stored segmentation."""
        return sum(row["action"] == "replaces" for row in self.files)

    @property
    def new_cases(self) -> int:
        """Cases that the dataset does not have yet."""
        return sum(bool(case["new"]) for case in self.plan.get("cases", []))

    @property
    def known_cases(self) -> int:
        """Cases that the dataset has."""
        return len(self.plan.get("cases", [])) - self.new_cases

    @property
    def case_warnings(self) -> list[tuple[str, str]]:
        """What to look at before going on, by case."""
        return [(case["name"], warning) for case in self.plan.get("cases", []) for warning in case["warnings"]]

    @property
    def problems(self) -> list[str]:
        """What was wrong with the tables."""
        return list(self.plan.get("problems", []))

    @property
    def sources(self) -> list[Row]:
        """The sources of the masks."""
        return list(self.plan.get("sources", []))

    @property
    def options(self) -> Row:
        """The choices under which the dry run was made."""
        return dict(self.plan.get("options", {}))

    @property
    def empty_masks(self) -> int:
        """Masks refused for being empty."""
        return self._refused_for(EMPTY)

    @property
    def two_orientations(self) -> int:
        """Images refused because their header says two things."""
        return self._refused_for(ORIENTATION)

    @property
    def choice_helps(self) -> bool:
        """Whether a choice would take files that are refused now."""
        return bool(self.empty_masks or self.two_orientations)

    def _refused_for(self, code: str) -> int:
        return sum(row["code"] == code for row in self.files)


def _common_folder(names: list[str]) -> str:
    """Return the folder that was dropped, with its slash; nothing when the files share none."""
    roots = {name.partition("/")[0] + "/" if "/" in name else "" for name in names}
    return roots.pop() if len(roots) == 1 else ""


def _shows(name: str, row: Row) -> bool:
    if name == "taken":
        return row["action"] in TAKEN
    if name == "notes":
        return bool(row["notes"]) and row["action"] not in ("refused", "ignored")
    return name == "all" or row["action"] == name
