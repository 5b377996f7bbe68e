"""The folder convention as it is explained to a person: an example tree and tables to fill in."""

EXAMPLE = """\
my-study/
├── cases.csv                      case, subject, site, cohort_role, age:int, sex …
├── sources.csv                    source, kind, version, annotator, training_subjects
├── GLI-001/                       one folder per case; its name is the case code
│   ├── T2.nii.gz                  a volume; its name is the sequence
│   ├── FLAIR.nii.gz
│   └── segmentations/
│       ├── expert-1.nii.gz        a mask; its name is the source
│       ├── expert-2.nii.gz
│       ├── model-a.nii.gz
│       └── model-a@FLAIR.nii.gz   a mask drawn on one sequence only
└── GLI-002/
    └── …"""

# Name of the table → its heading and one example line.
TEMPLATE_COLUMNS: dict[str, list[list[str]]] = {
    "cases": [
        ["case", "subject", "site", "cohort_role", "age:int", "sex:text", "histology:text"],
        ["GLI-001", "S-001", "site-1", "internal_test", "7", "f", "pilocytic astrocytoma"],
    ],
    "sources": [
        ["source", "kind", "version", "annotator", "training_subjects", "empty_masks"],
        ["expert-1", "annotator", "", "expert-1@example.org", "", "declare"],
        ["model-a", "model", "1.0", "", "S-101|S-102", "declare"],
    ],
    "labels": [["value", "name", "colour"], ["1", "whole tumour", "#e69f00"]],
}
