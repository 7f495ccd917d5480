"""Predicted curves that cannot be those of a material that the model was trained on."""

from typing import Any

import numpy as np

from ..checks.domain import TrainingDomain
from ..exceptions import Message, Owner, UntrustedPredictionWarning
from ..mechanics.tensile import proof_stresses
from ..utils.warnings import name_curves, warn

# A flow curve as a model gives it, before it is made one that does not fall, may fall by this part of the highest
# stress before.
_FALL = 0.03


def judge(estimator: Any, stress: np.ndarray, fall: np.ndarray) -> None:
    """Warn of what a loaded model predicts, (n_curves, n_strains), and was not trained on.

    `fall` is by which part of the highest stress before each curve fell before it was made one that does not.
    """
    domain: TrainingDomain | None = getattr(estimator, "training_domain_", None)
    if domain is None or stress.ndim != 2:
        return
    owner = Owner(type(estimator).__name__)
    # The true stress of a metal does not fall, but for damage and a yield point, which the training curves have then.
    # Models of before do not know whether they do.
    falling = np.flatnonzero(fall > _FALL + getattr(estimator, "largest_fall_", 0.0))
    if falling.size:
        said = (
            f"{_which(falling, len(stress), 'falls', 'fall')} by up to {100 * fall.max():.2g} % of the highest stress "
            "before, as no training curve does: it cannot be the curve of such a material; do not trust the stresses"
        )
        warn(Message(owner, said, about="falls"), UntrustedPredictionWarning, stacklevel=5)
    limits = domain.limits("proof_stress") or domain.limits("stress")
    if domain.strain is None or domain.elastic_modulus is None or limits is None:
        return
    found = proof_stresses(domain.strain, stress, domain.elastic_modulus)
    strange = np.flatnonzero((found < limits[0]) | (found > limits[1]))
    if strange.size:
        said = _which(strange, len(stress), "yields", "yield") + ": "
        first = domain.about_yield(float(found[strange[0]]))
        warn(Message(owner, said, *first), UntrustedPredictionWarning, stacklevel=5)


def _which(indices: np.ndarray, n: int, verb: str, plural: str) -> str:
    if n == 1:
        return f"the predicted curve {verb}"
    return f"{len(indices)} of {n} predicted curves ({name_curves(indices)}) {verb if len(indices) == 1 else plural}"
