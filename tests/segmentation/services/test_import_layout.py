"""Which file is what; nothing here touches the database."""

from pathlib import Path

import pytest

from segmentation.services.imports.layout import IncomingFile, arrange


def files(*names: str, **texts: str) -> list[IncomingFile]:
    return [IncomingFile(name, Path("/nowhere")) for name in names]


def places(layout) -> set[tuple[str, str, str, str]]:
    return {(e.role, e.case, e.sequence, e.source) for e in layout.entries}


def with_table(tmp_path: Path, name: str, text: str, *others: str) -> list[IncomingFile]:
    (tmp_path / Path(name).name).write_bytes(text.encode())
    return [IncomingFile(name, tmp_path / Path(name).name), *files(*others)]


def test_a_folder_of_cases_gives_volumes_and_masks_with_their_sources():
    layout = arrange(
        files(
            "cohort/P01/t2.nii.gz",
            "cohort/P01/flair.nrrd",
            "cohort/P01/segmentations/Expert A.nii.gz",
            "cohort/P01/segmentations/nnU-Net 2.1@flair.nii",
        )
    )

    assert layout.convention == "folders"
    assert places(layout) == {
        ("volume", "P01", "t2", ""),
        ("volume", "P01", "flair", ""),
        ("mask", "P01", "", "Expert A"),
        ("mask", "P01", "flair", "nnU-Net 2.1"),
    }


def test_the_dropped_folders_own_name_does_not_matter():
    bare, dropped = files("P01/t2.nii.gz", "P02/t2.nii.gz"), files("any name/P01/t2.nii.gz", "any name/P02/t2.nii.gz")

    assert places(arrange(bare)) == places(arrange(dropped))


def test_a_single_dropped_case_keeps_its_name():
    layout = arrange(files("P01/t2.nii.gz", "P01/segmentations/a.nii.gz"))

    assert places(layout) == {("volume", "P01", "t2", ""), ("mask", "P01", "", "a")}


def test_one_case_in_two_folders_is_refused_by_name():
    layout = arrange(files("siteA/P01/t2.nii.gz", "siteB/P01/t2.nii.gz"))

    (refusal,) = layout.refused
    assert refusal.code == "layout.case_twice"
    assert "siteA/P01" in refusal.sentence and "siteB/P01" in refusal.sentence


def test_a_mask_beside_its_volume_among_case_folders_is_refused_with_its_place():
    layout = arrange(files("P01/t2.nii.gz", "P01/t2_mask.nii.gz", "P02/t2.nii.gz"))

    (refusal,) = layout.refused
    assert refusal.name == "P01/t2_mask.nii.gz"
    assert "P01/segmentations/" in refusal.sentence


def test_the_same_sequence_twice_is_refused_naming_both_files():
    layout = arrange(files("P01/t2.nii.gz", "P01/t2.nrrd", "P02/t2.nii.gz"))

    (refusal,) = layout.refused
    assert refusal.code == "layout.twice"
    assert "t2.nrrd" in refusal.sentence and "P01/t2.nii.gz" in refusal.sentence


def test_a_flat_folder_pairs_images_with_their_masks():
    layout = arrange(files("flat/a.nii.gz", "flat/a_mask.nii.gz", "flat/b.scan.nii.gz", "flat/notes.docx"))

    assert layout.convention == "flat"
    assert places(layout) == {("volume", "a", "image", ""), ("mask", "a", "", "mask"), ("volume", "b", "image", "")}
    assert ("flat/notes.docx", "not an image; left alone") in layout.ignored


def test_mapping_csv_is_followed_as_it_is(tmp_path):
    text = "img_path, mask_path\r\nimages/s1.nii.gz, masks/s1_mask.nii.gz\r\nimages/s2.nrrd,\r\n"
    layout = arrange(
        with_table(
            tmp_path, "set/mapping.csv", text, "set/images/s1.nii.gz", "set/masks/s1_mask.nii.gz", "set/images/s2.nrrd",
            "set/images/s3.nii.gz",
        )
    )  # fmt: skip

    assert layout.convention == "mapping.csv"
    assert places(layout) == {
        ("volume", "s1", "image", ""),
        ("mask", "s1", "image", "mask"),
        ("volume", "s2", "image", ""),
    }
    assert ("set/images/s3.nii.gz", "not named in mapping.csv; left alone") in layout.ignored


def test_mapping_unique_wins_and_gives_several_masks_to_a_subject(tmp_path):
    text = "subj_id, img_path, mask_path\nS1, s1.nii.gz, s1_v1.nii.gz\nS1, s1.nii.gz, s1_v2.nii.gz\n"
    given = with_table(tmp_path, "mapping_unique.csv", text, "s1.nii.gz", "s1_v1.nii.gz", "s1_v2.nii.gz")
    (tmp_path / "mapping.csv").write_text("img_path,mask_path\nnot-this.nii.gz,\n")

    layout = arrange([*given, IncomingFile("mapping.csv", tmp_path / "mapping.csv")])

    assert layout.convention == "mapping_unique.csv"
    assert places(layout) == {
        ("volume", "S1", "image", ""),
        ("mask", "S1", "image", "v1"),
        ("mask", "S1", "image", "v2"),
    }


def test_masks_in_folders_named_after_their_source_keep_that_name(tmp_path):
    text = "img_path,mask_path\nimg/a.nii.gz,expert/a.nii.gz\nimg/b.nii.gz,expert/b.nii.gz\n"
    layout = arrange(
        with_table(tmp_path, "mapping.csv", text, "img/a.nii.gz", "expert/a.nii.gz", "img/b.nii.gz", "expert/b.nii.gz")
    )

    assert {e.source for e in layout.entries if e.role == "mask"} == {"expert"}


def test_a_named_file_that_was_not_sent_is_refused_with_its_line(tmp_path):
    text = "img_path,mask_path\na.nii.gz,a_mask.nii.gz\n"
    layout = arrange(with_table(tmp_path, "mapping.csv", text, "a.nii.gz"))

    (refusal,) = layout.refused
    assert refusal.code == "mapping.missing"
    assert "line 2" in refusal.sentence and "a_mask.nii.gz" in refusal.sentence


def test_a_mapping_that_points_outside_finds_nothing(tmp_path):
    text = "img_path,mask_path\n../../etc/passwd,/etc/shadow\n"

    layout = arrange(with_table(tmp_path, "mapping.csv", text))

    assert layout.entries == () and {r.code for r in layout.refused} == {"mapping.missing"}


@pytest.mark.parametrize("name", ["../t2.nii.gz", "P01/../../t2.nii.gz", "/etc/t2.nii.gz", "C:/P01/t2.nii.gz"])
def test_a_name_that_steps_out_of_its_folder_is_refused(name):
    (refusal,) = arrange(files(name)).refused

    assert refusal.code == "name.path"


def test_what_a_macintosh_leaves_behind_is_left_alone():
    layout = arrange(files("P01/t2.nii.gz", "P01/._t2.nii.gz", "P01/.DS_Store", "__MACOSX/P01/t2.nii.gz", "P02/a.nii"))

    assert len(layout.entries) == 2
