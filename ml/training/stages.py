"""The five models of stepwise transfer learning, who descends from whom, and which choices papers leave open."""

from dataclasses import asdict, dataclass, field
from typing import Literal

HeadRule = Literal["new", "kept"]

MODELS = ("adult", "scratch", "transfer", "transfer-encoder", "transfer-decoder")
PARENT = {"transfer": "adult", "transfer-encoder": "transfer", "transfer-decoder": "transfer"}


@dataclass(frozen=True, order=True)
class Cell:
    """One training: a model and a fold."""

    model: str
    fold: int

    @property
    def name(self) -> str:
        """Name in files and on screens: ``transfer-encoder/3``."""
        return f"{self.model}/{self.fold}"


@dataclass(frozen=True)
class Choices:
    """What paper 000 does not say, as chosen for a run; recorded in the model card.

    Parameters
    ----------
    adult_fold : "same" or int
        Fold of the adult model from which fold k of the transfer model starts.
    heads : "new" or "kept"
        Whether the transfer model starts with new segmentation heads (nnU-Net's rule) or the adult ones. Stage 3
        always takes the whole network: a frozen decoder with new heads would freeze random heads.
    checkpoint : "best" or "final"
        Which checkpoint predicts and is handed on. After an early stop the learning rate has not decayed, hence best.
    """

    adult_fold: int | Literal["same"] = "same"
    heads: HeadRule = "new"
    checkpoint: Literal["best", "final"] = "best"
    split_seed: str = "blindread"

    def for_card(self) -> dict[str, str]:
        """Return the choices as text."""
        return {name: str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Tree:
    """The cells of a run and their order."""

    models: tuple[str, ...] = MODELS
    folds: int = 5
    choices: Choices = field(default_factory=Choices)

    def cells(self) -> list[Cell]:
        """Return all cells, each after its parent."""
        chosen = [model for model in MODELS if model in self.models or model in self._ancestors()]
        return [Cell(model, fold) for model in chosen for fold in range(self.folds)]

    def parent(self, cell: Cell) -> Cell | None:
        """Return the cell whose weights this one starts from.

        Stage 3 descends from the same fold of stage 2: another fold's network has seen this fold's validation cases.
        """
        model = PARENT.get(cell.model)
        if model is None:
            return None
        if model == "adult" and self.choices.adult_fold != "same":
            return Cell(model, self.choices.adult_fold)
        return Cell(model, cell.fold)

    def heads(self, cell: Cell) -> HeadRule:
        """Return whether a cell keeps its parent's segmentation heads."""
        return "kept" if cell.model.startswith("transfer-") else self.choices.heads

    def _ancestors(self) -> set[str]:
        found: set[str] = set()
        for model in self.models:
            while model in PARENT:
                model = PARENT[model]
                found.add(model)
        return found
