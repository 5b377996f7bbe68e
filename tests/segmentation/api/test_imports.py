"""From a dropped folder to the table of cases, over HTTP."""

import base64
import gzip
import hashlib
import io

import nibabel as nib
import numpy as np
import PIL.Image
import pytest
from django.urls import reverse

from segmentation.models import Case, Upload
from segmentation.services import jobs, uploads
from segmentation.storage import blob_store, quarantine_folder

pytestmark = pytest.mark.django_db

BATCH = "ab" * 16
AFFINE = np.diag([1.0, 1.0, 3.0, 1.0])


def nifti(array: np.ndarray) -> bytes:
    return gzip.compress(nib.Nifti1Image(array, AFFINE).to_bytes(), mtime=0)


def mask() -> np.ndarray:
    array = np.zeros((20, 18, 8), np.uint8)
    array[5:10, 4:9, 2:5] = 1
    return array


FILES = {
    "set/P01/t2.nii.gz": nifti(np.random.default_rng(1).integers(1, 99, (20, 18, 8)).astype(np.int16)),
    "set/P01/segmentations/Expert A.nii.gz": nifti(mask()),
    "set/P01/segmentations/net.nii.gz": nifti(np.roll(mask(), 1, axis=0)),
    "set/P01/segmentations/broken.nii.gz": nifti(mask())[:-6],
}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def web(client, manager):
    client.force_login(manager)
    return client


def upload(web, dataset, files=FILES):
    for name, data in files.items():
        created = web.post(
            reverse("api-uploads", args=[dataset.code]),
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Length": str(len(data)),
                "Upload-Metadata": f"batch {b64(BATCH.encode())},path {b64(name.encode())}",
            },
        )
        sent = web.patch(
            created.headers["Location"],
            data,
            content_type="application/offset+octet-stream",
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Offset": "0",
                "Upload-Checksum": f"sha256 {b64(hashlib.sha256(data).digest())}",
            },
        )
        assert sent.status_code == 204


def start(web, dataset, **body):
    return web.post(reverse("api-imports", args=[dataset.code]), {"batch": BATCH} | body, "application/json")


def apply(web, dataset, plan_code):
    return web.post(reverse("api-import-apply", args=[dataset.code, plan_code]), {}, "application/json")


def imported(web, dataset):
    """Upload, dry run, import, measure; return the three job answers."""
    upload(web, dataset)
    plan = start(web, dataset).json()
    jobs.run(plan["code"])
    planned = web.get(reverse("api-job", args=[plan["code"]])).json()
    asked = apply(web, dataset, plan["code"]).json()
    jobs.run(asked["code"])
    done = web.get(reverse("api-job", args=[asked["code"]])).json()
    for measuring in dataset.jobs.filter(kind="measure"):
        jobs.run(measuring.code)
    return plan, planned, done


def test_a_dropped_folder_becomes_cases_after_a_dry_run(web, dataset):
    asked, planned, done = imported(web, dataset)

    assert (asked["state"], asked["result"]) == ("queued", None)
    assert planned["result"]["counts"] == {"new_volume": 1, "new_segmentation": 2, "refused": 1}
    (refused,) = [f for f in planned["result"]["files"] if f["action"] == "refused"]
    assert refused["name"] == "set/P01/segmentations/broken.nii.gz" and refused["code"] == "gzip.truncated"
    assert done["state"] == "done" and done["done"] == done["total"] == 1
    assert (done["result"]["cases_new"], done["result"]["segmentations_new"]) == (1, 2)


def test_the_table_shows_what_is_there_with_volumes_in_millilitres(web, dataset):
    imported(web, dataset)

    told = web.get(reverse("api-cases", args=[dataset.code])).json()

    (case,) = told["cases"]
    assert (case["name"], case["sequences"], case["verdict"]) == ("P01", ["t2"], "")
    by_name = {source["name"]: source for source in told["sources"]}
    assert set(by_name) == {"Expert A", "net"}
    # 5 × 5 × 3 voxels of 3 mm³
    assert case["cells"][by_name["net"]["code"]]["volume_ml"] == pytest.approx(0.225)
    assert not any(key == "id" for key in case)


def test_one_case_tells_its_volumes_overlaps_and_decisions(web, dataset):
    imported(web, dataset)
    code = Case.objects.get().code
    web.post(reverse("api-case-quality", args=[code]), {"verdict": "exclude", "reason": "motion"}, "application/json")

    told = web.get(reverse("api-case", args=[code])).json()

    assert told["volumes"][0]["spacing_mm"] == [1.0, 1.0, 3.0]
    # shifted by 1 of 5 along one axis: 2 × 4 / (5 + 5)
    assert told["overlaps"][0]["value"] == pytest.approx(0.8)
    assert told["decisions"][0]["reason"] == "motion" and told["case"]["verdict"] == "exclude"


