"""The table of cases, one case, quality control, people and sources."""

import pytest

from segmentation.models import Case, DatasetMember, QualityDecision, Source
from segmentation.pages.datasets import disarmed
from segmentation.pages.tables import millilitres
from segmentation.selectors.flow import flow_of
from segmentation.selectors.quality import excluded_cases


def text_of(response):
    return " ".join(response.content.decode().split())


def test_an_empty_dataset_shows_how_a_folder_looks(browser, dataset):
    page = text_of(browser.get(f"/datasets/{dataset.code}/"))

    assert "How the folder looks" in page
    assert "De-identified data only" in page
    assert "manage.py import_cases" in page


def test_the_table_shows_volumes_in_ml_missing_sources_and_empty_masks(browser, imported):
    page = text_of(browser.get(f"/datasets/{imported.code}/"))

    # 500 voxels of 1 x 1 x 2 mm are 1 mL, 250 are 0.5 mL.
    assert 'data-value="1.0000">1.0</td>' in page
    assert 'data-value="0.5000">0.5</td>' in page
    assert "expert-2: no segmentation" in page
    assert "This source says: no lesion" in page


def test_the_csv_has_one_line_per_case(browser, imported):
    lines = browser.get(f"/datasets/{imported.code}/cases.csv").content.decode("utf-8-sig").splitlines()

    assert lines[0] == (
        "case,subject,site,cohort_role,sequences,volume_ml expert-1,volume_ml expert-2,quality,reason,warnings"
    )
    assert lines[1].startswith("GLI-1,S-1,Site A,internal_test,T2,1.0000,0.5000")
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("cell", "safe"), [("=cmd|x", "'=cmd|x"), ("-3.5", "-3.5"), ("@sum", "'@sum"), ("plain", "plain"), ("", "")]
)
def test_no_cell_of_a_csv_is_a_formula(cell, safe):
    assert disarmed(cell) == safe


@pytest.mark.parametrize(("volume", "shown"), [(12.34, "12.3"), (0.0, "0.0"), (0.041, "0.041"), (0.1, "0.1")])
def test_a_small_volume_never_looks_like_none(volume, shown):
    assert millilitres(volume) == shown


def test_a_case_shows_its_dice_its_covariates_and_its_history(browser, imported):
    case = Case.objects.get(name="GLI-1")

    page = text_of(browser.get(f"/datasets/{imported.code}/cases/{case.code}/"))

    # The smaller mask lies inside the larger: 2 * 250 / (500 + 250).
    assert "0.667" in page
    assert "12 × 10 × 6" in page
    assert "1 × 1 × 2" in page
    assert f"/api/v1/cases/{case.code}/volumes/T2/" in page


def test_a_case_of_another_dataset_is_not_found_here(browser, imported, manager):
    from django.utils import timezone

    from segmentation.services.cases import create_dataset

    other = create_dataset(name="Other", by=manager, at=timezone.now())

    assert browser.get(f"/datasets/{other.code}/cases/{Case.objects.first().code}/").status_code == 404


def test_excluding_needs_a_reason_and_says_so(browser, imported, post):
    case = Case.objects.get(name="GLI-1")

    answer = post(
        f"/datasets/{imported.code}/cases/{case.code}/quality/",
        {"verdict": "exclude"},
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 422
    assert answer.json()["detail"] == "Say why: the reason appears in the study's flow diagram."
    assert not QualityDecision.objects.exists()


def test_decisions_feed_the_flow_numbers_and_can_be_taken_back(browser, imported, post):
    case = Case.objects.get(name="GLI-1")
    address = f"/datasets/{imported.code}/cases/{case.code}/quality/"

    post(address, {"verdict": "exclude", "reason": "motion artefact"})
    page = text_of(browser.get(f"/datasets/{imported.code}/"))
    assert "motion artefact: 1" in page
    assert excluded_cases([case]) == ["GLI-1"]

    taken_back = post(address, {"verdict": ""}, headers={"Accept": "application/json"})

    assert taken_back.json()["verdict"] == ""
    assert excluded_cases([case]) == []
    assert QualityDecision.objects.count() == 2


def test_flow_numbers_add_up():
    class Row:
        def __init__(self, verdict, reason="", withdrawn=False):
            self.verdict, self.reason, self.withdrawn = verdict, reason, withdrawn

    rows = [Row("include"), Row("exclude", "a"), Row("exclude", "b"), Row("exclude", "b"), Row("query", "c"), Row("")]

    flow = flow_of([*rows, Row("include", withdrawn=True)])

    assert (flow.cases, flow.assessed, flow.included, flow.excluded_cases, flow.undecided) == (7, 5, 1, 3, 1)
    assert [(reason.words, reason.cases) for reason in flow.excluded] == [("b", 2), ("a", 1)]
    assert flow.drawable == 2


def test_the_quality_screen_hands_over_every_case_and_its_files(browser, imported):
    case = Case.objects.get(name="GLI-1")

    page = browser.get(f"/datasets/{imported.code}/quality/").content.decode()
    files = browser.get(f"/datasets/{imported.code}/quality/?data={case.code}").json()

    assert case.code in page
    assert [mask["name"] for mask in files["masks"]] == ["expert-1", "expert-2"]
    assert [volume["sequence"] for volume in files["volumes"]] == ["T2"]


def test_a_new_dataset_needs_a_name_and_keeps_what_was_entered(browser, dataset):
    answer = browser.post("/datasets/", {"name": "", "description": "From three sites"})

    assert answer.status_code == 422
    assert "Give the dataset a name of 1 to 120 characters." in text_of(answer)
    assert "From three sites" in text_of(answer)


def test_a_person_without_an_account_is_not_added_and_the_address_stays(browser, dataset, person):
    answer = browser.post(f"/datasets/{dataset.code}/people/", {"email": "new@example.org", "role": "annotator"})

    assert answer.status_code == 422
    assert "Nobody here signs in as “new@example.org”" in text_of(answer)
    assert 'value="new@example.org"' in text_of(answer)

    someone = person("someone")
    browser.post(f"/datasets/{dataset.code}/people/", {"email": "SOMEONE@example.org", "role": "annotator"})
    assert DatasetMember.objects.get(user=someone).label == "A1"


def test_training_subjects_are_unknown_until_they_are_listed(browser, imported):
    source = Source.objects.get(name="expert-2")
    address = f"/datasets/{imported.code}/sources/{source.code}/"
    assert source.training_subjects is None

    refused = browser.post(address, {"kind": "model", "training": "listed", "subjects": ""})
    browser.post(address, {"kind": "model", "training": "listed", "subjects": "S-9, S-1\nS-9"})

    assert refused.status_code == 422
    source.refresh_from_db()
    assert (source.kind, source.training_subjects) == ("model", ["S-1", "S-9"])


def test_names_of_people_stand_on_the_people_page_alone(browser, imported, manager):
    manager.name = "Dr Conspicuous"
    manager.save()
    pages = [f"/datasets/{imported.code}/{page}" for page in ("import/", "jobs/", "sources/")]

    for page in pages:
        main = browser.get(page).content.decode().partition("<main")[2]
        assert "Dr Conspicuous" not in main
    assert "Dr Conspicuous" in browser.get(f"/datasets/{imported.code}/people/").content.decode().partition("<main")[2]
