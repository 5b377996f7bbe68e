"""The report's tables as a journal would print them. Every number comes from the report; none is computed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from readerstudy.analysis.numbers import cell_text, fixed, interval_text, p_text, share_text
from readerstudy.analysis.results import Cell, Column, Report, ResultTable

Row = Mapping[str, Cell]
Write = Callable[[Row], str]
EFFECT = "Effect size"


@dataclass(frozen=True)
class Heading:
    """A column's heading; numbers stand to the right."""

    title: str
    number: bool


@dataclass(frozen=True)
class PrintedCell:
    """One cell as it is printed."""

    text: str
    number: bool
    mark: str = ""
    value: str = ""


@dataclass(frozen=True)
class PrintedTable:
    """A table ready for the page; `name` is that of the report's table, whose CSV holds every column."""

    name: str
    title: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[PrintedCell, ...], ...]
    notes: tuple[str, ...]


def printed_tables(report: Report) -> list[PrintedTable]:
    """Return the tables of a report in the order of a paper; one without rows says so by being absent."""
    return [_printed(report.table(name), layout) for name, layout in _LAYOUTS.items() if report.table(name).rows]


def _printed(table: ResultTable, layout: tuple[tuple[Heading, Write], ...]) -> PrintedTable:
    effects = list(dict.fromkeys(str(row["effect_name"]) for row in table.rows if row.get("effect_name")))
    said = effects[0] if len(effects) == 1 else "effect"
    headings = tuple(Heading(h.title.replace(EFFECT, said[:1].upper() + said[1:]), h.number) for h, _ in layout)
    marks = _marks(table)
    rows = tuple(tuple(_cell(row, h, write, marks) for h, write in layout) for row in table.rows)
    notes = [f"{mark}  {variant[:1].upper()}{variant[1:]}." for variant, mark in marks.items()]
    return PrintedTable(table.name, table.title, headings, rows, (*notes, *table.notes))


def _marks(table: ResultTable) -> dict[str, str]:
    """Return a small letter for each variant of a test, as a journal's footnotes have."""
    variants = dict.fromkeys(str(row["variant"]) for row in table.rows if row.get("variant"))
    return {variant: "abcdefghij"[place] for place, variant in enumerate(variants) if place < 10}


def _cell(row: Row, heading: Heading, write: Write, marks: Mapping[str, str]) -> PrintedCell:
    mark = marks.get(str(row.get("variant")), "") if heading.title == "Test" else ""
    text = write(row)
    value = _sortable(row, heading)
    return PrintedCell(text.replace("-", "−") if heading.number else text, heading.number, mark, value)


def _sortable(row: Row, heading: Heading) -> str:
    """Return the number behind a printed P value, so that "<.001" sorts before ".02"."""
    p = {"P": row.get("p"), "Adjusted P": row.get("p_adjusted")}.get(heading.title)
    return "" if p is None else repr(p)


def _text(title: str, name: str) -> tuple[Heading, Write]:
    return Heading(title, False), lambda row: cell_text(Column(name, title, "text"), row[name])


def _count(title: str, name: str) -> tuple[Heading, Write]:
    return Heading(title, True), lambda row: cell_text(Column(name, title, "count"), row[name])


def _number(title: str, name: str, digits: int = 2) -> tuple[Heading, Write]:
    return Heading(title, True), lambda row: fixed(_float(row[name]), digits)


def _p(title: str, name: str) -> tuple[Heading, Write]:
    return Heading(title, True), lambda row: p_text(_float(row[name]))


def _share(title: str, count: str, total: str) -> tuple[Heading, Write]:
    def write(row: Row) -> str:
        k, n = row[count], row[total]
        return share_text(k, n) if isinstance(k, int) and isinstance(n, int) else "–"

    return Heading(title, True), write


def _interval(title: str, low: str, high: str, digits: int = 2) -> tuple[Heading, Write]:
    return Heading(title, True), lambda row: interval_text(_float(row[low]), _float(row[high]), digits)


def _with_interval(title: str, name: str, low: str, high: str) -> tuple[Heading, Write]:
    def write(row: Row) -> str:
        value = _float(row[name])
        inside = interval_text(_float(row[low]), _float(row[high]))
        return fixed(value) if inside == "–" else f"{fixed(value)} ({inside})"

    return Heading(title, True), write


