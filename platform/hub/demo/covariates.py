"""Covariates of the demo subjects, plausible for low-grade glioma of childhood; nobody real."""

from dataclasses import asdict, dataclass

import numpy as np

from hub.demo.acquisition import Acquisition
from hub.demo.lesions import LesionPlan

HISTOLOGIES = {
    "posterior fossa": ("pilocytic astrocytoma", "pilocytic astrocytoma", "pilomyxoid astrocytoma"),
    "suprasellar": ("pilocytic astrocytoma", "pilomyxoid astrocytoma"),
    "optic pathway": ("pilocytic astrocytoma", "not biopsied"),
    "brainstem": ("diffuse low-grade glioma", "pilocytic astrocytoma"),
    "tectal": ("not biopsied",),
    "thalamus": ("diffuse low-grade glioma", "pilocytic astrocytoma"),
    "multifocal": ("diffuse leptomeningeal glioneuronal tumour",),
    "hemispheric": ("ganglioglioma", "dysembryoplastic neuroepithelial tumour", "diffuse low-grade glioma"),
}
SCANNERS = {
    "Site A": (("Scanner A1", 3.0), ("Scanner A2", 1.5)),
    "Site B": (("Scanner B1", 1.5),),
    "Site C": (("Scanner C1", 3.0),),
}
RACES = ("Asian", "Black", "White", "other", "not reported")


@dataclass(frozen=True)
class Covariates:
    """One row of cases.csv besides its codes."""

    site: str
    cohort_role: str  # train, tune, internal test, external test
    age_years: float
    sex: str
    race: str
    histology: str
    location: str
    recurrence: str  # new, recurrent
    focality: str  # unifocal, multifocal
    scanner: str
    field_strength_t: float
    acquisition: str

    def row(self) -> dict[str, str | float]:
        """Return the covariates as one CSV row."""
        return asdict(self)


def draw_covariates(*, seed: int, subject: int, visit: int, lesion: LesionPlan, acquisition: Acquisition) -> Covariates:
    """Return the covariates of one case.

    Parameters
    ----------
    seed, subject : int
        The subject's own facts (age at first scan, sex, site, histology) depend on these alone.
    visit : int
        0 for the first case of a subject, 1 for the next; later visits are older and recurrent.
    """
    rng = np.random.default_rng([seed, 0xC0, subject])
    age = 1.0 + 17.5 * float(rng.beta(1.5, 2.4))
    sex = str(rng.choice(["female", "male"]))
    race = str(rng.choice(RACES, p=[0.06, 0.12, 0.66, 0.06, 0.10]))
    place = lesion.site.split(",")[0]
    histology = str(rng.choice(HISTOLOGIES[place]))
    site = str(rng.choice(["Site B", "Site C"])) if "thick" in acquisition.name else "Site A"
    scanner, tesla = SCANNERS[site][int(rng.integers(len(SCANNERS[site])))]
    return Covariates(
        site=site,
        cohort_role="internal test" if site == "Site A" else "external test",
        age_years=round(age + 1.6 * visit, 1),
        sex=sex,
        race=race,
        histology=histology,
        location=lesion.site,
        recurrence="recurrent" if visit else "new",
        focality="multifocal" if lesion.satellites else "unifocal",
        scanner=scanner,
        field_strength_t=tesla,
        acquisition=acquisition.name,
    )
