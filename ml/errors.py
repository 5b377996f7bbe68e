"""What may go wrong with models and images, as a stable code and one sentence; `ml` knows no web and no database."""


class ModelError(Exception):
    """A refusal that a person can understand and act upon.

    Parameters
    ----------
    code : str
        Stable, dotted, lower case: ``model.changed``.
    detail : str
        One sentence naming the thing, the values that disagree and the way out.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return self.detail


class ModelRefused(ModelError):
    """A model folder that is incomplete, damaged, changed or of a kind that is not run here."""


class WeightsMissing(ModelError):
    """Weights that an operator must supply are not where they should be; nothing is downloaded."""


class ImagesRefused(ModelError):
    """Images that a model or a preprocessing step cannot take."""


class TrainingFailed(ModelError):
    """A training run that cannot start or go on."""


class Cancelled(Exception):
    """Somebody asked to stop.

    Never a `RuntimeError`: nnU-Net takes that for "out of memory" and starts again on the CPU.
    """