def _median(row: Row) -> str:
    middle, first, third = (_short(row[name]) for name in ("median", "q1", "q3"))
    return f"{middle} ({first} to {third})"


def _short(value: Cell) -> str:
    return fixed(_float(value), 2).rstrip("0").rstrip(".")


def _family(row: Row) -> str:
    if not row["family"]:
        return "–"
    return f"{row['family']} ({row['family_size']})"


def _float(value: Cell) -> float | None:
    return float(value) if isinstance(value, int | float) else None


_WHO = (_text("Reader", "reader"), _text("Arm", "arm"), _text("Kind", "arm_kind"))
_PAIR = (_text("Reader", "reader"), _text("Arm", "first"), _text("against", "second"))
_SIZES = (_count("n, arm", "n_first"), _count("n, against", "n_second"))
_ANSWER = (
    _with_interval(f"{EFFECT} (95% CI)", "effect", "effect_low", "effect_high"),
    _p("P", "p"),
    _p("Adjusted P", "p_adjusted"),
    _text("Test", "test"),
)
_DETAIL = (_number("Statistic", "statistic"), (Heading("Family (tests)", False), _family), _text("Note", "note"))
_ODDS = _with_interval("Odds ratio (95% CI)", "odds_ratio", "odds_low", "odds_high")
_LAYOUTS: dict[str, tuple[tuple[Heading, Write], ...]] = {
    "description": (
        *_WHO,
        _count("Ratings", "ratings"),
        _count("Cases", "cases"),
        (Heading("Median (IQR)", True), _median),
        _interval("95% CI of the median", "median_low", "median_high", 0),
        _share("Acceptable, n/N (%)", "acceptable", "acceptable_of"),
        _interval("95% CI, %", "acceptable_low", "acceptable_high", 1),
    ),
    "averages": (
        _text("Endpoint", "endpoint"),
        _text("Arms", "arms"),
        _text("Average", "average"),
        _share("n/N (%)", "k", "n"),
        _number("Share, %", "percent", 1),
        _interval("95% CI, %", "low", "high", 1),
    ),
    "omnibus": (_text("Reader", "reader"), _count("Arms", "arms"), _count("n", "n"), *_ANSWER, *_DETAIL),
    "score_contrasts": (*_PAIR, *_SIZES, _number("Hodges-Lehmann shift", "shift", 1), *_ANSWER, *_DETAIL),
    "acceptable_contrasts": (
        *_PAIR,
        _share("Acceptable, arm", "k_first", "n_first"),
        _share("Acceptable, against", "k_second", "n_second"),
        *_ANSWER,
        _ODDS,
        *_DETAIL,
    ),
    "calls": (
        *_WHO,
        _share("Judged AI, n/N (%)", "judged_ai", "judged_ai_of"),
        _interval("95% CI, %", "judged_ai_low", "judged_ai_high", 1),
    ),
    "turing": (
        _text("Reader", "reader"),
        _share("Models judged AI", "hits", "models"),
        _share("Experts judged AI", "false_alarms", "experts"),
        _with_interval("d′ (95% CI)", "d_prime", "d_low", "d_high"),
        _text("Verdict", "verdict"),
        _p("P", "p"),
        _p("Adjusted P", "p_adjusted"),
        _text("Test", "test"),
        _interval("90% CI of d′", "d_low_90", "d_high_90"),
        _with_interval("Criterion c (95% CI)", "criterion", "criterion_low", "criterion_high"),
        _with_interval("Odds ratio at equal score (95% CI)", "adjusted_or", "adjusted_or_low", "adjusted_or_high"),
        (Heading("Could show equality", False), lambda row: "yes" if row["could_conclude"] else "no"),
    ),
    "origin_contrasts": (
        *_PAIR,
        _share("Judged AI, arm", "k_first", "n_first"),
        _share("Judged AI, against", "k_second", "n_second"),
        *_ANSWER,
        _ODDS,
        *_DETAIL,
    ),
    "missing": (
        _text("Question", "question"),
        _text("Reader", "reader"),
        _text("Arm", "arm"),
        _text("Reason", "reason"),
        _count("n", "n"),
    ),
}
