"""Importing on the web: from the files that arrived to the table of what was stored and what was refused."""

from segmentation.models import Case, DatasetMember, Job, Segmentation, Upload, Volume


def text_of(response):
    return " ".join(response.content.decode().split())


def test_the_dry_run_names_every_refusal_and_stores_nothing(browser, dataset, dry_run):
    job = dry_run()

    page = text_of(browser.get(f"/datasets/{dataset.code}/imports/{job.code}/"))

    assert "Dry run: nothing is stored yet" in page
    assert "Import 4 files" in page
    # The header promises 352 + 12 x 10 x 6 x 2 bytes; 100 were cut off.
    assert "1,792" in page and "1,692" in page
    assert "cases.csv: age of GLI-1 is “seven”, expected a whole number; left empty." in page
    assert not Case.objects.exists()


def test_problems_stand_first_and_a_filter_shows_them_alone(browser, dataset, dry_run):
    job = dry_run()
    address = f"/datasets/{dataset.code}/imports/{job.code}/"

    everything, refused = text_of(browser.get(address)), text_of(browser.get(address + "?show=refused"))

    assert everything.index("GLI-3/T2.nii") < everything.index("GLI-1/T2.nii")
    assert "GLI-3/T2.nii" in refused
    assert "GLI-1/T2.nii<" not in refused


def test_the_choice_that_would_help_is_offered_and_taken(browser, dataset, dry_run, post):
    job = dry_run()
    assert "would help with 1 empty mask" in text_of(browser.get(f"/datasets/{dataset.code}/imports/{job.code}/"))

    answer = post(f"/datasets/{dataset.code}/imports/{job.code}/again/", {"empty_masks": "on"})

    page = text_of(browser.get(answer["Location"]))
    assert "Import 5 files" in page
    assert "An empty mask means" in page


def test_importing_stores_the_good_files_and_says_what_was_refused(browser, dataset, dry_run, post):
    job = dry_run(empty_masks="declare")

    answer = post(f"/datasets/{dataset.code}/imports/{job.code}/apply/")

    page = text_of(browser.get(answer["Location"]))
    assert (Case.objects.count(), Volume.objects.count(), Segmentation.objects.count()) == (2, 2, 3)
    assert "<h1>Imported</h1>" in page
    assert "GLI-3/T2.nii" in page
    assert not Upload.objects.exists()


def test_the_list_finds_an_import_again_with_its_state(browser, dataset, dry_run):
    dry_run()

    page = text_of(browser.get(f"/datasets/{dataset.code}/import/"))

    assert "waits for your decision" in page
    assert "dry run" in text_of(browser.get(f"/datasets/{dataset.code}/"))


def test_files_still_on_their_way_are_told_and_can_be_thrown_away(browser, dataset, manager, post):
    batch = "cd" * 16
    Upload.objects.create(dataset=dataset, user=manager, batch=batch, relative_path="folder/a/T2.nii", length=9)
    assert "0 files have arrived" in text_of(browser.get(f"/datasets/{dataset.code}/import/"))

    post(f"/datasets/{dataset.code}/batches/{batch}/discard/")

    assert not Upload.objects.exists()


def test_a_discarded_dry_run_can_no_longer_be_imported(browser, dataset, dry_run, post):
    job = dry_run()
    post(f"/datasets/{dataset.code}/imports/{job.code}/discard/")

    answer = post(f"/datasets/{dataset.code}/imports/{job.code}/apply/")

    assert answer.status_code == 409
    assert "send the folder again" in text_of(answer)
    assert not Case.objects.exists()


def test_the_changing_part_is_sent_only_when_it_changed(browser, dataset, dry_run):
    job = dry_run()
    address = f"/datasets/{dataset.code}/imports/{job.code}/?part=1"

    first = browser.get(address)
    again = browser.get(address, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)
    assert "<html" not in first.content.decode()
    assert "data-poll" not in first.content.decode()


def test_a_running_job_is_polled_and_can_be_cancelled(browser, dataset, manager, send, post):
    parameters = {"batch": send({}), "empty_masks": "refuse", "orientation": "", "label_map": ""}
    job = Job.objects.create(
        kind="import_plan", dataset=dataset, created_by=manager, parameters=parameters,
        state="running", done_steps=3, total_steps=9, message="reading a/T2.nii",
    )  # fmt: skip
    page = text_of(browser.get(f"/datasets/{dataset.code}/imports/{job.code}/"))
    assert "3 of 9" in page
    assert f'data-poll="/datasets/{dataset.code}/imports/{job.code}/?part=1"' in page

    post(f"/datasets/{dataset.code}/jobs/{job.code}/cancel/")

    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_failed_job_says_why_and_is_done_again(browser, dataset, manager, send, post):
    job = Job.objects.create(
        kind="measure", dataset=dataset, created_by=manager, state="failed", error="The disk was full; free some space."
    )
    assert "The disk was full; free some space." in text_of(browser.get(f"/datasets/{dataset.code}/jobs/"))

    post(f"/datasets/{dataset.code}/jobs/{job.code}/retry/")

    assert dataset.jobs.filter(kind="measure", state="done").count() == 1
    job.refresh_from_db()
    assert job.state == "failed"


def test_an_annotator_sees_no_page_of_the_dataset(client, person, dataset):
    annotator = person("annotator")
    DatasetMember.objects.create(dataset=dataset, user=annotator, role="annotator", label="A1")
    client.force_login(annotator)

    for page in ("", "import/", "quality/", "sources/", "people/", "jobs/", "cases.csv"):
        assert client.get(f"/datasets/{dataset.code}/{page}").status_code == 403
