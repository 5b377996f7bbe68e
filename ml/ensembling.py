"""Several models voting on one case: the mean of their probabilities, decided once.

Folds of one model are averaged as logits inside its predictor, as nnU-Net does; different models have differing
logits scales, so their probabilities are averaged.
"""

from collections.abc import Sequence

import numpy as np

from ml.errors import ModelError
from ml.predictor import Prediction
from ml.preprocessing.native import labels_from_probabilities


def mean_of(predictions: Sequence[Prediction], *, regions: tuple[int, ...] = ()) -> Prediction:
    """Return the prediction that several models make together.

    Parameters
    ----------
    predictions : sequence of Prediction
        Of one case, all with probabilities and the same heads.
    regions : tuple of int
        Label that each region's head writes; empty for exclusive labels.

    Raises
    ------
    ModelError
        ``ensemble.heads`` when there is nothing to average, or the heads or grids differ.
    """
    soft = [each.probabilities for each in predictions if each.probabilities is not None]
    alike = {(each.heads, each.labels.shape) for each in predictions}
    if not soft or len(soft) != len(predictions) or len(alike) != 1:
        raise ModelError(
            "ensemble.heads", "Models can vote together only with probabilities for the same structures on one grid."
        )
    mean = np.mean([each.astype(np.float32) for each in soft], axis=0)
    return Prediction(
        labels=labels_from_probabilities(mean, regions=regions),
        probabilities=mean.astype(np.float16),
        heads=predictions[0].heads,
        tiles=sum(each.tiles for each in predictions),
        device=predictions[0].device,
    )
