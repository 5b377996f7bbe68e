"""The CSV files beside the images; nothing here touches the database."""

from pathlib import Path

import pytest

from segmentation.services.imports import tables
from segmentation.services.imports.tables import read_tables, typed


@pytest.fixture
def read(tmp_path):
    def both(**texts: str | bytes):
        files: dict[str, Path] = {}
        for name, text in texts.items():
            path = tmp_path / f"{name}.csv"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            files[f"{name}.csv"] = path
        return read_tables(files)

    return both


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("comma", [",", ";"])
def test_any_line_end_and_either_comma_are_read(read, line_end, comma):
    text = line_end.join([f"\ufeffcase{comma}age", f"P01{comma} 7 ", "", f"P02{comma}"])

    found = read(cases=text)

    assert {name: dict(row.covariates) for name, row in found.cases.items()} == {"P01": {"age": 7}, "P02": {}}
    assert found.problems == ()


@pytest.mark.parametrize(
    ("cases", "words"),
    [
        (b"case,age\nP\xe4,7\n", "not UTF-8"),
        ("case,age\nP\x0001,7\n", "NUL"),
        ("subject,age\nS1,7\n", "expected the columns case"),
        ("case,age\nP01,7,8\n", "line 2 has 3 cells, but the header has 2"),
        ("", "expected the columns case"),
        ('case,note\nP01,"' + "x" * 200_000 + '"\n', "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_sentence(read, cases, words):
    found = read(cases=cases)

    (problem,) = found.problems
    assert problem.startswith("cases.csv: ") and words in problem
    assert found.cases == {}


def test_a_table_that_is_too_large_is_not_opened(read, monkeypatch):
    monkeypatch.setattr(tables, "LARGEST_BYTES", 20)

    (problem,) = read(cases="case,age\n" + "P01,7\n" * 10).problems

    assert "larger than 20 bytes" in problem


def test_wrong_rows_are_named_and_the_others_count(read):
    text = "case,subject,cohort_role\nP01,S1,training\nP01,S1,\nJane Doe,S2,\nP02,S 3,\nP04,S4,External Test\n"

    found = read(cases=text)

    assert set(found.cases) == {"P01", "P04"}
    assert found.cases["P04"].cohort_role == "external_test"
    told = " ".join(found.problems)
    for words in ("“training” of P01 is unknown", "P01 stands twice", "“Jane Doe” is not a study code", "“S 3”"):
        assert words in told


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("int", "7", 7),
        ("int", "+7", 7),
        ("int", "7.0", None),
        ("int", "7e2", None),
        ("int", "٧", None),
        ("float", "7.5", 7.5),
        ("float", ".5", 0.5),
        ("float", "1e3", 1000.0),
        ("float", "1e999", None),
        ("float", "inf", None),
        ("float", "nan", None),
        ("float", "1,5", None),
        ("bool", "Yes", True),
        ("bool", "n", False),
        ("bool", "1", None),
        ("date", "2024-02-29", "2024-02-29"),
        ("date", "2023-02-29", None),
        ("date", "29.02.2024", None),
        ("text", "=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
    ],
)
def test_a_cell_is_its_type_or_nothing(kind, cell, value):
    assert typed(kind, cell) == value
    assert type(typed(kind, cell)) is type(value)


@pytest.mark.parametrize("column", ["Name", "patient_name", "DOB", "birth_date", "MRN", "e-mail", "Address"])
def test_a_column_that_may_name_a_person_is_pointed_out(read, column):
    (problem,) = read(cases=f"case,{column}\nP01,x\n").problems

    assert "may say who a person is" in problem


@pytest.mark.parametrize("column", ["scanner_model", "filename_count", "tumour", "emailed"])
def test_a_harmless_column_is_not_pointed_out(read, column):
    assert read(cases=f"case,{column}\nP01,x\n").problems == ()


def test_dates_are_pointed_out(read):
    (problem,) = read(cases="case,scanned\nP01,2024-01-31\n").problems

    assert "store ages or intervals" in problem


def test_training_subjects_come_from_a_cell_a_file_or_stay_unknown(read):
    found = read(
        sources="source,kind,training_subjects\na,model,S2|S1\nb,model,seen.csv\nc,model,unknown\nd,model,lost.csv\n",
        seen="subject,split\nS7,train\nS5,tune\n",
    )

    seen = {name: row.training_subjects for name, row in found.sources.items()}
    assert seen == {"a": ("S1", "S2"), "b": ("S5", "S7"), "c": None, "d": None}
    (problem,) = found.problems
    assert "lost.csv" in problem and "unknown" in problem


def test_labels_need_a_number_a_name_and_a_colour(read):
    found = read(labels="value,name,colour\n2,oedema,\n1,tumour,#AABBCC\n1,again,\n256,much,\nx,y,\n3,cyst,red\n")

    assert [(label["value"], label["name"]) for label in found.labels] == [(1, "tumour"), (2, "oedema"), (3, "cyst")]
    assert found.labels[0]["colour"] == "#aabbcc"
    assert len(found.problems) == 4