def test_originals_are_thrown_away_after_the_import(web, dataset):
    imported(web, dataset)

    assert list(quarantine_folder().iterdir()) == [] and Upload.objects.count() == 0


def test_images_and_masks_are_delivered_with_their_digest_and_without_a_name(web, dataset):
    imported(web, dataset)
    told = web.get(reverse("api-cases", args=[dataset.code])).json()["cases"][0]
    segmentation = next(iter(told["cells"].values()))["segmentation"]

    for path in (
        reverse("api-volume", args=[told["code"], "t2"]),
        reverse("api-mask", args=[segmentation]),
        reverse("api-mask-of-sequence", args=[segmentation, "t2"]),
    ):
        answer = web.get(path)
        data = b"".join(answer.streaming_content)
        assert answer.headers["Content-Digest"] == f"sha-256=:{b64(hashlib.sha256(data).digest())}:"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Disposition" not in answer.headers and "Content-Encoding" not in answer.headers
        assert nib.Nifti1Image.from_bytes(gzip.decompress(data)).shape == (20, 18, 8)


def test_behind_a_proxy_only_the_internal_place_is_said(web, dataset, settings):
    imported(web, dataset)
    settings.X_ACCEL_PREFIX = "/blobs/"

    answer = web.get(reverse("api-volume", args=[Case.objects.get().code, "t2"]))

    address = Case.objects.get().volumes.get().blob_sha256
    assert answer.headers["X-Accel-Redirect"] == f"/blobs/{address[:2]}/{address}"
    assert answer.content == b""


def test_a_file_lost_from_the_store_is_said_and_never_replaced_by_nothing(web, dataset):
    imported(web, dataset)
    blob_store().destroy(Case.objects.get().volumes.get().blob_sha256)

    answer = web.get(reverse("api-volume", args=[Case.objects.get().code, "t2"]))

    assert (answer.status_code, answer.json()["code"]) == (409, "blob.missing")


def test_the_thumbnail_is_a_picture(web, dataset):
    imported(web, dataset)

    answer = web.get(reverse("api-case-thumbnail", args=[Case.objects.get().code]))

    picture = PIL.Image.open(io.BytesIO(answer.content))
    # 20 × 18 mm on a longer side of 160 pixels
    assert (picture.format, picture.size) == ("PNG", (160, 144))
    assert (np.asarray(picture) == (230, 159, 0)).all(axis=2).any()


def test_the_import_asked_for_twice_is_one_job(web, dataset):
    upload(web, dataset)
    plan = start(web, dataset).json()["code"]
    jobs.run(plan)

    assert apply(web, dataset, plan).json()["code"] == apply(web, dataset, plan).json()["code"]


def test_an_import_whose_files_were_thrown_away_says_so(web, dataset, manager):
    upload(web, dataset)
    plan = start(web, dataset).json()["code"]
    jobs.run(plan)
    uploads.discard_batch(dataset, user=manager, batch=BATCH)

    answer = apply(web, dataset, plan)

    assert (answer.status_code, answer.json()["code"]) == (409, "import.gone")


def test_an_import_before_its_dry_run_has_finished_is_refused(web, dataset):
    upload(web, dataset)
    plan = start(web, dataset).json()["code"]

    answer = apply(web, dataset, plan)

    assert (answer.status_code, answer.json()["code"]) == (409, "import.no_plan")


def test_a_dry_run_waits_for_the_last_file(web, dataset):
    upload(web, dataset)
    Upload.objects.filter(relative_path="set/P01/t2.nii.gz").update(finished_at=None)

    answer = start(web, dataset)

    assert answer.status_code == 409 and "P01/t2.nii.gz" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"empty_masks": "perhaps"}, "/empty_masks"), ({"colour": "red"}, "/colour"), ({"label_map": 7}, "/label_map")],
)
def test_a_wrong_entry_is_named(web, dataset, body, pointer):
    answer = start(web, dataset, **body)

    assert answer.status_code == 422 and answer.json()["fields"][0]["pointer"] == pointer


def test_a_job_can_be_cancelled_once(web, dataset):
    upload(web, dataset)
    code = start(web, dataset).json()["code"]

    first = web.post(reverse("api-job-cancel", args=[code]), {}, "application/json")
    second = web.post(reverse("api-job-cancel", args=[code]), {}, "application/json")

    assert (first.status_code, first.json()["state"]) == (200, "cancelled")
    assert second.status_code == 409


@pytest.mark.parametrize("query", ["ordering=name", "fields=code", "cells__source=1", "format=api"])
def test_a_query_word_that_is_not_known_is_refused(web, dataset, query):
    answer = web.get(reverse("api-cases", args=[dataset.code]) + "?" + query)

    assert (answer.status_code, answer.json()["code"]) == (400, "query.unknown")
