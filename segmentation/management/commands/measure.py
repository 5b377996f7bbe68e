"""`manage.py measure`: compute what has not been measured yet, here and now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from segmentation.models import Dataset
from segmentation.services.measurements import measure_dataset


class Command(BaseCommand):
    help = "Measure volumes and every metric between the current segmentations, of every dataset or of one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dataset", default="", help="name or code")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["dataset"]
        datasets = list(Dataset.objects.filter(Q(code=wanted) | Q(name=wanted)) if wanted else Dataset.objects.all())
        if wanted and not datasets:
            raise CommandError(f"There is no dataset {wanted}.")
        for dataset in datasets:
            self.stdout.write(f"{dataset.name}: {measure_dataset(dataset)} new values")
