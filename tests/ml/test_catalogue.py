"""Releases are described, identified and refused without torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ml.catalogue import (
    Fold,
    Input,
    Label,
    ModelCard,
    ModelRelease,
    Region,
    TrainingManifest,
    check_unchanged,
    folder_digest,
    read_release,
    write_release,
)
from ml.errors import ModelRefused

ROOT = Path(__file__).resolve().parents[2]
FOLDS = (Fold(0, ("S1", "S2"), ("S3",)), Fold(1, ("S2", "S3"), ("S1",)))


def release(**changes):
    fields = {
        "name": "pLGG",
        "version": "1.0",
        "inputs": (Input("T2"),),
        "labels": (Label(2, "core"), Label(1, "edema")),
        "licence": "Apache-2.0",
        "folds": (0, 1),
        "regions": (Region("whole", (1, 2)), Region("core", (2,))),
        "manifest": TrainingManifest("subjects", ("A1",), FOLDS, ("ADULT1",)),
        "card": ModelCard("small", choices={"heads": "new"}, measured={"dice": 0.8}),
    }
    return ModelRelease(**{**fields, **changes})


@pytest.fixture()
def folder(tmp_path):
    (tmp_path / "fold_0").mkdir()
    (tmp_path / "fold_0" / "weights.safetensors").write_bytes(b"weights")
    write_release(release(), tmp_path)
    return tmp_path


def test_a_release_is_read_back_as_it_was_written_labels_in_their_order(folder):
    assert read_release(folder) == release()
    assert [label["value"] for label in json.loads((folder / "release.json").read_text())["labels"]] == [2, 1]


def test_the_digest_is_that_of_sha256sum_over_the_listed_files(folder):
    listing = subprocess.run(
        "for f in fold_0/weights.safetensors release.json; do "
        "printf '%s %s %s\\n' $(sha256sum $f | cut -d' ' -f1) $(stat -c %s $f) $f; done | sha256sum",
        shell=True,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )

    assert folder_digest(folder) == listing.stdout.split()[0]


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename"])
def test_any_change_of_the_folder_is_refused(folder, change):
    digest = folder_digest(folder)
    check_unchanged(folder, digest)
    weights = folder / "fold_0" / "weights.safetensors"
    {
        "edit": lambda: weights.write_bytes(b"weightz"),
        "add": lambda: (folder / "notes.txt").write_text("x"),
        "remove": weights.unlink,
        "rename": lambda: weights.rename(weights.with_name("other")),
    }[change]()

    with pytest.raises(ModelRefused) as refusal:
        check_unchanged(folder, digest)

    assert refusal.value.code == "model.changed"


def test_a_link_inside_a_model_folder_is_refused(folder):
    (folder / "link").symlink_to("/etc/hostname")

    with pytest.raises(ModelRefused) as refusal:
        folder_digest(folder)

    assert refusal.value.code == "model.link"


def test_an_empty_folder_is_no_model(tmp_path):
    with pytest.raises(ModelRefused) as refusal:
        read_release(tmp_path)

    assert refusal.value.code == "model.absent"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "model.json"),
        ("[]", "model.format"),
        ('{"format": "other"}', "model.format"),
        ('{"format": "blindread-model-1", "name": "x"}', "model.fields"),
        ('{"format": "blindread-model-1", "name": "x", "version": 1, "inputs": 3}', "model.fields"),
    ],
)
def test_a_garbled_description_is_refused_with_its_reason(tmp_path, text, code):
    (tmp_path / "release.json").write_text(text)

    with pytest.raises(ModelRefused) as refusal:
        read_release(tmp_path)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"inputs": ()},
        {"labels": (Label(1, "a"), Label(1, "b"))},
        {"labels": (Label(0, "background"),)},
        {"regions": (Region("whole", (1, 2, 9)),)},
        {"folds": ()},
        {"licence": ""},
    ],
)
def test_a_release_that_contradicts_itself_is_not_written(tmp_path, changes):
    with pytest.raises(ModelRefused):
        write_release(release(**changes), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_everybody_whom_any_stage_has_seen_counts_as_seen():
    assert release().manifest.seen() == {"S1", "S2", "S3", "ADULT1"}


def test_only_folds_that_did_not_train_on_a_subject_may_predict_it():
    manifest = release().manifest

    assert manifest.folds_without("S3") == (0,)
    assert manifest.folds_without("S2") == ()
    assert manifest.folds_without("ADULT1") == ()
    assert manifest.folds_without("S9") == (0, 1)


def test_an_unknown_manifest_is_never_clean():
    unknown = TrainingManifest()

    assert not unknown.known
    assert unknown.folds_without("S9") == ()


def test_the_catalogue_loads_neither_torch_nor_numpy():
    code = "import sys, ml.catalogue; print([m for m in ('torch', 'numpy', 'nnunetv2') if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
