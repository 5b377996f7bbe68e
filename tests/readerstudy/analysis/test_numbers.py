import pytest

from readerstudy.analysis.numbers import cell_text, fixed, interval_text, p_text, percent_text, share_text
from readerstudy.analysis.results import Column


@pytest.mark.parametrize(
    ("p", "printed"),
    [
        (0.0485, ".049"),
        (0.27, ".27"),
        (0.0004, "<.001"),
        (0.9985, ">.99"),
        (0.0085, ".009"),
        (0.0701, ".07"),
        (0.0447, ".04"),
        (0.05, ".05"),
        (0.99, ".99"),
        (None, "–"),
        (float("nan"), "–"),
        (1.0, ">.99"),
    ],
)
def test_p_values_are_printed_as_journals_print_them(p, printed):
    assert p_text(p) == printed


@pytest.mark.parametrize(
    ("k", "n", "printed"),
    [(182, 227, "80.2"), (59, 227, "26.0"), (16, 71, "22.5"), (1, 16, "6.3"), (1, 8, "12.5")],
)
def test_percentages_round_half_up_from_the_exact_fraction(k, n, printed):
    assert percent_text(k, n) == printed


def test_a_share_of_nothing_has_no_percentage():
    assert percent_text(0, 0) == "–"
    assert share_text(0, 0) == "0/0"
    assert share_text(182, 227) == "182/227 (80.2%)"


def test_intervals_are_written_in_words():
    assert interval_text(0.12, 0.335) == "0.12 to 0.34"
    assert interval_text(None, 0.3) == "–"


def test_zero_has_no_minus_sign():
    assert fixed(-0.001, 2) == "0.00"


def test_a_cell_is_printed_by_the_kind_of_its_column():
    assert cell_text(Column("p", "P", "p"), 0.0485) == ".049"
    assert cell_text(Column("share", "Share", "percent"), 80.176) == "80.2"
    assert cell_text(Column("ok", "OK", "flag"), True) == "yes"
    assert cell_text(Column("n", "n", "count"), 12) == "12"
    assert cell_text(Column("n", "n", "count"), None) == "–"
