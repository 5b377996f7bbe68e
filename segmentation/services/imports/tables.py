"""The CSV files beside the images: cases with covariates, sources, labels, segmentations without a lesion.

Everything is read as text and typed here; a cell that begins with ``=`` stays text. What cannot be read becomes a
problem with its line, and the rest of the table still counts.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from segmentation.models import Case, Source
from segmentation.services.imports.names import code_problem, source_problem

LARGEST_BYTES = 10 * 2**20
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "."})
TYPES = ("int", "float", "bool", "date", "text")
_TRUE, _FALSE = frozenset({"true", "yes", "y"}), frozenset({"false", "no", "n"})
_KNOWN_CASE_COLUMNS = ("case", "subject", "site", "cohort_role")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
_SUBJECT_HEADINGS = frozenset({"subject", "subject_id", "subj_id"})
_PERSONAL = re.compile(
    r"(?i)(?:^|[^a-z])(?:name|surname|dob|birth\w*|mrn|address|phone|e?-?mail|ssn|nhs|zip|postcode)(?:$|[^a-z])"
)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_PALETTE = ("#e69f00", "#56b4e9", "#cc79a7", "#009e73", "#f0e442", "#0072b2", "#d55e00")

Row = dict[str, str]


@dataclass(frozen=True)
class CaseRow:
    """What cases.csv says of one case."""

    case: str
    subject: str
    site: str = ""
    cohort_role: str = ""
    covariates: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceRow:
    """What sources.csv says of one source."""

    source: str
    kind: str
    version: str = ""
    annotator: str = ""
    training_subjects: tuple[str, ...] | None = None
    empty_masks: bool = False


@dataclass(frozen=True)
class Tables:
    """All that the tables said, and what was wrong with them."""

    cases: Mapping[str, CaseRow] = field(default_factory=dict)
    sources: Mapping[str, SourceRow] = field(default_factory=dict)
    labels: tuple[dict[str, Any], ...] = ()
    empty: frozenset[tuple[str, str]] = frozenset()
    problems: tuple[str, ...] = ()


def read_tables(files: Mapping[str, Path]) -> Tables:
    """Return what the tables among `files` (lower-case name to path) say."""
    problems: list[str] = []
    return Tables(
        cases=_cases(_rows(files, "cases.csv", ("case",), problems), problems),
        sources=_sources(_rows(files, "sources.csv", ("source", "kind"), problems), files, problems),
        labels=_labels(_rows(files, "labels.csv", ("value", "name"), problems), problems),
        empty=_empty(_rows(files, "segmentations.csv", ("case", "source", "empty"), problems), problems),
        problems=tuple(problems),
    )


def read_rows(path: Path, name: str, wanted: tuple[str, ...]) -> list[Row]:
    """Return the rows of a CSV with a header, every cell stripped; ValueError with a sentence when it is unreadable.

    Comma or semicolon, any line ending, UTF-8 with or without a byte-order mark.
    """
    data = path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else None
    if data is None:
        raise ValueError(f"{name}: the table is larger than {LARGEST_BYTES:,} bytes; split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}: byte {error.start} is not UTF-8; save the table as “CSV UTF-8”.") from None
    if "\0" in text:
        raise ValueError(f"{name}: the table holds NUL characters; save it as plain CSV.")
    return _parsed(text, name, wanted)


def _parsed(text: str, name: str, wanted: tuple[str, ...]) -> list[Row]:
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        lines = [[cell.strip() for cell in line] for line in reader if any(cell.strip() for cell in line)]
    except csv.Error as error:
        raise ValueError(f"{name}: line {reader.line_num} cannot be read ({error}).") from None
    header = [column.strip() for column in lines[0]] if lines else []
    missing = [column for column in wanted if column not in [h.lower() for h in header]]
    if missing:
        raise ValueError(f"{name}: expected the columns {', '.join(wanted)}; {', '.join(missing)} is not there.")
    return [_row(header, line, number, name) for number, line in enumerate(lines[1:], 2)]


def _row(header: list[str], line: list[str], number: int, name: str) -> Row:
    if len(line) > len(header):
        raise ValueError(f"{name}: line {number} has {len(line)} cells, but the header has {len(header)}.")
    cells = line + [""] * (len(header) - len(line))
    return {_key(column): cell for column, cell in zip(header, cells, strict=True) if column}


def _key(column: str) -> str:
    lowered = column.lower()
    return _ALIASES.get(lowered, lowered if lowered in _READ else column)


_ALIASES = {"annotator_email": "annotator", "color": "colour"}
_COLUMNS = {
    "sources.csv": ("source", "kind", "version", "annotator", "training_subjects", "empty_masks"),
    "labels.csv": ("value", "name", "colour"),
    "segmentations.csv": ("case", "source", "empty"),
}
_READ = frozenset(
    {*_KNOWN_CASE_COLUMNS, "img_path", "mask_path", "subj_id", *(name for names in _COLUMNS.values() for name in names)}
)


def _rows(files: Mapping[str, Path], name: str, wanted: tuple[str, ...], problems: list[str]) -> list[Row]:
    if name not in files:
        return []
    try:
        rows = read_rows(files[name], name, wanted)
    except ValueError as error:
        problems.append(str(error))
        return []
    known = _COLUMNS.get(name)
    unread = [column for column in (rows[0] if rows else ()) if known and column not in known]
    problems += [f"{name}: the column {column[:40]} is not read." for column in unread]
    return rows


# Cases and covariates ---


def _cases(rows: list[Row], problems: list[str]) -> dict[str, CaseRow]:
    columns = _covariate_columns(rows, problems)
    found: dict[str, CaseRow] = {}
    for row in rows:
        case, subject = row["case"], row.get("subject") or row["case"]
        wrong = code_problem(case, "case") or code_problem(subject, "subject")
        if case in found:
            wrong = f"the case {case} stands twice"
        if wrong:
            problems.append(f"cases.csv: {wrong}")
            continue
        covariates = {name: values[case] for name, values in columns.items() if values.get(case) is not None}
        role = _role(row.get("cohort_role", ""), case, problems)
        found[case] = CaseRow(case, subject, row.get("site", "")[:64], role, covariates)
    return found


def _role(text: str, case: str, problems: list[str]) -> str:
    role = text.lower().replace(" ", "_").replace("-", "_")
    if role in Case.CohortRole.values:
        return role
    allowed = ", ".join(str(value) for value in Case.CohortRole.values if value)
    problems.append(f"cases.csv: the cohort role “{text}” of {case} is unknown; use one of {allowed}.")
    return ""


def _covariate_columns(rows: list[Row], problems: list[str]) -> dict[str, dict[str, Any]]:
    names = [name for name in (rows[0] if rows else {}) if name not in _KNOWN_CASE_COLUMNS]
    columns: dict[str, dict[str, Any]] = {}
    for column in names:
        name, _, declared = column.partition(":")
        cells = {row["case"]: row[column] for row in rows if row[column].lower() not in MISSING}
        kind = declared.strip().lower() or _likely_type(list(cells.values()))
        if kind not in TYPES:
            problems.append(f"cases.csv: the column {name} names the type “{declared}”; use one of {', '.join(TYPES)}.")
            kind = "text"
        problems += _identifying(name.strip(), kind)
        columns[name.strip()] = dict(_typed(name.strip(), kind, cells, problems))
    return columns


def _identifying(name: str, kind: str) -> list[str]:
    if _PERSONAL.search(name):
        return [f"cases.csv: the column {name[:40]} may say who a person is; leave it out, this site takes codes only."]
    if kind == "date":
        return [f"cases.csv: the column {name[:40]} holds dates, which may identify a person; store ages or intervals."]
    return []


def _likely_type(cells: list[str]) -> str:
    # A single stray entry in a column of numbers is a slip to be named, not a reason to call every number a text.
    for kind in ("int", "float", "bool", "date"):
        fitting = sum(typed(kind, cell) is not None for cell in cells)
        if cells and fitting >= max(1, round(0.9 * len(cells))) and (fitting == len(cells) or len(cells) >= 5):
            return kind
    return "text"


def _typed(name: str, kind: str, cells: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, Any]]:
    for case, cell in cells.items():
        value = typed(kind, cell)
        if value is None:
            problems.append(f"cases.csv: {name} of {case} is “{cell[:40]}”, expected {_WORDS[kind]}; left empty.")
        else:
            yield case, value


_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "yes or no",
    "date": "a date such as 2024-03-31",
    "text": "text",
}


def typed(kind: str, cell: str) -> int | float | bool | str | None:
    """Return a cell as its type, a date as ISO text; None when it does not fit."""
    if kind == "int":
        return int(cell) if _WHOLE.fullmatch(cell) else None
    if kind == "float":
        return float(cell) if _DECIMAL.fullmatch(cell) else None
    if kind == "bool":
        return True if cell.lower() in _TRUE else False if cell.lower() in _FALSE else None
    if kind == "date":
        return _iso_date(cell)
    return cell[:500]


def _iso_date(cell: str) -> str | None:
    try:
        return date.fromisoformat(cell).isoformat() if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell) else None
    except ValueError:
        return None


# Sources, labels, empty masks ---


def _sources(rows: list[Row], files: Mapping[str, Path], problems: list[str]) -> dict[str, SourceRow]:
    found: dict[str, SourceRow] = {}
    for row in rows:
        name, kind = row["source"], row["kind"].lower()
        wrong = source_problem(name)
        if kind not in Source.Kind.values:
            wrong = f"the kind “{row['kind']}” of {name} is unknown; use annotator or model."
        if name in found:
            wrong = f"the source {name} stands twice."
        if wrong:
            problems.append(f"sources.csv: {wrong}")
            continue
        found[name] = SourceRow(
            source=name,
            kind=kind,
            version=row.get("version", "")[:60],
            annotator=row.get("annotator", "").lower(),
            training_subjects=_training_subjects(row.get("training_subjects", ""), name, files, problems),
            empty_masks=row.get("empty_masks", "").lower() in _TRUE | {"declare"},
        )
    return found


def _training_subjects(
    cell: str, source: str, files: Mapping[str, Path], problems: list[str]
) -> tuple[str, ...] | None:
    if cell.lower() in MISSING | {"unknown"}:
        return None
    if not cell.lower().endswith((".csv", ".txt")):
        return tuple(sorted({part.strip() for part in re.split(r"[|;]", cell) if part.strip()}))
    path = files.get(cell.lower())
    if path is None:
        problems.append(f"sources.csv: the file {cell} with the training subjects of {source} is not there; unknown.")
        return None
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    codes = [line.split(",")[0].strip() for line in lines]
    return tuple(sorted({code for code in codes if code and code.lower() not in _SUBJECT_HEADINGS}))


def _labels(rows: list[Row], problems: list[str]) -> tuple[dict[str, Any], ...]:
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        value = int(row["value"]) if re.fullmatch(r"[0-9]{1,3}", row["value"]) else -1
        if not 1 <= value <= 255 or value in found or not row["name"]:
            problems.append(f"labels.csv: “{row['value']}” with the name “{row['name']}” is not a new label 1 to 255.")
            continue
        colour = row.get("colour") or _PALETTE[len(found) % len(_PALETTE)]
        if not _COLOUR.fullmatch(colour):
            problems.append(f"labels.csv: the colour “{colour}” of {row['name']} is not like #e69f00.")
            colour = _PALETTE[len(found) % len(_PALETTE)]
        found[value] = {"value": value, "name": row["name"][:60], "colour": colour.lower()}
    return tuple(found[value] for value in sorted(found))


def labels_of_values(values: set[int]) -> tuple[dict[str, Any], ...]:
    """Return names for labels that nobody named: a single one is the lesion."""
    names = {value: "lesion" if len(values) == 1 else f"label {value}" for value in sorted(values)}
    return tuple(
        {"value": value, "name": name, "colour": _PALETTE[index % len(_PALETTE)]}
        for index, (value, name) in enumerate(names.items())
    )


def _empty(rows: list[Row], problems: list[str]) -> frozenset[tuple[str, str]]:
    for row in rows:
        if row["empty"].lower() not in _TRUE | _FALSE | MISSING:
            problems.append(
                f"segmentations.csv: “{row['empty'][:40]}” for {row['source']} of {row['case']} is not yes or no."
            )
    return frozenset((row["case"], row["source"]) for row in rows if row["empty"].lower() in _TRUE)
