"""The shapes in which results travel: one test, one table with described columns, one report.

A page, a JSON file and a CSV file are written from the same frozen objects, so they cannot disagree.
Missing numbers are ``None``, never NaN, because JSON has no NaN.
"""

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

Cell = str | int | float | bool | None
Row = Mapping[str, Cell]


def finite(value: float | None) -> float | None:
    """Return the value as a Python float, or None where it is missing, NaN or infinite."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)


@dataclass(frozen=True)
class TestResult:
    """One test as it was run: name, exact variant, sizes, statistic, P and effect with its 95% interval."""

    __test__ = False  # pytest would otherwise collect it

    test: str
    variant: str
    n: int
    statistic: float | None = None
    df: float | None = None
    p: float | None = None
    effect_name: str = ""
    effect: float | None = None
    effect_low: float | None = None
    effect_high: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        """Turn NaN and infinities into None."""
        for name in ("statistic", "df", "p", "effect", "effect_low", "effect_high"):
            object.__setattr__(self, name, finite(getattr(self, name)))

    def row(self) -> dict[str, Cell]:
        """Return the result as the cells of a table row."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


@dataclass(frozen=True)
class Column:
    """What a column holds: its key, its heading, its unit and its kind.

    ``kind`` is one of text, count, number, percent (0 to 100), p and flag.
    """

    name: str
    title: str
    kind: str
    unit: str = ""


@dataclass(frozen=True)
class ResultTable:
    """A table of a report: described columns, rows of plain cells, and the notes that belong under it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the table as plain lists and dicts."""
        return {
            "name": self.name,
            "title": self.title,
            "columns": [vars(column) for column in self.columns],
            "rows": [dict(row) for row in self.rows],
            "notes": list(self.notes),
        }

    def as_csv(self) -> str:
        """Return the table as CSV text with one header line; missing cells are empty."""
        out = io.StringIO()
        names = [column.name for column in self.columns]
        writer = csv.DictWriter(out, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return out.getvalue()


@dataclass(frozen=True)
class Report:
    """All tables of one analysis, the settings they were made with, and the warnings that apply to all."""

    name: str
    settings: Mapping[str, Cell]
    tables: tuple[ResultTable, ...]
    warnings: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    def table(self, name: str) -> ResultTable:
        """Return one table by its name; KeyError names the tables that exist."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(f"no table {name!r}; there are {', '.join(t.name for t in self.tables)}")

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain lists and dicts, ready for JSON."""
        return {
            "name": self.name,
            "settings": dict(self.settings),
            "tables": [table.as_dict() for table in self.tables],
            "warnings": list(self.warnings),
            "versions": dict(self.versions),
        }

    def as_json(self) -> str:
        """Return the report as JSON text; equal input gives equal bytes, and NaN is impossible."""
        return json.dumps(self.as_dict(), indent=1, ensure_ascii=False, allow_nan=False)


def _told(cell: Cell) -> Cell:
    return finite(cell) if isinstance(cell, float) else cell


def result_table(
    name: str, title: str, columns: Sequence[Column], rows: Sequence[Row], notes: Sequence[str] = ()
) -> ResultTable:
    """Return a table whose rows hold exactly the described columns; absent, NaN and infinite cells are None."""
    names = [column.name for column in columns]
    whole = tuple({key: _told(row.get(key)) for key in names} for row in rows)
    return ResultTable(name, title, tuple(columns), whole, tuple(notes))
