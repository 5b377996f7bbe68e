"""How good each demo mask truly is: the Dice of its whole-lesion outline with the true lesion."""

import numpy as np

from hub.demo.lesions import Labels


def whole_lesion_dice(drawn: Labels, truth: Labels) -> float:
    """Return 2|A∩B| / (|A| + |B|) of all labels together, in [0, 1]; 0 where only one is empty.

    Parameters
    ----------
    drawn, truth : uint8 ndarray, shape (x, y, z)
        Label volumes on the same grid; the truth holds at least one voxel.
    """
    a, b = drawn > 0, truth > 0
    return float(2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)))
