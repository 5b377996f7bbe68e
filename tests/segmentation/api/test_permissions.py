"""Who may do what with a dataset: every route, for everybody who may come by."""

import numpy as np
import pytest
from django.urls import reverse

from accounts.models import User
from segmentation.formats import canonical_nifti, content_sha256, readback_verifier
from segmentation.models import (
    Case,
    Dataset,
    DatasetMember,
    Job,
    LabelMap,
    Segmentation,
    SegmentationMask,
    Source,
    Subject,
    Upload,
    Volume,
)
from segmentation.storage import blob_store

pytestmark = pytest.mark.django_db

ACTORS = ("anonymous", "outsider", "annotator", "manager", "other_manager", "site_admin")
# route → (verb, names of its arguments, what its manager hears)
ROUTES = {
    "api-cases": ("get", ("dataset",), 200),
    "api-uploads": ("post", ("dataset",), 412),
    "api-imports": ("post", ("dataset",), 422),
    "api-import-apply": ("post", ("dataset", "job"), 409),
    "api-upload": ("head", ("upload",), 412),
    "api-case": ("get", ("case",), 200),
    "api-case-quality": ("post", ("case",), 422),
    "api-case-thumbnail": ("get", ("case",), 200),
    "api-volume": ("get", ("case", "sequence"), 200),
    "api-mask": ("get", ("segmentation",), 200),
    "api-mask-of-sequence": ("get", ("segmentation", "sequence"), 200),
    "api-job": ("get", ("job",), 200),
    "api-job-cancel": ("post", ("job",), 200),
}
# What belongs to one person alone is absent for an annotator of the dataset too.
PERSONAL = ("api-upload", "api-job", "api-job-cancel")
AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])


def expected(route: str, actor: str) -> int:
    if actor == "anonymous":
        return 401
    if actor == "manager":
        return ROUTES[route][2]
    return 403 if actor == "annotator" and route not in PERSONAL else 404


@pytest.fixture
def people(manager, person, dataset) -> dict[str, User | None]:
    found = {actor: person(actor) for actor in ("outsider", "annotator", "other_manager")}
    DatasetMember.objects.create(dataset=dataset, user=found["annotator"], role="annotator", label="A1")
    other = Dataset.objects.create(name="another", created_by=found["other_manager"])
    DatasetMember.objects.create(dataset=other, user=found["other_manager"], role="manager", label="M1")
    admin = User.objects.create_superuser("admin@example.org", "a long password", name="admin")
    return {"anonymous": None, "manager": manager, "site_admin": admin, **found}


@pytest.fixture
def names(manager, dataset) -> dict[str, str]:
    case = Case.objects.create(dataset=dataset, subject=Subject.objects.create(dataset=dataset, code="S1"), name="P01")
    image = np.arange(6 * 5 * 4, dtype=np.int16).reshape(6, 5, 4)
    volume = Volume.objects.create(
        case=case, sequence="t2", dtype="int16", shape=[6, 5, 4], affine=AFFINE.tolist(), window=[0, 99], **kept(image)
    )
    segmentation = Segmentation.objects.create(
        case=case,
        source=Source.objects.create(dataset=dataset, kind="model", name="net"),
        label_map=LabelMap.objects.create(name="whole", labels=[{"value": 1, "name": "tumour", "colour": "#e69f00"}]),
    )
    SegmentationMask.objects.create(
        segmentation=segmentation, volume=volume, voxels_by_label={"1": 1}, **kept((image == 7).astype(np.uint8))
    )
    upload = Upload.objects.create(dataset=dataset, user=manager, batch="0" * 32, relative_path="a.nii.gz", length=1)
    return {
        "dataset": dataset.code,
        "case": case.code,
        "sequence": "t2",
        "segmentation": segmentation.code,
        "upload": upload.token,
        "job": Job.objects.create(kind="import_plan", dataset=dataset, created_by=manager).code,
    }


def kept(array: np.ndarray) -> dict[str, str]:
    content = content_sha256(array, AFFINE)
    blob = blob_store().put(canonical_nifti(array, AFFINE), verify=readback_verifier(content))
    return {"blob_sha256": blob, "content_sha256": content}


def ask(client, person: User | None, route: str, names: dict[str, str]):
    client.logout()
    if person:
        client.force_login(person)
    verb, arguments, _ = ROUTES[route]
    path = reverse(route, args=[names[argument] for argument in arguments])
    return getattr(client, verb)(path, **({"data": {}, "content_type": "application/json"} if verb == "post" else {}))


@pytest.mark.parametrize("route", ROUTES)
def test_every_actor_hears_what_the_table_says(route, people, names, client):
    heard = {actor: ask(client, people[actor], route, names).status_code for actor in ACTORS}

    assert heard == {actor: expected(route, actor) for actor in ACTORS}


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_foreign_and_what_is_absent_give_the_same_bytes(route, people, names, client):
    absent = {name: "z" * len(value) for name, value in names.items()}

    foreign, missing = (ask(client, people["other_manager"], route, which) for which in (names, absent))

    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
    assert dict(foreign.headers) == dict(missing.headers)


def test_a_list_of_datasets_holds_ones_own(people, names, client, dataset):
    heard = {}
    for actor in ("outsider", "annotator", "manager", "site_admin"):
        client.force_login(people[actor])
        heard[actor] = [(d["code"], d["manages"]) for d in client.get(reverse("api-datasets")).json()["datasets"]]

    mine = dataset.code
    assert heard == {"outsider": [], "annotator": [(mine, False)], "manager": [(mine, True)], "site_admin": []}


def test_nothing_of_a_withdrawn_subject_is_served(people, names, client):
    Subject.objects.update(withdrawn_at="2026-01-01T00:00:00Z")

    heard = {
        route: ask(client, people["manager"], route, names).status_code
        for route in ("api-volume", "api-mask", "api-mask-of-sequence", "api-case-thumbnail")
    }

    assert set(heard.values()) == {404}
