"""`manage.py import_cases FOLDER`: the dry-run table, a question, the import, what was refused and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from segmentation.errors import DomainError
from segmentation.models import Dataset
from segmentation.selectors.access import managed_datasets_of
from segmentation.services.cases import create_dataset
from segmentation.services.imports import ImportPlan, ImportResult, IncomingFile, Options, apply_import, plan_import
from segmentation.services.imports.names import display_path
from segmentation.services.measurements import request_measure


class Command(BaseCommand):
    help = (
        "Import a folder of de-identified cases: FOLDER/<case>/<sequence>.nii.gz with "
        "FOLDER/<case>/segmentations/<source>.nii.gz, or a folder with mapping.csv. See segmentation/IMPORT.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--dataset", required=True, help="name or code; a new name makes a new dataset")
        parser.add_argument("--by", required=True, help="e-mail of the person who imports")
        parser.add_argument("--dry-run", action="store_true", help="print the table and stop")
        parser.add_argument("--empty-masks", choices=("refuse", "declare"), default="refuse")
        parser.add_argument("--orientation", choices=("sform", "qform"), default="")
        parser.add_argument("--label-map", default="", help="name of the label map")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        by = _person(options["by"])
        files = _files(options["folder"])
        self.stdout.write("De-identified data only. Research use only, not for diagnosis.\n")
        dataset = _dataset(options["dataset"], by)
        choices = Options(options["empty_masks"], options["orientation"], options["label_map"])
        plan = plan_import(files, dataset, options=choices, progress=self._progress)
        self._table(plan)
        if options["dry_run"] or not (options["yes"] or self._agreed()):
            self.stdout.write("Nothing was written.")
            return
        self._import(plan, files, dataset, by)

    def _import(self, plan: ImportPlan, files: list[IncomingFile], dataset: Dataset, by: User) -> None:
        if dataset.pk is None:
            dataset = create_dataset(name=dataset.name, by=by, at=timezone.now(), code=dataset.code)
        try:
            result = apply_import(plan, files, dataset, by=by, at=timezone.now(), progress=self._progress)
        except DomainError as error:
            raise CommandError(error.detail) from None
        if result.segmentations_new:
            request_measure(dataset, by=None)
        self._told(result)

    def _told(self, result: ImportResult) -> None:
        self.stdout.write(
            f"New: {result.cases_new} cases, {result.volumes_new} volumes, {result.segmentations_new} segmentations. "
            f"Refused files: {len(result.refused)}."
        )
        for file in result.refused:
            self.stdout.write(self.style.WARNING(f"  {file.code:24} {file.sentence}"))
        if result.refused:
            raise SystemExit(1)

    def _table(self, plan: ImportPlan) -> None:
        self.stdout.write(f"{'case':16} {'what':34} {'source':18} {'shape':14} {'mm':16} file")
        for row in plan.files:
            shape = "×".join(str(n) for n in row.shape)
            spacing = "×".join(f"{step:g}" for step in row.spacing_mm)
            self.stdout.write(
                f"{row.case[:16]:16} {row.what:34} {row.source[:18]:18} {shape:14} {spacing:16} {row.name}"
            )
            for note in filter(None, (row.sentence, *row.notes)):
                self.stdout.write(f"{'':16} {note}")
        warnings = [*plan.problems, *(warning for case in plan.cases for warning in case.warnings)]
        for warning in warnings:
            self.stdout.write(self.style.WARNING(f"  note: {warning}"))
        self.stdout.write(", ".join(f"{count} {action.replace('_', ' ')}" for action, count in plan.counts.items()))

    def _agreed(self) -> bool:
        return input("Import this? [y/N] ").strip().lower() in ("y", "yes")

    def _progress(self, done: int, total: int, message: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done:4d} of {total}  {message[:60]:60}", ending="")


def _person(email: str) -> User:
    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise CommandError(f"Nobody signs in as {email}; name a person of this site.")
    return found


def _files(folder: Path) -> list[IncomingFile]:
    if not folder.is_dir():
        raise CommandError(f"{folder} is not a folder.")
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [IncomingFile(display_path(path.relative_to(folder).as_posix()), path) for path in found]


def _dataset(wanted: str, by: User) -> Dataset:
    """Return the dataset of that code or name, or one that is made only when the import goes on."""
    mine = managed_datasets_of(by)
    found = mine.filter(code=wanted).first() or mine.filter(name=wanted).first()
    if found is None and Dataset.objects.filter(code=wanted).exists():
        raise CommandError(f"{by.email} does not manage the dataset {wanted}.")
    return found or Dataset(name=wanted, created_by=by)
