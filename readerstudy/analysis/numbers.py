"""Numbers as journals print them: P values, percentages, intervals; rounding is half-up."""

from decimal import ROUND_HALF_UP, Decimal

from readerstudy.analysis.results import Cell, Column

NONE = "–"
RUNAWAY = 1e9


def fixed(value: float | None, digits: int = 2) -> str:
    """Return the number with ``digits`` decimals, rounded half-up; a dash where it is missing.

    Where nothing bounds an estimate (complete separation) limits run away: from 1e9 on they are printed as powers of
    ten, infinite ones as "∞".
    """
    if value is None or value != value:
        return NONE
    if abs(value) >= RUNAWAY:
        return f"{'-' if value < 0 else ''}∞" if abs(value) == float("inf") else f"{value:.1e}"
    step = Decimal(1).scaleb(-digits)
    rounded = Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"


def p_text(p: float | None) -> str:
    """Return a P value in AMA style: no leading zero, ".049", ".27", "<.001", ">.99".

    Two decimals; three below .01, and from .045 to .05, where two would print a significant value as ".05".
    """
    if p is None or p != p:
        return NONE
    if p < 0.001:
        return "<.001"
    if p > 0.99:
        return ">.99"
    digits = 3 if p < 0.01 or 0.045 <= p < 0.05 else 2
    return fixed(p, digits).removeprefix("0")


def percent(k: int, n: int) -> float | None:
    """Return 100 k / n, or None when n is 0."""
    return 100 * k / n if n else None


def percent_text(k: int, n: int, digits: int = 1) -> str:
    """Return k of n as a percentage, rounded half-up from the exact fraction: 182 of 227 is "80.2"."""
    if n == 0:
        return NONE
    step = Decimal(1).scaleb(-digits)
    return f"{(Decimal(100 * int(k)) / Decimal(int(n))).quantize(step, rounding=ROUND_HALF_UP):f}"


def share_text(k: int, n: int, digits: int = 1) -> str:
    """Return count, total and percentage together: "182/227 (80.2%)"."""
    return f"{k}/{n} ({percent_text(k, n, digits)}%)" if n else f"{k}/{n}"


def interval_text(low: float | None, high: float | None, digits: int = 2) -> str:
    """Return an interval in words, "0.12 to 0.34"; a dash where an end is missing."""
    if low is None or high is None or low != low or high != high:
        return NONE
    return f"{fixed(low, digits)} to {fixed(high, digits)}"


def cell_text(column: Column, value: Cell) -> str:
    """Return a table cell as it is printed, by the kind of its column."""
    if value is None:
        return NONE
    if column.kind == "flag":
        return "yes" if value else "no"
    if column.kind in ("text", "count") or isinstance(value, str):
        return str(value)
    if column.kind == "p":
        return p_text(value)
    return fixed(value, 1 if column.kind == "percent" else 2)
